"""Distances computed by the workers of a Dask cluster. Skipped where Dask is not installed."""

import numpy as np
import pytest

from termini.cluster import dtw_distances, dtw_distances_on_disk
from termini.errors import InputError

# A cluster of this process opens sockets, event loops and files of its own.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip(
        "distributed", reason="dask.distributed is not installed: pip install 'distributed>=2024.8'"
    )
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as opened:
        yield opened


def walks(n=70, length=24):
    return np.random.default_rng(5).normal(size=(n, length)).cumsum(axis=1)


def test_tiles_of_dask_workers_make_the_matrix_that_is_in_memory(client, tmp_path):
    series, seen = walks(), []
    found = dtw_distances_on_disk(
        series,
        tmp_path / "d.npy",
        band=4,
        precision="float64",
        memory_mb=0.4,
        executor=client.get_executor(),
        tiles_in_work=3,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert seen[-1][0] == seen[-1][1] > 3
    expected = dtw_distances(series, band=4)
    np.testing.assert_array_equal(np.asarray(found), expected)


def test_a_dask_array_is_read_in_parts(client, tmp_path):
    array = pytest.importorskip("dask.array")
    series = walks()
    found = dtw_distances_on_disk(
        array.from_array(series, chunks=(16, 24)), tmp_path / "d.npy", band=4, memory_mb=0.4
    )
    whole = dtw_distances_on_disk(series, tmp_path / "e.npy", band=4, memory_mb=0.4)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(whole))


def test_what_a_worker_refuses_is_said_here_and_the_rest_goes_on(client, tmp_path):
    series = walks()
    series[33, 7] = np.nan
    with pytest.raises(InputError, match="series 33"):
        dtw_distances_on_disk(series, tmp_path / "d.npy", executor=client.get_executor())
    series[33, 7] = 0.0
    again = dtw_distances_on_disk(
        series, tmp_path / "d.npy", memory_mb=0.4, executor=client.get_executor()
    )
    assert np.isfinite(np.asarray(again)).all()
