"""Stray observations, and what they do to a series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.series.reference import refer_to_what_is_left
from termini.series.robust import fit_robustly, from_between


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=30))
def test_what_moves_one_way_lies_between_its_neighbours(steps: list[float]) -> None:
    position = np.cumsum(np.abs(steps))
    away = from_between(position)
    assert np.isnan(away[[0, -1]]).all()
    assert np.allclose(away[1:-1], 0.0)


def test_a_stray_front_is_widened_and_nothing_else() -> None:
    rng = np.random.default_rng(4)
    time = 2014 + np.sort(rng.uniform(0, 6, 60))
    value = 120 * np.sin(2 * np.pi * time) - 80 * (time - 2014) + rng.normal(0, 20, 60)
    value[25] += 1500.0
    error = np.full(60, 20.0)
    fit = fit_robustly(time, value, error)
    assert fit.error[25] > 400.0
    assert (np.delete(fit.error, 25) < 60.0).all()
    assert fit.residual[25] == pytest.approx(1500.0, abs=150.0)


def test_a_step_keeps_its_errors() -> None:
    rng = np.random.default_rng(5)
    time = 2014 + np.arange(60) / 10
    value = rng.normal(0, 20, 60)
    value[30:] -= 3000.0
    fit = fit_robustly(time, value, np.full(60, 20.0))
    assert (fit.error < 100.0).all()


def test_many_far_strays_do_not_hide_each_other() -> None:
    rng = np.random.default_rng(6)
    time = 2014 + np.sort(rng.uniform(0, 6, 60))
    value = rng.normal(0, 20, 60)
    bad = [0, 9, 20, 31, 45, 58]
    value[bad] += [-2000, 5000, -4000, 1500, -700, -2500]
    fit = fit_robustly(time, value, np.full(60, 20.0))
    assert (fit.error[bad] > 200.0).all()
    assert (np.delete(fit.error, bad) < 100.0).all()


def test_changes_count_from_the_nearest_that_is_left() -> None:
    dates = pd.to_datetime(["2015-01-01", "2015-02-01", "2016-01-01"])
    table = pd.DataFrame(
        {
            "glacier_id": "a:1",
            "measure": "length_area",
            "date": dates,
            "length_change": [0.0, 500.0, 450.0],
            "area_change": [0.0, 5e6, 4.5e6],
            "reference_date": dates[0],
        }
    )
    left = refer_to_what_is_left(table.iloc[1:])
    assert left["length_change"].tolist() == [0.0, -50.0]
    assert left["area_change"].tolist() == [0.0, -5e5]
    assert (left["reference_date"] == dates[1]).all()
    pd.testing.assert_frame_equal(refer_to_what_is_left(table), table)


def test_traces_of_one_scene_say_of_its_place_no_more_than_one() -> None:
    rng = np.random.default_rng(7)
    time = 2014 + np.repeat(np.sort(rng.uniform(0, 6, 50)), 3)
    value = 100 * np.sin(2 * np.pi * time) + np.repeat(rng.normal(0, 30, 50), 3)
    value += rng.normal(0, 10, 150)
    error = np.full(150, np.hypot(30.0, 10.0))
    scene = np.repeat([f"scene {i}" for i in range(50)], 3).astype(object)
    together = fit_robustly(time, value, error, np.full(150, 30.0), scene)
    assert len(together.time) == 50
    assert together.merged_error == pytest.approx(np.hypot(30.0, 10.0 / np.sqrt(3)), rel=0.3)
    assert together.value[7] == pytest.approx(value[21:24].mean(), abs=5.0)
    apart = fit_robustly(time, value, error, np.full(150, 30.0), np.full(150, "", object))
    assert len(apart.time) == 150


def test_a_scene_out_of_place_finds_no_support_in_its_own_traces() -> None:
    rng = np.random.default_rng(8)
    time = 2014 + np.repeat(np.arange(40) / 8, 3)
    value = rng.normal(0, 20, 120)
    value[60:63] += 2000.0
    scene = np.repeat([f"scene {i}" for i in range(40)], 3).astype(object)
    fit = fit_robustly(time, value, np.full(120, 25.0), np.full(120, 15.0), scene)
    assert np.abs(fit.residual[60:63]).min() > 1000.0
