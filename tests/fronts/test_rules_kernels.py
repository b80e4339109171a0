"""The compiled loops of screening against plain searches and medians."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.fronts.rules_kernels import (
    nearest_vertices,
    outside_neighbours,
    shape_residuals,
)


@given(
    st.lists(st.floats(-1e4, 1e4), min_size=0, max_size=12),
    st.integers(2, 5),
)
def test_values_between_both_sides_are_not_away(steps, reach):
    x = np.cumsum(np.abs(steps))  # ever farther: no value stands apart from both sides
    away = outside_neighbours(x, 10.0 * np.arange(len(x)), reach)
    assert len(away) == len(x)
    known = away[np.isfinite(away)]
    assert len(known) == max(len(x) - 4, 0)
    assert np.all(known == 0.0)


@given(
    st.lists(st.tuples(st.floats(-3e3, 3e3), st.floats(-3e3, 3e3)), min_size=1, max_size=90),
    st.lists(st.tuples(st.floats(-3e3, 3e3), st.floats(-3e3, 3e3)), min_size=1, max_size=20),
)
@settings(max_examples=50, deadline=None)
def test_nearest_vertices_are_those_of_a_full_search(line, points):
    line, points = np.array(line), np.array(points)
    every = np.hypot(*(points[:, None] - line).transpose(2, 0, 1))
    index, distance = nearest_vertices(line, points)
    assert distance == pytest.approx(every.min(axis=1), abs=1e-9)
    assert every[np.arange(len(points)), index] == pytest.approx(distance, abs=1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_shape_residuals_are_those_of_plain_medians(seed):
    rng = np.random.default_rng(seed)
    form, usual = rng.normal(0, 100, (30, 21)), rng.normal(0, 10, 21)
    form[rng.random(form.shape) < 0.1] = np.nan
    plain, mirrored_ = shape_residuals(form, usual, np.arange(30), 6)
    filled = np.where(np.isfinite(form), form, usual)
    for k in (0, 3, 15, 29):
        first = max(0, min(k - 6, 30 - 13))
        near = [j for j in range(first, first + 13) if j != k]
        middle = np.median(filled[near], axis=0)
        assert plain[k] == pytest.approx(np.nanstd(form[k] - middle))
        assert mirrored_[k] == pytest.approx(np.nanstd(form[k][::-1] - middle))
