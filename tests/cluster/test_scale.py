"""Many series: matrices on disk in bounded memory, resumed; mini-batches."""

import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator

from termini.cluster import (
    DTWKMeans,
    DTWKMedoids,
    DTWMiniBatchKMeans,
    dtw_distances,
    dtw_distances_on_disk,
)
from termini.cluster import medoids as medoids_module
from termini.cluster.blockwise import tile_side
from termini.cluster.blockwise_files import MatrixFile
from termini.errors import InputError


def walks(n=70, length=20, seed=0):
    return np.random.default_rng(seed).normal(size=(n, length)).cumsum(axis=1)


def shapes(n=900, length=24, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=n)
    middle = np.random.default_rng(9).normal(size=(3, length)).cumsum(axis=1) * 2.0
    return middle[truth] + rng.normal(size=(n, length)) * 0.3, truth


@pytest.mark.parametrize("pool", [None, ThreadPoolExecutor])
def test_the_matrix_on_disk_is_that_in_memory_bit_for_bit(pool, tmp_path):
    series = walks()
    executor = None if pool is None else pool(2)
    steps = []
    found = dtw_distances_on_disk(
        series, tmp_path / "d.npy", band=4, precision="float64", memory_mb=0.3 if pool else 0.12,
        executor=executor, progress=lambda done, all_: steps.append((done, all_)),
    )  # fmt: skip
    assert isinstance(found, np.memmap)
    assert len(steps) > 3
    assert steps[-1][0] == steps[-1][1] == len(steps)
    np.testing.assert_array_equal(found, dtw_distances(series, band=4))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.npy", "d.npy.json"]
    if executor is not None:
        executor.shutdown()


def test_tiles_are_computed_in_other_processes_too(tmp_path):
    series = walks(40)
    with ProcessPoolExecutor(1) as executor:
        found = dtw_distances_on_disk(series, tmp_path / "d.npy", memory_mb=0.3, executor=executor)
    np.testing.assert_allclose(found, dtw_distances(series), rtol=1e-5, atol=1e-5)


class KilledError(Exception):
    """Stands for the kill of a process."""


@settings(max_examples=6, deadline=None)
@given(stop=st.integers(1, 8))
def test_a_killed_matrix_goes_on_where_it_was(stop, tmp_path_factory):
    series, path = walks(), tmp_path_factory.mktemp("killed") / "d.npy"
    how = {"band": 4, "memory_mb": 0.1}

    def kill(done, _):
        if done == stop:
            raise KilledError

    with pytest.raises(KilledError):
        dtw_distances_on_disk(series, path, progress=kill, **how)
    assert not path.exists()
    with open(path.with_name("d.npy.tiles"), "a") as journal:
        journal.write("7")  # a line that was cut off is no tile
    seen = []
    # another memory does not change the tiles of a matrix that was begun
    dtw_distances_on_disk(series, path, band=4, memory_mb=5.0, progress=lambda *at: seen.append(at))
    assert seen[0][0] == stop + 1
    whole = path.with_name("whole.npy")
    dtw_distances_on_disk(series, whole, **how)
    assert path.read_bytes() == whole.read_bytes()


def test_a_finished_matrix_is_not_computed_again_and_another_is_not_overwritten(tmp_path):
    series, path = walks(), tmp_path / "d.npy"
    first = dtw_distances_on_disk(series, path, band=4)
    calls = []
    again = dtw_distances_on_disk(series, path, band=4, progress=lambda *at: calls.append(at))
    assert calls == []
    np.testing.assert_array_equal(first, again)
    with pytest.raises(InputError, match="other series or settings; remove it"):
        dtw_distances_on_disk(series, path, band=5)
    with pytest.raises(InputError, match="other series or settings; remove it"):
        dtw_distances_on_disk(series + 1.0, path, band=4)


def test_series_may_be_a_file_of_unequal_lengths_with_gaps(tmp_path):
    series = walks()
    series[3, 5] = np.nan
    series[60, 15:] = np.nan
    np.save(tmp_path / "x.npy", series)
    found = dtw_distances_on_disk(
        tmp_path / "x.npy", tmp_path / "d.npy", missing_penalty=0.7, memory_mb=0.4,
        precision="float64",
    )  # fmt: skip
    expected = dtw_distances(series, missing_penalty=0.7)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (None, {"memory_mb": 0.001}, "need at least"),
        (None, {"band": -1}, "band is -1"),
        (None, {"times": np.zeros((70, 20)), "band": 3.0}, "one row"),
        ((65, 3, np.nan), {}, "series 65 holds NaN"),
        ((66, 3, np.inf), {}, "series 66 holds NaN or infinity"),
        ((67, slice(None), np.nan), {}, "series 67 holds NaN only"),
    ],
)
def test_what_cannot_be_computed_is_refused_and_named(change, arguments, message, tmp_path):
    series = walks()
    if change is not None:
        series[change[0], change[1]] = change[2]
    with pytest.raises(InputError, match=message):
        dtw_distances_on_disk(series, tmp_path / "d.npy", **{"memory_mb": 0.4} | arguments)
    assert not (tmp_path / "d.npy").exists()


