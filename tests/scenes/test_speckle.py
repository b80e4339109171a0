"""Speckle filters, decibels, and equalising within tiles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from numpy.typing import NDArray

from termini.errors import InputError
from termini.scenes import Scene, despeckle, normalise, normalise_values, to_decibel
from termini.scenes.normalise import METHODS
from termini.scenes.speckle import FILTERS, Filter

LOOKS = 4


def _scene(values: NDArray[np.floating], valid: NDArray[np.bool_] | None = None) -> Scene:
    seen = np.ones(values.shape, dtype=bool) if valid is None else valid
    return Scene(
        values.astype(np.float32), seen, Affine.identity(), None, "Sentinel-1", "x", None, 10.0
    )


def _two_halves() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Truth, and the same under speckle of four looks."""
    truth = np.full((120, 120), 0.1)
    truth[:, 60:] = 0.8
    rng = np.random.default_rng(0)
    return truth, truth * rng.gamma(LOOKS, 1.0 / LOOKS, truth.shape)


@pytest.mark.parametrize("method", [f for f in FILTERS if f != "none"])
def test_speckle_goes_and_brightness_stays(method: Filter) -> None:
    truth, noisy = _two_halves()
    out = despeckle(_scene(noisy), method, looks=LOOKS).values
    for half in (np.s_[8:-8, 8:50], np.s_[8:-8, 70:-8]):
        assert out[half].std() < 0.45 * noisy[half].std()
        # medians of a skew distribution lie below its mean
        low = 0.88 if method == "medians" else 0.97
        assert low < out[half].mean() / truth[half].mean() < 1.03


def test_refined_lee_keeps_an_edge_that_lee_leaves_noisy() -> None:
    truth, noisy = _two_halves()
    edge = np.s_[8:-8, 57:63]
    error = {}
    for method in ("lee", "refined_lee"):
        away = despeckle(_scene(noisy), method, looks=LOOKS).values - truth
        error[method] = float(np.sqrt(np.mean(away[edge] ** 2)))
    assert error["refined_lee"] < 0.8 * error["lee"]


@pytest.mark.parametrize("method", FILTERS)
def test_filters_leave_out_what_was_not_seen(method: Filter) -> None:
    _, noisy = _two_halves()
    valid = np.ones(noisy.shape, dtype=bool)
    valid[40:80, 20:40] = False
    one = despeckle(_scene(np.where(valid, noisy, 0.0), valid), method, looks=LOOKS)
    two = despeckle(_scene(np.where(valid, noisy, 1e6), valid), method, looks=LOOKS)
    assert np.array_equal(one.valid, valid)
    assert np.allclose(one.values[valid], two.values[valid], rtol=1e-5)


@pytest.mark.parametrize("method", FILTERS)
def test_a_flat_scene_stays_flat(method: Filter) -> None:
    out = despeckle(_scene(np.full((30, 30), 0.3)), method)
    assert np.allclose(out.values, 0.3)


def test_unknown_filter_and_looks() -> None:
    with pytest.raises(InputError, match="'frost' is unknown; use one of none, medians"):
        despeckle(_scene(np.ones((9, 9))), "frost")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="looks is 0"):
        despeckle(_scene(np.ones((9, 9))), "lee", looks=0)


def test_decibels() -> None:
    values = np.array([[1.0, 0.1], [0.0, 100.0]])
    out = to_decibel(_scene(values))
    assert out.valid.tolist() == [[True, True], [False, True]]
    assert out.values[out.valid] == pytest.approx([0.0, -10.0, 20.0])
    assert to_decibel(_scene(values), amplitude=True).values[0, 1] == pytest.approx(-20.0)
    already = replace(out, valid=out.valid)
    assert to_decibel(already) is already


def test_tiles_are_equalised_and_gaps_take_no_part() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(100, 3, (160, 160)) + np.where(np.arange(160) < 80, 0, 900)
    valid = np.ones(values.shape, dtype=bool)
    valid[:, :12] = False
    out = normalise_values(values, valid, "clahe")
    plain = normalise_values(values, valid, "linear")
    assert out.dtype == np.float32
    assert 0.0 <= out.min() <= out.max() <= 1.0
    assert (out[~valid] == 0).all()
    assert out[:, 20:70].std() > 2 * plain[:, 20:70].std()
    other = normalise_values(np.where(valid, values, -1e6), valid, "clahe")
    assert np.allclose(out, other)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (40, 9)])
def test_every_normalisation_bears_small_and_flat_scenes(
    method: str, shape: tuple[int, int]
) -> None:
    flat = normalise(_scene(np.ones(shape)), method)  # type: ignore[arg-type]
    assert flat.shape == shape
    assert (flat == 0).all()
    ramp = np.arange(np.prod(shape), dtype=float).reshape(shape)
    out = normalise(_scene(ramp), method)  # type: ignore[arg-type]
    assert np.isfinite(out).all()
    assert 0.0 <= out.min() <= out.max() <= 1.0


def test_unknown_normalisation() -> None:
    with pytest.raises(InputError, match="'log' is unknown; use equalise, linear, none or clahe"):
        normalise_values(np.ones((2, 2)), np.ones((2, 2), bool), "log")  # type: ignore[arg-type]


def test_values_are_those_that_the_shipped_network_was_trained_on() -> None:
    """Written down with the first release's code."""
    values = np.array([[0, 10, 20, 20], [30, 30, 30, 250]], dtype=np.uint8)
    valid = values > 0
    equalised = normalise_values(values, valid, "equalise")
    expected = [[0, 1 / 14, 4 / 14, 4 / 14], [9 / 14, 9 / 14, 9 / 14, 13 / 14]]
    assert equalised == pytest.approx(np.array(expected), abs=1e-6)
    assert normalise_values(values, valid, "none")[0, 2] == pytest.approx(10 / 240)
    low, high = np.quantile(values[valid], (0.02, 0.98))
    assert normalise_values(values, valid, "linear")[1, 0] == pytest.approx(
        (30 - low) / (high - low)
    )
