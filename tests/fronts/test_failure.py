"""The failure detector, published confidence, and calibrated errors of lines."""

from __future__ import annotations

import numpy as np
import pytest

from termini.errors import InputError
from termini.fronts import PathSettings, corner_walls, vectorise
from termini.fronts.assess import assess
from termini.fronts.confidence import autoterm_uncertainty, calfin_confidence
from termini.fronts.doubt_features import MORE_VIEWS, ONE_VIEW, View, doubt_features
from termini.fronts.failure import Detector, Question, detector
from termini.fronts.judgement import FrontPath
from termini.fronts.sigma import line_sigma, size_models
from termini.fronts.vector import Maps, take_maps

ROWS, COLUMNS = 140, 110


def _scene(strength: float = 0.9, width: float = 1.5, rival: float = 0.0) -> tuple[Maps, FrontPath]:
    """Maps of a front at row 70, and if wanted another at row 30, with the line found."""
    rng = np.random.default_rng(3)
    row = np.arange(ROWS)[:, None] + np.zeros(COLUMNS)
    heat = strength * np.exp(-0.5 * ((row - 70) / width) ** 2)
    heat = np.maximum(heat, rival * np.exp(-0.5 * ((row - 30) / width) ** 2))
    heat = (heat + 0.05 * rng.random(heat.shape)).clip(0, 1)
    ice = 1 / (1 + np.exp(-(row - 70).clip(-30, 30) / width))
    inside = np.zeros((ROWS, COLUMNS), dtype=bool)
    inside[5:135, 15:95] = True
    maps = take_maps(heat, ice, None, corner_walls(inside))
    return maps, vectorise(heat, ice, None, maps.walls)


def test_a_clear_front_is_trusted_and_a_faint_one_with_a_rival_less() -> None:
    clear = assess(*_scene())
    doubtful = assess(*_scene(strength=0.35, width=3.0, rival=0.33))
    assert clear.p_wrong < 0.05
    assert not clear.probably_wrong
    assert not clear.probably_incomplete
    assert clear.reasons == ()
    assert doubtful.p_wrong > 4 * clear.p_wrong
    assert clear.errors is not None
    assert doubtful.errors is not None
    assert doubtful.sigma_px > 1.5 * clear.sigma_px
    assert clear.errors.vertex.shape == (len(clear.xy),)
    assert (clear.errors.vertex_95 > clear.errors.vertex).all()
    assert clear.errors.mean_95 > clear.errors.mean > 0
    assert 0.2 < clear.sigma_px < 2


def test_features_are_complete_finite_and_the_same_for_the_same_line() -> None:
    maps, path = _scene(rival=0.5)
    views = [View(maps.front, maps.ice)]
    found = doubt_features(maps, path, PathSettings(), views)
    assert tuple(found) == ONE_VIEW + MORE_VIEWS
    assert all(np.isfinite(value) for value in found.values())
    assert found["spread"] == pytest.approx(0.0, abs=0.01)
    assert found["elsewhere"] > 0.2
    assert found == doubt_features(maps, path, PathSettings(), views)
    none = doubt_features(maps, path, None, [View(np.zeros_like(maps.front), maps.ice)])
    assert none["spread_most"] == pytest.approx(np.log1p(100))


def test_a_probably_wrong_line_says_so_with_its_score(monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(ONE_VIEW)
    sure = Detector(ONE_VIEW, (0.0,) * count, (1.0,) * count, (0.0,) * count, 3.0, 0.5)
    monkeypatch.setattr("termini.fronts.assess.detector", lambda question: sure)
    found = assess(*_scene())
    assert found.probably_wrong
    assert found.probably_incomplete
    assert found.reasons == ("wrong with probability 0.95 > 0.5",)


@pytest.mark.parametrize("question", ["wrong", "incomplete"])
def test_the_shipped_detector_wants_its_features(question: Question) -> None:
    model = detector(question)
    assert 0 < model.threshold < 1
    middle = dict(zip(model.names, model.mean, strict=True))
    assert 0 < model.probability(middle) < model.threshold
    with pytest.raises(InputError, match="lacks the feature"):
        model.probability({"probability": 0.5})


def test_errors_grow_with_the_width_of_the_ridge_and_the_chance_of_being_wrong() -> None:
    maps, path = _scene()
    wide, _ = _scene(width=3.0)
    narrow = line_sigma(maps.front, maps.ice, path.xy, 0.02)
    assert line_sigma(wide.front, wide.ice, path.xy, 0.02).vertex.mean() > narrow.vertex.mean()
    assert line_sigma(maps.front, maps.ice, path.xy, 0.5).mean > narrow.mean
    vertex, trace = size_models()
    assert vertex.factor_95 > vertex.factor_68 > 0
    assert trace.factor_95 > trace.factor_68 > 0


def test_published_confidence_accepts_the_clear_and_not_the_faint() -> None:
    maps, path = _scene(width=0.8)
    clear = calfin_confidence(maps, path.xy)
    assert clear.pixels >= 32
    assert clear.imbalance < 0.1
    assert clear.mask_ratio < 2
    faint, line = _scene(strength=0.5, width=3.0)
    doubtful = calfin_confidence(faint, line.xy)
    assert doubtful.edge < clear.edge
    assert not doubtful.accepted
    same = [View(maps.front, maps.ice)]
    assert autoterm_uncertainty(maps, path.xy, same) == pytest.approx(0.0, abs=0.05)
    nothing = [View(np.zeros_like(maps.front), maps.ice)]
    assert autoterm_uncertainty(maps, path.xy, nothing) == 100.0
