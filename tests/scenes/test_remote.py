"""Scenes read from a server by parts, which may break off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scenes_made_up import picture_of, straight_domain, write_tif
from stac_made_up import Served, serving

from termini.errors import SceneError
from termini.scenes import Scene, read_place, read_scene

NAME = "LC08_L1TP_20160302_B8.tif"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("termini.scenes.raster.PAUSE", 0.0)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    values, transform = picture_of(straight_domain(), 6000.0, 10.0)
    return write_tif(
        tmp_path_factory.mktemp("scene") / NAME, values.astype(np.uint16) * 50, transform,
        tiled=True, blockxsize=128, blockysize=128, compress="deflate",
    )  # fmt: skip


def _near(path: str | Path) -> Scene:
    return read_scene(path, domain=straight_domain(), margin=-1800.0)


def test_only_what_is_needed_is_asked_for(local: Path) -> None:
    with serving(Served({f"/{NAME}": local.read_bytes()})) as served:
        scene = _near(f"{served.address}/{NAME}")
        bytes_asked = [
            int(b) - int(a) + 1
            for _, _, asked in served.asked
            if asked
            for a, b in [asked.removeprefix("bytes=").split("-")]
        ]
        assert read_place(f"{served.address}/{NAME}") == read_place(local)
    expected = _near(local)
    assert np.array_equal(scene.values, expected.values)
    assert (scene.date, scene.sensor, scene.scene_id) == (
        expected.date,
        expected.sensor,
        expected.scene_id,
    )
    assert 0 < sum(bytes_asked) < 0.6 * local.stat().st_size


@pytest.mark.parametrize("cut", [[100], [20_000, 0, 50], [20_000, 20_000, 300]])
def test_a_connection_that_breaks_is_taken_up_again(local: Path, cut: list[int]) -> None:
    with serving(Served({f"/{NAME}": local.read_bytes()}, cut=list(cut))) as served:
        scene = _near(f"{served.address}/{NAME}")
        assert not served.cut
    assert np.array_equal(scene.values, _near(local).values)
    assert scene.notes == ()


def test_a_server_that_never_sends_it_whole_is_an_error_without_the_signature(local: Path) -> None:
    with (
        serving(Served({f"/{NAME}": local.read_bytes()}, always_cut=True)) as served,
        pytest.raises(SceneError, match="download the file first") as caught,
    ):
        _near(f"{served.address}/{NAME}?signature=secret")
    assert "secret" not in str(caught.value)
    assert NAME in str(caught.value)


def test_a_server_without_parts_and_a_missing_file(local: Path) -> None:
    with (
        serving(Served({f"/{NAME}": local.read_bytes()}, ranges=False)) as served,
        pytest.raises(SceneError, match=r"Range.*download the file first"),
    ):
        _near(f"{served.address}/{NAME}")
    with serving(Served()) as served, pytest.raises(SceneError, match="cannot be read from its"):
        _near(f"{served.address}/{NAME}")
