"""Discharge, thermal forcing, retreat, calving, anomalies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.errors import InputError
from termini.issm.anomaly import anomaly, on_baseline
from termini.issm.calving import calving_table, implied_calving
from termini.issm.discharge import basin_discharge
from termini.issm.melt import draw_parameters, melt_rate
from termini.issm.retreat import parameterised_retreat
from termini.issm.thermal import freezing_point, thermal_forcing
from termini.issm.timeline import mean_preserving, time_mean
from termini.times import decimal_year


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_means_are_kept_and_nothing_is_negative(means: list[float]) -> None:
    edges = 2000 + np.arange(len(means) + 1) / 12
    years, values = mean_preserving(edges, np.array(means))
    assert values.min() >= -1e-9 * max(1.0, max(means))
    assert (np.diff(years) > 0).all()
    for k, mean in enumerate(means):
        nodes = np.union1d(edges[k : k + 2], years[(years > edges[k]) & (years < edges[k + 1])])
        found = time_mean(nodes, np.interp(nodes, years, values))
        assert found == pytest.approx(mean, rel=1e-6, abs=1e-6 * max(1.0, max(means)))


def test_summer_means_keep_their_volume() -> None:
    runoff = pd.Series([300.0, 400.0], pd.DatetimeIndex(["2001-07-15", "2002-07-15"]))
    found = basin_discharge(runoff, "m3 s-1", cadence="summer")
    volume = time_mean(found.years, found.values) * 730
    assert volume == pytest.approx((300 + 400) * 92 * 86400, rel=1e-6)
    assert np.interp(2001.2, found.years, found.values) == 0.0


def test_daily_and_monthly_runoff_agree() -> None:
    days = pd.date_range("2003-01-01", "2004-12-31")
    daily = pd.Series(100 * np.maximum(0, np.sin((days.day_of_year - 120) / 60)), days)
    monthly = daily.resample("MS").mean()
    a, b = basin_discharge(daily, "m3 s-1"), basin_discharge(monthly, "m3 s-1")
    assert np.allclose(a.values, b.values)
    assert time_mean(a.years, a.values) == pytest.approx(daily.mean() * 86400, rel=2e-3)


def test_annual_values_must_say_what_they_are() -> None:
    runoff = pd.Series([1.0, 2.0], pd.DatetimeIndex(["2001-07-15", "2002-07-15"]))
    with pytest.raises(InputError, match="summer"):
        basin_discharge(runoff, "m3 s-1")
    with pytest.raises(InputError, match="basin's total"):
        basin_discharge(runoff, "m d-1", cadence="summer")


def test_freezing_point_against_published_values() -> None:
    # check value of Fofonoff and Millard (1983): S = 40, 500 dbar
    assert float(freezing_point(40.0, 500.0, formula="unesco")) == pytest.approx(
        -2.588567, abs=1e-6
    )
    depth = np.array([0.0, 300.0, 800.0])
    both = [freezing_point(34.5, depth, formula=f) for f in ("jenkins2011", "unesco")]
    assert np.abs(both[0] - both[1]).max() < 0.02


def test_a_sill_keeps_the_deep_water_out() -> None:
    depth = np.arange(0.0, 801.0, 50.0)
    warm, salt = np.where(depth > 300, 3.0, -1.0), np.full(depth.shape, 34.5)
    free = thermal_forcing(warm, salt, depth, [600.0])
    shut = thermal_forcing(warm, salt, depth, [600.0], sill_depth=200.0)
    assert free[0, 0] == pytest.approx(3.0 - float(freezing_point(34.5, 600.0)))
    assert shut[0, 0] == pytest.approx(-1.0 - float(freezing_point(34.5, 600.0)))
    assert thermal_forcing(warm, salt, depth, [-50.0])[0, 0] == 0.0


@pytest.mark.parametrize("layer", ["lower", "column", "range"])
def test_layers_of_constant_water_have_its_mean(layer: str) -> None:
    depth = np.array([0.0, 1000.0])
    found = thermal_forcing([2.0, 2.0], 34.0, depth, [500.0], layer=layer)[0, 0]
    top = {"lower": 200.0, "column": 0.0, "range": 200.0}[layer]
    by_hand = 2.0 - float(freezing_point(34.0, (top + 500.0) / 2))
    assert found == pytest.approx(by_hand, abs=1e-6)


def test_an_empty_profile_is_refused() -> None:
    with pytest.raises(InputError, match="profile 0"):
        thermal_forcing([np.nan, np.nan], 34.0, [0.0, 100.0], [50.0])
    with pytest.raises(InputError, match="sill depth"):
        thermal_forcing([1.0, 1.0], 34.0, [0.0, 100.0], [50.0], sill_depth=-200.0)


def test_drawn_parameters_are_positive_and_reproducible() -> None:
    first = draw_parameters(200, np.random.default_rng(1))
    second = draw_parameters(200, np.random.default_rng(1))
    assert first[0] == second[0]
    melt = np.array([float(melt_rate(500.0, 1e7, 2.5e6, 4.0, p)) for p in first[0]])
    assert (melt > 0).all()
    middle = float(melt_rate(500.0, 1e7, 2.5e6, 4.0))
    assert np.median(melt) == pytest.approx(middle, rel=0.06)
    assert 0.15 < melt.std() / middle < 0.35


def _years(values: list[float]) -> pd.Series:
    return pd.Series(values, pd.DatetimeIndex([f"{2000 + k}-07-15" for k in range(len(values))]))


def test_retreat_by_hand() -> None:
    found = parameterised_retreat(
        _years([100.0, 200.0]), _years([3.0, 4.0]), reference="2000", kappa=[-0.17, -0.37],
        smoothing_years=1,
    )  # fmt: skip
    step = 200**0.4 * 4 - 100**0.4 * 3
    assert found.loc[2000].tolist() == [0.0, 0.0]
    assert found.loc[2001].to_numpy() == pytest.approx([-170 * step, -370 * step])
    with pytest.raises(InputError, match="1990"):
        parameterised_retreat(_years([1.0, 2.0]), _years([1.0, 2.0]), reference="1990")


def test_calving_closes_the_balance() -> None:
    dates = pd.date_range("2010-01-01", periods=4, freq="73D")
    velocity = pd.Series(10.0, pd.date_range("2009-12-01", "2011-01-01", freq="MS"))
    found = implied_calving(
        dates,
        [0.0, -100.0, -100.0, 2000.0],
        velocity,
        units="m d-1",
        melt=200.0,
        position_se=[10.0] * 4,
    )
    assert found["calving_rate"].tolist() == pytest.approx([3950.0, 3450.0, 0.0])
    assert found["clipped"].tolist() == [False, False, True]
    assert found.attrs["clipping_bias"] == pytest.approx(7050 / 3)
    table = calving_table(found)
    years = decimal_year(table.index)
    rates = table["calving_rate"].to_numpy()
    assert time_mean(years, rates) == pytest.approx((3950 + 3450) / 3, rel=1e-3)
    assert found["calving_rate_se"].iloc[0] == pytest.approx(np.hypot(10, 10) * 5)
    with pytest.raises(InputError, match="covers"):
        implied_calving(dates, np.zeros(4), velocity.iloc[:3], units="m d-1")


def test_anomalies_vanish_over_their_reference() -> None:
    months = pd.date_range("2000-01-15", periods=48, freq="MS")
    series = pd.Series(np.sin(np.arange(48)) + 5.0, months)
    reference = ("2000-01-01", "2001-12-31")
    found = anomaly(series, reference)
    assert found[:"2001"].groupby(found[:"2001"].index.month).mean().abs().max() < 1e-12
    assert anomaly(series, reference, kind="ratio")[:"2001"].mean() == pytest.approx(1.0, abs=0.2)
    moved = on_baseline(series, ("2000-02-01", "2001-12-31"), 100.0, kind="ratio")
    assert moved["2000-02-01":"2001-12-31"].mean() == pytest.approx(100.0)
    with pytest.raises(InputError, match="reference"):
        anomaly(series, ("1990-01-01", "1991-01-01"))
    with pytest.raises(InputError, match="calendar month"):
        anomaly(series, ("2000-05-01", "2000-07-01"))
