"""What is not seen of a front, filled from the glacier's own shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.errors import InputError
from termini.series.shapes import PLACES, ShapeModel

WIDTH = 4000.0


def fronts(number, seed=0, scatter=60.0):
    """Fronts about an arch that come and go and bend slowly across the fjord."""
    rng = np.random.default_rng(seed)
    waves = np.array([np.cos(np.pi * k * PLACES) / k for k in range(1, 12)])
    level = rng.normal(5000, 400, number)
    return (
        level[:, None]
        + 300 * np.sin(np.pi * PLACES)
        + scatter * rng.normal(size=(number, 11)) @ waves
    )


def held(front, seen):
    """Ends at constant position."""
    inside = np.flatnonzero(seen)
    return front[np.clip(np.arange(41), inside[0], inside[-1])]


def missing(model, front, seen, **given):
    """What filling is off by, and its standard error."""
    filled = model.fill(seen, np.where(seen, front, np.nan), **given)
    truth = np.trapezoid(front - held(front, seen), PLACES)
    return filled.correction - truth, filled.sigma


MODEL = ShapeModel.fit(fronts(60), width=WIDTH)
SEEN = PLACES >= 0.3


def test_a_front_seen_wholly_needs_nothing():
    correction, sigma, course = MODEL.fill(np.ones(41, bool), fronts(1, 5)[0])
    assert correction == pytest.approx(0, abs=1e-9)
    assert sigma < 2
    assert course == pytest.approx(fronts(1, 5)[0], abs=20)


def test_filling_beats_ends_at_constant_position_and_states_its_error():
    errors = [missing(MODEL, front, SEEN) for front in fronts(300, 1)]
    off, sigma = np.array(errors).T
    constant = [np.trapezoid(front - held(front, SEEN), PLACES) for front in fronts(300, 1)]
    assert np.sqrt(np.mean(off**2)) < 0.5 * np.sqrt(np.mean(np.square(constant)))
    assert 0.6 < np.mean(sigma**2) / np.mean(off**2) < 1.6


@given(st.floats(-5e4, 5e4))
def test_moving_all_fronts_moves_only_the_course(step):
    front = fronts(1, 7)[0]
    here = MODEL.fill(SEEN, front)
    moved = ShapeModel.fit(fronts(60) + step, width=WIDTH).fill(SEEN, front + step)
    assert moved.correction == pytest.approx(here.correction, abs=1e-4)
    assert moved.sigma == pytest.approx(here.sigma, rel=1e-6)
    assert moved.course - step == pytest.approx(here.course, abs=1e-3)


@given(st.integers(0, 39), st.integers(1, 40))
def test_reflected_fronts_fill_alike(first, number):
    seen = np.zeros(41, bool)
    seen[first : first + number] = True
    front = fronts(1, 3)[0]
    mirrored = ShapeModel.fit(fronts(60)[:, ::-1], width=WIDTH)
    one = MODEL.fill(seen, np.where(seen, front, np.nan))
    two = mirrored.fill(seen[::-1], np.where(seen, front, np.nan)[::-1])
    assert two.correction == pytest.approx(one.correction, abs=1e-5)
    assert two.sigma == pytest.approx(one.sigma, rel=1e-6)


@given(st.permutations(range(12)))
def test_order_of_fronts_does_not_matter_when_they_are_dated(order):
    rows, days = fronts(12), 400.0 * np.arange(12)
    one = ShapeModel.fit(rows, width=WIDTH, days=days)
    two = ShapeModel.fit(rows[order], width=WIDTH, days=days[order])
    assert two.covariance == pytest.approx(one.covariance)
    assert two.stretch == pytest.approx(one.stretch)


@given(st.integers(2, 30))
def test_the_less_is_seen_the_larger_the_error(first):
    front = fronts(1, 9)[0]
    less, more = np.arange(41) >= first, np.arange(41) >= first - 1
    assert MODEL.fill(less, front).sigma >= MODEL.fill(more, front).sigma * 0.95


@given(st.floats(0.201, 0.2999))
def test_an_end_between_two_places_is_used(end):
    # the nearer the true end comes to the wall, the less is left to fill
    front = fronts(1, 11)[0]
    seen = end <= PLACES
    height = float(np.interp(end, PLACES, front))
    drawn = np.where(seen, front, height)
    filled = MODEL.fill(seen, drawn, ends=(end, 1.0), heights=(height, float(front[-1])))
    coarse = MODEL.fill(seen, np.where(seen, front, np.nan))
    assert filled.sigma <= coarse.sigma * 1.001
    assert MODEL.fill(seen, drawn, ends=(end, 1.0)).correction == pytest.approx(filled.correction)


def test_a_hole_between_pieces_is_filled_about_a_straight_line():
    seen = (PLACES < 0.4) | (PLACES > 0.7)
    front = fronts(1, 13)[0]
    filled = MODEL.fill(seen, np.where(seen, front, np.nan))
    straight = np.interp(PLACES, PLACES[seen], front[seen])
    truth = np.trapezoid(front - straight, PLACES)
    assert filled.correction == pytest.approx(truth, abs=4 * filled.sigma + 1)
    assert filled.sigma < MODEL.fill(PLACES > 0.3, front).sigma


def test_without_fronts_the_error_is_large_and_shrinks_with_each():
    front = fronts(1, 15)[0]
    sigmas = [
        ShapeModel.fit(fronts(60)[:n], width=WIDTH).fill(SEEN, front).sigma for n in (0, 3, 20, 60)
    ]
    assert sigmas == sorted(sigmas, reverse=True)
    assert 20 < sigmas[0] < 400
    assert ShapeModel.fit([]).number == 0


def test_nothing_seen_gives_nothing():
    correction, sigma, _ = MODEL.fill(np.zeros(41, bool), np.full(41, np.nan))
    assert np.isnan([correction, sigma]).all()


def test_many_at_once_are_as_one_by_one():
    rows = fronts(20, 17)
    seen = np.random.default_rng(1).integers(1, 20, 20)[:, None] <= np.arange(41)
    along = np.where(seen, rows, np.nan)
    correction, sigma, _ = MODEL.course_many(seen, along)
    for turn in range(20):
        one = MODEL.fill(seen[turn], along[turn])
        assert (one.correction, one.sigma) == pytest.approx((correction[turn], sigma[turn]))


def test_shapes_of_another_length_are_refused_and_gaps_left_out():
    with pytest.raises(InputError, match="41 places"):
        ShapeModel.fit(np.zeros((3, 40)))
    rows = fronts(10)
    rows[3, 7] = np.nan
    assert ShapeModel.fit(rows).number == 9
