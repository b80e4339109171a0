"""Looking at a scene with one network or several."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from termini.errors import InputError
from termini.fronts.see import files_of, members_of, open_networks, see
from termini.scenes import Scene, normalise
from termini.segment import WEIGHTS, Network, Views, predict, stack_inputs
from termini.segment.network_file import ready
from termini.segment.networks import build
from termini.segment.weights_file import write_weights


def _network(seed: int, normalisation: str, dropout: float = 0.3) -> Network:
    module = ready(build("ours_small", seed=seed, widths=(4, 8), full=4, dropout=dropout))
    return Network(module, {"training": {"normalisation": normalisation}}, False, "")


def _scene() -> Scene:
    values = np.random.default_rng(0).gamma(2.0, 900.0, (48, 40)).astype(np.float32)
    transform = Affine.translation(-0.5, -0.5)
    return Scene(values, np.ones(values.shape, bool), transform, None, "", "s", None, 50.0)


def test_each_network_sees_brightness_as_it_was_trained() -> None:
    scene, networks = _scene(), [_network(1, "none"), _network(2, "linear")]
    alone = [
        predict(n, stack_inputs(normalise(scene, n.normalisation), scene.valid)).front
        for n in networks
    ]
    for network, front in zip(networks, alone, strict=True):
        np.testing.assert_array_equal(see(network, scene, None, None).front, front)
    both = see(networks, scene, None, None).front
    np.testing.assert_allclose(both, np.mean(alone, axis=0), atol=1e-6)
    otherwise = see(networks, scene, None, Views(flips=True)).front
    assert not np.array_equal(both, otherwise)


def test_weights_are_one_file_or_several(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_weights(build("ours_small", seed=1), path, name="ours_small", training={})
    assert files_of(None) == files_of([]) == [WEIGHTS]
    assert files_of(str(path)) == [path]
    assert files_of([path, open_networks(None, None)[0]]) == [path, WEIGHTS]
    with pytest.raises(InputError, match="was not read from a file"):
        files_of([path, _network(1, "none")])
    assert [n.name for n in open_networks([path, WEIGHTS], None)] == ["ours_small", "termini-unet"]
    with pytest.raises(InputError, match=r"none\.onnx: no such weights"):
        files_of([path, tmp_path / "none.onnx"])
    with pytest.raises(InputError, match="no network"):
        members_of([])


def test_passes_are_refused_before_the_first_scene() -> None:
    plain = _network(1, "none", dropout=0.0)
    assert open_networks(plain, None) == [plain]
    with pytest.raises(InputError, match="no dropout"):
        open_networks([_network(2, "none"), plain], Views(passes=2))
