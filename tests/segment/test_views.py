"""Tiles, derived maps, views, passes, ensembles, exported networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from termini.errors import InputError, MissingExtraError
from termini.segment import (
    LAYERS,
    Network,
    Views,
    load_network,
    predict,
    predict_ensemble,
    predict_many,
    stack_inputs,
)
from termini.segment.inputs import wall_distance
from termini.segment.maps import assemble, front_of_mask, ice_of_front
from termini.segment.network_file import ready
from termini.segment.networks import build
from termini.segment.tiles import blend, computed_share, corners


def network(name: str = "ours_small", seed: int = 0, **options: object) -> Network:
    options = options or {"widths": (4, 8), "full": 4, "dropout": 0.3}
    return Network(ready(build(name, seed=seed, **options)), {}, False, "")


def picture(rows: int = 48, columns: int = 40, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    image = ndimage.gaussian_filter(rng.random((rows, columns)), 2.0)
    fjord = np.zeros(image.shape, dtype=bool)
    fjord[:, 8:-8] = True
    return stack_inputs((image - image.min()) / np.ptp(image), None, fjord)


@given(st.integers(20, 5000), st.integers(20, 5000), st.sampled_from([256, 512, 768]))
def test_tiles_cover_the_picture_at_less_than_half_again_its_cost(rows, columns, tile) -> None:
    areas = corners(rows, columns, tile)
    assert computed_share(rows, columns, tile) <= 1.5
    assert areas[0][0].start == areas[0][1].start == 0
    assert (areas[-1][0].stop, areas[-1][1].stop) == (rows, columns)
    assert max(max(r.stop - r.start, c.stop - c.start) for r, c in areas) <= tile
    if rows * columns < 10**6:
        weight = np.zeros((rows, columns))
        for area, part in zip(areas, blend(areas), strict=True):
            weight[area] += part
        assert (weight > 0.3).all()


def test_front_of_a_mask_lies_on_its_edge() -> None:
    rows = np.arange(60)[:, None]
    edge = 30.3 + 3 * np.sin(np.arange(40) / 6)[None]
    mask = (1 / (1 + np.exp(-(rows - edge)))).astype(np.float32)
    front = front_of_mask(mask)
    centre = (front * rows).sum(axis=0) / front.sum(axis=0)
    np.testing.assert_allclose(centre[2:-2], edge[0, 2:-2], atol=0.25)
    assert front.max() > 0.5
    assert front[:20].max() == 0.0
    assert front_of_mask(np.full((20, 20), 0.2, np.float32)).max() == 0.0
    valid = np.ones(mask.shape)
    valid[:, 20:] = 0
    assert front_of_mask(mask, valid)[:, 20:].max() == 0.0


def test_ice_of_a_front_lies_behind_it() -> None:
    front = np.zeros((30, 10), dtype=np.float32)
    front[12] = 0.9
    ice = ice_of_front(front)
    assert ice[:12].max() == 0.0
    assert ice[12:].min() == np.float32(0.9)


@pytest.mark.parametrize(
    ("outputs", "derived"),
    [
        (("land",), ("front", "rock")),
        (("front",), ("ice", "rock")),
        (("front", "ice"), ("rock",)),
        (("front", "ice", "rock", "distance", "log_variance"), ()),
    ],
)
def test_what_a_network_lacks_is_derived_and_named(outputs, derived) -> None:
    maps = np.full((len(outputs), 20, 20), 0.25, dtype=np.float32)
    result = assemble(maps, outputs)
    assert result.derived == derived
    assert result.front.shape == result.ice.shape == result.rock.shape == (20, 20)
    if "log_variance" in outputs:
        assert result.sigma is not None
        np.testing.assert_allclose(result.sigma, 0.5)


def test_front_path_takes_the_prediction_of_a_mask_network() -> None:
    from termini.fronts.path import front_path
    from termini.fronts.walls import polygon_walls

    rows = np.arange(60)[:, None]
    mask = np.repeat((1 / (1 + np.exp(31.4 - rows))).astype(np.float32), 40, axis=1)
    found = assemble(mask[None], ("land",))
    inside = np.zeros(mask.shape, dtype=bool)
    inside[:, 6:-6] = True
    path = front_path(found.front, found.ice, inside | True, polygon_walls(inside))
    assert abs(path.xy[:, 1].mean() - 31.4) < 0.5
    assert np.ptp(path.xy[:, 1]) < 1.0


def test_walls_are_where_the_fjord_ends() -> None:
    layer = wall_distance(picture()[2])
    assert layer.shape == (48, 40)
    assert (layer[:, :8] < 0).all()
    assert (layer[:, 8:-8] > 0).all()
    assert (wall_distance(np.zeros((20, 20))) == 0).all()


def test_views_are_averaged_and_their_spread_told() -> None:
    net, one = network(), picture()
    plain = predict(net, one)
    assert plain.spread is None
    assert plain.distance is not None
    assert plain.sigma is not None
    views = predict(net, one, views=Views(flips=True, scales=(1.0, 0.75)))
    assert views.spread is not None
    assert views.spread.max() > 0
    there = predict(net, one[..., ::-1].copy(), views=Views(flips=True, scales=(1.0, 0.75)))
    np.testing.assert_allclose(views.front, there.front[..., ::-1], atol=1e-5)


def test_distances_of_other_scales_come_in_pixels_of_the_picture() -> None:
    class Ruler:
        layers, outputs, multiple = LAYERS, ("front", "distance", "log_variance"), 1

        def run_arrays(self, stack: np.ndarray) -> np.ndarray:
            rows = np.arange(stack.shape[2], dtype=np.float32)[None, :, None]
            distance = np.broadcast_to(rows, stack[:, 0].shape)
            return np.stack([distance, distance, np.zeros_like(distance)], axis=1)

    ruler = Network(Ruler(), {}, False, "")
    one = picture(64, 64)
    half = predict(ruler, one, views=Views(scales=(0.5,)))
    assert half.distance is not None
    assert half.sigma is not None
    np.testing.assert_allclose(half.distance[8:-8].mean(axis=1), np.arange(8, 56), atol=1.0)
    np.testing.assert_allclose(half.sigma, 2.0, atol=1e-4)


def test_passes_with_dropout_repeat_and_differ_by_seed() -> None:
    net, one = network(), picture()
    first, again, other = (
        predict(net, one, views=Views(passes=3, seed=s)) for s in (1, 1, 2)
    )  # fmt: skip
    np.testing.assert_array_equal(first.front, again.front)
    assert not np.array_equal(first.front, other.front)
    assert first.spread is not None
    assert first.spread.max() > 0
    np.testing.assert_array_equal(predict(net, one).front, predict(net, one).front)
    with pytest.raises(InputError, match="no dropout"):
        predict(network("hed_unet", base=2, steps=2), one, views=Views(passes=2))


def test_an_ensemble_is_the_mean_of_its_members() -> None:
    nets, one = [network(seed=k) for k in range(3)], picture()
    parts = [predict(n, one) for n in nets]
    both = predict_ensemble(nets, one)
    np.testing.assert_allclose(both.front, np.mean([p.front for p in parts], axis=0), atol=1e-6)
    assert both.spread is not None
    np.testing.assert_allclose(both.spread, np.std([p.front for p in parts], axis=0), atol=1e-6)
    assert both.sigma is not None
    within = np.mean([np.square(p.sigma) for p in parts], axis=0)
    assert (both.sigma**2 >= within - 1e-5).all()
    mixed = predict_ensemble([nets[0], network("mohajerani2019", widths=(4, 8))], one)
    assert mixed.derived == ("ice", "rock")
    assert mixed.distance is None
    with pytest.raises(InputError, match="at least one"):
        predict_ensemble([], one)


def test_pictures_of_several_shapes_go_together() -> None:
    net = network()
    pictures = [picture(48, 40, 1), picture(33, 57, 2), picture(48, 40, 3)]
    for one, maps in zip(pictures, predict_many(net, pictures), strict=True):
        np.testing.assert_allclose(predict(net, one).front, maps.front, atol=1e-5)


def test_exported_networks_predict_the_same(tmp_path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from termini.segment.export import export_onnx

    for net in (network(), load_network(half=False)):
        path = export_onnx(net, tmp_path / f"{net.module.name}.onnx", size=64)
        there = load_network(path)
        assert there.outputs == net.outputs
        for shape in ((48, 40), (90, 70)):
            one = picture(*shape)
            np.testing.assert_allclose(
                predict(there, one).front, predict(net, one).front, atol=2e-4
            )
    with pytest.raises(InputError, match="exported network already"):
        export_onnx(there, tmp_path / "again.onnx")


def test_without_onnx_the_extra_is_named(tmp_path, monkeypatch) -> None:
    import sys

    from termini.segment.export import export_onnx

    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"termini\[onnx\]"):
        export_onnx(network(), tmp_path / "n.onnx")
    with pytest.raises(MissingExtraError, match=r"termini\[onnx\]"):
        load_network(tmp_path / "n.onnx")


def test_normalisation_comes_from_the_training() -> None:
    net = network()
    assert net.normalisation == "equalise"
    known = replace(net, metadata={"training": {"normalisation": "linear"}})
    assert known.normalisation == "linear"
    assert load_network().normalisation == "equalise"
