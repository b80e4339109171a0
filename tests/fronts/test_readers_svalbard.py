"""The Svalbard fronts: on a miniature in the real layout, and on the real files."""

from __future__ import annotations

import miniatures
import numpy as np
import pytest
import shapely

from termini.errors import InputError
from termini.fronts import read_source, source_glaciers
from termini.geo import reproject
from termini.geometry import domains_for_source


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return miniatures.write_svalbard(tmp_path_factory.mktemp("published"))


def test_rows(folder):
    table = read_source("svalbard", folder)
    assert table.groupby("glacier_id").size().to_dict() == {
        "mannerfelt:arnesen": 3,
        "mannerfelt:vallakra": 3,
    }
    assert table["date"].dt.strftime("%Y-%m-%d").tolist()[:3] == [
        "2019-01-03", "2021-01-02", "2023-01-01",
    ]  # fmt: skip
    back = reproject(table.geometry.iloc[2], "EPSG:3413", "EPSG:32633")
    assert shapely.get_coordinates(back)[0] == pytest.approx([577_000.0, 8_643_100.0], abs=0.01)
    assert source_glaciers("svalbard", folder)["name"].tolist() == ["Arnesenbreen", "Vallåkrabreen"]


def test_domains_run_from_the_head_to_the_sea(folder):
    table = read_source("svalbard", folder)
    domains = domains_for_source("svalbard", folder, table)
    for domain in domains.values():
        xy = shapely.get_coordinates(reproject(domain.centreline, "EPSG:3413", "EPSG:32633"))
        assert xy[-1, 0] - xy[0, 0] > 1000
        assert abs(np.diff(xy[[0, -1], 1])[0]) < 100


def test_a_folder_without_fronts_is_an_error_that_names_it(tmp_path):
    with pytest.raises(InputError, match=tmp_path.name):
        read_source("svalbard", tmp_path)


def test_a_glacier_without_centreline_is_an_error(folder, tmp_path):
    table = read_source("svalbard", folder)
    other = miniatures.write_svalbard(tmp_path)
    text = (other / "centerlines.geojson").read_text()
    (other / "centerlines.geojson").write_text(text.replace('"vallakra"', '"valla"'))
    with pytest.raises(InputError, match="vallakra"):
        domains_for_source("svalbard", other, table)


@pytest.mark.data
def test_the_real_files(data_root):
    table = read_source("svalbard", data_root / "svalbard")
    assert len(table) == 386
    assert table["glacier_id"].nunique() == 19
    assert table["date"].notna().all()
    assert (table["quality"] == 0).mean() > 0.95
