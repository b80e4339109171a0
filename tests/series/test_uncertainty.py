"""Parts of the standard error of an observation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.sensors import SENSORS
from termini.series import ObservationSettings
from termini.series.uncertainty import (
    ERROR_PARTS,
    drawing_error,
    error_parts,
    geolocation_of,
    missing_error,
    width_of,
)

USUAL = ObservationSettings()
PLACES = np.linspace(0.0, 1.0, 41)
metres = st.floats(-500.0, 500.0)


def test_stated_drawing_errors_go_before_those_of_the_sensor() -> None:
    assert drawing_error(7.5, "Landsat-8", USUAL) == 7.5
    assert drawing_error(float("nan"), "Landsat-8", USUAL) == SENSORS["Landsat-8"].prior_sigma
    assert drawing_error(float("nan"), "a kite", USUAL) == USUAL.default_sigma


def test_unknown_sensors_are_placed_no_better_than_any_known() -> None:
    unknown = geolocation_of("", USUAL)
    assert unknown == USUAL.default_geolocation
    assert all(unknown >= geolocation_of(name, USUAL) for name in SENSORS)


def test_nothing_missing_costs_nothing() -> None:
    assert missing_error([], np.zeros((9, 41)), USUAL) == 0.0


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 0.45), st.floats(0.05, 0.5))
def test_more_missing_costs_more_where_no_shapes_are_known(less: float, more: float) -> None:
    shapes = np.zeros((0, 41))
    one = missing_error([(0.0, less)], shapes, USUAL)
    both = missing_error([(0.0, less), (1.0 - more, 1.0)], shapes, USUAL)
    assert 0 < one < both


@settings(max_examples=40, deadline=None)
@given(st.lists(metres, min_size=5, max_size=9), st.floats(0.1, 0.5))
def test_straight_fronts_across_lose_nothing_by_constant_ends(
    levels: list[float], share: float
) -> None:
    across = np.array(levels)[:, None] + np.zeros(41)
    assert missing_error([(0.0, share)], across, USUAL) == pytest.approx(0.0, abs=1e-6)


def test_slanting_fronts_lose_what_geometry_says() -> None:
    # at constant position an end of share s of a front that slants by d is off by d s² / 2
    slanting = 800.0 * PLACES + np.arange(6)[:, None]
    assert missing_error([(0.0, 0.3)], slanting, USUAL) == pytest.approx(800 * 0.3**2 / 2)
    # between two pieces a straight front is filled exactly
    assert missing_error([(0.4, 0.7)], slanting, USUAL) == pytest.approx(0.0, abs=1e-9)


def test_parts_add_in_squares_and_give_the_width_back() -> None:
    parts = [[3.0, 4.0, 0.0, 12.0, 84.0], [0.0] * 5]
    rows = pd.DataFrame(parts, columns=list(ERROR_PARTS))
    total, shared, rest = error_parts(rows)
    np.testing.assert_allclose(total, [85.0, 0.0])
    np.testing.assert_allclose(shared, [[3.0, 84.0], [0.0, 0.0]])
    np.testing.assert_allclose(rest, [np.sqrt(160.0), 0.0])
    old, _, _ = error_parts(rows.drop(columns="sigma_date"))
    np.testing.assert_allclose(old, [13.0, 0.0])
    width = width_of(rows.assign(area_change_se=total * 2500.0))
    assert width[0] == pytest.approx(2500.0)
    assert np.isnan(width[1])
