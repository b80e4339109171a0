import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator
from tslearn.clustering import TimeSeriesKMeans

from termini.cluster import DTWKMeans, DTWKMedoids, DTWMiniBatchKMeans, dtw_distances
from termini.cluster.distance_blocks import Metric
from termini.cluster.medoids import k_medoids, medoid_labels, silhouettes
from termini.errors import InputError


def bumps(n=12, length=30, seed=0):
    """Two shapes whose timing differs within a group: early-up and late-down."""
    rng = np.random.default_rng(seed)
    time = np.arange(length)
    rows = []
    for row in range(n):
        centre, sign = (10 + rng.integers(-2, 3), 1) if row % 2 else (20 + rng.integers(-2, 3), -1)
        rows.append(sign * np.exp(-0.5 * ((time - centre) / 2.0) ** 2))
    return np.array(rows) + rng.normal(size=(n, length)) * 0.02


def dtw_reference(a, b, band):
    """Plain dynamic programming over all cells of the band."""
    n = len(a)
    cost = np.full((n + 1, n + 1), np.inf)
    cost[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            if band is None or abs(i - j) <= band:
                least = min(cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1])
                cost[i, j] = (a[i - 1] - b[j - 1]) ** 2 + least
    return np.sqrt(cost[n, n])


short = arrays(np.float64, (3, 7), elements=st.floats(-5, 5, width=32))


@settings(max_examples=8)
@given(short, st.sampled_from([0, 1, 3, None]))
def test_distance_is_that_of_plain_dynamic_programming(series, band):
    found = dtw_distances(series, band=band)
    expected = [[dtw_reference(a, b, band) for b in series] for a in series]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@settings(max_examples=15)
@given(short)
def test_a_wider_band_never_makes_two_series_more_different(series):
    narrow, wide, free = (dtw_distances(series, band=band) for band in (0, 2, None))
    assert (wide <= narrow + 1e-9).all()
    assert (free <= wide + 1e-9).all()


def test_clusters_are_those_of_tslearn():
    series = bumps()
    ours = DTWKMeans(2, band=4, n_init=2, random_state=3, compat="tslearn").fit(series)
    theirs = TimeSeriesKMeans(
        2,
        metric="dtw",
        metric_params={"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": 4},
        n_init=2,
        random_state=3,
    ).fit(series[:, :, None])
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_array_equal(ours.cluster_centers_, theirs.cluster_centers_)
    assert ours.inertia_ == theirs.inertia_
    assert ours.n_iter_ == theirs.n_iter_


def test_shapes_are_told_apart_whatever_their_timing():
    labels = DTWKMeans(2, band=6, random_state=0).fit_predict(bumps())
    assert len(set(labels[::2])) == 1
    assert len(set(labels[1::2])) == 1
    assert labels[0] != labels[1]


def test_predicts_the_labels_it_was_fitted_with_and_takes_three_dimensions():
    series = bumps()
    model = DTWKMeans(2, band=4, random_state=0).fit(series)
    np.testing.assert_array_equal(model.predict(series), model.labels_)
    other = DTWKMeans(2, band=4, random_state=0).fit(series[:, :, None])
    np.testing.assert_array_equal(other.labels_, model.labels_)
    two = np.stack([series, -series], axis=2)
    assert DTWKMeans(2, band=4, random_state=0).fit(two).cluster_centers_.shape == (2, 30, 2)
    with pytest.raises(InputError, match="2 channels"):
        model.predict(two)


def test_same_seed_same_centres():
    one, two = (DTWKMeans(3, random_state=5).fit(bumps()) for _ in range(2))
    assert one.cluster_centers_.tobytes() == two.cluster_centers_.tobytes()


def test_parameters_are_read_set_and_cloned():
    model = DTWKMeans(4, band=2, n_init=7, max_iter=9, tol=1e-3, random_state=1)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(n_clusters=2).n_clusters == 2
    with pytest.raises(NotFittedError):
        model.predict(bumps())


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gap_is_refused_and_the_series_named(bad):
    series = bumps()
    series[4, 3] = bad
    with pytest.raises(InputError, match=r"series 4 holds NaN.*fill the gaps"):
        DTWKMeans(2).fit(series)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_clusters": 13}, "ask for fewer"),
        ({"n_clusters": 0}, "at least 1"),
        ({"n_init": 0}, "n_init is 0"),
        ({"band": -1}, "band is -1"),
    ],
)
def test_senseless_parameters_are_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        DTWKMeans(**parameters).fit(bumps())


def test_more_clusters_than_different_series_are_refused():
    with pytest.raises(InputError, match="only 1 different series"):
        DTWKMeans(3, random_state=0).fit(np.zeros((6, 10)))


def test_keeps_the_conventions_of_scikit_learn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own warnings of skipped checks
        results = check_estimator(DTWKMeans(n_init=1, max_iter=5), on_fail=None)
    failed = [r["check_name"] for r in results if r["status"] == "failed"]
    assert failed == []


