"""A catalog with two releases, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import catalog_made_up as made_up
import pytest

from termini.catalog import write_release


@pytest.fixture(scope="session")
def shared_catalog(tmp_path_factory) -> Path:
    """Not to be changed: releases 0.2.0 and 0.10.0."""
    root = tmp_path_factory.mktemp("shared") / "catalog"
    write_release(root, "0.2.0", **made_up.content())
    write_release(root, "0.10.0", **made_up.content(seed=1, months=22))
    return root


@pytest.fixture
def catalog(shared_catalog, tmp_path) -> Path:
    """A copy in a folder with a blank and a foreign letter, to be spoilt."""
    return Path(shutil.copytree(shared_catalog, tmp_path / "a cætalog"))
