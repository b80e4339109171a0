"""Reading scenes: every kind of file, and every kind of bad one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from scenes_made_up import (
    picture_of,
    straight_domain,
    write_old_grd,
    write_png,
    write_tif,
)

from termini.errors import SceneError
from termini.scenes import find_date, find_sensor_name, read_scene, seen_pixels

DOMAIN = straight_domain()


def _tif(folder: Path, name: str = "LC08_test_20160302.tif", **keywords: object) -> Path:
    values, transform = picture_of(DOMAIN, 6000.0)
    return write_tif(folder / name, values, transform, **keywords)  # type: ignore[arg-type]


def test_geotiff_knows_its_place_date_and_sensor(tmp_path: Path) -> None:
    scene = read_scene(_tif(tmp_path))
    assert scene.crs == "EPSG:3413"
    assert scene.sensor == "Landsat-8"
    assert scene.date == pd.Timestamp("2016-03-02")
    assert scene.scene_id == "LC08_test_20160302"
    # the projection's scale factor is taken out
    assert scene.pixel_size == pytest.approx(30.0, rel=0.05)
    assert scene.pixel_size != 30.0
    assert scene.valid.all()


def test_tags_win_over_the_name_and_arguments_over_both(tmp_path: Path) -> None:
    path = _tif(tmp_path, tags={"DATE": "2017-05-06", "SENSOR": "Sentinel-2", "BAND": "B8"})
    scene = read_scene(path)
    assert (scene.date, scene.sensor, scene.band) == (
        pd.Timestamp("2017-05-06"),
        "Sentinel-2",
        "B8",
    )
    scene = read_scene(path, date="2001-01-02", sensor="Landsat-7")
    assert (scene.date, scene.sensor) == (pd.Timestamp("2001-01-02"), "Landsat-7")


def test_nodata_and_alpha_and_swath_edge_are_not_valid(tmp_path: Path) -> None:
    values, transform = picture_of(DOMAIN, 6000.0)
    values[:, :10] = 0
    values[200, 200] = 0
    plain = read_scene(write_tif(tmp_path / "LC08_a_20160302.tif", values, transform))
    assert not plain.valid[:, :10].any()
    assert plain.valid[200, 200]  # a dark pixel, not a gap
    stated = read_scene(write_tif(tmp_path / "LC08_b_20160302.tif", values, transform, nodata=0))
    assert not stated.valid[200, 200]
    alpha = np.full(values.shape, 255, dtype=np.uint8)
    alpha[5:9, 50:60] = 0
    picture = read_scene(write_png(tmp_path / "LC08_c_20160302.png", values, alpha), pixel_size=30)
    assert not picture.valid[5:9, 50:60].any()


def test_scan_line_gaps_are_not_valid_only_after_the_corrector_failed() -> None:
    values = np.full((60, 80), 90, dtype=np.uint8)
    values[20:23, 5:75] = 0
    assert seen_pixels(values, stripes=False).all()
    assert not seen_pixels(values, stripes=True)[20:23, 5:75].any()


def test_png_has_pixel_coordinates_and_needs_its_pixel_size(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(1, 255, (30, 20), dtype=np.uint8)
    path = write_png(tmp_path / "LE07_L1TP_230012_20000801_20170210_01_T1_B8_Subset.png", values)
    scene = read_scene(path, pixel_size=48.9)
    assert scene.crs is None
    assert scene.transform @ (0.5, 0.5) == (0.0, 0.0)
    assert scene.date == pd.Timestamp("2000-08-01")
    assert scene.pixel_size == 48.9
    assert np.array_equal(scene.values, values)
    with pytest.raises(SceneError, match="pixel_size"):
        read_scene(path)


def test_old_gmt_grid_is_longitude_and_latitude(tmp_path: Path) -> None:
    values = np.arange(1, 601, dtype=np.int16).reshape(20, 30)
    scene = read_scene(
        write_old_grd(tmp_path / "20130820_x_landsat.grd", values, -38.3, 66.4, 2e-4)
    )
    assert scene.crs == "EPSG:4326"
    assert np.array_equal(scene.values, values)
    assert scene.transform @ (0, 0) == pytest.approx((-38.3, 66.4))
    assert scene.sensor == "Landsat-8"


def test_only_the_glacier_is_read_of_a_large_scene(tmp_path: Path) -> None:
    values, transform = picture_of(DOMAIN, 6000.0)
    large = np.pad(values, 500, mode="edge")
    transform = transform @ Affine.translation(-500, -500)
    path = write_tif(tmp_path / "LC08_large_20160302.tif", large, transform)
    part, whole = read_scene(path, domain=DOMAIN, margin=500.0), read_scene(path)
    assert part.values.size < whole.values.size / 4
    column, row = (round(v) for v in ~whole.transform @ (part.transform @ (0, 0)))
    rows, columns = part.values.shape
    assert np.array_equal(part.values, whole.values[row : row + rows, column : column + columns])


def test_bad_files_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="no such file"):
        read_scene(tmp_path / "absent.tif")
    empty = tmp_path / "LC08_empty_20160302.tif"
    empty.touch()
    with pytest.raises(SceneError, match=r"LC08_empty_20160302\.tif: the file is empty"):
        read_scene(empty)
    text = tmp_path / "LC08_text_20160302.tif"
    text.write_text("not an image")
    with pytest.raises(SceneError, match="truncated or not an image"):
        read_scene(text)
    grid = tmp_path / "20160302_cut.grd"
    grid.write_bytes(b"CDF\x01\x00\x00")
    with pytest.raises(SceneError, match="GMT grid"):
        read_scene(grid)


@pytest.mark.parametrize("share", [0.2, 0.95])
def test_truncated_picture(tmp_path: Path, share: float) -> None:
    values = np.random.default_rng(1).integers(1, 255, (300, 200), dtype=np.uint8)
    path = write_png(tmp_path / "LC08_x_20160302.png", values)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(SceneError, match=r"LC08_x_20160302\.png: is truncated"):
        read_scene(path, pixel_size=48.9)


def test_folder_and_pixels_without_area(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="is a folder; name the scenes in it"):
        read_scene(tmp_path)
    values, _ = picture_of(DOMAIN, 6000.0)
    flat = write_tif(tmp_path / "LC08_f_20160302.tif", values, Affine(0, 0, 5.0, 0, 0, 6.0))
    with pytest.raises(SceneError, match="pixels have no area"):
        read_scene(flat)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_raster(tmp_path: Path, share: float) -> None:
    whole = _tif(tmp_path)
    cut = tmp_path / "LC08_cut_20160302.tif"
    cut.write_bytes(whole.read_bytes()[: int(share * whole.stat().st_size)])
    with pytest.raises(SceneError, match="truncated"):
        read_scene(cut)


def test_one_value_and_nothing_seen(tmp_path: Path) -> None:
    values, transform = picture_of(DOMAIN, 6000.0)
    one = write_tif(tmp_path / "LC08_one_20160302.tif", np.full_like(values, 7), transform)
    with pytest.raises(SceneError, match="every valid pixel holds 7"):
        read_scene(one)
    big = values.astype("float64") * 1e300
    huge = write_tif(tmp_path / "LC08_huge_20160302.tif", big, transform, nodata=0)
    with pytest.raises(SceneError, match="every valid pixel holds inf"):
        read_scene(huge)
    none = write_tif(tmp_path / "LC08_none_20160302.tif", values * 0, transform, nodata=0)
    with pytest.raises(SceneError, match="no valid pixel"):
        read_scene(none)


def test_missing_wrong_and_impossible_projections(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"states no projection; state the right one with crs="):
        read_scene(_tif(tmp_path, "LC08_nocrs_20160302.tif", crs=None))
    assert read_scene(tmp_path / "LC08_nocrs_20160302.tif", crs="EPSG:3413").crs == "EPSG:3413"
    metres_as_degrees = _tif(tmp_path, "LC08_deg_20160302.tif", crs="EPSG:4326")
    with pytest.raises(SceneError, match=r"stated projection \(WGS 84\) is wrong"):
        read_scene(metres_as_degrees)
    values, _ = picture_of(DOMAIN, 6000.0)
    degrees_as_metres = write_tif(
        tmp_path / "LC08_met_20160302.tif", values, Affine(2e-4, 0, -38.3, 0, -2e-4, 66.4)
    )
    with pytest.raises(SceneError, match=r"is wrong: a pixel would be 0\.000"):
        read_scene(degrees_as_metres)
    with pytest.raises(SceneError, match="'EPSG:banana' is not a projection"):
        read_scene(_tif(tmp_path, "LC08_ok_20160302.tif"), crs="EPSG:banana")


def test_scene_of_another_place_names_the_glacier(tmp_path: Path) -> None:
    elsewhere = _tif(tmp_path, crs="EPSG:32624")  # metres of another projection
    with pytest.raises(SceneError, match=r"does not overlap the domain of test:1 .* km away"):
        read_scene(elsewhere, domain=DOMAIN)


def test_dates_that_lack_or_lie_ahead(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="no acquisition date"):
        read_scene(_tif(tmp_path, "nameless.tif"))
    with pytest.raises(SceneError, match="lies in the future"):
        read_scene(_tif(tmp_path, "LC08_x_20990101.tif"))
    with pytest.raises(SceneError, match="not a date"):
        read_scene(_tif(tmp_path, "LC08_y_20160302.tif"), date="soon")
    with pytest.raises(SceneError, match="no band 3"):
        read_scene(_tif(tmp_path, "LC08_z_20160302.tif"), band=3)
    with pytest.raises(SceneError, match="'Sentinel-9' is unknown"):
        read_scene(_tif(tmp_path, "LC08_w_20160302.tif"), sensor="Sentinel-9")


@pytest.mark.parametrize(
    ("name", "date", "sensor"),
    [
        ("LC08_L1TP_233013_20150707_20170407_01_T1_B8_Subset", "2015-07-07", "Landsat-8"),
        ("LC80090112016062LGN00", "2016-03-02", "Landsat-8"),
        ("S1A_IW_GRDH_1SDH_20180602T202345_x", "2018-06-02 20:23:45", "Sentinel-1"),
        ("S2B_MSIL1C_20190812T150809_N0208", "2019-08-12 15:08:09", "Sentinel-2"),
        ("20180602_hh_GEE_sentinel_GRD_IW_helheim_stretch", "2018-06-02", "Sentinel-1"),
        ("20160302_009011_crop_landsat_stretch", "2016-03-02", "Landsat-8"),
        ("20130724_JI_Landsat7-slc", "2013-07-24", "Landsat-7"),
        ("20140404_003_TSX_Helheim", "2014-04-04", "TerraSAR-X"),
        ("TSX_sim1_20120505", "2012-05-05", "TerraSAR-X"),
        ("ENVISAT_sim2_20040216", "2004-02-16", "Envisat"),
        ("ALOS2_sim3_2016-07-01", "2016-07-01", "ALOS-2"),
        ("20040101_crop_landsat", "2004-01-01", "Landsat-7"),
        ("front_99999999", None, ""),
    ],
)
def test_date_and_sensor_from_names(name: str, date: str | None, sensor: str) -> None:
    found = find_date(name)
    assert found == (None if date is None else pd.Timestamp(date))
    assert find_sensor_name(name, found) == sensor


@pytest.mark.data
def test_every_published_scene_is_read(data_root: Path) -> None:
    folder = data_root / "images" / "georeferenced"
    for path in sorted([*folder.glob("*.tif"), *folder.glob("*.grd")]):
        scene = read_scene(path)
        assert scene.crs == "EPSG:4326"
        assert scene.sensor
        assert 5 < scene.pixel_size < 40
        assert scene.valid.mean() > 0.9
