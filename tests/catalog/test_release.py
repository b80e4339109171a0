import json
import signal
import subprocess
import sys
from pathlib import Path

import catalog_made_up as made_up
import pandas as pd
import pytest
import xarray as xr
import yaml

import termini.catalog.release
from termini.catalog import (
    read_netcdf,
    read_observations,
    verify_release,
    versions,
    write_release,
)
from termini.domain import read_domains
from termini.errors import InputError, ReleaseError
from termini.files import sha256
from termini.fronttable import read_fronts

DATA = [
    "domains.parquet",
    "drivers.nc",
    "fronts.parquet",
    "glacier_types.nc",
    "terminus_observations.nc",
    "terminus_series.nc",
]
TEXTS = [
    "CHANGELOG.md",
    "CITATION.cff",
    "CITATION.md",
    "SHA256SUMS",
    "datapackage.json",
    "stac-item.json",
]


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_what_is_in_a_release(catalog):
    folder = catalog / "releases" / "0.2.0"
    assert names(folder) == sorted(DATA + TEXTS)
    assert names(folder.parent) == ["0.10.0", "0.2.0"]
    content = made_up.content()
    pd.testing.assert_frame_equal(read_fronts(folder / "fronts.parquet"), content["fronts"])
    pd.testing.assert_frame_equal(
        read_observations(folder / "terminus_observations.nc"), content["observations"]
    )
    assert read_domains(folder / "domains.parquet") == content["domains"]
    # Places come from the series where drivers do not say them.
    drivers = read_netcdf(folder / "drivers.nc")
    assert drivers["longitude"].to_numpy().tolist() == [-50.0, -54.5, -28.25]
    types = read_netcdf(folder / "glacier_types.nc")
    assert types.attrs["product_version"] == "0.2.0"
    assert types.attrs["settings"] == '{"k": 2, "seed": 0}'


def test_the_same_again_is_the_same_bytes(tmp_path):
    sums = []
    for number in (1, 2):
        content = made_up.content()
        # The order of rows and glaciers is no part of the content.
        content["observations"] = content["observations"].sample(frac=1, random_state=number)
        content["domains"] = dict(reversed(content["domains"].items()))
        folder = write_release(tmp_path / str(number), "0.1.0", **content)
        sums.append((folder / "SHA256SUMS").read_text())
        sums[-1] += sha256(tmp_path / str(number) / "catalog.yaml")
    assert sums[0] == sums[1]


def test_checksums_are_those_of_sha256sum(catalog):
    folder = catalog / "releases" / "0.2.0"
    run = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.count(": OK") == len(DATA + TEXTS) - 1


def test_a_second_write_is_refused(catalog):
    before = sha256(catalog / "releases" / "0.2.0" / "SHA256SUMS")
    with pytest.raises(ReleaseError, match=r"0\.2\.0: this release exists.*write a new version"):
        write_release(catalog, "0.2.0", **made_up.content(seed=5))
    assert sha256(catalog / "releases" / "0.2.0" / "SHA256SUMS") == before
    assert verify_release(catalog / "releases" / "0.2.0") == []


def test_a_folder_in_the_way_is_not_touched(tmp_path):
    other = tmp_path / "releases" / "0.1.0"
    other.mkdir(parents=True)
    (other / "mine.txt").write_text("mine")
    with pytest.raises(ReleaseError, match="not a whole release; remove it first"):
        write_release(tmp_path, "0.1.0", **made_up.content())
    assert names(other) == ["mine.txt"]