def test_files_that_cannot_be_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="give a name ending so"):
        dtw_distances_on_disk(walks(), tmp_path / "d.bin")
    (tmp_path / "x.npy").write_bytes(b"nothing")
    with pytest.raises(InputError, match="not an array that can be read"):
        dtw_distances_on_disk(tmp_path / "x.npy", tmp_path / "d.npy")
    with pytest.raises(InputError, match=r"a matrix of 4000.0 GB.*DTWMiniBatchKMeans"):
        MatrixFile(tmp_path / "d.npy", 1_000_000, 64, np.float32, "kind").begin()
    with pytest.raises(InputError, match="expected an array of shape"):
        dtw_distances_on_disk(np.zeros((2, 3, 4, 5)), tmp_path / "d.npy")


@given(st.floats(20.0, 1000.0), st.integers(1, 600), st.integers(1, 8))
def test_a_larger_memory_never_makes_smaller_tiles(memory, length, tiles):
    one = tile_side(memory * 1e6, length, 1, tiles)
    assert tile_side(2 * memory * 1e6, length, 1, tiles) >= one
    assert one % 16 == 0


def test_medoids_of_a_matrix_on_disk_are_those_in_memory(tmp_path, monkeypatch):
    series, _ = shapes(120)
    matrix = dtw_distances_on_disk(series, tmp_path / "d.npy", band=2, precision="float64")
    inside = DTWKMedoids(3, metric="precomputed").fit(np.array(matrix))
    monkeypatch.setattr(medoids_module, "_CELLS", 1000)
    outside = DTWKMedoids(3, metric="precomputed").fit(matrix)
    np.testing.assert_array_equal(outside.medoid_indices_, inside.medoid_indices_)
    assert outside.inertia_ == pytest.approx(inside.inertia_, rel=1e-12)


def test_mini_batches_find_the_groups_and_lose_little():
    series, truth = shapes()
    whole = DTWKMeans(3, band=2, random_state=0).fit(series)
    model = DTWMiniBatchKMeans(
        3, band=2, sample_size=60, batch_size=100, memory_mb=0.5, random_state=0
    ).fit(series)
    assert adjusted_rand_score(truth, model.labels_) == 1.0
    assert model.n_iter_ > 1
    assert model.inertia_ <= 1.03 * whole.inertia_
    np.testing.assert_array_equal(model.predict(series), model.labels_)
    assert model.inertia_ == pytest.approx(-model.score(series))


def test_full_passes_never_raise_the_inertia_much():
    series = walks(600, 30, 3)
    inertia = [
        DTWMiniBatchKMeans(4, max_iter=0, full_passes=passes, sample_size=50, random_state=0)
        .fit(series)
        .inertia_
        for passes in range(4)
    ]
    assert (np.diff(inertia) <= 1e-6 * inertia[0]).all()


def test_a_small_set_is_clustered_whole_and_parts_do_not_matter(tmp_path):
    series, _ = shapes(300)
    seed = np.random.RandomState(0).randint(2**31 - 1)
    expected = DTWKMeans(3, n_init=10, band=2, random_state=seed).fit(series)
    found = DTWMiniBatchKMeans(3, band=2, random_state=0).fit(series)
    np.testing.assert_array_equal(found.cluster_centers_, expected.cluster_centers_)
    np.save(tmp_path / "x.npy", series)
    of_file = DTWMiniBatchKMeans(3, band=2, random_state=0, memory_mb=0.1)
    of_file.fit(np.load(tmp_path / "x.npy", mmap_mode="r"))
    np.testing.assert_array_equal(of_file.labels_, found.labels_)
    of_file.fit(str(tmp_path / "x.npy"))
    np.testing.assert_array_equal(of_file.labels_, found.labels_)


def test_mini_batches_are_saved_and_cloned(tmp_path):
    model = DTWMiniBatchKMeans(3, band=2, sample_size=60, random_state=0).fit(shapes()[0])
    model.save(tmp_path / "model.npz")
    other = DTWMiniBatchKMeans.load(tmp_path / "model.npz")
    assert clone(other).get_params() == model.get_params()
    np.testing.assert_array_equal(
        other.predict(shapes(seed=4)[0]), model.predict(shapes(seed=4)[0])
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_clusters": 0}, "n_clusters is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"sample_size": 2}, "sample_size is 2"),
        ({"n_clusters": 71}, "ask for fewer"),
        ({"memory_mb": 0.0001}, "memory_mb is 0.0001"),
    ],
)
def test_senseless_settings_of_mini_batches_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        DTWMiniBatchKMeans(**arguments).fit(walks())


@pytest.mark.parametrize(
    "model", [DTWMiniBatchKMeans(max_iter=5, n_init=1, sample_size=30), DTWKMedoids()]
)
def test_keeps_the_conventions_of_scikit_learn(model):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own warnings of skipped checks
        results = check_estimator(model, on_fail=None)
    failed = [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"]
    assert failed == []
