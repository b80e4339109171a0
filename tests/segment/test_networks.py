"""The published networks and ours: sizes, shapes, seeds, learning."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from termini.errors import InputError
from termini.segment import Network, predict, stack_inputs
from termini.segment.network_file import load_network, ready
from termini.segment.networks import (
    build,
    multiplications,
    network_card,
    network_names,
    parameter_count,
    published_count,
)
from termini.segment.objectives import LossSettings, total_loss
from termini.segment.weights_file import read_weights, write_weights

SMALL = {
    "termini_unet": {"widths": (4, 8, 8)},
    "ours_small": {"widths": (4, 8), "full": 4},
    "ours_large": {"widths": (4, 8), "full": 4},
    "mohajerani2019": {},
    "mohajerani2019_paper": {"widths": (4, 8, 8)},
    "unet_zhang2019": {"widths": (4, 8)},
    "unet_baumhoer2019": {"widths": (4, 8)},
    "unet_loebel2024": {"widths": (4, 8, 8)},
    "hed_unet": {"base": 4, "steps": 2},
}
"""Networks that are quick when narrow; the others have no options."""


def toy(n: int = 2, size: int = 64) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Bright ice below dark water, all known."""
    rows = torch.arange(size)[None, :, None].expand(n, size, size).float()
    edge = torch.tensor([size * 0.4 + 4 * k for k in range(n)])[:, None, None]
    ice = (rows > edge).float()
    noise = torch.randn(n, size, size, generator=torch.Generator().manual_seed(0)) * 0.05
    known = torch.ones_like(ice)
    targets = {
        "distance": (rows - edge).abs(), "seen": known, "ice": ice, "ice_known": known,
        "rock": 0 * ice, "rock_known": known,
    }  # fmt: skip
    return 0.3 + 0.5 * ice + noise, targets


@pytest.mark.parametrize("name", network_names())
def test_every_network_answers_alike(name: str) -> None:
    module, card = build(name, device="meta"), network_card(name)
    rows, columns = 4 * module.multiple, 2 * module.multiple
    x = torch.zeros(2, len(card.layers), rows, columns, device="meta")
    assert module.eval()(x).shape == (2, len(card.outputs), rows, columns)
    assert card.paper
    assert {"front", "ice", "land"} & set(card.outputs)


@pytest.mark.parametrize("name", [n for n in network_names() if network_card(n).published])
def test_sizes_are_those_of_the_papers(name: str) -> None:
    published = network_card(name).published
    assert published is not None
    # to the digits that the papers give
    digits = 0 if published < 1e6 else -5 if published < 1e8 else -6
    assert round(published_count(name), digits) == published


def test_cost_of_autoterm_is_what_was_measured_of_it() -> None:
    module = build("deeplab_drn54", device="meta")
    assert multiplications(module, 720, 960) / 1e9 == pytest.approx(491, rel=0.01)


def test_ours_are_as_small_as_meant() -> None:
    assert 1e6 < parameter_count(build("ours_small", device="meta")) < 3e6
    # two bytes a value: all weights together stay under 20 MB
    assert 2 * parameter_count(build("ours_large", device="meta")) < 15e6


def test_multiplications_of_one_convolution() -> None:
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 5, 3, padding=1))
    module.layers = ("image", "valid", "fjord")
    assert multiplications(module, 10, 20) == 10 * 20 * 5 * 3 * 9


@pytest.mark.parametrize("name", ["deeplab_mobilenet", *SMALL])
def test_same_seed_same_weights_and_the_global_stream_untouched(name: str) -> None:
    options = SMALL.get(name, {})
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = build(name, seed=3, **options).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    second, other = (build(name, seed=s, **options).state_dict() for s in (3, 4))
    assert all(torch.equal(first[k], second[k]) for k in first)
    assert any(not torch.equal(first[k], other[k]) for k in first)


@pytest.mark.parametrize("name", SMALL)
def test_loss_falls_on_a_toy(name: str) -> None:
    card = network_card(name)
    module = build(name, seed=1, **SMALL[name]).train()
    image, targets = toy()
    x = torch.stack([image] * len(card.layers), dim=1)
    rate = 5e-3 if name.startswith("mohajerani") else 2e-2  # without normalisation units die
    optimiser = torch.optim.Adam(module.parameters(), lr=rate)
    settings = LossSettings(name="ours" if "distance" in card.outputs else "bce")
    losses = []
    torch.manual_seed(0)
    for _ in range(25):
        loss, _ = total_loss(module(x), targets, settings, card.outputs)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-3:]) < 0.8 * np.mean(losses[:2])


@pytest.mark.parametrize("name", ["deeplab_mobilenet", *SMALL])
def test_folding_and_the_file_change_nothing(name: str, tmp_path) -> None:
    module = build(name, seed=2, **SMALL.get(name, {}))
    x = torch.rand(2, len(module.layers), 64, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        for _ in range(2):
            module.train()(x)
        before = module.eval()(x)
        path = write_weights(module, tmp_path / "w.safetensors", name="t", training={"seed": 2})
        again, metadata = read_weights(path)
        after = ready(again)(x)
    assert metadata["name"] == "t"
    assert (again.layers, again.outputs) == (module.layers, module.outputs)
    scale = float(before.abs().max()) + 1.0
    torch.testing.assert_close(before / scale, after / scale, atol=5e-3, rtol=0)
    loaded = load_network(path, half=False)
    maps = predict(loaded, stack_inputs(np.random.default_rng(0).random((40, 33)), bands=BANDS))
    for layer in (maps.front, maps.ice, maps.rock):
        assert layer.shape == (40, 33)
        assert 0.0 <= layer.min() <= layer.max() <= 1.0


BANDS = [np.random.default_rng(k).random((40, 33)) for k in range(8)]


def test_unknown_names_and_options_say_so() -> None:
    with pytest.raises(InputError, match="did you mean hed_unet"):
        build("hed-unet")
    with pytest.raises(InputError, match="cannot be built"):
        build("ours_small", depth=7)


def test_a_scene_without_the_bands_says_so() -> None:
    module = ready(build("unet_loebel2024", **SMALL["unet_loebel2024"]))
    with pytest.raises(InputError, match="needs band2"):
        predict(Network(module, {}, False, ""), stack_inputs(np.full((32, 32), 0.5)))
