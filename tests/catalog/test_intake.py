import os
import shutil
import subprocess
import sys

import geopandas as gpd
import intake
import pytest
import xarray as xr

import termini
from termini.catalog import intake_catalog, open_catalog, write_catalog
from termini.errors import ReleaseError

NAMES = [
    "terminus_observations",
    "terminus_series",
    "glacier_types",
    "drivers",
    "fronts",
    "domains",
]


def test_as_a_scientist_opens_it(catalog, monkeypatch):
    monkeypatch.chdir(catalog.parent)
    cat = intake.open_catalog(f"{catalog.name}/catalog.yaml")
    monkeypatch.chdir("/")  # and goes elsewhere before reading
    assert list(cat) == NAMES
    newest = cat["terminus_series"].read()
    assert isinstance(newest, xr.Dataset)
    assert newest.attrs["product_version"] == "0.10.0"
    older = cat(version="0.2.0")["terminus_series"].read()
    assert older.attrs["product_version"] == "0.2.0"
    fronts = cat["fronts"].read()
    assert isinstance(fronts, gpd.GeoDataFrame)
    assert len(fronts) == 33
    assert len(cat(version="0.2.0").fronts.read()) == 36
    assert set(cat.domains.read()["glacier_id"]) == {"sim:1", "sim:2", "sim:10"}


def test_every_entry_reads(catalog):
    cat = open_catalog(catalog)
    for name in NAMES:
        assert len(cat[name].read()) > 0


def test_a_version_that_does_not_exist(catalog):
    cat = open_catalog(catalog)
    with pytest.raises(
        ValueError, match=r"0\.3\.0.*release of the dataset, one of 0\.2\.0, 0\.10\.0"
    ):
        cat(version="0.3.0")["terminus_series"].read()


def test_the_catalog_can_be_moved(catalog, tmp_path):
    moved = shutil.move(catalog, tmp_path / "elsewhere")
    assert open_catalog(moved)["terminus_series"].read().sizes["glacier"] == 3


def test_without_termini(catalog, tmp_path):
    """The dataset loads where termini is not installed."""
    code = (
        "import sys; sys.modules['termini'] = None\n"
        "import intake\n"
        f"cat = intake.open_catalog({str(catalog / 'catalog.yaml')!r})\n"
        "print(cat['terminus_series'].read().product_version, len(cat['fronts'].read()))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["0.10.0", "33"]


def test_as_an_installed_data_package(catalog, monkeypatch):
    monkeypatch.setattr(intake_catalog, "shipped_catalog", lambda: catalog / "catalog.yaml")
    assert list(termini.catalog_entry) == NAMES
    from intake.catalog.local import EntrypointsCatalog

    found = EntrypointsCatalog()
    assert "termini" in list(found)
    assert found["termini"]["terminus_series"].read().sizes["glacier"] == 3
    named = found["termini"](version="0.2.0")
    assert named["terminus_series"].read().attrs["product_version"] == "0.2.0"


def test_a_wheel_brings_its_catalog(catalog, tmp_path, monkeypatch):
    package = tmp_path / "site" / "termini"
    monkeypatch.setattr(intake_catalog, "__file__", str(package / "catalog" / "intake_catalog.py"))
    with pytest.raises(ReleaseError, match="brought no catalog"):
        open_catalog()
    shutil.copytree(catalog, package.parent / "catalog")  # a working copy
    assert intake_catalog.shipped_catalog() == package.parent / "catalog" / "catalog.yaml"
    shutil.copytree(catalog, package / "shipped_catalog")  # a wheel
    assert intake_catalog.shipped_catalog() == package / "shipped_catalog" / "catalog.yaml"


def test_what_is_not_a_catalog(tmp_path):
    with pytest.raises(ReleaseError, match=r"catalog\.yaml: no such file"):
        open_catalog(tmp_path)
    with pytest.raises(ReleaseError, match="holds no release"):
        write_catalog(tmp_path)


def test_the_catalog_follows_the_folder(catalog):
    before = (catalog / "catalog.yaml").read_bytes()
    assert write_catalog(catalog).read_bytes() == before
    shutil.rmtree(catalog / "releases" / "0.10.0")
    write_catalog(catalog)
    assert open_catalog(catalog)["terminus_series"].read().attrs["product_version"] == "0.2.0"


def test_opened_lazily():
    """Importing termini does not pay for intake."""
    code = "import sys, termini.catalog; print('intake' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert run.stdout.strip() == "False"
