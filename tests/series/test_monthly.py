import numpy as np
import pandas as pd
import pytest
from made_up_glaciers import fronts_at, straight_domain

from termini.errors import InputError
from termini.series import OBSERVATION_COLUMNS, MonthlySettings, monthly_series, observe, trends
from termini.times import decimal_year
from termini.variables import variables


def observations_of(glacier_id, dates, length, error=15.0):
    """Observations as `observe` gives them, by length_area."""
    dates = pd.DatetimeIndex(dates).as_unit("us")
    table = pd.DataFrame(
        {
            "glacier_id": glacier_id,
            "trace_id": [f"{glacier_id}-{k}" for k in range(len(dates))],
            "date": dates,
            "measure": "length_area",
            "length_change": length,
            "length_change_se": error,
            "area_change": 4000.0 * np.asarray(length),
            "area_change_se": 4000.0 * error,
            "reference_date": dates[0],
        }
    )
    for name, dtype in OBSERVATION_COLUMNS.items():
        if name not in table:
            table[name] = np.zeros(len(table), dtype=dtype)
    return table[list(OBSERVATION_COLUMNS)]


def seasonal(dates):
    time = decimal_year(dates)
    return -50 * (time - 2013) + 150 * np.cos(2 * np.pi * (time - 0.4))


DENSE = pd.date_range("2013-01-08", "2018-12-28", freq="24D")
YEARLY = pd.date_range("1985-03-01", "2019-09-01", freq="371D")
DOMAINS = {
    "test:1": straight_domain(glacier_id="test:1"),
    "test:2": straight_domain(glacier_id="test:2"),
    "test:3": straight_domain(glacier_id="test:3"),
}


@pytest.fixture(scope="module")
def both():
    random = np.random.default_rng(1)
    table = pd.concat(
        [
            observations_of("test:1", DENSE, seasonal(DENSE) + random.normal(0, 15, len(DENSE))),
            observations_of("test:2", YEARLY, -80 * (decimal_year(YEARLY) - 1985)
                            + random.normal(0, 15, len(YEARLY))),
        ],
        ignore_index=True,
    )  # fmt: skip
    return table, monthly_series(table, DOMAINS)


def test_shape_names_and_attributes(both):
    _, series = both
    assert series.sizes == {"glacier": 3, "time": len(series["time"]), "month": 12}
    assert set(pd.DatetimeIndex(series["time"].values).day) == {15}
    assert set(series.variables) <= set(variables())
    assert series["length_change"].attrs["units"] == "m"
    assert "glacier" not in series.indexes
    assert list(series["glacier_id"].values) == ["test:1", "test:2", "test:3"]
    assert np.isfinite(series["longitude"]).all()
    assert series["area_change"].values[0, -20] == pytest.approx(
        4000 * series["length_change"].values[0, -20], nan_ok=True
    )


def test_counts_and_observed_months(both):
    table, series = both
    assert int(series["n_observations"].sum()) == len(table)
    assert ((series["n_observations"] > 0) == (series["observed"] == 1)).all()


def test_nothing_is_extrapolated(both):
    _, series = both
    for i, dates in enumerate((DENSE, YEARLY)):
        months = pd.DatetimeIndex(series["time"].values).to_period("M")
        span = (months >= dates[0].to_period("M")) & (months <= dates[-1].to_period("M"))
        known = np.isfinite(series["length_change"].values[i])
        assert (known == span).all()
        assert (np.isfinite(series["length_change_se"].values[i]) == span).all()
    assert np.isnan(series["length_change"].values[2]).all()
    assert np.isnat(series["reference_date"].values[2])


