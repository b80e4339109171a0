"""Which fronts are tried together, and what is made of how they do."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.series.filling import TRIED_GAPS, TRIED_SHARES, Partial, Trial
from termini.series.filling_model import NODES, Known
from termini.series.filling_trial import _BOTH, _Cut, _gaps_tried, _judged, _partial, _turns


@given(
    st.lists(st.integers(0, 9000), min_size=2, max_size=80),
    st.integers(1, 7),
    st.sampled_from([15.0, 182.0]),
)
def test_each_front_is_tried_once_by_a_model_without_its_neighbours(days, step, gap):
    days = np.sort(np.array(days, dtype=float))
    tried = np.arange(0, len(days), step)
    seen = []
    for some, far in _turns(days, tried, gap):
        seen.extend(some)
        assert not far[some].any()
        near = (np.abs(days - days[some][:, None]) <= gap).any(axis=0)
        # where that leaves next to nothing the fronts themselves are left out only
        if (~near).sum() >= min(5, len(days) - 1):
            assert np.array_equal(far, ~near)
    assert sorted(seen) == list(tried)


def test_fronts_of_one_season_are_tried_together():
    # ten a year: half a year about each is a tenth of a record of ten years
    days = np.arange(0.0, 3650, 36.5)
    turns = list(_turns(days, np.arange(0, 100, 2), 182.0))
    assert len(turns) < 25
    assert min(far.mean() for _, far in turns) > 0.75


def test_of_a_long_record_no_year_is_lost_to_the_model():
    days = np.arange(0.0, 40 * 365, 30)
    for _, far in _turns(days, np.arange(0, len(days), 8), 182.0):
        assert far.mean() > 0.8


@pytest.mark.parametrize("true", [0.5, 1.0, 2.0])
def test_stated_errors_are_stretched_to_the_mean_square(true):
    rng = np.random.default_rng(4)
    sigma = rng.uniform(5, 15, 4000)
    # a few fronts that are far off count in full
    added = rng.normal(0, 50, 4000)
    constant = -added + true * sigma * rng.standard_t(5, 4000) / np.sqrt(5 / 3)
    belief, stretch = _judged(constant, added, sigma, np.arange(len(added)))
    assert belief == pytest.approx(1, abs=0.02)
    assert stretch == pytest.approx(true, rel=0.1)


def test_a_model_that_does_not_help_is_not_believed():
    rng = np.random.default_rng(5)
    constant, added, sigma = rng.normal(0, 10, 500), rng.normal(0, 10, 500), np.full(500, 10.0)
    assert _judged(constant, added, sigma, np.arange(len(added)))[0] < 0.15
    # few fronts do not say so
    assert _judged(constant[:2], added[:2], sigma[:2], np.arange(2))[0] > 0.5


def test_a_front_is_judged_as_the_others_would_have_it():
    # one front in twenty is far off, and its correction the wrong way
    constant, added, sigma = np.full(20, 10.0), np.full(20, -10.0), np.full(20, 2.0)
    constant[7], added[7] = -300.0, -30.0
    belief, stretch = _judged(constant, added, sigma, np.arange(20))
    # what the other nineteen would make of it, cut to their usual, and what that errs
    others = (300 + 25.0) ** 2 - 10.0**2
    assert stretch**2 == pytest.approx((others / 80 + 0.5 * 1.1) / 1.5, rel=0.02)
    alone = _judged(constant, added, sigma, np.zeros(20, dtype=int))
    assert belief == alone[0]
    assert stretch > alone[1]


def test_the_stretch_between_two_gaps_is_told_by_the_gaps_that_were_tried():
    trial = replace(Trial.untried(np.array([1.0, 3.0])), gaps=np.array([40.0, 190.0]))
    missing = np.tile([[0.2], [0.0]], 4)
    stretch = trial.at(missing, np.array([0.0, 40.0, np.sqrt(40 * 190.0), np.inf]))[1]
    assert np.allclose(stretch, [1, 1, 2, 3])
    # annual fronts: the two trials are of one gap
    trial = replace(trial, gaps=np.array([360.0, 361.0]))
    assert trial.at(missing, np.full(4, 360.5))[1] == pytest.approx([2] * 4, abs=0.1)


def test_gaps_tried_are_those_to_the_nearest_front_left():
    days = np.array([0.0, 20.0, 60.0, 400.0])
    found = _gaps_tried(days, np.arange(4))
    assert found[0] == pytest.approx((20 * 20 * 40 * 340) ** 0.25)
    assert found[1] == pytest.approx((400 * 380 * 340 * 340) ** 0.25)
    assert np.array_equal(_gaps_tried(days[:1], np.arange(1)), TRIED_GAPS)


def test_some_of_the_fronts_keep_their_holes():
    ones = np.zeros((4, 41))
    ends = np.zeros((4, 2))
    hole = (0.2, 0.4, np.zeros((2, 2)))
    fronts = Partial(
        ones, np.zeros(4), np.ones(4), ends, ends, {1: [hole], 3: [hole]}, np.arange(4.0)
    )
    some = fronts.take(np.array([3, 0]))
    assert list(some.holes) == [0]
    assert list(some.days) == [3, 0]
    assert not some.seen()[0].all()
    assert some.seen()[1].all()


def test_cuts_at_both_ends_are_of_the_share_meant_and_mirrored():
    for share, ways in zip(TRIED_SHARES, _BOTH, strict=True):
        for pairs in ways:
            assert {round(sum(pair), 9) for pair in pairs} == {share}
            assert set(pairs) == {pair[::-1] for pair in pairs}
            assert all(missing in NODES for pair in pairs for missing in pair)


@pytest.mark.parametrize("low", [0.0, 0.1, 0.0625])
def test_a_cut_front_lies_beyond_its_end_where_it_ends(low):
    shapes = np.linspace(5000.0, 5400.0, 41)[None]
    ends = np.zeros((1, 2, len(NODES)))
    ends[0, 0] = 7000 + NODES
    whole = SimpleNamespace(
        known=Known(np.zeros(1), shapes, np.zeros((1, 2, len(NODES)))),
        cuts=np.zeros((1, 2, len(NODES), 2)),
        ends=ends,
    )
    zero = np.zeros(1, dtype=np.int64)
    cut = _Cut(zero, zero, zero, np.array([low]), np.ones(1), np.zeros(1))
    part = _partial(whole, cut)
    seen = part.seen()[0]
    # the position at the place of the cut knows of what is cut off
    assert seen.sum() == {0.0: 41, 0.1: 36, 0.0625: 38}[low]
    assert np.array_equal(part.along[0, seen], shapes[0, seen])
    assert (part.along[0, ~seen] == 7000 + low).all()
