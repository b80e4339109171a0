"""The flow-aligned grid, warping to it, normalising and screening."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scenes_made_up import picture_of, straight_domain

from termini.errors import InputError, SceneError
from termini.geo import true_area
from termini.scenes import (
    Scene,
    domain_grid,
    fjord_raster,
    normalise_values,
    pixel_walls,
    rescale,
    screen_scene,
    warp,
)


def _scene(angle: float = 0.0, front: float = 6000.0, pixel: float = 30.0) -> Scene:
    values, transform = picture_of(straight_domain(angle=angle), front, pixel)
    return Scene(
        values.astype(np.float32), np.ones(values.shape, bool), transform, "EPSG:3413",
        "Landsat-8", "x", pd.Timestamp("2016-03-02"), pixel,
    )  # fmt: skip


@given(st.floats(-180, 180), st.floats(20, 60))
def test_ocean_is_at_the_top_and_the_left_wall_on_the_left(angle: float, pixel: float) -> None:
    domain = straight_domain(angle=angle)
    grid = domain_grid(domain, pixel)
    mouth, gate = (grid.to_pixels(np.array([domain.centreline.coords[i]]))[0, 1] for i in (-1, 0))
    assert mouth < gate
    left, right = pixel_walls(domain, grid)
    assert shapely.get_coordinates(left)[:, 0].max() < shapely.get_coordinates(right)[:, 0].min()
    inside = fjord_raster(domain, grid)
    assert inside.sum() * pixel**2 == pytest.approx(true_area(domain.fjord, domain.crs), rel=0.02)
    xy = np.random.default_rng(0).uniform(0, 100, (5, 2))
    assert np.allclose(grid.to_pixels(grid.to_map(xy)), xy, atol=1e-6)


@pytest.mark.parametrize("angle", [0.0, 33.0, -120.0])
@pytest.mark.parametrize("pixel", [12.0, 30.0, 45.0])
def test_warped_front_lies_where_it_is(angle: float, pixel: float) -> None:
    domain = straight_domain(angle=angle)
    grid = domain_grid(domain, 50.0)
    seen = warp(_scene(angle, pixel=pixel), grid)
    assert seen.pixel_size == 50.0
    assert seen.valid.all()
    column = seen.values[:, grid.shape[1] // 2]
    row = np.flatnonzero(column > 125)[0] - 0.5
    place = grid.to_map(np.array([[grid.shape[1] // 2, row]]))[0]
    along = np.hypot(*(place - domain.centreline.coords[0]))
    assert along == pytest.approx(6000.0, abs=50.0)


def test_coarsening_averages_over_what_is_valid() -> None:
    scene = _scene()
    noisy = replace(
        scene,
        values=scene.values
        + np.random.default_rng(2).normal(0, 30, scene.values.shape).astype("f4"),
    )
    grid = domain_grid(straight_domain(), 120.0)
    assert warp(noisy, grid).values[80, 20:40].std() < 12
    holes = np.random.default_rng(3).random(scene.valid.shape) > 0.3
    holed = replace(scene, valid=holes, values=np.where(holes, scene.values, 0))
    clean, filled = warp(scene, grid), warp(holed, grid)
    assert np.abs(clean.values - filled.values)[filled.valid].mean() < 3


def test_what_lies_outside_the_scene_is_not_valid() -> None:
    scene = _scene()
    half = replace(scene, values=scene.values[:, :300], valid=scene.valid[:, :300])
    seen = warp(half, domain_grid(straight_domain(), 50.0))
    assert 0.2 < seen.valid.mean() < 0.9
    assert (seen.values[~seen.valid] == 0).all()
    with pytest.raises(SceneError, match="no georeference"):
        warp(replace(scene, crs=None), domain_grid(straight_domain(), 50.0))


def test_rescaled_picture_keeps_its_coordinates() -> None:
    scene = _scene(pixel=20.0)
    coarse = rescale(scene, 50.0)
    assert coarse.pixel_size == 50.0
    assert coarse.transform @ (0, 0) == pytest.approx(scene.transform @ (0, 0))
    assert coarse.transform @ (10, 10) == pytest.approx(scene.transform @ (25, 25))


@given(
    arrays(np.float32, (12, 9), elements=st.floats(-1e4, 1e4, width=32)),
    st.sampled_from(["equalise", "linear", "none"]),
    st.floats(0.5, 50),
    st.floats(-1000, 1000),
)
def test_normalised_brightness(values: np.ndarray, method: str, gain: float, offset: float) -> None:
    valid = np.ones(values.shape, dtype=bool)
    valid[0] = False
    out = normalise_values(values, valid, method)  # type: ignore[arg-type]
    assert out.dtype == np.float32
    assert (out >= 0).all()
    assert (out <= 1).all()
    assert (out[~valid] == 0).all()
    seen, shown = values[valid], out[valid]
    order = np.argsort(seen, kind="stable")
    assert (np.diff(shown[order]) >= -1e-6).all()


def test_equalising_forgets_gain_and_offset() -> None:
    values = np.random.default_rng(0).gamma(2.0, 100.0, (80, 90))
    valid = np.ones(values.shape, dtype=bool)
    one = normalise_values(values, valid)
    other = normalise_values(values * 7.5 + 900, valid)
    assert np.abs(one - other).max() < 2e-3
    assert one.mean() == pytest.approx(0.5, abs=0.01)
    with pytest.raises(InputError, match="unknown"):
        normalise_values(values, valid, "magic")  # type: ignore[arg-type]


def test_screening_gives_reasons() -> None:
    domain = straight_domain()
    grid = domain_grid(domain, 50.0)
    inside = fjord_raster(domain, grid)
    good = warp(_scene(), grid)
    assert screen_scene(good, inside) == []
    blind = replace(good, valid=good.valid & (np.arange(grid.shape[0]) < 60)[:, None])
    assert "of the fjord was seen" in screen_scene(blind, inside)[0]
    flat = replace(good, values=np.where(inside, 80, good.values).astype(np.float32))
    assert any("no contrast" in reason for reason in screen_scene(flat, inside))
    assert screen_scene(replace(good, valid=np.zeros_like(good.valid)), inside)
