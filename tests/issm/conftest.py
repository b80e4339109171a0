"""Fronts that several tests of this room read once."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from exported_made_up import export

from termini.fronts import read_source


@pytest.fixture(scope="session")
def north_west(data_root: Path) -> gpd.GeoDataFrame:
    """Published traces of north-west Greenland; not to be changed."""
    return read_source("nw_greenland", data_root / "nw_greenland")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export with all its forcings; not to be changed."""
    return export(tmp_path_factory.mktemp("check") / "out")
