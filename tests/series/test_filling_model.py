"""Shapes over time: kriging and filtering against dense algebra."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.series.filling_model import (
    NODES,
    Known,
    TimedModel,
    _edges,
    gaps_of,
    hole_weights,
)
from termini.series.shape_lines import EVEN, PLACES, hat
from termini.series.shape_times import NO_MEMORY, foretold, kriged, memory_of

RNG = np.random.default_rng(4)
DAYS = np.sort(RNG.uniform(0, 4000, 40))


@given(st.floats(-100, 4100), st.sampled_from([0.0, 60.0]), st.floats(20, 3000))
def test_neighbours_in_time_count_as_in_dense_kriging(when, gap, scale):
    scores, variance = RNG.normal(0, 5, (40, 1)), np.array([30.0])
    mean, spread = np.empty((1, 1)), np.empty((1, 1))
    memory = np.array([[scale, 0.3]])
    foretold(DAYS, scores, variance, memory, np.array([when]), gap, mean, spread)
    used = np.abs(DAYS - when) >= gap
    held = 21.0 * np.exp(-np.abs(DAYS[used, None] - DAYS[used]) / scale)
    pull = np.linalg.solve(
        held + 9 * np.eye(used.sum()), 21 * np.exp(-np.abs(DAYS[used] - when) / scale)
    )
    assert mean[0, 0] == pytest.approx(pull @ scores[used, 0], abs=1e-8)
    left = 30 - 21 * pull @ np.exp(-np.abs(DAYS[used] - when) / scale)
    assert spread[0, 0] == pytest.approx(left, rel=1e-6)


@pytest.mark.parametrize("end", [0.3, 0.3 + 1e-7, 0.31])
def test_courses_are_those_of_dense_kriging(end):
    modes = np.linalg.qr(RNG.normal(size=(41, 3)))[0]
    spread, rest = np.array([[900.0, 100.0, 9.0]]), 4.0 * np.exp(-np.abs(PLACES[:, None] - PLACES))
    seen, along = PLACES[None] >= end, RNG.normal(0, 50, (1, 41))
    mean, weight = RNG.normal(0, 5, (1, 41)), EVEN[None] * (end > PLACES)
    course, variance = np.empty((1, 41)), np.empty(1)
    edges = np.array([[end, 1.0]]) * 40
    kriged(seen, along, edges, mean, modes, spread, rest, 2.0, weight, course, variance)
    # the end is a place of its own, unless it lies at one that was seen
    at = np.eye(41)[seen[0]]
    if not seen[0, 12]:
        at = np.vstack([at, hat(np.array([end]))])
    told = np.append(along[0, seen[0]], along[0, 0])[: len(at)]
    full = rest + (modes * spread[0]) @ modes.T
    gain = np.linalg.solve(at @ full @ at.T + 4 * np.eye(len(at)), at @ full).T
    assert np.allclose(course[0], mean[0] + gain @ (told - at @ mean[0]))
    assert variance[0] == pytest.approx(weight[0] @ (full - gain @ at @ full) @ weight[0])


def test_memory_is_found_where_there_is_some_and_not_else():
    steps = RNG.normal(size=(200, 2))
    walk = np.empty(200)
    walk[0] = steps[0, 0]
    for k in range(1, 200):
        walk[k] = 0.97 * walk[k - 1] + np.sqrt(1 - 0.97**2) * steps[k, 0]
    kept = np.empty((2, 2))
    scores = np.column_stack([walk, steps[:, 1]])
    memory_of(np.arange(200) * 16.0, scores, np.array([walk.var(), 1.0]), kept)
    assert 100 < kept[0, 0] < 3000
    assert kept[0, 1] < 0.5
    assert tuple(kept[1]) == NO_MEMORY


def test_what_is_foretold_without_fronts_is_as_unsure_as_ever():
    model = TimedModel.fit(Known(np.empty(0), np.empty((0, 41)), np.empty((0, 2, len(NODES)))), 4e3)
    near = TimedModel.fit(
        Known(DAYS, RNG.normal(5000, 30, (40, 41)), np.zeros((40, 2, len(NODES)))), 4e3
    )
    seen, along = PLACES[None] > 0.3, np.full((1, 41), 5000.0)
    none, some = (
        m.courses(seen, along, np.array([0.3]), np.ones(1), np.array([2000.0]), np.ones(1))
        for m in (model, near)
    )
    assert np.isfinite(none[0]).all()
    assert none[2][0] > 2 * some[2][0]
    assert np.abs(some[0] - 5000).max() < 60


def test_gaps_and_holes():
    assert list(gaps_of(np.array([10.0, 20.0]), np.array([0.0, 16.0, 40.0]))) == [10, 4, 20]
    assert np.isinf(gaps_of(np.empty(0), np.zeros(2))).all()
    weight = hole_weights({1: [(0.4, 0.6, np.zeros((2, 2)))]}, 2)
    assert not weight[0].any()
    # a straight course between the pieces adds nothing
    assert weight[1] @ (3 + 2 * PLACES) == pytest.approx(0, abs=1e-12)
    assert weight[1] @ np.sin(np.pi * (PLACES - 0.4) / 0.2).clip(0) > 0


def test_an_end_along_the_wall_tells_nothing_of_the_course():
    seen, along = np.tile(PLACES > 0.31, (2, 1)), np.full((2, 41), 5000.0)
    # 60 m across from the last place seen to the end: 30 m along it, and 300 m
    along[0, :13], along[1, :13] = 5030.0, 5300.0
    edges = _edges(seen, along, np.full(2, 0.31), np.ones(2), 4000.0)
    assert np.allclose(edges, [[12.4, 40.0], [0.0, 40.0]])
