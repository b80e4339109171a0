"""Other methods of clustering, and what all of them say."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator
from types_made_up import euclid, groups

from termini.cluster import (
    DTWHDBSCAN,
    DTWAgglomerative,
    StateMixture,
    co_association,
    consensus,
    consensus_labels,
    dtw_distances,
    level_features,
)
from termini.errors import InputError


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
