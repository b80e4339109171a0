"""Nulls, the rule for the number of types, stability and probabilities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from types_made_up import euclid, groups

from termini.cluster import (
    Rule,
    choose_k,
    cycle_null,
    membership_probabilities,
    phase_randomised_null,
    same_covariance_null,
)
from termini.cluster.membership import cyclic_noise, lasting_noise
from termini.cluster.stability import bootstrap_stability, matched, period_stability


def test_phase_null_keeps_each_spectrum_and_the_mean():
    series, _ = groups()
    series = series - series.mean(axis=0)
    found = phase_randomised_null(series, np.random.default_rng(0))
    doubled = [np.concatenate([x, x[:, ::-1]], axis=1) for x in (series, found)]
    assert found.shape == series.shape
    # the mirror image of a surrogate is another surrogate's: energy over both is kept
    mean_energy = [np.mean(np.square(x)) for x in doubled]
    assert mean_energy[1] == pytest.approx(mean_energy[0], rel=0.5)
    draws = [phase_randomised_null(series, np.random.default_rng(k)) for k in range(200)]
    assert np.mean(np.square(draws)) == pytest.approx(np.mean(np.square(series)), rel=0.05)
    assert np.abs(np.mean(draws, axis=0)).max() < 0.6


def test_covariance_null_has_the_covariance_of_the_data():
    series, _ = groups(each=40)
    drawn = np.concatenate(
        [same_covariance_null(series, np.random.default_rng(k)) for k in range(60)]
    )
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(series.T), atol=0.25)
    np.testing.assert_allclose(drawn.mean(axis=0), series.mean(axis=0), atol=0.1)


def ring(seed=0, n=60):
    """Cycles of one population: sizes and dates scatter about one middle."""
    rng = np.random.default_rng(seed)
    at = 2 * np.pi * (np.arange(12) - rng.normal(4.0, 1.2, (n, 1))) / 12
    return rng.normal(1.0, 0.2, (n, 1)) * (np.cos(at) + 0.3 * np.cos(2 * at))


def test_cycle_null_keeps_sizes_dates_and_shape_of_one_population():
    series = ring()
    found = np.concatenate([cycle_null(series, np.random.default_rng(k)) for k in range(20)])
    waves, drawn = (np.fft.rfft(x, axis=1) for x in (series, found))
    assert np.abs(drawn[:, 1]).mean() == pytest.approx(np.abs(waves[:, 1]).mean(), rel=0.05)
    assert np.abs(drawn[:, 1]).std() == pytest.approx(np.abs(waves[:, 1]).std(), rel=0.2)
    assert np.angle(drawn[:, 1]).std() == pytest.approx(np.angle(waves[:, 1]).std(), rel=0.15)
    # the second wave stands to the first as it does in the data, whatever the date
    beside = drawn[:, 2] * np.exp(-2j * np.angle(drawn[:, 1]))
    assert np.abs(np.angle(beside)).max() < 0.2
    assert np.isfinite(cycle_null(np.zeros((5, 12)), np.random.default_rng(0))).all()


def test_one_population_of_cycles_is_one_type_and_three_are_three():
    alone = choose_k(ring(n=24), euclid, n_null=40, periodic=True)
    assert alone.chosen == 1
    assert np.isfinite(alone.cycle_upper).all()
    truth = np.repeat([0, 4, 8], 8)
    at = 2 * np.pi * (np.arange(12) - truth[:, None]) / 12
    noise = np.random.default_rng(0).normal(size=(24, 12)) * 0.05
    groups_of_cycles = choose_k(np.cos(at) + noise, euclid, n_null=40, periodic=True)
    assert groups_of_cycles.chosen == 3
    assert np.isnan(choose_k(groups()[0], euclid, n_null=5).cycle_p).all()


def test_all_curves_are_there_and_the_gap_is_largest_at_the_planted_number():
    series, _ = groups()
    choice = choose_k(series, euclid, n_null=30, without=[np.delete(series, 9, axis=1)])
    assert choice.chosen == 3
    assert choice.k[choice.gap.argmax()] == 3
    assert choice.bootstrap[choice.k == 3] > 0.99
    assert choice.period[choice.k == 3] == 1.0
    assert choice.phase_p[choice.k == 3] < 0.05
    assert choice.smallest[choice.k == 3] == 8
    assert np.isnan(choose_k(series, euclid, n_null=5).period).all()


def test_a_number_with_a_type_of_one_is_not_believed():
    series, _ = groups()
    series = np.concatenate([series, 12.0 * np.eye(1, 10, 8)])
    assert choose_k(series, euclid, n_null=30).chosen == 3
    alone = choose_k(series, euclid, n_null=30, rule=Rule(members=1))
    assert alone.chosen == 4


def test_of_equally_clear_numbers_the_largest_is_taken():
    rng = np.random.default_rng(1)
    place = np.repeat([0.0, 2.2, 20.0, 22.2], 8)[:, None] * np.eye(1, 6)
    series = place * 3.0 + rng.normal(size=(32, 6)) * 0.15
    choice = choose_k(series, euclid, n_null=30)
    assert 2 in choice.candidates
    assert choice.chosen == 4
    assert choose_k(series, euclid, n_null=30, rule=Rule(near=1.0)).chosen == 2


@given(st.permutations(range(4)))
@settings(max_examples=10)
def test_clusters_are_matched_whatever_their_numbers(order):
    reference = np.repeat(np.arange(4), 5)
    renamed = np.array(order)[reference]
    np.testing.assert_array_equal(matched(reference, renamed)[renamed], reference)


def test_stability_of_clear_groups_is_one_and_of_noise_is_not():
    series, _ = groups()
    noise = np.random.default_rng(0).normal(size=(24, 10))
    rng = np.random.default_rng(0)
    assert bootstrap_stability(euclid(series), 3, rng) > 0.99
    assert bootstrap_stability(euclid(noise), 3, rng) < 0.7
    assert np.isnan(period_stability(euclid(series), [], 3))


def test_probabilities_sum_to_one_and_follow_the_errors():
    centres = np.array([[0.0, 0.0], [1.0, 1.0]])
    rng = np.random.default_rng(0)
    places = np.array([[0.0, 0.0], [0.45, 0.45], [1.0, 1.0]])
    small = places + 0.01 * rng.normal(size=(400, 3, 2))
    large = places + 0.3 * rng.normal(size=(400, 3, 2))
    sure = membership_probabilities(small, centres, euclid)
    unsure = membership_probabilities(large, centres, euclid)
    np.testing.assert_allclose(sure.sum(axis=1), 1.0)
    assert sure[0, 0] > 0.99
    assert sure[1, 0] > 0.99
    assert 0.5 < unsure[1, 0] < 0.7
    assert unsure[0, 0] > unsure[1, 0]


def test_noise_has_the_stated_size_and_memory():
    rng = np.random.default_rng(0)
    lasting = lasting_noise(np.full((2, 20), 30.0), 0.8, 4000, rng)
    np.testing.assert_allclose(lasting.std(axis=0), 30.0, rtol=0.06)
    assert np.corrcoef(lasting[:, 0, 5], lasting[:, 0, 6])[0, 1] == pytest.approx(0.8, abs=0.03)
    cyclic = cyclic_noise(np.full((2, 12), 10.0), 4000, rng)
    np.testing.assert_allclose(cyclic.std(axis=0), 10.0, rtol=0.06)
    np.testing.assert_allclose(cyclic.mean(axis=2), 0.0, atol=1e-9)
