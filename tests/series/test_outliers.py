"""Outliers: jumps away and back are flagged, motion is not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString

from termini.fronttable import front_table
from termini.series import flag_outliers
from termini.variables import flag_bits


def tables(length: np.ndarray, method: str = "net") -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    dates = pd.date_range("2015-01-05", periods=len(length), freq="36D")
    fronts = front_table(
        [
            {
                "glacier_id": "a:1",
                "date": d,
                "method": method,
                "geometry": LineString([(-3e5, -2e6), (-3e5, -1.99e6)]),
            }
            for d in dates
        ]
    )
    observations = pd.DataFrame(
        {
            "glacier_id": "a:1",
            "trace_id": fronts["trace_id"],
            "date": fronts["date"],
            "measure": "length_area",
            "length_change": length,
            "length_change_se": 30.0,
            "area_change": length * 5e3,
            "area_change_se": 1.5e5,
            "reference_date": fronts["date"].iloc[0],
        }
    )
    return observations, fronts


def flagged(length: np.ndarray, method: str = "net") -> list[int]:
    kept, fronts = flag_outliers(*tables(length, method))
    bad = (fronts["quality"] & flag_bits()["outlier"]) != 0
    assert set(kept["trace_id"]) == set(fronts.loc[~bad, "trace_id"])
    assert (
        fronts.loc[bad, "note"]
        .str.contains("m from what the other fronts of the glacier predict")
        .all()
    )
    return np.flatnonzero(bad).tolist()


@given(st.integers(0, 39), st.sampled_from([-3000.0, -900.0, 900.0, 5000.0]), st.integers(0, 50))
def test_a_single_jump_is_found(where: int, jump: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    time = np.arange(40) * 36 / 365.25
    length = 150 * np.sin(2 * np.pi * time) - 150 * time + rng.normal(0, 30, 40)
    length[where] += jump
    found = flagged(length)
    if 3 <= where < 37:
        assert found == [where]
    else:
        assert set(found) <= {where}


@pytest.mark.parametrize("step", [-4000.0, -1000.0, 2500.0])
def test_a_step_is_motion(step: float) -> None:
    rng = np.random.default_rng(1)
    length = rng.normal(0, 30, 40)
    length[20:] += step
    assert flagged(length) == []


def test_steady_motion_and_seasons_are_kept() -> None:
    time = np.arange(80) * 36 / 365.25
    assert flagged(-2500 * time) == []
    assert flagged(275 * np.sin(2 * np.pi * time)) == []


def test_two_jumps_side_by_side() -> None:
    length = np.random.default_rng(2).normal(0, 20, 40)
    length[[15, 16]] += [4000.0, 3000.0]
    assert flagged(length) == [15, 16]


def test_hand_drawn_traces_are_left_alone() -> None:
    length = np.zeros(30)
    length[10] = 3000.0
    assert flagged(length, "manual") == []


def test_few_observations_say_nothing() -> None:
    assert flagged(np.array([0.0, 5000.0, 0.0])) == []
