"""Releases written by earlier versions of termini are still read and found good."""

from pathlib import Path

import catalog_made_up as made_up
import numpy as np
import pandas as pd
import pytest

from termini.catalog import (
    diff_releases,
    open_catalog,
    read_netcdf,
    read_observations,
    verify_release,
)
from termini.domain import read_domains
from termini.fronttable import read_fronts

FROZEN = Path(__file__).parent / "frozen"
RELEASES = sorted((FROZEN / "releases").iterdir())


@pytest.fixture(scope="module")
def content():
    return made_up.content()


def test_there_is_one():
    assert RELEASES


@pytest.mark.parametrize("folder", RELEASES, ids=lambda f: f.name)
def test_it_is_found_good(folder):
    assert verify_release(folder) == []


@pytest.mark.parametrize("folder", RELEASES, ids=lambda f: f.name)
def test_tables_read_as_what_was_written(folder, content):
    fronts = read_fronts(folder / "fronts.parquet")
    pd.testing.assert_frame_equal(fronts, content["fronts"][fronts.columns])
    observed = read_observations(folder / "terminus_observations.nc")
    pd.testing.assert_frame_equal(observed, content["observations"][observed.columns])
    assert read_domains(folder / "domains.parquet") == content["domains"]


@pytest.mark.parametrize("folder", RELEASES, ids=lambda f: f.name)
@pytest.mark.parametrize("part", ["series", "types", "drivers"])
def test_datasets_read_as_what_was_written(folder, part, content):
    name = {"series": "terminus_series", "types": "glacier_types"}.get(part, part)
    found = read_netcdf(folder / f"{name}.nc")
    assert set(content[part].variables) <= set(found.variables)
    for key in content[part].variables:
        wanted = content[part][key].to_numpy()
        if wanted.dtype.kind in "OUT":
            assert found[key].to_numpy().astype(str).tolist() == wanted.astype(str).tolist()
        else:
            np.testing.assert_array_equal(found[key].to_numpy(), wanted)


@pytest.mark.parametrize("folder", RELEASES, ids=lambda f: f.name)
def test_its_catalog_opens_and_it_compares_with_itself(folder):
    cat = open_catalog(FROZEN)(version=folder.name)
    assert cat["terminus_series"].read().attrs["product_version"] == folder.name
    assert diff_releases(folder, folder).same
