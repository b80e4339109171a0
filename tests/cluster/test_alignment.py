"""Cells that are left out must not be missed: distances, paths and averages stay the same."""

import numpy as np
import pytest
from dtw_reference import accumulated, cell_costs
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.cluster import dtw_distances, dtw_path
from termini.cluster.dba import average
from termini.cluster.distance_align import GroupAligner, nearest_centres
from termini.cluster.distance_blocks import Engine, Metric
from termini.cluster.distance_input import read_series
from termini.cluster.distance_window import Window
from termini.cluster.kernels import solve_path, solve_within, workspace
from termini.cluster.kernels_align import trace
from termini.cluster.kernels_emit import BITS, LANES, ROWS

seeds = st.integers(0, 10_000)


def walks(n, length, seed):
    return np.random.default_rng(seed).normal(size=(n, length)).cumsum(axis=1)


def both_ways(n, columns, dtype, seed, factor):
    """Row of results and paths with all cells and with those within a bound, which some lanes lack."""  # noqa: E501
    lanes = LANES[np.dtype(dtype)]
    rng = np.random.default_rng(seed)
    padded = -(-n // ROWS) * ROWS
    x = np.zeros(padded, dtype)
    x[:n] = np.round(walks(1, n, seed)[0], rng.integers(0, 4))
    y = np.round(walks(lanes, columns, seed + 1), 1).T.astype(dtype, order="C")
    lo, hi = np.zeros(padded, np.int64), np.full(padded, columns)
    found = []
    bound = np.full(lanes, np.inf, dtype)
    for solver in (solve_path, solve_within):
        work = workspace(y, columns, padded * columns, np.zeros(1, BITS[np.dtype(dtype)]), lo, hi)
        more = () if solver is solve_path else (bound, True)
        row = solver(x, n, y, work, *more)
        values, paths = work[1][row].copy(), []
        for lane in np.flatnonzero(bound >= 0):
            path = np.zeros((n + columns, 2), np.int32)
            length = trace(work[2], columns, n, lane, lanes, path)
            paths.append(path[:length].tolist())
        found.append((values, paths, work))
        if solver is solve_path:
            bound = (values * factor).astype(dtype)
            bound[rng.random(lanes) < 0.5] = -1.0
            bound[rng.integers(lanes)] = values.max()
    kept = bound >= values
    return found, bound, kept


@settings(max_examples=40)
@given(
    st.integers(2, 70),
    st.integers(2, 70),
    st.sampled_from([np.float32, np.float64]),
    seeds,
    st.sampled_from([1.0, 1.01, 2.0]),
)
def test_cells_above_the_bound_change_neither_distance_nor_path(n, columns, dtype, seed, factor):
    found, bound, kept = both_ways(n, columns, dtype, seed, factor)
    (whole, paths, _), (part, fewer, _) = found
    np.testing.assert_array_equal(whole[kept], part[kept])
    in_use = np.flatnonzero(bound >= 0)
    assert fewer == [paths[lane] for lane in in_use]


def test_no_lane_within_its_bound_is_told():
    lanes = LANES[np.dtype(np.float64)]
    y = np.full((40, lanes), 9.0)
    lo, hi = np.zeros(40, np.int64), np.full(40, 40)
    work = workspace(y, 40, 1600, np.zeros(1, np.uint16), lo, hi)
    bound = np.full(lanes, 50.0)
    assert solve_within(np.zeros(40), 40, y, work, bound, False) == -1


@settings(max_examples=15)
@given(st.integers(2, 40), st.sampled_from([None, 0, 1, 3, 9, 30]), seeds)
def test_every_length_and_band_agrees_with_plain_dynamic_programming(length, band, seed):
    a, b = walks(2, length, seed), walks(2, length, seed + 1)
    allowed = None
    if band is not None:
        allowed = np.abs(np.subtract.outer(np.arange(length), np.arange(length))) <= band
    expected = [
        [accumulated(cell_costs(p[:, None], q[:, None]), allowed)[-1, -1] for q in b] for p in a
    ]
    found = dtw_distances(a, b, band=band)
    np.testing.assert_allclose(found, np.sqrt(expected), rtol=1e-12)


@settings(max_examples=10)
@given(
    st.integers(1, 40),
    st.integers(1, 60),
    st.sampled_from([None, 0, 3, 20]),
    st.sampled_from(["float32", "float64"]),
    seeds,
)
def test_each_pair_once_gives_what_each_pair_twice_gives(n, length, band, precision, seed):
    x = walks(n, length, seed)
    half = dtw_distances(x, band=band, precision=precision)
    np.testing.assert_array_equal(half, half.T)
    np.testing.assert_array_equal(half, dtw_distances(x, x, band=band, precision=precision))


@settings(max_examples=15)
@given(st.integers(2, 50), st.sampled_from([None, 4]), seeds)
def test_nearest_centres_are_exact_at_every_length(length, radius, seed):
    series, centres = walks(40, length, seed), walks(5, length, seed + 1)
    engine = Engine(read_series(series), Metric(Window(radius=radius)))
    table = dtw_distances(series, centres, band=radius)
    first, squared, _ = nearest_centres(engine, centres[:, :, None])
    np.testing.assert_array_equal(first, table.argmin(axis=1))
    np.testing.assert_allclose(squared, table.min(axis=1) ** 2, rtol=1e-12)
    again, same, _ = nearest_centres(engine, centres[:, :, None], engine.arranged(first))
    np.testing.assert_array_equal(again, first)
    np.testing.assert_array_equal(same, squared)


def averaged(series, centre, weights, steps, **limits):
    """Averaging steps by the definition, from paths of pairs."""
    for _ in range(steps):
        total, count = np.zeros(len(centre)), np.zeros(len(centre))
        for row, weight in zip(series, weights, strict=True):
            for i, j in dtw_path(centre, row, **limits)[0]:
                total[i] += weight * row[j]
                count[i] += weight
        centre = total / count
    return centre


@settings(max_examples=8, deadline=None)
@given(st.integers(8, 45), st.integers(-3, 3), st.sampled_from([None, 5]), st.booleans(), seeds)
def test_averages_are_those_of_the_definition(length, longer, band, known, seed):
    series = walks(11, length, seed)
    centre = walks(1, length + longer, seed + 1)[0]
    weights = np.random.default_rng(seed).random(11)
    weights[3] = 0.0
    engine = Engine(read_series(series), Metric(Window(radius=band)))
    blocks = engine.blocks
    squared = dtw_distances(series, centre[None], band=band)[:, 0] ** 2 if known else None
    found = average(
        engine, centre[:, None], blocks, 0, weights, steps=4, tol=-np.inf, known=squared
    )[0][:, 0]
    expected = averaged(series, centre, weights, 4, band=band)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_a_bound_that_is_too_small_is_mended():
    series = walks(12, 40, 3)
    engine = Engine(read_series(series), Metric())
    aligner = GroupAligner(engine, 40, engine.blocks, 0, np.ones(12))
    free = aligner.refined(series[:1].T, 3, -np.inf)
    wrong = aligner.refined(series[:1].T, 3, -np.inf, np.full(12, 1e-3))
    assert free is not None
    assert wrong is not None
    np.testing.assert_array_equal(free[0], wrong[0])
    assert free[2] == wrong[2]


def test_channels_gaps_and_weights_are_averaged_step_by_step():
    series = walks(6, 20, 4)
    errors = Engine(read_series(series, errors=np.ones_like(series)), Metric())
    aligner = GroupAligner(errors, 20, errors.blocks, 0, np.ones(6))
    assert aligner.refined(series[:1].T, 2, 0.0) is None
    plain = Engine(read_series(series), Metric())
    one = average(errors, series[:1].T, errors.blocks, 0, np.ones(6), steps=3, tol=0.0)
    two = average(plain, series[:1].T, plain.blocks, 0, np.ones(6), steps=3, tol=0.0)
    np.testing.assert_allclose(one[0], two[0], rtol=1e-9)
    assert one[2] == pytest.approx(two[2] / 2.0, rel=1e-9)


@settings(max_examples=8, deadline=None)
@given(st.integers(20, 60), st.sampled_from([None, 0.05]), st.sampled_from([None, 6]), seeds)
def test_longer_steps_near_the_last_paths_never_raise_the_cost(length, reach, band, seed):
    series, weights = walks(20, length, seed), np.ones(20)
    engine = Engine(read_series(series), Metric(Window(radius=band)))
    costs = []
    for steps in range(1, 7):
        centre, _, cost = average(
            engine, series[:1].T, engine.blocks, 0, weights, steps=steps, tol=-np.inf,
            relax=1.8, reach=reach,
        )  # fmt: skip
        true = float((dtw_distances(series, centre.T, band=band) ** 2).sum())
        assert true <= cost * (1 + 1e-9)
        costs.append(cost)
    assert (np.diff(costs) <= 1e-9 * costs[0]).all()


def test_longer_steps_are_the_same_step_by_step_and_at_once():
    series = walks(20, 30, 5)
    one = Engine(read_series(series), Metric())
    two = Engine(read_series(series), Metric(), plain=False)
    at_once, by_step = (
        average(e, series[:1].T, e.blocks, 0, np.ones(20), steps=5, tol=-np.inf, relax=1.8)
        for e in (one, two)
    )
    np.testing.assert_allclose(at_once[0], by_step[0], rtol=1e-9)
    assert at_once[2] == pytest.approx(by_step[2], rel=1e-9)
