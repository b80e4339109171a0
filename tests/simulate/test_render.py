"""Scenes: same bytes for the same seed, truth that fits the front, grid and validity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import rasterize
from rendering_made_up import bent_domain, bowed_front
from scipy import ndimage
from shapely.geometry import LineString, Point

from termini.errors import InputError
from termini.sensors import SENSORS, find_sensor
from termini.simulate import RenderedScene, render_scene, write_rendered
from termini.simulate.render import scene_grid, scene_name
from termini.simulate.render_frame import make_frame
from termini.simulate.render_sensor import covered_by_swath

DOMAIN = bent_domain()
FRONT = bowed_front(DOMAIN)
DAYS = {
    "Landsat-5": "2006-07-20",
    "Landsat-7": "2002-05-04",
    "Landsat-8": "2016-03-02",
    "Landsat-9": "2022-08-11",
    "Sentinel-2": "2018-09-20",
    "Sentinel-1": "2018-06-06",
    "TerraSAR-X": "2014-04-04",
    "Envisat": "2004-02-16",
    "ALOS-1": "2008-07-01",
    "ALOS-2": "2016-01-15",
}


def scene(sensor: str = "Landsat-8", seed: int = 1, **options: object) -> RenderedScene:
    chosen: dict[str, object] = {"pixel": 60.0, "melange": 0.8} | options
    date = chosen.pop("date", DAYS[sensor])
    return render_scene(DOMAIN, FRONT, date, SENSORS[sensor], seed=seed, **chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize("sensor", list(DAYS))
def test_same_seed_same_scene_other_seed_other_scene(sensor: str) -> None:
    first, again, other = scene(sensor), scene(sensor), scene(sensor, seed=2)
    assert np.array_equal(first.values, again.values)
    assert np.array_equal(first.truth, again.truth)
    assert not np.array_equal(first.values, other.values)
    assert first.values.dtype == (np.uint8 if sensor in ("Landsat-5", "Landsat-7") else np.uint16)


@pytest.mark.parametrize("sensor", list(DAYS))
def test_grid_is_the_sensors_own_and_holds_the_fjord(sensor: str) -> None:
    pixel = SENSORS[sensor].pixel
    transform, (rows, columns) = scene_grid(DOMAIN, pixel)
    assert (transform.a, transform.e) == (pixel, -pixel)
    assert transform.c % pixel == 0
    assert transform.f % pixel == 0
    west, south, east, north = DOMAIN.fjord.bounds
    assert transform.c <= west - 1400
    assert transform.f >= north + 1400
    assert transform.c + columns * pixel >= east + 1400
    assert transform.f - rows * pixel <= south - 1400


@pytest.mark.parametrize("sensor", ["Landsat-5", "Landsat-8", "Sentinel-1"])
def test_scene_has_the_sensors_pixel_unless_told(sensor: str) -> None:
    domain = bent_domain(length=3000.0, width=1500.0)
    front = bowed_front(domain, bow=-100.0)
    seen = render_scene(domain, front, DAYS[sensor], SENSORS[sensor], seed=3, extent=2500.0)
    pixel = SENSORS[sensor].pixel
    assert seen.transform.a == pixel
    assert abs(seen.values.shape[0] - 2500 / pixel) <= 2
    assert seen.crs == "EPSG:3413"


def test_extent_gives_a_square_scene() -> None:
    seen = scene(extent=6000.0, pixel=50.0)
    assert max(abs(n - 120) for n in seen.values.shape) <= 1


@settings(max_examples=10)
@given(at=st.floats(0.2, 0.8), bow=st.floats(-700, 700), seed=st.integers(0, 10_000))
def test_truth_changes_from_ice_to_sea_at_the_front(at: float, bow: float, seed: int) -> None:
    front = bowed_front(DOMAIN, at, bow)
    seen = render_scene(DOMAIN, front, "2018-06-06", SENSORS["Landsat-8"], seed=seed, pixel=48.9)
    inner = DOMAIN.fjord.buffer(-200)
    boundary = (seen.truth == 2) & (ndimage.binary_dilation(seen.truth == 1))
    rows, columns = np.nonzero(boundary & seen.valid)
    x, y = seen.transform.c + (columns + 0.5) * 48.9, seen.transform.f - (rows + 0.5) * 48.9
    points = [Point(*xy) for xy in zip(x, y, strict=True)]
    apart = [front.distance(p) for p in points if inner.contains(p)]
    assert not apart or max(apart) < 1.1 * 48.9
    # up-glacier of the middle of the front lies ice, down-glacier sea
    middle = front.interpolate(0.5, normalized=True)
    ahead = DOMAIN.centreline.project(middle)
    for offset, expected in ((-250.0, 1), (250.0, 2)):
        p = DOMAIN.centreline.interpolate(ahead + offset)
        column = int((p.x - seen.transform.c) / 48.9)
        row = int((seen.transform.f - p.y) / 48.9)
        assert seen.truth[row, column] in (expected, 255)


@pytest.mark.parametrize("sensor", list(DAYS))
def test_nothing_seen_is_zero_and_only_that(sensor: str) -> None:
    for seed in range(3):
        seen = scene(sensor, seed)
        assert np.array_equal(seen.values == 0, ~seen.valid)
        assert np.array_equal(seen.truth == 255, ~seen.valid)
        assert 0 <= seen.cloud <= 1


def test_a_narrow_swath_cuts_more_scenes_than_a_broad_one() -> None:
    transform, shape = scene_grid(DOMAIN, 150.0)
    grid = make_frame(DOMAIN, transform, shape)
    whole = {
        name: np.mean(
            [
                covered_by_swath(grid, SENSORS[name], 0.0, np.random.default_rng(k)).all()
                for k in range(300)
            ]
        )
        for name in ("Sentinel-1", "TerraSAR-X")
    }
    assert whole["TerraSAR-X"] < whole["Sentinel-1"] - 0.05
    assert 0.9 < whole["Sentinel-1"] < 1.0


def test_glacier_texture_stays_while_weather_changes() -> None:
    def trunk(domain_id: str, seed: int) -> np.ndarray:
        domain = bent_domain(domain_id)
        clear = next(
            s
            for s in (
                render_scene(domain, FRONT, "2016-07-20", SENSORS["Landsat-8"], seed=k, pixel=48.9)
                for k in range(seed, seed + 50)
            )
            if s.cloud == 0 and s.valid.all()
        )
        inner = rasterize(
            [domain.fjord.buffer(-500)], out_shape=clear.truth.shape, transform=clear.transform
        )
        ice = ndimage.binary_erosion(clear.truth == 1, iterations=6) & (inner == 1)
        values = clear.values.astype(float) - ndimage.gaussian_filter(clear.values.astype(float), 6)
        return np.where(ice, values, 0.0)

    same = np.corrcoef(trunk("sim:1", 0).ravel(), trunk("sim:1", 100).ravel())[0, 1]
    other = np.corrcoef(trunk("sim:1", 0).ravel(), trunk("sim:2", 100).ravel())[0, 1]
    assert same > 0.4
    assert abs(other) < 0.2


def test_written_file_says_what_it_is_and_is_the_same_every_time(tmp_path) -> None:
    for name in ("Landsat-7", "Sentinel-1"):
        seen = scene(name)
        first = write_rendered(seen, tmp_path / "a", truth=True)
        again = write_rendered(scene(name), tmp_path / "b", truth=True)
        assert first.read_bytes() == again.read_bytes()
        mask = first.with_name(f"{seen.scene_id}_truth.tif")
        assert mask.read_bytes() == again.with_name(mask.name).read_bytes()
        with rasterio.open(first) as source:
            assert source.crs.to_epsg() == 3413
            assert source.nodata == 0
            assert isinstance(source.transform, Affine)
            assert source.transform == seen.transform
            tags = source.tags()
            assert np.array_equal(source.read(1), seen.values)
        assert tags["SENSOR"] == name
        assert tags["DATE"] == DAYS[name]
        assert tags["BAND"]
        with rasterio.open(mask) as source:
            assert set(np.unique(source.read(1))) <= {0, 1, 2, 255}


def test_scene_ids_name_the_sensor() -> None:
    day = pd.Timestamp("2016-03-02")
    assert scene_name("Landsat-8", "sim:1", day) == "LC08_sim1_20160302"
    for name in DAYS:
        found = find_sensor(scene_name(name, "sim:1", day))
        assert found is not None
        assert found.name == name


def test_a_sensor_sees_nothing_before_it_flew() -> None:
    with pytest.raises(InputError, match=r"sim:1: Sentinel-1 did not fly in 2005"):
        scene("Sentinel-1", date="2005-06-01")


def test_a_front_of_one_point_is_refused() -> None:
    dot = LineString([FRONT.coords[0], FRONT.coords[0]])
    with pytest.raises(InputError, match="no length"):
        render_scene(DOMAIN, dot, "2016-03-02", SENSORS["Landsat-8"], seed=1)
