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
    sigma = rng.uniform(5, 20, 4000)
    right = calibration.shares(sigma * rng.normal(size=4000), sigma, np.arange(4000) // 40)
    assert right["met"]
    assert right["may_be"]
    assert right["groups"] == 100
    wrong = calibration.shares(3 * sigma * rng.normal(size=4000), sigma, np.arange(4000) // 40)
    assert not wrong["met"]
    assert not wrong["may_be"]
    few = calibration.shares(np.array([1.0, 9.0]), np.array([2.0, 2.0]), np.array(["a", "b"]))
    assert not few["met"]
    assert few["may_be"]


def test_a_networks_lines_are_held_against_their_own_intervals(calibration):
    rng = np.random.default_rng(4)
    sigma, group = np.full(8000, 30.0), np.arange(8000)
    error = sigma * rng.standard_t(4, 8000) / np.sqrt(2)
    assert calibration.shares(error, sigma, group, "centreline", "machine")["met"]
    assert not calibration.shares(error, sigma, group, "centreline", "manual")["met"]