def test_season_trend_and_phase_are_recovered(both):
    _, series = both
    one = series.isel(glacier=0)
    assert float(one["seasonal_amplitude"]) == pytest.approx(300, abs=40)
    assert float(one["seasonal_phase"]) == pytest.approx(0.4 * 365.25, abs=10)
    assert float(one["seasonal_maximum"]) == float(one["seasonal_phase"])
    assert float(one["seasonal_minimum"]) == pytest.approx(0.9 * 365.25, abs=10)
    assert 0 < float(one["seasonal_maximum_se"]) < 15
    assert abs(float(one["trend"]) + 50) < 2.5 * float(one["trend_se"]) + 5
    assert float(one["seasonal_cycle"].sum()) == pytest.approx(0, abs=1e-6)
    inside = np.isfinite(one["length_change"].values)
    wanted = seasonal(pd.DatetimeIndex(one["time"].values[inside]))
    ratio = (one["length_change"].values[inside] - wanted) / one["length_change_se"].values[inside]
    assert np.mean(np.abs(ratio) < 2) > 0.85


def test_one_front_a_year_gives_no_season_but_a_wide_error(both):
    _, series = both
    two = series.isel(glacier=1)
    seasonal_names = [
        "seasonal_amplitude",
        "seasonal_phase",
        "seasonal_maximum",
        "seasonal_minimum_se",
        "seasonal_cycle",
        "length_seasonal",
    ]
    for name in seasonal_names:
        assert np.isnan(two[name]).all()
    spread = two["length_change_se"].values
    seen = two["observed"].values == 1
    assert np.nanmedian(spread[~seen]) > 1.3 * np.nanmedian(spread[seen])
    assert abs(float(two["trend"]) + 80) < 3


def test_a_season_that_is_not_resolved_does_not_swing_but_widens_the_error():
    """One front a year in changing months: its scatter fits many seasons."""
    random = np.random.default_rng(8)
    dates = pd.to_datetime([f"{y}-{random.integers(2, 11):02d}-12" for y in range(1980, 2020)])

    def front(days):
        time = decimal_year(days)
        return -40 * (time - 1980) + 400 * np.cos(2 * np.pi * (time - 0.4))

    table = observations_of("test:1", dates, front(dates) + random.normal(0, 15, len(dates)))
    one = monthly_series(table, DOMAINS).sel(glacier=0)
    value, error = one["length_change"].values, one["length_change_se"].values
    assert np.isnan(one["seasonal_amplitude"])
    assert np.isnan(one["length_seasonal"]).all()
    alone = pd.Series(one["observed"].values).rolling(5, center=True).sum().to_numpy() == 0
    by_month = pd.Series(value - one["length_interannual"].values).groupby(
        one["time"].dt.month.values
    )
    swing = by_month.apply(lambda part: part[alone[part.index]].mean())
    assert np.ptp(swing) < 150  # of 800
    truth = front(pd.DatetimeIndex(one["time"].values))
    seen = one["observed"].values == 1
    assert np.abs(value - truth)[seen].max() < 150
    assert np.median(error[alone]) > 200
    assert np.mean(np.abs(value - truth) < 1.96 * error) > 0.9


def test_a_given_span_cuts_and_fills(both):
    table, series = both
    cut = monthly_series(table, DOMAINS, start="2014-01-01", end="2022-06-30")
    assert cut.sizes["time"] == 102
    same = series.sel(time=slice("2014-01-01", "2018-12-31"))["length_change"].values[0]
    assert cut["length_change"].values[0, : len(same)] == pytest.approx(same)
    assert np.isnan(cut["length_change"].values[:, -12:]).all()


def test_order_of_observations_does_not_matter(both):
    table, series = both
    again = monthly_series(table.sample(frac=1, random_state=3), DOMAINS)
    np.testing.assert_allclose(
        again["length_change"].values, series["length_change"].values, rtol=1e-5, atol=0.05
    )


def test_same_input_same_output(both):
    table, series = both
    assert monthly_series(table, DOMAINS).equals(series)


def test_the_number_of_threads_changes_nothing(both):
    table, series = both
    assert monthly_series(table, DOMAINS, threads=1).equals(series)


