"""The network, its weights file, and prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from termini.errors import InputError, MissingExtraError, SceneError
from termini.segment import (
    NETWORK_PIXEL,
    Network,
    Views,
    load_network,
    predict,
    predict_many,
    stack_inputs,
)
from termini.segment.networks import parameter_count
from termini.segment.unet import NetworkSettings, UNet, build_network
from termini.segment.weights_file import read_weights, write_weights
from termini.simulate import training_scene


def small(seed: int = 0) -> UNet:
    return build_network(NetworkSettings(widths=(8, 8, 16, 16, 16)), seed=seed)


def ready(network: UNet) -> Network:
    return Network(network.fold(), {}, False, "")


def picture(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return stack_inputs(rng.random((rows, columns), dtype=np.float32))


def test_size_of_the_network() -> None:
    assert 3e5 < parameter_count(build_network()) < 1.5e6


def test_same_seed_same_weights_and_not_from_the_global_stream() -> None:
    torch.manual_seed(1)
    first = small(3).state_dict()
    torch.manual_seed(2)
    second, other = small(3).state_dict(), small(4).state_dict()
    assert all(torch.equal(first[k], second[k]) for k in first)
    assert any(not torch.equal(first[k], other[k]) for k in first)


def test_shapes_and_range() -> None:
    maps = predict(ready(small()), picture(71, 50))
    for layer in (maps.front, maps.ice, maps.rock):
        assert layer.shape == (71, 50)
        assert layer.dtype == np.float32
        assert 0.0 <= layer.min() <= layer.max() <= 1.0


def test_folding_changes_nothing() -> None:
    network = small()
    network.train()
    with torch.no_grad():
        for seed in range(3):
            network(torch.from_numpy(picture(64, 64, seed))[None])
    x = torch.from_numpy(picture(64, 48))[None]
    with torch.inference_mode():
        before = network.eval()(x)
        after = network.fold()(x)
    torch.testing.assert_close(before, after, atol=1e-4, rtol=1e-3)


def test_batches_give_what_single_pictures_give() -> None:
    network = ready(small())
    pictures = [picture(64, 48, 1), picture(80, 64, 2), picture(64, 48, 3)]
    together = predict_many(network, pictures, batch=2)
    for one, maps in zip(pictures, together, strict=True):
        np.testing.assert_allclose(predict(network, one).front, maps.front, atol=1e-5)


def test_flips_make_prediction_symmetric() -> None:
    network = ready(small())
    one = picture(64, 48)
    there = predict(network, one, views=Views(flips=True)).front
    back = predict(network, one[..., ::-1].copy(), views=Views(flips=True)).front[..., ::-1]
    np.testing.assert_allclose(there, back, atol=1e-6)


def test_tiles_agree_with_the_whole() -> None:
    network, one = load_network(half=False), _simulated(5, shape=(640, 256))
    whole = predict(network, one)
    tiled = predict(network, one, tile=512)
    apart = np.abs(whole.front - tiled.front)
    assert not np.array_equal(whole.front, tiled.front)
    assert apart.mean() < 0.005
    assert np.quantile(apart, 0.999) < 0.3


def test_prediction_repeats_exactly() -> None:
    network, one = load_network(), _simulated(1)
    first, second = predict(network, one), predict(load_network(), one)
    np.testing.assert_array_equal(first.front, second.front)
    np.testing.assert_array_equal(first.ice, second.ice)


def _simulated(
    seed: int, *, prior: bool = False, shape: tuple[int, int] = (320, 256)
) -> np.ndarray:
    from termini.scenes.normalise import normalise_values

    scene = training_scene(seed, shape, pixel=NETWORK_PIXEL)
    image = normalise_values(scene.image, scene.valid)
    return stack_inputs(image, scene.valid, scene.fjord if prior else None)


@pytest.mark.parametrize("prior", [True, False])
def test_shipped_weights_see_simulated_fronts(prior: bool) -> None:
    network, near, sides = load_network(), [], []
    for seed in range(900_000, 900_008):
        scene = training_scene(seed, (320, 256), pixel=NETWORK_PIXEL)
        maps = predict(network, _simulated(seed, prior=prior))
        columns = np.rint(scene.front[:, 0]).astype(int).clip(0, 255)
        rows = np.rint(scene.front[:, 1]).astype(int).clip(0, 319)
        near.append(maps.front[rows, columns].mean() - maps.front.mean())
        inside = scene.fjord & scene.valid & (scene.truth > 0)
        sides.append(((maps.ice > 0.5) == (scene.truth == 1))[inside].mean())
    assert np.median(near) > 0.3
    assert np.median(sides) > 0.9


FIRST_PREDICTION = {
    "front": (
        "0.002043 0.334901 0.253895 0.125783 0.000415 0.006012 0.003262 0.001536 0.000349 "
        "0.001614 0.000247 0.000232 0.000215 0.000234 0.000077 0.000092 0.000121 0.000106 "
        "0.000029 0.000017 "
    ),
    "ice": (
        "0.908603 0.773651 0.736091 0.799454 0.973646 0.778507 0.939507 0.904100 0.977532 "
        "0.980699 0.994794 0.992690 0.982277 0.992590 0.997746 0.997191 0.980093 0.993234 "
        "0.998597 0.999384 "
    ),
    "rock": (
        "0.403863 0.068053 0.077483 0.081679 0.487143 0.022375 0.010601 0.026297 0.541948 "
        "0.017469 0.003804 0.012531 0.625331 0.011299 0.002531 0.010841 0.587196 0.010468 "
        "0.002835 0.005715 "
    ),
}
"""Every sixteenth pixel of what the first release of the weights gave."""


FIRST_WEIGHTS = Path(__file__).parents[2] / "data" / "weights" / "termini-unet-first.safetensors"


def test_the_first_weights_predict_what_they_did_at_first() -> None:
    rng = np.random.default_rng(42)
    image = np.cumsum(rng.normal(size=(80, 64)), 0)
    image = (image - image.min()) / (image.max() - image.min())
    fjord = np.zeros(image.shape, dtype=bool)
    fjord[:, 10:-10] = True
    network = load_network(FIRST_WEIGHTS, half=False)
    maps = predict(network, stack_inputs(image.astype(np.float32), None, fjord))
    for name, values in FIRST_PREDICTION.items():
        found = getattr(maps, name)[::16, ::16].ravel()
        np.testing.assert_allclose(found, np.array(values.split(), dtype=float), atol=2e-5)
    assert maps.derived == ()


def test_altered_shipped_weights_are_refused(tmp_path) -> None:
    from termini.segment import WEIGHTS

    path = tmp_path / WEIGHTS.name
    path.write_bytes(WEIGHTS.read_bytes())
    sums = WEIGHTS.with_name("SHA256SUMS").read_text(encoding="utf-8")
    (tmp_path / "SHA256SUMS").write_text(sums, encoding="utf-8")
    assert load_network(path).metadata["name"] == "termini-unet"
    held = bytearray(path.read_bytes())
    held[-1] ^= 1
    path.write_bytes(bytes(held))
    with pytest.raises(InputError, match="checksum differs"):
        load_network(path)


def test_weights_survive_the_file(tmp_path) -> None:
    network = small(7)
    path = write_weights(network, tmp_path / "w.safetensors", name="x", training={"seed": 7})
    again, metadata = read_weights(path)
    assert metadata["name"] == "x"
    assert again.settings == network.settings
    for key, value in again.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, network.state_dict()[key], atol=1e-3, rtol=1e-3)
    assert (
        path.read_bytes()
        == write_weights(
            small(7), tmp_path / "v.safetensors", name="x", training={"seed": 7}
        ).read_bytes()
    )


def test_shipped_weights_are_small_and_described() -> None:
    from termini.segment import WEIGHTS

    assert WEIGHTS.stat().st_size < 4_000_000
    card = WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    assert "Kangerlussuaq" in card
    assert load_network().metadata["name"] == "termini-unet"


def test_missing_weights_say_so(tmp_path) -> None:
    with pytest.raises(InputError, match=r"nothing\.safetensors.*install termini again"):
        load_network(tmp_path / "nothing.safetensors")


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"\x10" + b"\x00" * 40])
def test_damaged_weights_say_so(tmp_path, content: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.safetensors"):
        load_network(path)


def test_weights_of_another_network_say_so(tmp_path) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(3)}, str(path))
    with pytest.raises(InputError, match=r"other\.safetensors"):
        load_network(path)


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"termini\[extract\]"):
        load_network()


def test_inputs_are_checked() -> None:
    image = np.full((20, 30), 0.5, dtype=np.float32)
    with pytest.raises(SceneError, match="too small"):
        stack_inputs(image[:10])
    with pytest.raises(SceneError, match="no valid pixel"):
        stack_inputs(image, np.zeros(image.shape, dtype=bool))
    with pytest.raises(SceneError, match="'fjord'"):
        stack_inputs(image, None, np.zeros((3, 3), dtype=bool))
    with pytest.raises(InputError, match="needs image, valid and fjord"):
        predict(ready(small()), image)


def test_invalid_pixels_are_blank_whatever_they_hold() -> None:
    image = np.full((20, 30), np.nan, dtype=np.float32)
    image[:10] = 0.7
    stack = stack_inputs(image, np.ones(image.shape, dtype=bool))
    assert np.isfinite(stack).all()
    assert stack[1].sum() == 300
    assert (stack[2] == 0).all()
