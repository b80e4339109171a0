"""Light, speckle, gaps and seasons behave as those of the instruments do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from rendering_made_up import bent_domain, bowed_front
from scipy.special import polygamma

from termini.sensors import SENSORS
from termini.simulate.render import render_scene, scene_grid
from termini.simulate.render_frame import Frame, front_distance, make_frame
from termini.simulate.render_ground import Ground, lay_ground
from termini.simulate.render_light import cast_shadow, sun_position
from termini.simulate.render_sar import Beam, looks, see_sar
from termini.simulate.render_sensor import optical_numbers, scan_line_gaps
from termini.simulate.render_state import glacier_character
from termini.simulate.render_weather import draw_weather
from termini.simulate.texture import sample, tiles

DOMAIN = bent_domain()
FRONT = bowed_front(DOMAIN)


def frame(pixel: float = 50.0) -> tuple[Frame, Affine, tuple[int, int]]:
    transform, shape = scene_grid(DOMAIN, pixel)
    return make_frame(DOMAIN, transform, shape), transform, shape


def ground(date: str) -> Ground:
    grid, transform, shape = frame()
    rng = np.random.default_rng(0)
    weather = draw_weather(pd.Timestamp(date), 0.9, DOMAIN.reference_width, rng)
    distance = front_distance(DOMAIN, FRONT, transform, shape)
    return lay_ground(grid, distance, glacier_character("sim:1"), weather, rng)


@pytest.mark.parametrize("pixel", [10.0, 40.0])
def test_speckle_has_the_looks_of_the_sensor(pixel: float) -> None:
    sensor = SENSORS["Sentinel-1"]
    land = ground("2018-01-10")
    weather = draw_weather(pd.Timestamp("2018-01-10"), 0.9, 3000.0, np.random.default_rng(0))
    expected = looks(sensor, pixel)
    beam = Beam(80.0, 36.0, expected)
    one, two = (
        see_sar(land, weather, beam, sensor, np.random.default_rng(seed)).astype(float)
        for seed in (1, 2)
    )
    # the log of gamma speckle has the variance trigamma(looks), whatever the ground
    variance = np.var(2 * np.log(one) - 2 * np.log(two)) / 2
    assert variance == pytest.approx(float(polygamma(1, expected)), rel=0.05)


def test_averaging_makes_looks() -> None:
    sensor = SENSORS["Sentinel-1"]
    assert looks(sensor, 10.0) == 4.4
    assert looks(sensor, 5.0) == 4.4
    assert looks(sensor, 40.0) > 20


def test_wet_snow_darkens_the_glacier_for_radar() -> None:
    def level(date: str) -> float:
        seen = [
            render_scene(DOMAIN, FRONT, date, SENSORS["Sentinel-1"], seed=k, pixel=60.0)
            for k in range(3)
        ]
        return float(np.mean([s.values[s.truth == 1].mean() for s in seen]))

    assert level("2018-07-24") < 0.75 * level("2018-01-24")


@given(
    sensor=st.sampled_from(["Landsat-5", "Landsat-7", "Landsat-8", "Landsat-9", "Sentinel-2"]),
    day=st.dates(pd.Timestamp("1999-07-01").date(), pd.Timestamp("2022-03-01").date()),
    seed=st.integers(0, 1000),
)
def test_gaps_only_for_landsat_7_after_may_2003(sensor: str, day: object, seed: int) -> None:
    grid, _, _ = frame(150.0)
    date = pd.Timestamp(day)  # type: ignore[arg-type]
    gaps = scan_line_gaps(grid, SENSORS[sensor], date, 0.0, np.random.default_rng(seed))
    if sensor != "Landsat-7" or date <= pd.Timestamp("2003-05-31"):
        assert not gaps.any()


def test_gaps_cost_about_a_fifth_of_a_scene() -> None:
    grid, _, _ = frame()
    lost = [
        scan_line_gaps(
            grid, SENSORS["Landsat-7"], pd.Timestamp("2010-07-01"), 0.0, np.random.default_rng(k)
        ).mean()
        for k in range(120)
    ]
    # 22 % of all pixels are missing over a whole scene; none in the middle of the swath
    assert 0.12 < np.mean(lost) < 0.28
    assert min(lost) < 0.02
    assert max(lost) < 0.46


def test_low_sun_casts_a_shadow_as_long_as_geometry_says() -> None:
    height = np.zeros((60, 60), np.float32)
    height[:, 40:48] = 200.0
    light = cast_shadow(height, 30.0, azimuth=90.0, elevation=20.0)
    dark = 30.0 * int((light[30, :40] < 0.5).sum())
    assert dark == pytest.approx(200.0 / np.tan(np.radians(20.0)), abs=45.0)
    assert light[30, 55] > 0.9


def test_sun_stands_where_it_should() -> None:
    _, summer = sun_position(-50.0, 69.0, pd.Timestamp("2016-06-21"))
    assert summer == pytest.approx(90 - 69 + 23.4, abs=0.7)
    _, winter = sun_position(-50.0, 75.0, pd.Timestamp("2016-12-21"))
    assert winter < 0
    azimuth, _ = sun_position(-45.0, 69.0, pd.Timestamp("2016-06-21"))
    assert 160 < azimuth < 180


def test_bright_snow_saturates_eight_bits_and_not_sixteen() -> None:
    snow = np.full((20, 20), 0.95, np.float32)
    rng = np.random.default_rng(0)
    full = [optical_numbers(snow, SENSORS["Landsat-7"], 40.0, rng).max() for _ in range(20)]
    assert 255 in full
    assert optical_numbers(snow, SENSORS["Landsat-8"], 40.0, rng).max() < 65_535


def test_spring_has_less_contrast_at_the_front_than_summer() -> None:
    def contrast(date: str) -> float:
        found = []
        for k in range(6):
            seen = render_scene(
                DOMAIN, FRONT, date, SENSORS["Landsat-8"], seed=k, pixel=90.0, melange=0.95
            )
            sea, ice = seen.values[seen.truth == 2], seen.values[seen.truth == 1]
            found.append(abs(np.median(sea) / np.median(ice) - 1.0))
        return float(np.median(found))

    assert contrast("2016-04-10") < 0.12
    assert contrast("2016-04-10") < contrast("2016-07-25")


def test_tiles_repeat_without_a_seam() -> None:
    u = np.linspace(-700, 1400, 400, dtype=np.float32)[None, :]
    v = np.full_like(u, 17.3)
    for name in tiles():
        assert np.allclose(sample(name, u, v), sample(name, u + 512, v - 512), atol=2e-3)
