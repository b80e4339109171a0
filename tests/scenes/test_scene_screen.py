"""Scenes that are not worth extracting from, and the commands on scenes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scenes_made_up import picture_of, straight_domain, write_tif
from stac_made_up import Served, made_up_item, multihash, serving
from typer.testing import CliRunner

from termini.cli.app import app
from termini.domain import write_domains
from termini.scenes import (
    AUTOTERM,
    Scene,
    along_range,
    broad_share,
    domain_grid,
    fjord_raster,
    read_scene,
    screen_file,
    screen_scene,
    warp,
)

DOMAIN = straight_domain()
GRID = domain_grid(DOMAIN, 40.0)
FJORD = fjord_raster(DOMAIN, GRID)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    values, transform = picture_of(DOMAIN, 6000.0)
    return warp(read_scene(write_tif(tmp_path / "LC08_20160302_B8.tif", values, transform)), GRID)


def _fjord_of(scene: Scene, level: float) -> Scene:
    """Everything in the fjord of one kind, with its texture."""
    noise = np.random.default_rng(0).normal(level, 8.0, scene.values.shape).astype(np.float32)
    return replace(scene, values=np.where(FJORD, noise, scene.values))


def test_a_front_is_fit(scene: Scene) -> None:
    assert screen_scene(scene, FJORD) == []
    assert along_range(scene, FJORD) > 0.4


@pytest.mark.parametrize("level", [50.0, 200.0, 255.0])
def test_all_water_all_ice_and_all_cloud(scene: Scene, level: float) -> None:
    (reason,) = screen_scene(_fjord_of(scene, level), FJORD)
    assert "the fjord looks alike from gate to sea" in reason


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_ground(scene: Scene, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 1, scene.values.shape)
    slope = np.linspace(0, 0.5, len(noise))[:, None]
    (reason,) = screen_scene(replace(scene, values=(noise + slope).astype(np.float32)), FJORD)
    assert "nothing but noise" in reason
    assert broad_share(scene, FJORD) > 0.2


def test_stated_cloud_and_empty_parts(scene: Scene) -> None:
    (reason,) = screen_scene(replace(scene, cloud_cover=0.75), FJORD)
    assert reason == "75% under cloud, 60% are allowed"
    valid = scene.valid.copy()
    valid[: len(valid) // 4] = False
    half = replace(scene, valid=valid)
    assert screen_scene(half, FJORD) == []
    (reason,) = screen_scene(half, FJORD, AUTOTERM)
    assert "of the fjord was seen, 90% are needed" in reason


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.uint16, np.float32, np.float64])
def test_kinds_of_numbers_and_nan(tmp_path: Path, kind: type[np.generic]) -> None:
    values, transform = picture_of(DOMAIN, 6000.0)
    numbers = values.astype(kind)
    if np.issubdtype(kind, np.floating):
        numbers[:40, :40] = np.nan
        numbers[60, 60] = np.inf
    path = write_tif(tmp_path / "LC08_20160302_B8.tif", numbers, transform)
    assert screen_file(path, DOMAIN) == []
    scene = read_scene(path)
    assert np.isfinite(scene.values).all()
    assert scene.valid.all() == (not np.issubdtype(kind, np.floating))


def test_a_file_that_cannot_be_read_is_a_reason(tmp_path: Path) -> None:
    values, transform = picture_of(DOMAIN, 6000.0)
    one = write_tif(tmp_path / "LC08_20160302.tif", np.full_like(values, 7), transform)
    assert "every valid pixel holds 7" in screen_file(one, DOMAIN)[0]
    (tmp_path / "LC08_20160303.tif").write_bytes(b"")
    assert "the file is empty" in screen_file(tmp_path / "LC08_20160303.tif", DOMAIN)[0]


@pytest.fixture
def domains(tmp_path: Path) -> Path:
    path = tmp_path / "domains.parquet"
    write_domains([DOMAIN], path)
    return path


def test_screen_command_lists_every_scene(tmp_path: Path, domains: Path) -> None:
    values, transform = picture_of(DOMAIN, 6000.0)
    good = write_tif(tmp_path / "S1A_IW_20180602_HH_desc.tif", values, transform)
    bad = tmp_path / "LC08_20160303.tif"
    bad.write_bytes(b"no image")
    command = ["scenes", "screen", str(good), str(bad), "-d", str(domains)]
    result = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "t.csv")])
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "t.csv")
    assert table["fit"].tolist() == [True, False]
    assert (table["orbit"][0], table["band"][0]) == ("descending", "HH")
    assert "cannot be read" in table["reason"][1]
    assert "1 of 2 scenes on domains fit" in result.output


def test_show_command_draws(tmp_path: Path, domains: Path) -> None:
    pytest.importorskip("matplotlib")
    from skimage.io import imread

    values, transform = picture_of(DOMAIN, 6000.0)
    path = write_tif(tmp_path / "S1A_IW_20180602_HH.tif", values, transform)
    out = tmp_path / "x.png"
    command = ["scenes", "show", str(path), "-d", str(domains), "--out", str(out)]
    result = CliRunner().invoke(app, [*command, "--speckle", "lee", "--normalise", "clahe"])
    assert result.exit_code == 0, result.output
    picture = imread(out)
    assert min(picture.shape[:2]) > 500
    blue = np.abs(picture[..., :3].astype(int) - [0, 0x72, 0xB2]).sum(axis=-1) < 30
    orange = np.abs(picture[..., :3].astype(int) - [0xD5, 0x5E, 0]).sum(axis=-1) < 30
    rows = len(picture) * 3 // 4  # above the legend
    assert np.nonzero(blue[:rows])[1].mean() < np.nonzero(orange[:rows])[1].mean()


def test_find_command_lists_and_downloads(tmp_path: Path, domains: Path) -> None:
    pytest.importorskip("pystac_client", reason="the optional part [stac] is not installed")
    values, transform = picture_of(DOMAIN, 6000.0)
    data = write_tif(tmp_path / "b.tif", values, transform).read_bytes()
    with serving(Served({"/b.tif": data})) as served:
        for day, cloud in ((1, 10), (2, 90)):
            asset = {"href": f"{served.address}/b.tif", "file:checksum": multihash(data)}
            name, date = f"LC08_2016030{day}", f"2016-03-0{day}T12:00:00Z"
            served.items.append(
                made_up_item(name, DOMAIN, date, {"pan": asset}, **{"eo:cloud_cover": cloud})
            )
        command = ["scenes", "find", str(domains), "--api", served.address, "--from", "2016-03-01"]
        out = tmp_path / "out"
        result = CliRunner().invoke(
            app, [*command, "--to", "2016-03-31", "--out", str(out), "--download", "-q"]
        )
    assert result.exit_code == 0, result.output
    assert pd.read_csv(out / "scenes.csv")["reason"].notna().tolist() == [False, True]
    assert (out / "LC08_20160301" / "pan-b.tif").read_bytes() == data
    item = str(out / "LC08_20160301" / "item.json")
    result = CliRunner().invoke(app, ["scenes", "screen", item, "-d", str(domains)])
    assert "1 of 1 scenes on domains fit" in result.output
