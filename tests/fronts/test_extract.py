"""From a scene to a row of the front table, with a stand-in for the network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from extraction_made_up import (
    picture_of,
    see_brightness,
    straight_domain,
    write_png,
    write_tif,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from termini.errors import InputError, SceneError, TraceError
from termini.fronts import (
    extract_front,
    extract_pictures,
    line_of_pixels,
    read_label,
    read_pixel_line,
    read_pixel_polygon,
    write_pixel_polygon,
)
from termini.fronts.measures import nearest_distances
from termini.fronttable import front_table
from termini.geo import transformer
from termini.scenes import Grid, read_scene, warp
from termini.variables import flag_names


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    return see_brightness(monkeypatch, tmp_path)


@pytest.mark.parametrize("angle", [0.0, 70.0, -140.0])
def test_front_lies_where_it_is_and_runs_from_wall_to_wall(
    network: Any, tmp_path: Path, angle: float
) -> None:
    domain = straight_domain(angle=angle)
    values, transform = picture_of(domain, 6000.0)
    path = write_tif(tmp_path / "LC08_test1_20160302.tif", values, transform)
    found = extract_front(read_scene(path, domain=domain), domain, network)
    line = found.line
    start = Point(domain.centreline.coords[0])
    crossing = line.intersection(domain.centreline)
    assert crossing.distance(start) == pytest.approx(6000.0, abs=30.0)
    assert Point(line.coords[0]).distance(domain.left_wall) < 60
    assert Point(line.coords[-1]).distance(domain.right_wall) < 60
    row = found.row
    assert row["glacier_id"] == "test:1"
    assert row["correlation_group"] == row["scene_id"] == "LC08_test1_20160302"
    assert 6.0 < row["sigma_m"] < 80.0
    assert flag_names(row["quality"]) == []
    table = front_table([row])
    assert table.loc[0, "method"] == "termini-unet, termini-strip"
    assert table.loc[0, "trace_id"]


def test_what_reading_had_to_say_stands_in_the_note(network: Any, tmp_path: Path) -> None:
    domain = straight_domain()
    values, transform = picture_of(domain, 6000.0)
    path = write_tif(tmp_path / "LC08_test1_20160302.tif", values, transform)
    scene = replace(read_scene(path, domain=domain), notes=("4% under cloud by its mask",))
    row = extract_front(scene, domain, network).row
    assert row["note"] == "4% under cloud by its mask"
    assert flag_names(row["quality"]) == []


def test_reprojected_scene_gives_the_same_front(network: Any, tmp_path: Path) -> None:
    domain = straight_domain(angle=20.0)
    values, transform = picture_of(domain, 6000.0)
    path = write_tif(tmp_path / "LC08_polar_20160302.tif", values, transform)
    lon, lat = transformer("EPSG:3413", "EPSG:4326").transform(*transform @ (300.0, 300.0))
    step = np.array([6e-4, 2e-4])
    corner = np.array([lon, lat]) + step * [-400, 600]
    degrees = Affine(step[0], 0, corner[0], 0, -step[1], corner[1])
    moved = warp(read_scene(path), Grid(degrees, (1200, 800), "EPSG:4326", 25.0)).values
    other = write_tif(
        tmp_path / "LC08_deg_20160302.tif", moved.astype("u1"), degrees, "EPSG:4326", nodata=0
    )
    here = extract_front(read_scene(path), domain, network).line
    there = extract_front(read_scene(other), domain, network).line
    for distance in nearest_distances(there, here, 50.0):
        assert np.median(distance) < 25


def test_scenes_that_show_too_little_are_refused(network: Any, tmp_path: Path) -> None:
    domain = straight_domain()
    values, transform = picture_of(domain, 6000.0)
    part = write_tif(tmp_path / "LC08_part_20160302.tif", values[:, :150], transform)
    with pytest.raises(SceneError, match=r"LC08_part_20160302.*of the fjord was seen"):
        extract_front(read_scene(part), domain, network)


def _picture(front: int = 90) -> np.ndarray:
    row, column = np.mgrid[:180, :140]
    values = np.where(row > front, 210, 40)
    values = np.where((column < 30) | (column >= 110), 120, values)
    return (values + np.random.default_rng(0).integers(-5, 6, values.shape)).astype(np.uint8)


def test_pictures_give_lines_in_pixel_coordinates(network: Any, tmp_path: Path) -> None:
    name = "LE07_L1TP_230012_20000801_20170210_01_T1_B8_Subset"
    good = write_png(tmp_path / f"{name}.png", _picture())
    bad = tmp_path / "LE07_L1TP_230012_20000901_x.png"
    bad.touch()
    found, failures = extract_pictures(
        [good, bad], network, pixel_size=48.9, out=tmp_path / "lines", progress=False
    )
    assert list(found) == [name]
    assert list(failures["path"]) == [str(bad)]
    assert "empty" in failures["reason"][0]
    line = read_pixel_line(tmp_path / "lines" / f"{name}.geojson")
    xy = np.array(line.coords)
    # the boundary between rows 90 (water) and 91 (ice), columns 30 to 109
    assert np.abs(xy[3:-3, 1] - 90.5).mean() < 0.5
    assert xy[0, 0] == pytest.approx(30, abs=3)
    assert xy[-1, 0] == pytest.approx(109, abs=3)
    held = json.loads((tmp_path / "lines" / f"{name}.geojson").read_text())
    properties = held["features"][0]["properties"]
    assert properties["date"] == "2000-08-01"
    assert properties["sensor"] == "Landsat-7"
    assert properties["sigma_m"] > 0


def test_pictures_of_another_pixel_size_and_with_a_fjord(network: Any, tmp_path: Path) -> None:
    fine = np.kron(_picture(), np.ones((3, 3), dtype=np.uint8))
    path = write_png(tmp_path / "LC08_L1TP_230012_20150801_x.png", fine)
    whole, _ = extract_pictures([path], network, pixel_size=16.3, progress=False)
    xy = np.array(whole[path.stem].line.coords)
    assert np.abs(xy[3:-3, 1] - 272.0).mean() < 1.5
    fjord = Polygon([(90, 5), (330, 5), (330, 530), (90, 530)])
    drawn = write_pixel_polygon(tmp_path / "fjord.geojson", fjord)
    found, _ = extract_pictures(
        [path], network, pixel_size=16.3, fjord=read_pixel_polygon(drawn), progress=False
    )
    xy = np.array(found[path.stem].line.coords)
    assert xy[0, 0] == pytest.approx(90, abs=8)
    assert xy[-1, 0] == pytest.approx(330, abs=8)


def test_bad_arguments_and_files(network: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="pixel size 0 m"):
        extract_pictures([], network, pixel_size=0)
    with pytest.raises(InputError, match="no such file"):
        read_pixel_polygon(tmp_path / "none.geojson")
    text = tmp_path / "text.geojson"
    text.write_text("{}")
    with pytest.raises(InputError, match="not a GeoJSON"):
        read_pixel_line(text)
    write_pixel_polygon(text, Polygon([(0, 0), (5, 5), (5, 0), (0, 5)]))
    with pytest.raises(InputError, match="one valid polygon"):
        read_pixel_polygon(text)
    with pytest.raises(InputError, match="0 lines"):
        read_pixel_line(text)


@settings(max_examples=20)
@given(st.lists(st.integers(20, 60), min_size=4, max_size=8), st.booleans())
def test_digitised_lines_become_polylines(heights: list[int], gap: bool) -> None:
    x = np.arange(10, 90)
    y = np.rint(np.interp(x, np.linspace(10, 89, len(heights)), heights)).astype(int)
    picture = np.zeros((80, 100), dtype=bool)
    for a, b, c in zip(x[:-1], y[:-1], y[1:], strict=True):
        picture[min(b, c) : max(b, c) + 1, a] = True
    picture[y[-1], x[-1]] = True
    if gap and abs(y[39] - y[42]) <= 1:
        picture[:, 50:52] = False
    picture[70, 5:8] = True  # a speck
    line = line_of_pixels(picture)
    assert line.coords[0][0] <= 11
    assert line.coords[-1][0] >= 88
    truth = LineString(np.column_stack([x, y]))
    assert line.hausdorff_distance(truth) < 4
    with pytest.raises(TraceError, match="1 pixel"):
        line_of_pixels(np.eye(5, dtype=bool) & (np.arange(5) == 2))


@pytest.mark.data
def test_every_published_label_is_a_line(data_root: Path) -> None:
    labels = sorted((data_root / "images/landsat_fronts/train/labels").glob("*.png"))
    lines = [read_label(path) for path in labels]
    assert len(lines) == 123
    assert min(line.length for line in lines) > 50
