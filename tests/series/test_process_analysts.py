"""Analysts in the monthly model."""

import dense_process as dense
import numpy as np
import pandas as pd
import pytest
from made_up_glaciers import straight_domain
from test_monthly import DENSE, observations_of, seasonal
from test_process import MONTHS, PROCESS, drawn

from termini.errors import InputError
from termini.series import MonthlySettings, monthly_series, trends
from termini.series.process import SUMS, posterior
from termini.series.process_analysts import Analysts, analysts_of, offsets, with_offsets
from termini.series.robust import RobustFit

DOMAINS = {"test:1": straight_domain(glacier_id="test:1")}
OFF = {"A": 0.0, "B": 70.0, "C": -40.0}


def by_three(seed=2):
    """Observations of a season and a trend by three analysts, and their front table."""
    random = np.random.default_rng(seed)
    who = np.where(random.random(len(DENSE)) < 0.4, "A", np.where(DENSE.year < 2016, "B", "C"))
    who[0] = "A"
    off = np.array([OFF[name] for name in who])
    length = seasonal(DENSE) + off + random.normal(0, 15, len(DENSE))
    table = observations_of("test:1", DENSE, length)
    fronts = pd.DataFrame(
        {"trace_id": table["trace_id"], "glacier_id": "test:1", "method": "manual", "analyst": who}
    )
    return table, fronts


def off_from_truth(series):
    months = pd.DatetimeIndex(series["time"].to_numpy())
    error = series["length_change"].to_numpy()[0] - seasonal(months)
    return error, series["length_change_se"].to_numpy()[0]


def test_offsets_and_errors_are_those_of_full_matrices():
    time, value, error, _ = drawn(3, n=60)
    whose = np.eye(3)[np.random.default_rng(1).integers(0, 3, 60)][:, 1:]
    analysts = Analysts(whose, 45.0)
    mean, covariance = offsets(time, value, error, [PROCESS], analysts)
    inverse = np.linalg.inv(
        dense.covariance(time, error, PROCESS) + whose @ analysts.prior @ whose.T
    )
    gain = analysts.prior @ whose.T @ inverse
    assert mean == pytest.approx(gain @ (value - value.mean()), abs=1e-4)
    assert covariance == pytest.approx(analysts.prior - gain @ whose @ analysts.prior, rel=1e-4)
    found = posterior(time, value - whose @ mean, error, MONTHS, [PROCESS])
    fit = RobustFit([PROCESS], error, error, error, time, value, error, whose)
    wider = with_offsets(found, fit, MONTHS, covariance)
    moved = np.column_stack(
        [posterior(time, c, error, MONTHS, [PROCESS]).mean["total"] for c in whose.T]
    )
    more = np.diag(moved @ covariance @ moved.T)
    assert wider.error["total"] ** 2 == pytest.approx(found.error["total"] ** 2 + more)
    for name in SUMS:
        assert (wider.error[name] >= found.error[name] - 1e-9).all()
        assert wider.mean[name] is found.mean[name]


def test_what_changes_with_the_analyst_is_not_the_glaciers():
    table, fronts = by_three()
    apart, as_one = (monthly_series(table, DOMAINS, fronts=names) for names in (fronts, None))
    (error, stated), (before, _) = off_from_truth(apart), off_from_truth(as_one)
    assert np.sqrt(np.mean(error**2)) < 0.5 * np.sqrt(np.mean(before**2))
    assert np.mean(np.abs(error) < 1.96 * stated) > 0.9
    whole = [("2013-01-01", "2018-12-31")]
    slopes = [
        trends(table, DOMAINS, whole, fronts=names)["trend"].iloc[0] for names in (fronts, None)
    ]
    assert abs(slopes[0] + 50) < abs(slopes[1] + 50)


def test_one_analyst_changes_nothing():
    table, fronts = by_three()
    alone = monthly_series(table, DOMAINS, fronts=fronts.assign(analyst="A"))
    network = monthly_series(table, DOMAINS, fronts=fronts.assign(method="termini-unet"))
    plain = monthly_series(table, DOMAINS)
    assert alone.identical(plain)
    assert network.identical(plain)


def test_analysts_who_are_sure_are_taken_for_one():
    table, fronts = by_three()
    sure = MonthlySettings(analyst_sigma=0.01)
    apart = monthly_series(table, DOMAINS, fronts=fronts, settings=sure)
    assert apart["length_change"].to_numpy() == pytest.approx(
        monthly_series(table, DOMAINS)["length_change"].to_numpy(), abs=0.5
    )


def test_values_count_from_the_analyst_of_the_reference():
    table, fronts = by_three()
    rows = table.assign(analyst=fronts["analyst"].to_numpy(), analyst_sigma=45.0)
    found = analysts_of(rows)
    assert found is not None
    drew = fronts["analyst"].to_numpy()
    assert (found.whose == (drew[:, None] == ["B", "C"])).all()
    assert found.prior == pytest.approx(45.0**2 * np.array([[2, 1], [1, 2]]))
    assert analysts_of(table) is None


def test_traces_that_are_not_in_the_front_table_are_named():
    table, fronts = by_three()
    with pytest.raises(InputError, match="trace 'test:1-0' is not in the front table"):
        monthly_series(table, DOMAINS, fronts=fronts.iloc[1:])
