"""Cloud masks of the agencies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from scenes_made_up import picture_of, straight_domain, write_tif

from termini.errors import InputError, SceneError
from termini.scenes import decode_mask, mask_kind, read_scene


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("LC08_L1TP_232013_20160302_02_T1_QA_PIXEL.TIF", "qa_pixel"),
        ("T24WVA_20160302T141051_SCL_20m.jp2", "scl"),
        ("S2A_20160302_QA60.tif", "qa60"),
        ("20160302_udm2.tif", "udm2"),
        ("20160302_DN_udm.tif", "udm"),
        ("mine.tif", "mask"),
    ],
)
def test_kind_of_a_mask(name: str, kind: str) -> None:
    assert mask_kind(name) == kind


@pytest.mark.parametrize(
    ("kind", "clear", "nothing", "cloud", "thin"),
    [
        # QA_PIXEL as USGS documents it for Landsat 8: clear land, fill, cloud, cirrus
        ("qa_pixel", 21824, 1, 22280, 21824 | 4),
        ("scl", 11, 0, 9, 10),
        ("qa60", 0, None, 1 << 10, 1 << 11),
        ("udm", 0, 1, 2, None),
        ("udm2", 1, None, 0, None),
        ("mask", 7, 0, None, None),
    ],
)
def test_codes(
    kind: str, clear: int, nothing: int | None, cloud: int | None, thin: int | None
) -> None:
    def usable_and_cloud(code: int, *, also_thin: bool = False) -> tuple[bool, bool]:
        found = decode_mask(np.array([[code]]), kind, thin=also_thin)
        return bool(found.usable[0, 0]), bool(found.cloud[0, 0])

    assert usable_and_cloud(clear) == (True, False)
    assert usable_and_cloud(clear, also_thin=True) == (True, False)
    if nothing is not None:
        assert usable_and_cloud(nothing) == (False, False)
    if cloud is not None:
        assert usable_and_cloud(cloud) == (False, True)
    if thin is not None:
        assert usable_and_cloud(thin) == (True, False)
        assert usable_and_cloud(thin, also_thin=True) == (False, True)


def test_unknown_kind() -> None:
    with pytest.raises(InputError, match="'fog' is unknown; use one of qa_pixel, scl"):
        decode_mask(np.zeros((2, 2), int), "fog")


def test_a_coarser_mask_in_another_projection_covers_its_part(tmp_path: Path) -> None:
    domain = straight_domain()
    values, transform = picture_of(domain, 6000.0)
    path = write_tif(tmp_path / "LC08_20160302_B8.tif", values, transform)
    rows, columns = values.shape
    # the mask reaches over the western two thirds; its northern half is cloud
    codes = np.full((rows // 2, columns // 3), 21824, np.uint16)
    codes[: rows // 4] = 22280
    coarse = transform @ Affine.scale(2)
    mask = write_tif(tmp_path / "x_QA_PIXEL.tif", codes, coarse)
    plain, masked = read_scene(path), read_scene(path, masks=[mask])
    assert plain.valid.all()
    north, west = slice(0, rows // 4 * 2 - 2), slice(0, columns // 3 * 2 - 2)
    assert not masked.valid[north, west].any()
    assert masked.valid[rows // 4 * 2 + 2 :].all()
    assert masked.valid[:, columns // 3 * 2 + 2 :].all()
    assert masked.cloud_cover == pytest.approx(1 / 3, abs=0.01)
    assert masked.notes == ("33% under cloud by its mask",)
    said = read_scene(path, masks=[(mask, "mask")])
    assert said.valid.all()


def test_masks_that_cannot_be_used(tmp_path: Path) -> None:
    values, transform = picture_of(straight_domain(), 6000.0)
    path = write_tif(tmp_path / "LC08_20160302_B8.tif", values, transform)
    with pytest.raises(SceneError, match=r"mask cannot be read .*leave it out"):
        read_scene(path, masks=[tmp_path / "none_QA_PIXEL.tif"])
    bare = write_tif(tmp_path / "bare_QA_PIXEL.tif", values, transform, crs=None)
    with pytest.raises(SceneError, match="the mask states no projection"):
        read_scene(path, masks=[bare])
