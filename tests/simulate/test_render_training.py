"""Training scenes: ocean on top, front from left to right, same seed same scene."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from termini.sensors import SENSORS
from termini.simulate import training_scene
from termini.simulate.render_fjords import FIRST_REGION


@pytest.mark.parametrize("seed", range(8))
def test_training_scene_is_in_the_frame_of_extraction(seed: int) -> None:
    image, valid, truth, front, fjord, pixel = training_scene(seed, (200, 160))
    assert image.shape == valid.shape == truth.shape == fjord.shape == (200, 160)
    assert image.dtype == np.uint8
    assert 25 <= pixel <= 60
    assert np.array_equal(image == 0, ~valid)
    assert front[0, 0] < front[-1, 0]
    inside = (front[10:-10, 0] > 3) & (front[10:-10, 0] < 156)
    x = np.rint(front[10:-10, 0][inside]).astype(int)
    y = np.rint(front[10:-10, 1][inside]).astype(int)
    away = 8
    seaward = truth[np.clip(y - away, 0, 199), x]
    inland = truth[np.clip(y + away, 0, 199), x]
    assert np.mean(seaward == 2) > 0.6
    assert np.mean(inland == 1) > 0.8
    assert fjord[np.clip(y, 0, 199), x].mean() > 0.9
    assert (truth == 0).any() or (truth == 1).any()


def test_same_seed_same_training_scene() -> None:
    first, again, other = (training_scene(k, (120, 100)) for k in (5, 5, 6))
    for a, b in zip(first, again, strict=True):
        assert np.array_equal(a, b)
    assert not np.array_equal(first.image, other.image)


def test_training_scenes_can_be_asked_for() -> None:
    made = training_scene(
        3,
        (120, 100),
        pixel=48.9,
        sensor=SENSORS["Landsat-7"],
        date=pd.Timestamp("2012-07-01"),
        melange=1.0,
    )
    assert made.pixel == 48.9
    # a Landsat 7 scene of 2012 has gaps unless it lies in the middle of the swath
    kept = [
        training_scene(k, (120, 100), sensor=SENSORS["Landsat-7"], date=pd.Timestamp("2012-07-01"))
        for k in range(8)
    ]
    assert sum(not scene.valid.all() for scene in kept) >= 5


def test_training_regions_are_not_the_demo() -> None:
    assert FIRST_REGION >= 10_000