def test_silhouettes_are_those_of_scikit_learn():
    from sklearn.metrics import silhouette_samples

    distances = dtw_distances(bumps(), band=3)
    labels = np.array([0, 1] * 5 + [2, 0])
    expected = silhouette_samples(distances, labels, metric="precomputed")
    np.testing.assert_allclose(silhouettes(distances, labels), expected, atol=1e-12)
    assert np.isnan(silhouettes(distances, np.zeros(12, dtype=int))).all()


def test_medoids_are_members_of_their_groups():
    points = np.array([0.0, 0.1, 0.2, 5.0, 5.1, 5.2, 9.0])
    distances = np.abs(points[:, None] - points[None, :])
    assert sorted(k_medoids(distances, 3)) == [1, 4, 6]
    labels = medoid_labels(distances, 3)
    assert len(set(labels[:3])) == len(set(labels[3:6])) == 1
    assert sorted(k_medoids(distances, 7)) == list(range(7))


@pytest.mark.parametrize("params", [{}, {"sakoe_chiba_radius": 3}])
def test_labels_of_tslearn_are_found_again_from_the_same_start(params):
    series = np.random.default_rng(1).normal(size=(24, 25)).cumsum(axis=1)
    start = series[[0, 5, 9]][:, :, None]
    same = {"metric": "dtw", "metric_params": params, "init": start, "random_state": 0}
    theirs = TimeSeriesKMeans(3, **same).fit(series[:, :, None])
    ours = DTWKMeans(3, compat="tslearn", **same).fit(series)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_array_equal(ours.cluster_centers_, theirs.cluster_centers_)


def test_own_search_ends_at_an_inertia_no_larger_than_tslearns():
    series = np.random.default_rng(2).normal(size=(40, 30)).cumsum(axis=1)
    theirs = DTWKMeans(3, band=4, n_init=1, random_state=0, compat="tslearn").fit(series)
    own = DTWKMeans(3, band=4, n_init=5, random_state=0).fit(series)
    assert own.inertia_ <= -theirs.score(series)
    assert own.inertia_ == pytest.approx(-own.score(series), rel=1e-12)
    np.testing.assert_array_equal(own.labels_, own.predict(series))


def test_unequal_lengths_gaps_and_errors_are_clustered():
    series = bumps()
    cut = [row[: 30 - k % 3] for k, row in enumerate(series)]
    expected = np.arange(12) % 2
    for made, options, errors in (
        (cut, {}, None),
        (np.where(np.random.default_rng(0).random(series.shape) < 0.15, np.nan, series),
         {"missing_penalty": 0.05}, None),
        (series, {}, np.full(series.shape, 0.02)),
    ):  # fmt: skip
        model = DTWKMeans(2, random_state=0, **options).fit(made, errors=errors)
        labels = model.labels_ ^ model.labels_[0]
        np.testing.assert_array_equal(labels, expected)
        assert np.isfinite(model.cluster_centers_).all()


def test_a_wild_value_with_a_large_error_hardly_moves_the_centre():
    series = np.zeros((6, 10)) + np.arange(6)[:, None] * 0.01
    series[3, 4] = 50.0
    errors = np.full(series.shape, 0.1)
    errors[3, 4] = 50.0
    free = DTWKMeans(1, band=0).fit(series).cluster_centers_[0, 4, 0]
    held = DTWKMeans(1, band=0).fit(series, errors=errors).cluster_centers_[0, 4, 0]
    assert free > 8.0
    assert abs(held) < 0.1


def test_empty_clusters_are_mended():
    series = bumps()
    start = np.stack([series[0], series[1], np.full(30, 1e6)])
    model = DTWKMeans(3, init=start, random_state=0).fit(series)
    assert model.n_mended_ >= 1
    assert len(np.unique(model.labels_)) == 3


@pytest.mark.parametrize("kind", [DTWKMeans, DTWKMedoids])
def test_a_model_comes_back_from_its_file(kind, tmp_path):
    model = kind(2, band=4).fit(bumps())
    model.save(tmp_path / "model.npz")
    other = kind.load(tmp_path / "model.npz")
    assert other.get_params() == model.get_params()
    np.testing.assert_array_equal(other.transform(bumps(seed=1)), model.transform(bumps(seed=1)))
    (tmp_path / "no.npz").write_bytes(b"nothing")
    with pytest.raises(InputError, match="not a file of saved clusters"):
        kind.load(tmp_path / "no.npz")


def test_medoids_are_members_and_take_a_matrix_too():
    series = bumps()
    model = DTWKMedoids(2, band=4).fit(series)
    np.testing.assert_array_equal(model.cluster_centers_[:, :, 0], series[model.medoid_indices_])
    matrix = dtw_distances(series, band=4)
    other = DTWKMedoids(2, metric="precomputed").fit(matrix)
    np.testing.assert_array_equal(other.labels_, model.labels_)
    np.testing.assert_array_equal(model.predict(series), model.labels_)


