"""Making, checking and drawing domains on the command line."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from made_up_glaciers import X0, Y0, fronts_at, open_box
from shapely.geometry import LineString, Point, Polygon
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


def test_a_bed_gives_the_direction_and_one_that_lies_elsewhere_does_not(tmp_path):
    fronts = write_fronts(fronts_at([6000, 6050, 6000, 6020]), tmp_path / "fronts.parquet")
    box = gpd.GeoDataFrame(geometry=[Polygon(open_box().coords)], crs="EPSG:3413")
    box.to_file(tmp_path / "box.gpkg")
    up = np.arange(46_000, -34_000, -1000.0)[:, None] * np.ones(72)
    right = np.arange(-34_000, 38_000, 1000.0)
    bed = np.where((right >= 0) & (right < 4000), np.where(up > 0, -300, -100), 200.0)
    bed = np.where(up > 12_000, -250.0, bed)
    out = tmp_path / "domains.parquet"
    for name, place in (("bed.tif", (X0, Y0)), ("far.tif", (X0 + 500e3, Y0))):
        transform = Affine(1000, 0, place[0] - 34_000, 0, -1000, place[1] + 46_000)
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", height=80, width=72, count=1, dtype="float32",
            crs="EPSG:3413", transform=transform,
        ) as target:  # fmt: skip
            target.write(bed.astype(np.float32), 1)
    words = ("domains", "make", fronts, "--out", out, "--boxes", tmp_path / "box.gpkg", "--bed")
    assert "direction of flow: 1 from bed" in call(*words, tmp_path / "bed.tif")
    assert read_domains(out)["test:1"].direction_from == "bed"
    with pytest.raises(InputError, match="no domain could be made"):
        call(*words, tmp_path / "far.tif")
    lost = pd.read_csv(tmp_path / "domains.failures.csv")["reason"].iloc[0]
    assert "glacier test:1" in lost
    assert "far.tif does not reach there" in lost


HEADLAND = [Point(X0 + 1600, Y0 + 4000)]
LINES = [
    LineString([(X0 + 2000, Y0 + 9000), (X0 + 600, Y0 + 4000), (X0 + 600, Y0 - 3000)]),
    LineString([(X0 + 2600, Y0 - 2000), (X0 + 2600, Y0 + 4000), (X0 + 2100, Y0 + 9000)]),
]


def parting_fronts(tmp_path):
    """Fronts that hang on a headland and part there, and the box of their fjord."""
    x = np.linspace(-300, 4300, 93)
    lean = np.minimum(np.abs(x - 1600) / 2400, 1)
    lines = [
        LineString(np.column_stack([X0 + x, Y0 + 9000 - 60 * k * lean + 80 * np.sin(k / 2)]))
        for k in range(12)
    ]
    fronts = fronts_at([6000] * 12, start="2014-05-01").set_geometry(lines, crs="EPSG:3413")
    box = gpd.GeoDataFrame({"glacier_id": ["test:1"]}, geometry=[open_box()], crs="EPSG:3413")
    box.to_parquet(tmp_path / "box.parquet")
    return write_fronts(fronts, tmp_path / "fronts.parquet")


@pytest.mark.parametrize("drawn", [HEADLAND, LINES], ids=["headland", "lines"])
def test_branches_are_made_checked_and_drawn(tmp_path, drawn):
    fronts, out = parting_fronts(tmp_path), tmp_path / "domains.parquet"
    table = gpd.GeoDataFrame({"glacier_id": "test:1"}, geometry=drawn, index=range(len(drawn)),
                             crs="EPSG:3413")  # fmt: skip
    table.to_crs("EPSG:4326").to_file(tmp_path / "branches.geojson")
    said = call(
        "domains", "make", fronts, "--boxes", tmp_path / "box.parquet", "--out", out,
        "--branches", tmp_path / "branches.geojson", "--lay", 5,
    )  # fmt: skip
    assert "1 of 1 domains" in said
    assert "test:1: 2 branches, left to right: test:1.a, test:1.b" in said
    whole, left, right = read_domains(out).values()
    assert (left.branch_of, right.branch_of, whole.branch_of) == ("test:1", "test:1", "")
    assert left.fjord.area + right.fjord.area == pytest.approx(whole.fjord.area, rel=1e-9)
    assert left.fjord.area / whole.fjord.area == pytest.approx(0.4, abs=0.01)
    assert len(right.flowlines.geoms) == 5
    assert "3 of 3 domains are good" in call("domains", "check", out, "--fronts", fronts)
    said = call(
        "domains", "draw", out, "--fronts", fronts, "--out", tmp_path, "--glacier", "test:1"
    )
    assert "3 figure(s)" in said
    assert (tmp_path / "test_1.a.png").stat().st_size > 10_000


def test_areas_of_branches_add_up_in_the_series(tmp_path):
    fronts, out = parting_fronts(tmp_path), tmp_path / "domains.parquet"
    gpd.GeoDataFrame(geometry=HEADLAND, crs="EPSG:3413").to_parquet(tmp_path / "heads.parquet")
    call(
        "domains", "make", fronts, "--boxes", tmp_path / "box.parquet", "--out", out,
        "--branches", tmp_path / "heads.parquet",
    )  # fmt: skip
    call("series", fronts, "--domains", out, "--out", tmp_path / "s", "--workers", 1, "--quiet")
    seen = pd.read_parquet(tmp_path / "s" / "observations.parquet")
    area = seen[seen["measure"] == "area"].pivot_table("area_change", "date", "glacier_id")
    assert area.shape == (12, 3)
    parts = area["test:1.a"] + area["test:1.b"]
    assert np.abs(area["test:1"]).max() > 1e6
    np.testing.assert_allclose(parts, area["test:1"], atol=1.0)


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (LINES[:1], r"1 line\(s\) and 0 other shape"),
        (LINES + HEADLAND, r"2 line\(s\) and 1 other shape"),
        ([LINES[0], LINES[0]], "lie within 5% of its width of each other"),
        (
            [LINES[0], LineString([(X0 - 5e3, Y0), (X0 - 5e3, Y0 + 9e3)])],
            "does not enter its fjord",
        ),
        ([Point(X0 - 9000, Y0)], "does not lie in its fjord"),
    ],
)
def test_branches_that_cannot_be_are_told(tmp_path, drawn, words):
    fronts, out = parting_fronts(tmp_path), tmp_path / "domains.parquet"
    gpd.GeoDataFrame(geometry=drawn, crs="EPSG:3413").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match="no domain could be made"):
        call("domains", "make", fronts, "--boxes", tmp_path / "box.parquet", "--out", out,
             "--branches", tmp_path / "b.parquet")  # fmt: skip
    reason = pd.read_csv(tmp_path / "domains.failures.csv")["reason"].iloc[0]
    assert reason.startswith("glacier test:1: ")
    assert pd.Series([reason]).str.contains(words).all()
