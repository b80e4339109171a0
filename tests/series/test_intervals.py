"""How many standard errors hold a share of the errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.errors import InputError
from termini.series import MEASURES, half_widths, interval_factor
from termini.series.uncertainty import ERROR_PARTS

LEVELS = (0.5, 0.68, 0.95, 0.99)


def student(rng: np.random.Generator, number: int) -> np.ndarray:
    """Errors of variance one, most of them small and a few large."""
    return rng.standard_t(3.5, number) * np.sqrt(1.5 / 3.5)


def of_dates(rng: np.random.Generator, number: int) -> np.ndarray:
    """Errors of dates of standard error one."""
    return 0.58 * rng.standard_t(2.5, number)


def observed(measure: str = "centreline", **parts: float) -> pd.DataFrame:
    row = dict.fromkeys(ERROR_PARTS, 0.0) | parts
    error = np.sqrt(sum(value**2 for value in row.values()))
    return pd.DataFrame([row]).assign(trace_id="a", measure=measure, length_change_se=error)


@pytest.mark.parametrize("measure", MEASURES)
def test_drawn_fronts_have_normal_intervals(measure):
    assert interval_factor(0.6827, measure, "manual") == pytest.approx(1.0, abs=1e-3)
    assert interval_factor(0.95, measure, "manual") == pytest.approx(1.95996, abs=1e-5)


def test_a_networks_lines_and_dates_have_many_small_errors_and_few_large_ones():
    rng = np.random.default_rng(3)
    lines, dates = student(rng, 400_000), of_dates(rng, 400_000)
    for level in LEVELS:
        factor = interval_factor(level, "centreline", "termini-unet")
        assert np.mean(np.abs(lines) < factor) == pytest.approx(level, abs=3e-3)
        factor = interval_factor(level, "length_area", "manual", date=1.0)
        assert np.mean(np.abs(dates) < factor) == pytest.approx(level, abs=3e-3)
    means = interval_factor(0.68, "length_area", "termini-unet")
    assert interval_factor(0.68, "centreline", "termini-unet") < means < 0.994


def test_dates_known_to_weeks_have_narrower_intervals_of_means_over_a_width():
    for level in (0.5, 0.68):
        for measure in ("length_area", "curvilinear_box"):
            long, short = (
                interval_factor(level, measure, "manual", date=1.0, days=days) for days in (105, 6)
            )
            assert short < long
    line = interval_factor(0.68, "centreline", "manual", date=1.0, days=6)
    assert line == interval_factor(0.68, "centreline", "manual", date=1.0)
    rows = observed("length_area", sigma_date=100.0)
    fronts = pd.DataFrame({"trace_id": ["a"], "method": ["manual"], "date_sigma_days": [6.0]})
    short = 100 * interval_factor(0.68, "length_area", "manual", date=1.0, days=6)
    assert half_widths(rows, 0.68, fronts=fronts) == pytest.approx([short])
    assert half_widths(rows.assign(date_sigma_days=6.0), 0.68) == pytest.approx([short])
    assert half_widths(rows, 0.68)[0] > short


@pytest.mark.parametrize(
    ("coverage", "date", "definition"),
    [(0.0, 0.6, 0.0), (0.0, 0.0, 0.5), (0.0, 0.3, 0.3), (0.5, 0.4, 0.0), (0.3, 0.3, 0.2)],
)
def test_intervals_of_sums_hold_their_share(coverage, date, definition):
    rng = np.random.default_rng(4)
    number = 400_000
    heavy = 0.6 * coverage
    error = np.sqrt(1 - heavy - date - definition) * rng.normal(size=number)
    error += np.sqrt(date) * of_dates(rng, number) + np.sqrt(heavy) * student(rng, number)
    error += np.sqrt(2 * definition) * rng.choice([-1, 0, 0, 1], number)
    parts = {"coverage": coverage, "date": date, "definition": definition}
    for level in LEVELS:
        factor = interval_factor(level, "length_area", "manual", **parts)
        assert np.mean(np.abs(error) < factor) == pytest.approx(level, abs=3e-3)


def test_the_interval_of_two_answers_is_what_lies_between_them():
    for level in (0.51, 0.68, 0.95):
        found = half_widths(observed(sigma_definition=100.0), level)
        assert found == pytest.approx([np.sqrt(2) * 100.0], rel=1e-6)


def test_parts_say_which_intervals_an_observation_has():
    several = {"sigma_geolocation": 30.0, "sigma_digitising": 40.0, "sigma_date": 120.0}
    drawn = observed(**several)
    error = drawn["length_change_se"].iloc[0]
    share = (several["sigma_date"] / error) ** 2
    wanted = error * interval_factor(0.68, "centreline", "manual", date=share)
    assert half_widths(drawn, 0.68) == pytest.approx([wanted], rel=1e-3)
    without = drawn.drop(columns="sigma_date")
    assert half_widths(without, 0.68) == pytest.approx([0.99446 * error], rel=1e-4)
    fronts = pd.DataFrame({"trace_id": ["a"], "method": ["termini-unet"]})
    lines = half_widths(observed(sigma_digitising=10.0), 0.68, fronts=fronts)
    assert lines == pytest.approx([10 * interval_factor(0.68, "centreline", "termini-unet")])
    assert np.isnan(half_widths(drawn.assign(length_change_se=np.nan), 0.68)).all()


def test_errors_that_cancel_leave_no_interval():
    same = observed(sigma_date=50.0).assign(length_change_se=0.0)
    assert half_widths(same, 0.95) == pytest.approx([0.0])


def test_what_was_filled_is_mostly_right_and_what_was_extended_is_normal():
    assert interval_factor(0.68, "length_area", "manual", coverage=1.0) < 0.95
    assert interval_factor(0.68, "box", "manual", coverage=1.0) == pytest.approx(0.99446, abs=1e-4)


@given(
    st.floats(0.01, 0.98),
    st.sampled_from(MEASURES),
    st.sampled_from(["manual", "termini-unet"]),
    st.floats(0.0, 0.5),
    st.floats(0.0, 0.4),
)
def test_wider_intervals_hold_more(level, measure, method, date, definition):
    one, other = (
        interval_factor(x, measure, method, date=date, definition=definition)
        for x in (level, level + 0.01)
    )
    assert 0 < one < other


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, float("nan")])
def test_levels_that_are_no_shares_are_named(level):
    with pytest.raises(InputError, match="between 0 and 1"):
        interval_factor(level, "area", "manual")
    with pytest.raises(InputError, match="between 0 and 1"):
        half_widths(observed(), level)


def test_what_cannot_be_is_named():
    with pytest.raises(InputError, match="'lenght' is unknown"):
        interval_factor(0.95, "lenght", "manual")
    for shares in ({"date": 1.2}, {"date": -0.1}, {"date": 0.6, "definition": 0.6}):
        with pytest.raises(InputError, match="shares of the variance"):
            interval_factor(0.95, "area", "manual", **shares)
    fronts = pd.DataFrame({"trace_id": ["b"], "method": ["manual"]})
    with pytest.raises(InputError, match="trace 'a' is not in the front table"):
        half_widths(observed(sigma_date=1.0), 0.95, fronts=fronts)
