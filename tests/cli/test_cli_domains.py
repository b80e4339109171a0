"""Making, checking and drawing domains on the command line."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from made_up_glaciers import fronts_at, open_box
from shapely.geometry import LineString
from typer.testing import CliRunner

from termini.cli.app import app
from termini.domain import read_domains, write_domains
from termini.errors import DomainError, InputError
from termini.fronttable import front_table, write_fronts

FAR = (-200_000.0, -1_500_000.0)


def call(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None:
        raise result.exception
    return result.output


@pytest.fixture
def fronts(tmp_path):
    retreat = [9000 - 300 * k for k in range(20)]
    tables = [
        fronts_at(retreat),
        fronts_at(retreat, glacier_id="test:2", origin=FAR),
        fronts_at([6000, 6100, 6000], glacier_id="test:3"),
    ]
    return write_fronts(
        front_table(gpd.GeoDataFrame(pd.concat(tables), crs="EPSG:3413")),
        tmp_path / "fronts.parquet",
    )


def test_made_from_boxes_and_from_fronts_alone(fronts, tmp_path):
    boxes = gpd.GeoDataFrame({"name": ["test:1"]}, geometry=[open_box()], crs="EPSG:3413")
    boxes.to_crs("EPSG:4326").to_file(tmp_path / "boxes.geojson")
    out = tmp_path / "domains.parquet"
    said = call(
        "domains", "make", fronts, "--out", out, "--boxes", tmp_path / "boxes.geojson",
        "--id-column", "name", "--lay", 5,
    )  # fmt: skip
    assert "2 of 3 domains" in said
    assert "1 from boxes; 1 without either, from flowlines or fronts alone: test:2" in said
    assert "test:3" in pd.read_csv(tmp_path / "domains.failures.csv")["reason"].iloc[0]
    made = read_domains(out)
    assert sorted(made) == ["test:1", "test:2"]
    assert made["test:1"].gate.length == pytest.approx(4000, rel=1e-3)
    assert len(made["test:2"].flowlines.geoms) == 5
    said = call("domains", "draw", out, "--fronts", fronts, "--out", tmp_path, "--flowlines", 9)
    assert "2 figure(s)" in said
    assert (tmp_path / "test_1.png").stat().st_size > 10_000
    call("domains", "draw", out, "--out", tmp_path, "--per-sheet", 12, "--glacier", "test:2")
    assert (tmp_path / "domains_001.png").is_file()
    assert "2 of 2 domains are good" in call("domains", "check", out, "--fronts", fronts)
    with pytest.raises(InputError, match="no test:9"):
        call("domains", "draw", out, "--out", tmp_path, "--glacier", "test:9")


def test_a_bad_domain_ends_the_check(fronts, tmp_path):
    out = tmp_path / "domains.parquet"
    call("domains", "make", fronts, "--out", out)
    one, two = read_domains(out).values()
    bad = replace(one, centreline=one.centreline.reverse())
    write_domains([bad, two], out)
    with pytest.raises(DomainError, match="1 domain"):
        call("domains", "check", out)


def test_two_boxes_for_a_glacier_are_told_and_the_others_are_made(fronts, tmp_path):
    ids = ["test:1", "test:2", "test:2", "test:99", "test:99"]
    file, out = tmp_path / "boxes.parquet", tmp_path / "domains.parquet"
    gpd.GeoDataFrame({"id": ids}, geometry=[open_box()] * 5, crs="EPSG:3413").to_parquet(file)
    said = call("domains", "make", fronts, "--out", out, "--boxes", file, "--id-column", "id")
    assert "1 of 3 domains" in said
    assert list(read_domains(out)) == ["test:1"]
    lost = pd.read_csv(tmp_path / "domains.failures.csv").set_index("glacier_id")["reason"]
    assert lost["test:2"] == f"glacier test:2: {file} has more than one geometry for it; keep one"
    assert sorted(lost.index) == ["test:2", "test:3"]


BAD = ["degrees", "metres", "no crs", "no column", "other ids", "missing"]


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_named_and_explained(fronts, tmp_path, kind):
    line = LineString([(-45, 70), (-45, 71)])
    box = open_box()
    shape, crs, ids, words = {
        "degrees": ([line], "EPSG:3413", ["test:1"], "longitude and latitude"),
        "metres": ([box], "EPSG:4326", ["test:1"], "so they are metres"),
        "no crs": ([box], None, ["test:1"], "states no projection"),
        "no column": ([box], "EPSG:3413", None, "--id-column"),
        "other ids": ([box], "EPSG:3413", ["1"], r"none of its glaciers \(1\).*--id-prefix"),
        "missing": ([box], "EPSG:3413", ["test:1"], "no such file"),
    }[kind]
    data = {"other": range(len(shape))} if ids is None else {"glacier_id": ids}
    file = tmp_path / "boxes.parquet"
    if kind != "missing":
        gpd.GeoDataFrame(data, geometry=shape, crs=crs).to_parquet(file)
    with pytest.raises(InputError, match=rf"boxes.parquet.*{words}"):
        call("domains", "make", fronts, "--out", tmp_path / "d.parquet", "--boxes", file)
