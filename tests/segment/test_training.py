"""Views, labels, losses and the training loop."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load
from scipy import ndimage

from termini.errors import InputError
from termini.segment import crops, datasets, weather
from termini.segment.augment import ViewSettings, sample_views
from termini.segment.datasets import ICE, UNKNOWN, WATER, LabelledScenes
from termini.segment.losses import front_target
from termini.segment.networks import network_card
from termini.segment.objectives import LossSettings, total_loss
from termini.segment.optimise import OptimiserSettings, ScheduleSettings
from termini.segment.simulated import distance_to_line, render_chunk
from termini.segment.train import Machine, TrainSettings, fit

VIEW = ViewSettings(rows=64, columns=48)
TINY = TrainSettings(
    network="termini_unet", options={"widths": (8, 8, 16)},
    steps=6, batch=2, every=3, view=VIEW, half=False,
)  # fmt: skip


def straight(row: int = 40, shape: tuple[int, int] = (96, 80), n: int = 2) -> LabelledScenes:
    """Dark water above a straight front, bright ice below."""
    line = np.zeros(shape, dtype=bool)
    line[row, 10:-10] = True
    image = np.where(np.arange(shape[0])[:, None] < row, 60, 180) * np.ones(shape)
    image += np.random.default_rng(0).normal(0, 5, shape)
    distance = datasets.encode_distance(ndimage.distance_transform_edt(~line))
    fjord = np.zeros(shape, dtype=bool)
    fjord[:, 10:-10] = True
    flags = datasets.encode_flags(crops.sides_of_line(line), np.ones(shape, bool), fjord)
    names = tuple(f"s{k}" for k in range(n))
    return LabelledScenes(
        np.stack([image.astype(np.uint8)] * n), np.stack([distance] * n), np.stack([flags] * n),
        names, names, np.full(n, 50.0),
    )  # fmt: skip


def test_sides_of_an_overhanging_line() -> None:
    line = np.zeros((40, 30), dtype=bool)
    line[20, 2:20] = True
    line[10:21, 19] = True
    line[10, 10:20] = True
    line[10:15, 10] = True
    surface = crops.sides_of_line(line, band=50)
    assert surface[2, 5] == WATER
    assert surface[16, 14] == WATER  # beneath the overhang, open to the left
    assert surface[30, 10] == ICE
    assert surface[2, 25] == UNKNOWN


def test_sides_of_a_broken_line_stay_unknown() -> None:
    line = np.zeros((40, 30), dtype=bool)
    line[20, 2:28] = True
    line[20, 12:16] = False
    assert (crops.sides_of_line(line) == UNKNOWN).all()


def test_distance_to_a_slanted_line() -> None:
    line = np.array([[0.0, 0.0], [60.0, 60.0]])
    distance = distance_to_line(line, (60, 60))
    rows, columns = np.indices((60, 60))
    exact = np.minimum(np.abs(rows - columns) / np.sqrt(2), 12.75)
    np.testing.assert_allclose(distance[5:55, 5:55], exact[5:55, 5:55], atol=0.051)


def test_views_depend_on_their_seed_alone() -> None:
    scenes = straight()
    first = sample_views(scenes, np.array([0, 1]), (1, 2), VIEW)
    torch.manual_seed(9)
    again = sample_views(scenes, np.array([0, 1]), (1, 2), VIEW)
    other = sample_views(scenes, np.array([0, 1]), (1, 3), VIEW)
    assert torch.equal(first[0], again[0])
    assert all(torch.equal(first[1][k], again[1][k]) for k in first[1])
    assert not torch.equal(first[0], other[0])


def test_views_keep_picture_and_label_together() -> None:
    """In an undisturbed view the ice is still bright and the line still between."""
    view = ViewSettings(rows=64, columns=48, strength=0.0)
    for seed in range(6):
        inputs, targets = sample_views(straight(), np.array([0]), (seed,), view)
        ice, water = (
            (targets["ice_known"] > 0) & (targets["ice"] == side) & (inputs[:, 1] > 0)
            for side in (1.0, 0.0)
        )
        if ice.any() and water.any():
            assert inputs[:, 0][ice].mean() > inputs[:, 0][water].mean() + 0.2
            nearest = targets["distance"][ice].min(), targets["distance"][water].min()
            assert max(nearest) < 3.0
        assert (inputs[:, 0][inputs[:, 1] == 0] == 0).all()


@pytest.mark.parametrize(("dropout", "share"), [(0.0, 1.0), (1.0, 0.0), (0.5, 0.5)])
def test_prior_is_dropped_as_often_as_asked(dropout: float, share: float) -> None:
    view = ViewSettings(rows=32, columns=32, prior_dropout=dropout, strength=0.0)
    inputs, _ = sample_views(straight(), np.zeros(80, dtype=int), (4,), view)
    given_prior = (inputs[:, 2].amax((1, 2)) > 0).float().mean()
    assert abs(float(given_prior) - share) < 0.2
    # a scene without a known fjord never gets one
    blind = straight()
    blind.flags[...] &= ~np.uint8(datasets.PRIOR_KNOWN_BIT | datasets.FJORD_BIT)
    inputs, _ = sample_views(blind, np.zeros(8, dtype=int), (4,), view)
    assert (inputs[:, 2] == 0).all()


@given(st.integers(0, 1000))
def test_weather_keeps_shape_and_input(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.random((40, 30), dtype=np.float32)
    kept, valid = image.copy(), np.ones(image.shape, dtype=bool)
    after, seen = weather.disturb(image, valid, rng, 5.0)
    assert after.shape == seen.shape == image.shape
    assert np.isfinite(after).all()
    assert valid.all()
    np.testing.assert_array_equal(image, kept)


def test_unknown_disturbances_are_refused() -> None:
    image = np.full((20, 20), 0.5, dtype=np.float32)
    with pytest.raises(InputError, match="snow"):
        weather.disturb(image, image > 0, np.random.default_rng(0), 1.0, {"snow": 0.5})


def test_chances_choose_the_disturbances() -> None:
    image = np.random.default_rng(1).random((40, 30), dtype=np.float32)
    valid = np.ones(image.shape, dtype=bool)
    none = dict.fromkeys(weather.CHANCES, 0.0)
    for name in weather.CHANCES:
        after, seen = weather.disturb(image, valid, np.random.default_rng(2), 1.0, none)
        assert np.array_equal(after, image)
        assert seen.all()
        only = none | {name: 1.0}
        after, seen = weather.disturb(image, valid, np.random.default_rng(2), 1.0, only)
        assert not np.array_equal(after, image) or not seen.all(), name


def test_quarter_turns_keep_picture_and_label_together() -> None:
    view = ViewSettings(rows=48, columns=48, strength=0.0, rotation=0.0, quarter_turns=True)
    upright = 0
    for seed in range(8):
        inputs, targets = sample_views(straight(), np.array([0]), (seed,), view)
        ice = (targets["ice_known"] > 0) & (targets["ice"] == 1) & (inputs[:, 1] > 0)
        water = (targets["ice_known"] > 0) & (targets["ice"] == 0) & (inputs[:, 1] > 0)
        if ice.any() and water.any():
            assert inputs[:, 0][ice].mean() > inputs[:, 0][water].mean() + 0.2
            rows = [np.nonzero(part[0].numpy())[0].mean() for part in (ice, water)]
            upright += rows[0] > rows[1] + 4
    assert 0 < upright < 8


def test_further_bands_turn_with_the_picture_and_may_be_dropped(tmp_path) -> None:
    plain = straight()
    scenes = replace(plain, bands=np.stack([plain.image, 255 - plain.image], axis=1))
    again = datasets.load_scenes(datasets.save_scenes(scenes, tmp_path / "s.npz"))
    np.testing.assert_array_equal(scenes.bands, again.bands)
    layers = ("image", "band2", "band3", "walls")
    view = ViewSettings(rows=64, columns=48, strength=0.0, layers=layers, prior_dropout=0.0)
    inputs, _ = sample_views(scenes, np.array([0]), (3,), view)
    torch.testing.assert_close(inputs[0, 0], inputs[0, 1])
    assert float(np.corrcoef(inputs[0, 0].ravel(), inputs[0, 2].ravel())[0, 1]) < -0.2
    assert inputs[0, 3].min() < 0 < inputs[0, 3].max()
    dropped, _ = sample_views(scenes, np.array([0]), (3,), replace(view, band_dropout=1.0))
    assert (dropped[0, 1:3] == 0).all()
    with pytest.raises(InputError, match="needs band2"):
        sample_views(plain, np.array([0]), (3,), view)


def test_loss_prefers_the_truth_and_ignores_the_unknown() -> None:
    _, targets = sample_views(straight(), np.array([0, 1]), (1,), VIEW)
    soft = front_target(targets["distance"], 1.0).clamp(1e-3, 1 - 1e-3)
    right = torch.stack([torch.logit(soft), 8 * targets["ice"] - 4, 8 * targets["rock"] - 4], dim=1)
    good, parts = total_loss(right, targets, LossSettings())
    bad, _ = total_loss(torch.roll(right, 9, dims=2), targets, LossSettings())
    assert float(good) < float(bad)
    assert set(parts) == {"front", "overlap", "ice", "rock"}
    unknown = targets["ice_known"] == 0
    changed = right.clone()
    changed[:, 1][unknown] = 50.0
    assert float(total_loss(changed, targets, LossSettings())[0]) == pytest.approx(float(good))


@pytest.mark.parametrize(
    ("network", "options", "optimiser"),
    [
        ("termini_unet", {"widths": (8, 8, 16)}, "adamw"),
        ("ours_small", {"widths": (8, 8), "full": 4}, "adam"),  # has dropout
        ("mohajerani2019", {"widths": (4, 8)}, "sgd"),
        ("hed_unet", {"base": 2, "steps": 2}, "adagrad"),
    ],
)
def test_stopped_training_ends_as_an_unbroken_one(tmp_path, network, options, optimiser) -> None:
    sources = [(straight(), 1.0)]
    layers = tuple(network_card(network).layers)
    settings = replace(
        TINY, network=network, options=options, view=replace(VIEW, layers=layers),
        optimiser=OptimiserSettings(name=optimiser),
    )  # fmt: skip
    whole = fit(sources, settings, tmp_path / "whole")
    fit(sources, settings, tmp_path / "parts", stop_at=0.0)
    log = tmp_path / "parts" / "log.jsonl"
    assert [json.loads(x)["step"] for x in log.read_text().splitlines()] == [3]
    log.write_text(log.read_text() + '{"step": 4, "cut o')  # killed while it wrote
    resumed = fit(sources, settings, tmp_path / "parts")
    assert [json.loads(x)["step"] for x in log.read_text().splitlines()] == [3, 6]
    for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    same = [(tmp_path / x / "checkpoint.safetensors").read_bytes() for x in ("whole", "parts")]
    assert load(same[0]).keys() == load(same[1]).keys()
    assert all(torch.equal(v, load(same[1])[k]) for k, v in load(same[0]).items())


def test_workers_change_nothing(tmp_path) -> None:
    sources = [(straight(), 0.6), (straight(30), 0.4)]
    alone = fit(sources, TINY, tmp_path / "alone")
    helped = fit(sources, TINY, tmp_path / "helped", machine=Machine(workers=1))
    for a, b in zip(alone.state_dict().values(), helped.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_damaged_checkpoints_say_so(tmp_path) -> None:
    fit([(straight(), 1.0)], TINY, tmp_path)
    (tmp_path / "checkpoint.safetensors").write_bytes(b"half a file")
    with pytest.raises(InputError, match="damaged"):
        fit([(straight(), 1.0)], TINY, tmp_path)


def test_training_learns_an_easy_scene(tmp_path) -> None:
    settings = TrainSettings(
        network="termini_unet", options={"widths": (8, 8, 16)},
        steps=100, batch=4, every=20, average=0.5, half=False,
        view=ViewSettings(rows=64, columns=48, strength=0.0),
        optimiser=OptimiserSettings(rate=5e-3), schedule=ScheduleSettings(warmup=5),
    )  # fmt: skip
    fit([(straight(), 1.0)], settings, tmp_path)
    log = [json.loads(x) for x in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert log[-1]["front"] < 0.9 * log[0]["front"]
    assert log[-1]["ice"] < 0.8 * log[0]["ice"]


def test_resuming_with_other_settings_is_refused(tmp_path) -> None:
    fit([(straight(), 1.0)], TINY, tmp_path)
    with pytest.raises(InputError, match="other settings"):
        fit([(straight(), 1.0)], replace(TINY, steps=9), tmp_path)
    with pytest.raises(InputError, match="at least one scene"):
        fit([], TINY, tmp_path)


def test_simulated_chunk_round_trip(tmp_path) -> None:
    chunk = render_chunk(3, 2)
    path = datasets.save_scenes(chunk, tmp_path / "chunk.npz")
    again = datasets.load_scenes(path)
    np.testing.assert_array_equal(chunk.image, again.image)
    np.testing.assert_array_equal(chunk.flags, again.flags)
    assert again.names == ("simulated-3", "simulated-4")
    both = datasets.join_scenes([chunk, again])
    assert len(both) == 4
    assert len(both.without("simulated-3")) == 2
    path.write_bytes(b"half a file")
    with pytest.raises(InputError, match="render again"):
        datasets.load_scenes(path)


def test_front_of_a_simulated_scene_parts_ice_from_water() -> None:
    scene = render_chunk(11, 1)
    surface, near = scene.flags[0] & datasets.SURFACE_BITS, scene.distance[0] < 30
    assert {ICE, WATER} <= set(np.unique(surface[near]))
