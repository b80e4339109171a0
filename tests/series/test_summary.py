import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.series.summary import (
    breakpoint_year,
    linear_trend,
    mean_season,
    no_season,
    season_weights,
)
from termini.times import decimal_year, month_index

MONTHS = month_index("1985-01-01", "2019-12-31")
TIME = decimal_year(MONTHS)
NONE = np.zeros((12, 12))
WEIGHTS = season_weights(MONTHS)


@given(st.integers(1, 365), st.floats(50, 1000))
def test_season_finds_day_and_range(day, amplitude):
    year = (MONTHS.day_of_year.to_numpy() - day) / 365.25
    wave = amplitude / 2 * np.cos(2 * np.pi * year)
    season = mean_season(WEIGHTS @ wave, NONE)
    off = (season.maximum - day + 182) % 365 - 182
    assert abs(off) < 4
    assert 0.92 * amplitude < season.amplitude <= amplitude * 1.001
    assert season.cycle.sum() == pytest.approx(0, abs=1e-6)
    assert season.amplitude_se == 0
    least = (day + 182.6 - season.minimum + 182) % 365 - 182
    assert abs(least) < 4
    assert season.maximum_se == pytest.approx(6, abs=0.01)


def test_a_season_within_its_error_has_no_phase():
    wave = 10 * np.cos(2 * np.pi * TIME)
    unsure = 400.0 * np.eye(len(TIME)) + 900.0 * np.cos(2 * np.pi * (TIME[:, None] - TIME))
    season = mean_season(WEIGHTS @ wave, WEIGHTS @ unsure @ WEIGHTS.T)
    assert np.isfinite(season.amplitude)
    assert np.isnan(season.maximum)
    assert np.isnan(season.minimum_se)
    assert np.isnan(no_season().cycle).all()


@given(st.floats(-500, 500).filter(lambda slope: slope == 0 or abs(slope) > 1e-9))
def test_trend_of_a_line_is_its_slope(slope):
    trend, error = linear_trend(TIME, slope * (TIME - 2000), 0.0)
    assert trend == pytest.approx(slope, abs=1e-6)
    assert error < 1e-3 + 1e-3 * abs(slope)


def test_trend_error_knows_red_noise():
    random = np.random.default_rng(5)
    hits, white = [], []
    for _ in range(200):
        noise = np.zeros(35)
        for k in range(1, 35):
            noise[k] = 0.6 * noise[k - 1] + random.normal()
        monthly = np.interp(TIME, np.arange(1985.5, 2020), noise)
        trend, error = linear_trend(TIME, monthly, 0.0)
        hits.append(abs(trend) < 1.96 * error)
        years = np.arange(35.0)
        residual = noise - np.polyval(np.polyfit(years, noise, 1), years)
        plain = np.sqrt(residual @ residual / 33 / np.sum((years - 17) ** 2))
        white.append(abs(np.polyfit(years, noise, 1)[0]) < 1.96 * plain)
    assert np.mean(hits) > 0.85
    assert np.mean(hits) > np.mean(white) + 0.1


def test_short_series_have_no_trend():
    trend, error = linear_trend(TIME[:20], TIME[:20], 0.0)
    assert np.isnan(trend)
    assert np.isnan(error)


@settings(max_examples=15)
@given(st.floats(1991, 2013), st.sampled_from([-150.0, 120.0]), st.integers(0, 9))
def test_breakpoint_is_found_within_two_years(year, change, seed):
    random = np.random.default_rng(seed)
    noise = np.repeat(random.normal(0, 60, 35), 12)
    value = -20 * (TIME - 1985) + change * np.maximum(TIME - year, 0) + noise
    assert breakpoint_year(TIME, value) == pytest.approx(year, abs=2)


def test_no_breakpoint_in_a_line_with_noise():
    random = np.random.default_rng(8)
    found = [
        breakpoint_year(TIME, -30 * TIME + np.repeat(random.normal(0, 100, 35), 12))
        for _ in range(60)
    ]
    assert np.isfinite(found).mean() < 0.15
    assert np.isnan(breakpoint_year(TIME[:96], TIME[:96]))


def test_an_exact_bend_is_found_and_an_exact_line_has_none():
    assert np.isnan(breakpoint_year(TIME, np.zeros(len(TIME))))
    bend = -100 * np.maximum(TIME - 2000, 0)
    assert breakpoint_year(TIME, bend) == pytest.approx(2000, abs=0.6)
    assert isinstance(MONTHS, pd.DatetimeIndex)


def test_errors_of_dates_hold_and_shrink_with_the_error_of_the_cycle():
    random = np.random.default_rng(3)
    middle = np.arange(12) * 2 * np.pi / 12
    true = 100 * np.cos(middle - 1.0)
    day = 14.5 + 1 + 365.25 / (2 * np.pi)
    hits, stated = [], []
    for sigma in (5.0, 20.0):
        covariance = sigma**2 * (np.eye(12) - 1 / 12)
        for _ in range(150):
            season = mean_season(
                true + random.multivariate_normal(np.zeros(12), covariance), covariance
            )
            off = (season.maximum - day + 182) % 365 - 182
            hits.append(abs(off) < 1.96 * season.maximum_se)
            stated.append(season.maximum_se)
    assert np.mean(hits) > 0.93
    assert np.mean(stated[150:]) > 1.2 * np.mean(stated[:150])
