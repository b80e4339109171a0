"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from small_run_made_up import SMALL_RUN

from termini.files import data_root as find_data_root

# Reproducible in CI; no deadline, because the machine's speed is not under test.
settings.register_profile("termini", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("termini")

os.environ.setdefault("MPLBACKEND", "Agg")
# Two workers share two cores; more threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def data_root() -> Path:
    """Folder with the published datasets, or skip."""
    # A cache may hold some datasets and not others; the tests want all or none.
    root = find_data_root(required=False, cache=False)
    if root is None:
        pytest.skip("published datasets not found: set TERMINI_DATA to their folder")
    return root


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Folder of a whole run on three simulated glaciers, made once for all workers."""
    from termini.pipeline import make_config, run

    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    folder = shared / "small_run"
    with FileLock(shared / "small_run.lock"):
        run(make_config({**SMALL_RUN, "run": {**SMALL_RUN["run"], "out": folder}}), quiet=True)
    return folder
