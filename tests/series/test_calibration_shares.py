"""How well a share of errors is told, of ``benchmarks/calibration_shares.py``."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FILE = Path(__file__).parents[2] / "benchmarks" / "calibration_shares.py"


@pytest.fixture(scope="module")
def calibration() -> ModuleType:
    spec = importlib.util.spec_from_file_location("calibration_shares", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_intervals_of_independent_errors_hold_the_true_share(calibration):
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        low, high = calibration.share_interval(rng.random(200) < 0.68, np.arange(200))
        held += low <= 0.68 <= high
    assert held / 400 > 0.93


def test_errors_that_go_together_tell_less(calibration):
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(12), 50)
    held, wider = 0, 0
    for _ in range(300):
        # glaciers whose own shares scatter about the common one
        inside = rng.random(600) < np.clip(rng.normal(0.68, 0.12, 12), 0, 1)[group]
        low, high = calibration.share_interval(inside, group)
        alone = calibration.share_interval(inside, np.arange(600))
        held += low <= 0.68 <= high
        wider += high - low >= alone[1] - alone[0] - 1e-12
    assert held / 300 > 0.9
    assert wider == 300


def test_rows_say_what_can_be_told(calibration):
    rng = np.random.default_rng(3)
    sigma, group = rng.uniform(5, 20, 4000), np.arange(4000) // 40
    right = calibration.shares(
        calibration.Errors.normal(sigma * rng.normal(size=4000), sigma, group)
    )
    assert right["met"]
    assert right["may_be"]
    assert right["groups"] == 100
    wrong = calibration.shares(
        calibration.Errors.normal(3 * sigma * rng.normal(size=4000), sigma, group)
    )
    assert not wrong["met"]
    assert not wrong["may_be"]
    two = calibration.Errors.normal(np.array([1.0, 9.0]), np.full(2, 2.0), np.array(["a", "b"]))
    few = calibration.shares(two)
    assert not few["met"]
    assert few["may_be"]


def test_errors_of_dates_are_held_against_their_own_intervals(calibration):
    rng = np.random.default_rng(4)
    sigma, group = np.full(8000, 30.0), np.arange(8000)
    error = 0.58 * sigma * rng.standard_t(2.5, 8000)
    own = calibration.Errors.of_part(error, sigma, group, "centreline", date=1.0)
    assert calibration.shares(own)["met"]
    assert not calibration.shares(calibration.Errors.normal(error, sigma, group))["met"]


def test_several_answers_are_held_against_what_lies_between_them(calibration):
    rng = np.random.default_rng(5)
    sigma, group = rng.uniform(20, 200, 2000), np.arange(2000) // 20
    error = np.sqrt(2) * sigma * rng.choice([-1, 0, 0, 1], 2000)
    row = calibration.ranges(calibration.Errors.normal(error, sigma, group))
    assert row["met"]
    assert row["in_range"] == 1.0
    assert row["from_at_value"] < 0.5 < row["to_at_value"]
    assert row["rms_ratio"] == pytest.approx(1.0, abs=0.05)
    beyond = calibration.Errors.normal(2 * error, sigma, group)
    assert not calibration.ranges(beyond)["met"]
