"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from termini.files import data_root as find_data_root

# Reproducible in CI; no deadline, because the machine's speed is not under test.
settings.register_profile("termini", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("termini")

os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def data_root() -> Path:
    """Folder with the published datasets, or skip."""
    root = find_data_root(required=False)
    if root is None:
        pytest.skip("published datasets not found: set TERMINI_DATA to their folder")
    return root
