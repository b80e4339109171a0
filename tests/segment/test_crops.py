"""The published crops: what is read, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from termini.errors import InputError
from termini.segment import crops


def test_crops_without_label_say_so(tmp_path) -> None:
    with pytest.raises(InputError, match="no PNG"):
        crops.read_crops(tmp_path)


def test_crops_in_colour_or_of_more_bits_say_so(tmp_path) -> None:
    grey = np.full((20, 16), 255, dtype=np.uint8)
    grey[10] = 0
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    name = "LC08_L1TP_008011_20150804_20170406_01_T1_B8_{}.png"
    Image.fromarray(grey).save(tmp_path / "labels" / name.format("Front"))
    path = tmp_path / "images" / name.format("Subset")
    Image.fromarray(grey).convert("RGBA").save(path)
    held = crops.read_crops(tmp_path)
    np.testing.assert_array_equal(held.image[0], grey)
    colour = np.stack([grey, grey[::-1], grey], axis=-1)
    colour[3, 3] = (200, 100, 0)
    Image.fromarray(colour).save(path)
    with pytest.raises(InputError, match=r"Subset\.png: is in colour"):
        crops.read_crops(tmp_path)
    Image.fromarray(grey.astype(np.uint16) * 100).save(path)
    with pytest.raises(InputError, match="holds uint16, not bytes"):
        crops.read_crops(tmp_path)


@pytest.mark.data
def test_published_crops(data_root) -> None:
    held = crops.read_crops(data_root / "images" / "landsat_fronts" / "train")
    assert len(held) == 123
    counts = {name: held.glaciers.count(name) for name in set(held.glaciers)}
    assert counts == {"Sverdrup": 70, "Jakobshavn": 30, "Kangerlussuaq": 23}
    assert (held.distance == 0).any(axis=(1, 2)).all()
    kept = held.without("Kangerlussuaq").names
    assert set(held.only("Kangerlussuaq").names).isdisjoint(kept)