def test_trends_of_any_period(both):
    table, series = both
    bent = table.copy()
    turn = np.maximum(decimal_year(pd.DatetimeIndex(bent["date"])) - 2000, 0)
    bent["length_change"] += np.where(bent["glacier_id"] == "test:2", 200 * turn, 0.0)
    periods = [("1985-01-01", "1999-12-31"), ("2001-01-01", "2018-12-31"), ("2030", "2035")]
    found = trends(bent, DOMAINS, periods).set_index(["glacier_id", "start"])
    assert len(found) == 9
    early, late = (found.loc[("test:2", pd.Timestamp(start))] for start, _ in periods[:2])
    assert early["trend"] == pytest.approx(-80, abs=10)
    assert late["trend"] == pytest.approx(120, abs=10)
    assert 0 < late["trend_se"] < 15
    # nobody was seen after 2019, one only from 2013, one never
    assert found["trend"].isna().sum() == 3 + 1 + 2
    whole = trends(table, DOMAINS, [("1985-01-01", "2019-12-31")])
    np.testing.assert_allclose(whole["trend"], series["trend"].values)
    np.testing.assert_allclose(whole["trend_se"], series["trend_se"].values)


def test_a_period_may_be_of_decimal_years_and_must_not_end_before_it_begins(both):
    table, _ = both
    by_day = trends(table, DOMAINS, [("1985-01-01", "1999-12-31")])
    by_year = trends(table, DOMAINS, [(1985, 1999.999)])
    np.testing.assert_array_equal(by_year["trend"], by_day["trend"])
    with pytest.raises(InputError, match=r"period 0: ends \(2001\) before it begins \(2005\)"):
        trends(table, DOMAINS, [("2005", "2001")])
    with pytest.raises(InputError, match=r"last day of period 1: .*'spring'"):
        trends(table, DOMAINS, [("2000", "2005"), ("2001", "spring")])


def test_traces_of_one_scene_share_their_error():
    random = np.random.default_rng(4)
    length = seasonal(DENSE) + random.normal(0, 30, len(DENSE))
    once = monthly_series(observations_of("test:1", DENSE, length, error=30.0), DOMAINS)
    thrice = observations_of("test:1", DENSE.repeat(3), length.repeat(3), error=30.0)
    thrice["sigma_geolocation"] = 29.9
    apart = monthly_series(thrice, DOMAINS)
    thrice["correlation_group"] = np.repeat([f"s{i}" for i in range(len(DENSE))], 3)
    together = monthly_series(thrice, DOMAINS)
    for name in ("length_change", "length_change_se"):
        np.testing.assert_allclose(together[name][0], once[name][0], atol=0.5)
    ratio = apart["length_change_se"] / once["length_change_se"]
    assert float(np.abs(ratio - 1).median()) > 0.05


def test_few_observations_give_counts_only():
    table = observations_of("test:1", DENSE[:2], [0.0, 10.0])
    series = monthly_series(table, DOMAINS)
    assert int(series["n_observations"].sum()) == 2
    assert np.isnan(series["length_change"]).all()
    some = monthly_series(table, DOMAINS, settings=MonthlySettings(fewest_observations=2))
    assert np.isfinite(some["length_change"].values[0]).any()


def test_from_fronts_by_every_measure():
    fronts = fronts_at(np.linspace(6000, 5000, 30), step_days=40, start="2014-01-05")
    table, _ = observe(fronts, {"test:1": DOMAINS["test:1"]})
    ends = {}
    for measure in ("area", "length_area", "centreline", "curvilinear_box"):
        series = monthly_series(table, {"test:1": DOMAINS["test:1"]}, measure=measure)
        ends[measure] = series["length_change"].values[0, -1]
        assert np.isfinite(series["area_change"].values).any() == (
            measure in ("area", "length_area")
        )
    assert list(ends.values()) == pytest.approx([-1000] * 4, rel=0.03)


def test_bad_requests_are_errors():
    table = observations_of("test:1", DENSE[:5], np.zeros(5))
    with pytest.raises(InputError, match="volume"):
        monthly_series(table, DOMAINS, measure="volume")
    with pytest.raises(InputError, match="no observation"):
        monthly_series(table, DOMAINS, measure="centreline")
    empty = monthly_series(
        table, DOMAINS, measure="centreline", start="2014-01-01", end="2014-12-31"
    )
    assert empty.sizes["time"] == 12
