import numpy as np
import pytest
from dtw_reference import cell_costs, soft
from scipy.optimize import check_grad
from tslearn.metrics import cdist_soft_dtw

from termini.cluster import DTWKMeans, dtw_barycentre, dtw_distances, soft_dtw_distances
from termini.cluster.distance_window import Window
from termini.cluster.softdtw import soft_dtw
from termini.errors import InputError


def walks(n, length, seed=0, channels=1):
    return np.random.default_rng(seed).normal(size=(n, length, channels)).cumsum(axis=1)


@pytest.mark.parametrize("gamma", [0.1, 1.0, 20.0])
def test_values_are_those_of_the_definition_and_of_tslearn(gamma):
    series = walks(4, 12, channels=2)
    found = soft_dtw_distances(series, gamma=gamma)
    np.testing.assert_allclose(found, cdist_soft_dtw(series, gamma=gamma), rtol=1e-9)
    expected = soft(cell_costs(series[0], series[1]), gamma)
    assert found[0, 1] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("window", [Window(), Window(radius=2)])
def test_the_gradient_is_that_of_the_value(window):
    x, y = walks(2, 9, 1, 2)

    def value(flat):
        return soft_dtw(flat.reshape(x.shape), y, gamma=0.7, window=window)[0]

    def gradient(flat):
        at = flat.reshape(x.shape)
        return soft_dtw(at, y, gamma=0.7, window=window, gradient=True)[1].ravel()

    assert check_grad(value, gradient, x.ravel()) < 1e-4


def test_little_smoothing_gives_squared_dtw():
    series = walks(3, 15, 2)
    sharp = soft_dtw_distances(series, gamma=1e-4, band=3)
    np.testing.assert_allclose(sharp, dtw_distances(series, band=3) ** 2, atol=1e-2)
    with pytest.raises(InputError, match="must be positive"):
        soft_dtw_distances(series, gamma=0.0)


@pytest.mark.parametrize("method", ["dba", "subgradient", "softdtw"])
def test_barycentres_lie_nearer_than_any_member(method):
    time = np.arange(30)
    shifts = np.random.default_rng(3).integers(-3, 4, 12)
    series = np.array([np.exp(-0.5 * ((time - 15 - s) / 3.0) ** 2) for s in shifts])
    series += np.random.default_rng(4).normal(size=series.shape) * 0.05
    centre = dtw_barycentre(series, method=method, gamma=0.01)
    members = (dtw_distances(series) ** 2).sum(axis=0).min()
    assert (dtw_distances(series, [centre[:, 0]]) ** 2).sum() < members


def test_an_average_is_the_mean_where_nothing_may_warp():
    series = walks(9, 14, 5)
    centre = dtw_barycentre(series, band=0, weights=np.arange(9))
    np.testing.assert_allclose(centre, np.average(series, axis=0, weights=np.arange(9)))


def test_soft_k_means_tells_shapes_apart():
    time = np.linspace(0, 1, 20)
    rng = np.random.default_rng(6)
    shapes = np.array([np.sin(2 * np.pi * time), -np.sin(2 * np.pi * time)])
    series = shapes[np.arange(10) % 2] + rng.normal(size=(10, 20)) * 0.1
    model = DTWKMeans(2, metric="softdtw", metric_params={"gamma": 0.1}, n_init=2, random_state=0)
    labels = model.fit_predict(series)
    assert len(set(labels[::2])) == len(set(labels[1::2])) == 1
    assert labels[0] != labels[1]
    np.testing.assert_array_equal(model.predict(series), labels)
    assert model.score(series) == pytest.approx(-model.inertia_)
