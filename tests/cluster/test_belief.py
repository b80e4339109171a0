"""Nulls, rule, probabilities, stability, and other methods."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator
from types_made_up import dataset, planted

from termini.cluster import (
    DTWHDBSCAN,
    DTWAgglomerative,
    Rule,
    StateMixture,
    TypeSettings,
    choose_k,
    co_association,
    consensus,
    consensus_labels,
    cycle_null,
    dtw_distances,
    glacier_types,
    left_out,
    level_features,
    membership_probabilities,
    phase_randomised_null,
    same_covariance_null,
    years_as_glaciers,
)
from termini.cluster.interannual import interannual_features
from termini.cluster.membership import cyclic_noise, lasting_noise
from termini.cluster.seasonal import STEP_SHARE, seasonal_change, seasonal_features, step_error
from termini.cluster.stability import bootstrap_stability, matched, period_stability
from termini.errors import InputError
from termini.times import month_index


def groups(seed=0, each=8, apart=4.0):
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2], each)
    return np.eye(3, 10)[truth] * apart + rng.normal(size=(3 * each, 10)) * 0.3, truth


def euclid(series, others=None):
    return dtw_distances(series, others, band=0)


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


def test_a_step_within_one_year_is_part_of_the_error_of_the_season():
    time = month_index("2013-01-01", "2020-12-31")
    step = np.where(np.arange(len(time)) < 40, 0.0, -3200.0)
    steady = -np.linspace(0, 3200.0, len(time))
    series = dataset(np.array([step, steady]), np.zeros((2, 12)), time)
    np.testing.assert_allclose(step_error(series), [STEP_SHARE * 400.0, 0.0], atol=1e-6)
    assert step_error(series.isel(time=slice(0, 30))).tolist() == [0.0, 0.0]
    assert step_error(series.drop_vars("length_interannual")).tolist() == [0.0, 0.0]


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


@pytest.mark.parametrize(
    "model", [DTWAgglomerative(3, band=0), DTWHDBSCAN(4, band=0), StateMixture(3, random_state=0)]
)
def test_other_methods_find_clear_groups(model):
    series, truth = groups()
    assert adjusted_rand_score(truth, model.fit_predict(series)) == 1.0


@pytest.mark.parametrize("kind", [DTWAgglomerative, DTWHDBSCAN])
def test_distances_may_be_given_instead_of_series(kind):
    series, _ = groups()
    ours = kind(band=2).fit_predict(series)
    np.testing.assert_array_equal(
        kind(metric="precomputed").fit_predict(dtw_distances(series, band=2)), ours
    )
    with pytest.raises(InputError, match="square matrix"):
        kind(metric="precomputed").fit(series)
    with pytest.raises(InputError, match="choose one of"):
        kind(metric="cosine").fit(series)
    series[3, 2] = np.nan
    with pytest.raises(InputError, match="series 3 holds NaN"):
        kind(band=2).fit(series)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (DTWAgglomerative(99), "ask for at least one cluster"),
        (DTWAgglomerative(2, linkage="ward"), "choose 'average'"),
        (DTWHDBSCAN(1), "at least 2 members"),
        (StateMixture(99), "ask for at least one population"),
    ],
)
def test_senseless_parameters_are_refused(model, message):
    with pytest.raises(InputError, match=message):
        model.fit(groups()[0])


@pytest.mark.parametrize("model", [DTWAgglomerative(), DTWHDBSCAN(), StateMixture()])
def test_keeps_the_conventions_of_scikit_learn(model):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own warnings of skipped checks
        results = check_estimator(model, on_fail=None)
    failed = [r["check_name"] for r in results if r["status"] == "failed"]
    assert failed == []


def test_what_is_always_together_is_one_cluster():
    labels = np.array([[0, 0, 1, 1, -1], [1, 1, 0, 0, 0], [0, 0, 0, 1, -1]])
    together = co_association(labels)
    assert together[0, 1] == 1.0
    assert together[2, 3] == pytest.approx(2 / 3)
    assert together[3, 4] == pytest.approx(1 / 3)
    np.testing.assert_array_equal(np.diag(together), 1.0)
    found = consensus_labels(together, 2)
    assert found[0] == found[1] != found[3]


def test_methods_agree_on_clear_groups_and_the_consensus_keeps_their_numbers():
    series, truth = groups()
    found = consensus(euclid(series), level_features(series), truth)
    np.testing.assert_array_equal(found.consensus, truth)
    assert found.agreement[found.methods.index("average linkage")] == 1.0
    assert found.share.min() >= 0.6


def test_types_say_how_probable_they_are_and_which_come_together():
    series, _ = planted(7)
    types = glacier_types(series, TypeSettings(n_null=20, draws=50))
    for scale in ("interannual", "seasonal"):
        chance = types[f"{scale}_probability"].values
        np.testing.assert_allclose(chance.sum(axis=1), 1.0)
        agreed = types[f"{scale}_consensus"].values == types[f"{scale}_type"].values
        assert agreed.mean() > 0.9
        assert types[f"{scale}_method_agreement"].values[0] > 0.8
    pairs = {
        (int(a), int(b))
        for a, b in zip(
            types["interannual_type"].values, types["seasonal_type"].values, strict=True
        )
    }
    assert types.sizes["joint_cluster"] == len(pairs)
    assert int(types["joint_members"].sum()) == types.sizes["glacier"]
    assert left_out(types).empty


def test_years_of_one_glacier_take_the_place_of_glaciers():
    series, kinds = planted(1)
    row = int(np.flatnonzero(kinds == "runoff")[0])
    name = str(series["glacier_id"].values[row])
    shape = series["length_change"].shape
    series["length_change_se"] = (("glacier", "time"), np.full(shape, 15.0))
    series["observed"] = (("glacier", "time"), np.ones(shape, dtype=np.int8))
    series["observed"][row, :6] = 0
    years = years_as_glaciers(series, name)
    assert years.sizes["glacier"] == 7
    assert years.attrs["years_left_out"] == [2013]
    assert str(years["glacier_id"].values[0]) == f"{name}:2014"
    for cycle in years["seasonal_cycle"].values:
        np.testing.assert_allclose(cycle, series["seasonal_cycle"].values[row], atol=1e-9)
    types = glacier_types(years, TypeSettings(n_null=10, draws=10))
    assert (types["interannual_type"] == -1).all()
    assert len(np.unique(types["seasonal_type"].values)) == 1
    with pytest.raises(InputError, match="known are test:1"):
        years_as_glaciers(series, "test:99")
    with pytest.raises(InputError, match="smaller least_months"):
        years_as_glaciers(series, name, least_months=13)


def test_what_is_left_out_is_listed_with_the_reason():
    series, _ = planted(3)
    series["length_interannual"][1, 40:] = np.nan
    series["seasonal_cycle"][2] = np.nan
    table = left_out(glacier_types(series, TypeSettings(n_null=5, draws=5)))
    assert table.to_numpy().tolist() == [
        ["test:2", "interannual", "record_too_short"],
        ["test:3", "seasonal", "no_seasonal_cycle"],
    ]


def test_errors_move_the_features_but_not_the_values():
    series, _ = planted(2)
    one = interannual_features(series, draws=20)
    series["length_interannual_se"][:] = 0.0
    exact = interannual_features(series, draws=20)
    np.testing.assert_array_equal(one.scaled, exact.scaled)
    np.testing.assert_allclose(exact.moved, np.broadcast_to(exact.scaled, exact.moved.shape))
    assert np.abs(one.moved - one.scaled).max() > 0.01


def test_a_season_that_grows_shows_in_its_change():
    time = month_index("2013-01-01", "2020-12-31")
    wave = np.cos(2 * np.pi * (np.asarray(time.month) - 4) / 12)
    late = np.arange(len(time)) >= len(time) // 2
    series = dataset(np.zeros((2, len(time))), np.zeros((2, 12)), time)
    series["length_seasonal"] = (
        ("glacier", "time"),
        np.array([100 * wave, np.where(late, 150, 50) * wave]),
    )
    change, error = seasonal_change(series)
    np.testing.assert_allclose(change, [0.0, 200.0], atol=1e-9)
    np.testing.assert_allclose(error, 40.0)
    assert len(seasonal_features(series).without) == 4
    assert np.isnan(seasonal_change(series.drop_vars("length_seasonal"))[0]).all()