def test_an_error_on_the_way_leaves_nothing(tmp_path, monkeypatch):
    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(termini.catalog.release, "write_sums", broken)
    with pytest.raises(OSError, match="disk full"):
        write_release(tmp_path, "0.1.0", **made_up.content())
    assert names(tmp_path / "releases") == []
    assert not (tmp_path / "catalog.yaml").exists()


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import catalog_made_up as made_up
import termini.catalog.release as release
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
release.write_sums = kill
release.write_release({root!r}, "0.1.0", **made_up.content())
"""


def test_a_run_that_was_killed_can_be_repeated(tmp_path):
    text = KILLED.format(tests=str(Path(__file__).parent), root=str(tmp_path))
    run = subprocess.run([sys.executable, "-c", text], check=False)
    assert run.returncode == -signal.SIGKILL
    assert versions(tmp_path) == []  # a part lies there, hidden
    assert verify_release(write_release(tmp_path, "0.1.0", **made_up.content())) == []
    assert names(tmp_path / "releases") == ["0.1.0"]


def test_a_release_that_was_not_listed_is_listed_by_the_next_attempt(catalog):
    listed = (catalog / "catalog.yaml").read_bytes()
    (catalog / "catalog.yaml").unlink()  # as if killed between the two
    with pytest.raises(ReleaseError, match="this release exists"):
        write_release(catalog, "0.10.0", **made_up.content())
    assert (catalog / "catalog.yaml").read_bytes() == listed


def test_a_release_without_types_and_drivers(tmp_path):
    content = made_up.content() | {"types": None, "drivers": None, "notes": ""}
    folder = write_release(tmp_path, "0.1.0", **content)
    assert verify_release(folder) == []
    assert not (folder / "drivers.nc").exists()
    listed = yaml.safe_load((tmp_path / "catalog.yaml").read_text())["aliases"]
    assert sorted(listed) == ["domains", "fronts", "terminus_observations", "terminus_series"]


def rename_glacier(series: xr.Dataset) -> xr.Dataset:
    return series.assign_coords(glacier_id=("glacier", ["sim:1", "sim:10", "sim:99"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": "1.0"}, "write three numbers"),
        ({"sources": []}, r"no citation for the source\(s\) \['simulated truth'\]"),
        ({"sources": [{"name": "a"}]}, "'a': needs a name and a citation"),
        ({"sources": [{"name": "a", "citation": "b", "dio": ""}]}, r"unknown key\(s\) \['dio'\]"),
        ({"series": made_up.content()["series"].drop_vars("latitude")}, "series lack .*latitude"),
        ({"series": rename_glacier(made_up.content()["series"])}, r"\['sim:99'\] have no domain"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(change, message, tmp_path):
    keywords = {"version": "0.1.0", **made_up.content(), **change}
    with pytest.raises((InputError, ReleaseError), match=message):
        write_release(tmp_path, **keywords)
    assert list(tmp_path.iterdir()) == []


def test_changelog(catalog):
    text = (catalog / "releases" / "0.10.0" / "CHANGELOG.md").read_text()
    assert text.index("## 0.10.0 (2026-11-20)") < text.index("## 0.2.0 (2026-11-20)")
    assert "Against 0.2.0:" in text
    assert "- 33 traces, 1 of them rejected\n- flags of the rejected: outlier 1\n" in text
    assert "- 0 trace(s) added, 3 removed, " in text
    assert "Made up for tests." in text
    assert "First release." in text.split("## 0.2.0")[1]


def test_dictionary(catalog):
    folder = catalog / "releases" / "0.2.0"
    package = json.loads((folder / "datapackage.json").read_text())
    assert sorted(r["path"] for r in package["resources"]) == DATA
    for resource in package["resources"]:
        path = folder / resource["path"]
        assert resource["bytes"] == path.stat().st_size
        assert resource["hash"] == f"sha256:{sha256(path)}"
        assert all(f["title"] and f["type"] for f in resource["schema"]["fields"])
    series = next(r for r in package["resources"] if r["name"] == "terminus_series")
    fields = {f["name"]: f for f in series["schema"]["fields"]}
    assert fields["trend"]["unit"] == "m year-1"
    assert fields["length_change"]["dimensions"] == ["glacier", "time"]
    assert fields["observed"]["flags"] == {"not_observed": 0, "observed": 1}
    fronts = next(r for r in package["resources"] if r["name"] == "fronts")
    flags = next(f for f in fronts["schema"]["fields"] if f["name"] == "quality")["flags"]
    assert flags["outlier"] == 128
    assert [s["title"] for s in package["sources"]] == ["simulated truth", "nw_greenland"]


def test_stac_item(catalog):
    folder = catalog / "releases" / "0.2.0"
    item = json.loads((folder / "stac-item.json").read_text())
    west, south, east, north = item["bbox"]
    assert -55 < west < east < -52
    assert 72 < south < north < 74
    assert item["properties"]["start_datetime"] == "2015-01-07T13:27:05Z"
    assert sorted(a["href"] for a in item["assets"].values()) == [f"./{name}" for name in DATA]
    asset = item["assets"]["fronts"]
    assert asset["file:checksum"] == "1220" + sha256(folder / "fronts.parquet")


def test_stac_item_is_one_to_pystac(catalog):
    pystac = pytest.importorskip("pystac", reason="pystac is not installed")
    item = pystac.Item.from_file(str(catalog / "releases" / "0.2.0" / "stac-item.json"))
    assert item.id == "termini-0.2.0"
    assert Path(item.assets["fronts"].get_absolute_href()).is_file()


def test_citations(catalog):
    folder = catalog / "releases" / "0.2.0"
    cff = yaml.safe_load((folder / "CITATION.cff").read_text())
    assert cff["cff-version"] == "1.2.0"
    assert cff["version"] == "0.2.0"
    assert [r["notes"] for r in cff["references"]] == [s["citation"] for s in made_up.SOURCES]
    assert cff["references"][1]["doi"] == "10.1234/abcd"
    text = (folder / "CITATION.md").read_text()
    assert all(source["citation"] in text for source in made_up.SOURCES)
