"""Lines drawn again at a scene's own pixel."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from extraction_made_up import picture_of, see_brightness, straight_domain, write_tif
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from termini.errors import InputError
from termini.files import sha256
from termini.fronts import extract_front
from termini.fronts.refine import draw_again, refine_path
from termini.fronts.refine_sigma import REFINED_NAMES
from termini.fronts.refine_strip import WIDTH, Strip, blocks_of, cut_strip, offsets
from termini.fronts.row import method_name
from termini.fronts.sigma import size_models
from termini.scenes import Scene, read_scene
from termini.segment.strip import (
    STRIP_WEIGHTS,
    load_strip_net,
    rows_in_reach,
    strip_chances,
    strip_inputs,
)

Array = NDArray[np.float64]


def picture(values: NDArray[np.floating], pixel: float = 10.0) -> Scene:
    """A picture without georeference."""
    seen = np.ones(values.shape, dtype=bool)
    place = Affine.translation(-0.5, -0.5)
    return Scene(values.astype(np.float32), seen, place, None, "Sentinel-1", "x", None, pixel)


def chances(rows_off: Array, width: float) -> Array:
    """Chances that lie about an offset in every column."""
    found = np.exp(-0.5 * ((offsets()[:, None] - rows_off[None]) / width) ** 2)
    found[~rows_in_reach(WIDTH, 5.0)] = 0.0
    return np.asarray(found / found.sum(axis=0))


def flat_strip(columns: int, working: float = 5.0) -> Strip:
    """Strip of a line that runs to the right, a unit a sample."""
    base = np.column_stack([np.arange(columns, dtype=float), np.zeros(columns)])
    normal = np.tile([0.0, 1.0], (columns, 1))
    values = np.zeros((WIDTH, columns), dtype=np.float32)
    return Strip(base, normal, 1.0, values, np.ones(values.shape, bool), working)


def test_a_strip_shows_the_scene_with_the_sea_above() -> None:
    rows = np.arange(200)[:, None] * np.ones((1, 300))
    line = np.array([[20.0, 100.0], [280.0, 100.0]])
    strip = cut_strip(picture(rows), line, 50.0, metre=0.1)
    assert strip.values.shape == (WIDTH, 261)
    assert strip.working == pytest.approx(5.0)
    assert strip.valid.all()
    assert (np.diff(strip.values[:, 100]) > 0).all()  # up-glacier is down, where rows grow
    assert strip.grid()[40, 30] == pytest.approx([50.0, 100.0 + offsets()[40]], abs=1e-6)


def test_on_a_map_up_glacier_is_the_other_side() -> None:
    line = np.array([[20.0, 100.0], [280.0, 100.0]])
    strip = cut_strip(picture(np.zeros((200, 300))), line, 50.0, metre=0.1, mirrored=True)
    assert strip.normal[50] == pytest.approx([0.0, -1.0])


def test_what_was_not_seen_is_not_valid() -> None:
    scene = picture(np.ones((200, 300)))
    scene.valid[:, 100:140] = False
    strip = cut_strip(scene, np.array([[20.0, 100.0], [280.0, 100.0]]), 50.0, metre=0.1)
    assert not strip.valid[:, 85:115].any()
    assert strip.valid[:, :75].all()
    beyond = cut_strip(scene, np.array([[20.0, 10.0], [280.0, 10.0]]), 50.0, metre=0.1)
    assert not beyond.valid[:20].any()


def test_fine_pixels_are_averaged() -> None:
    assert [blocks_of(p) for p in (1.0, 3.0, 5.0, 10.0, 30.0)] == [5, 2, 1, 1, 1]
    rng = np.random.default_rng(1)
    scene = picture(rng.uniform(size=(600, 600)), pixel=1.0)
    strip = cut_strip(scene, np.array([[50.0, 300.0], [550.0, 300.0]]), 50.0)
    assert strip.step == 5.0
    assert strip.working == 10.0


@settings(max_examples=25, deadline=None)
@given(st.floats(-8.0, 8.0), st.floats(0.8, 2.0), st.integers(30, 90))
def test_the_line_follows_sure_chances_to_a_fraction_of_a_sample(
    off: float, width: float, columns: int
) -> None:
    drawn = draw_again(flat_strip(columns), chances(np.full(columns, off), width))
    assert drawn.trust.min() == 1.0
    assert np.abs(drawn.xy[3:-3, 1] - off).max() < 0.3
    assert drawn.along[0] == pytest.approx(0.0, abs=0.02)
    assert drawn.along[-1] == pytest.approx(1.0, abs=0.02)


def test_the_coarse_line_stays_where_the_strip_does_not_tell() -> None:
    chance = chances(np.full(80, 6.0), 1.0)
    even = rows_in_reach(WIDTH, 5.0) / rows_in_reach(WIDTH, 5.0).sum()
    chance[:, 40:] = even[:, None]
    drawn = draw_again(flat_strip(80), chance)
    left, right = drawn.xy[:, 0] < 25, drawn.xy[:, 0] > 55
    assert np.abs(drawn.xy[left, 1] - 6.0).max() < 0.5
    assert np.abs(drawn.xy[right, 1]).max() < 1e-9
    assert drawn.trust[right].max() == 0.0


def test_chances_are_one_on_every_normal_and_none_out_of_reach() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(size=(WIDTH, 45)).astype(np.float32)
    inputs = strip_inputs(values, np.ones(values.shape, bool), 4.0)
    chance = strip_chances(load_strip_net(), inputs, 4.0)
    assert chance.shape == values.shape
    assert chance.sum(axis=0) == pytest.approx(np.ones(45))
    assert (chance[~rows_in_reach(WIDTH, 4.0)] == 0).all()


def test_the_shipped_network_finds_an_edge() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(WIDTH, 160)) * 0.15
    values += np.where(offsets()[:, None] > 5, 1.0, 0.0)  # bright ice, dark sea
    ranks = np.argsort(np.argsort(values.ravel())).reshape(values.shape) / values.size
    inputs = strip_inputs(ranks, np.ones(values.shape, bool), 5.0)
    drawn = draw_again(flat_strip(160), strip_chances(load_strip_net(), inputs, 5.0))
    assert np.median(np.abs(drawn.xy[:, 1] - 5.0)) < 1.0


def test_shipped_weights_are_the_ones_noted(tmp_path: Path) -> None:
    sums = STRIP_WEIGHTS.with_name("SHA256SUMS").read_text()
    assert f"{sha256(STRIP_WEIGHTS)}  {STRIP_WEIGHTS.name}" in sums
    held = bytearray(STRIP_WEIGHTS.read_bytes())
    held[-1] ^= 1
    (tmp_path / STRIP_WEIGHTS.name).write_bytes(bytes(held))
    (tmp_path / "SHA256SUMS").write_text(sums)
    with pytest.raises(InputError, match="checksum differs"):
        load_strip_net(tmp_path / STRIP_WEIGHTS.name)
    other = STRIP_WEIGHTS.with_name("termini-unet.safetensors")
    with pytest.raises(InputError, match="does not hold weights of this network"):
        load_strip_net(other)


def test_numbers_of_the_errors_are_of_these_features() -> None:
    vertex, trace = size_models("refine_sigma.json", REFINED_NAMES)
    held = json.loads(files("termini.fronts").joinpath("refine_sigma.json").read_text())
    assert tuple(held["vertex"]["names"]) == REFINED_NAMES
    assert len(vertex.weight) == len(REFINED_NAMES) + 1
    assert vertex.factor_95 > vertex.factor_68 > 0
    assert trace.factor_95 > trace.factor_68 > 0


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    return see_brightness(monkeypatch, tmp_path)


def test_a_fine_scene_is_refined_unless_it_is_switched_off(network: Any, tmp_path: Path) -> None:
    domain = straight_domain(angle=30.0)
    values, transform = picture_of(domain, 6000.0, pixel=15.0)
    path = write_tif(tmp_path / "LC08_test1_20160302.tif", values, transform)
    scene = read_scene(path, domain=domain)
    before = extract_front(scene, domain, network, refine="off")
    after = extract_front(scene, domain, network)
    assert not after.line.equals(before.line)
    assert after.line.hausdorff_distance(before.line) < 200.0
    assert after.path.errors is not None
    assert len(after.path.errors.vertex) == len(after.path.xy)
    assert (before.row["method"], after.row["method"]) == (
        "termini-unet", "termini-unet, termini-strip",
    )  # fmt: skip
    with pytest.raises(InputError, match="native or off"):
        extract_front(scene, domain, network, refine="fine")  # type: ignore[arg-type]


def test_the_method_names_every_part() -> None:
    assert method_name(["termini-unet"], "minimal_path", False) == "termini-unet"
    said = method_name(["termini-unet", "hed_unet"], "longest_path", True)
    assert said == "termini-unet + hed_unet, longest_path, termini-strip"


def test_a_short_line_stays(network: Any, tmp_path: Path) -> None:
    domain = straight_domain()
    values, transform = picture_of(domain, 6000.0)
    path = write_tif(tmp_path / "LC08_test1_20160302.tif", values, transform)
    scene = read_scene(path, domain=domain)
    found = extract_front(scene, domain, network, refine="off")
    short = replace(found.path, xy=found.path.xy[:2])
    assert refine_path(short, scene, found.scene) is short