def test_a_band_of_days_needs_dates():
    table = xr.DataArray(
        bumps(),
        dims=("glacier", "time"),
        coords={"time": np.datetime64("2020-01-01") + np.arange(30) * np.timedelta64(30, "D")},
    )
    by_days = DTWKMeans(2, band=np.timedelta64(120, "D"), random_state=0).fit(table)
    by_samples = DTWKMeans(2, band=4, random_state=0).fit(bumps())
    np.testing.assert_array_equal(by_days.cluster_centers_, by_samples.cluster_centers_)
    with pytest.raises(InputError, match="carry no dates"):
        DTWKMeans(2, band=np.timedelta64(120, "D")).fit(bumps())


@settings(max_examples=5)
@given(st.permutations(range(12)))
def test_the_order_of_the_series_does_not_matter(order):
    series, start = bumps(), bumps()[:2]
    one = DTWKMeans(2, band=4, init=start).fit(series)
    two = DTWKMeans(2, band=4, init=start).fit(series[order])
    np.testing.assert_array_equal(two.labels_, one.labels_[order])
    assert two.inertia_ == pytest.approx(one.inertia_, rel=1e-4)


def test_longer_steps_end_lower_than_published_ones_on_average():
    ends = []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        shapes = rng.normal(size=(4, 60)).cumsum(axis=1)
        series = shapes[rng.integers(4, size=60)] + rng.normal(size=(60, 60)).cumsum(axis=1) * 0.7
        same = {"n_clusters": 4, "max_iter": 10, "init": series[:4]}
        ends.append(
            DTWKMeans(**same).fit(series).inertia_
            / DTWKMeans(averaging="petitjean", max_iter_barycenter=5, **same).fit(series).inertia_
        )
    assert np.mean(ends) < 1.0


def test_series_near_a_border_are_moved_only_where_that_ends_lower():
    ends = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        series = rng.normal(size=(50, 40)).cumsum(axis=1)
        same = {"n_clusters": 4, "band": 4, "init": series[:4], "precision": "float64"}
        plain, moved = DTWKMeans(**same).fit(series), DTWKMeans(border=True, **same).fit(series)
        np.testing.assert_array_equal(moved.predict(series), moved.labels_)
        ends.append(moved.inertia_ / plain.inertia_)
    assert max(ends) <= 1.0
    assert min(ends) < 0.999


def test_under_squared_distance_a_series_at_the_border_is_moved_as_by_hartigan_and_wong():
    # the nearest centre of 4.9 is 0 (24 < 26), but moving it lowers the sum of squares
    values = np.array([-2.45, -2.45, 4.9, 10.0, 10.0, 10.0])
    series = np.repeat(values[:, None], 3, axis=1)
    start = series[[0, 3]] * 0.0 + np.array([[0.0], [10.0]])
    plain = DTWKMeans(2, band=0, init=start, precision="float64").fit(series)
    moved = DTWKMeans(2, band=0, init=start, precision="float64", border=True).fit(series)
    assert plain.labels_.tolist() == [0, 0, 0, 1, 1, 1]
    assert moved.labels_.tolist() == [0, 0, 1, 1, 1, 1]
    assert moved.inertia_ == pytest.approx((3 * 1.275**2 + 3.825**2) * 3 / 6)


def test_moving_series_is_refused_where_it_is_not_done():
    for other in ({"metric": "softdtw"}, {"compat": "tslearn"}):
        with pytest.raises(InputError, match="border is for"):
            DTWKMeans(2, border=True, **other).fit(bumps())


@pytest.mark.parametrize("kind", [DTWKMeans, DTWKMedoids, DTWMiniBatchKMeans])
def test_series_in_another_unit_are_refused(kind):
    table = xr.DataArray(bumps(), dims=("glacier", "time"), attrs={"units": "m"})
    model = kind(2).fit(table)
    assert model.units_in_ == "m"
    np.testing.assert_array_equal(model.predict(table), model.predict(bumps()))
    with pytest.raises(InputError, match="'km', what was fitted in 'm'; convert"):
        model.predict((table / 1000).assign_attrs(units="km"))
    with pytest.raises(InputError, match="b is in 'km', a in 'm'"):
        dtw_distances(table, table.assign_attrs(units="km"))
    with pytest.raises(InputError, match="errors of a is in 'km'"):
        dtw_distances(table, errors=xr.ones_like(table).assign_attrs(units="km"))


@pytest.mark.parametrize("kind", [DTWKMeans, DTWKMedoids, DTWMiniBatchKMeans])
def test_a_series_of_one_value_is_refused_by_name(kind):
    series = bumps()
    series[3, 1:] = np.nan
    with pytest.raises(InputError, match=r"series 3 holds fewer than 2 values .* leave it out"):
        kind(2).fit(series)
    names = [f"sim:{k}" for k in range(len(series))]
    table = xr.DataArray(series, dims=("glacier", "time"), coords={"glacier": names})
    with pytest.raises(InputError, match=r"series 3 \(sim:3\) holds fewer than 2 values"):
        kind(2).fit(table)
    assert dtw_distances(series[3:4], series[:1])[0, 0] >= 0.0


def test_all_cores_are_those_that_the_process_may_use(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 2, 5}, raising=False)
    assert Metric(n_jobs=-1).threads == 3
    assert Metric(n_jobs=-2).threads == 2
    assert Metric(n_jobs=4).threads == 4
