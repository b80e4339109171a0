import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.series.process import PARTS, SUMS, Process, fit_processes, part_covariance, posterior

PROCESS = Process((500.0, 120.0, 60.0), (2.0, 0.15), 3000.0)
MONTHS = 2010 + (np.arange(120) + 0.5) / 12


def drawn(seed, years=10.0, n=120, error=20.0):
    """Positions drawn from the model itself, and noisy observations of them."""
    random = np.random.default_rng(seed)
    time = np.sort(random.uniform(2010, 2010 + years, n))
    # four days of each month, for its mean
    days = (MONTHS[:, None] + (np.arange(4) - 1.5) / 48).ravel()
    at = np.concatenate([time, days])
    total = sum(part_covariance(part, at, at, PROCESS) for part in PARTS)
    truth = np.linalg.cholesky(total + 1e-3 * np.eye(len(at))) @ random.normal(size=len(at))
    sigma = np.full(n, error)
    return (
        time,
        truth[:n] + random.normal(0, error, n),
        sigma,
        truth[n:].reshape(-1, 4).mean(axis=1),
    )


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_proper_covariance(part):
    times = np.sort(np.random.default_rng(1).uniform(1985, 2020, 80))
    matrix = part_covariance(part, times, times, PROCESS)
    assert np.linalg.eigvalsh(matrix).min() > -1e-6 * matrix.max()
    assert np.diag(matrix) == pytest.approx(PROCESS.amplitudes[PARTS.index(part)] ** 2)


def test_stated_errors_hold_on_data_drawn_from_the_model():
    ratios = []
    for seed in range(8):
        time, value, error, truth = drawn(seed)
        found = posterior(time, value, error, MONTHS, fit_processes(time, value, error), ())
        inside = (time[0] < MONTHS) & (time[-1] > MONTHS)
        ratios.append(((found.mean["total"] - truth) / found.error["total"])[inside])
    pooled = np.abs(np.concatenate(ratios))
    assert 0.58 < np.mean(pooled < 1) < 0.78
    assert 0.88 < np.mean(pooled < 1.96) < 0.99


def test_errors_grow_in_a_gap_and_in_unseen_winters():
    time, value, error, _ = drawn(1, n=300)
    kept = ((time % 1 > 0.2) & (time % 1 < 0.8)) & ~((time > 2014) & (time < 2016.5))
    processes = fit_processes(time[kept], value[kept], error[kept])
    found = posterior(time[kept], value[kept], error[kept], MONTHS, processes, ())
    spread = found.error["total"]
    winter = (MONTHS % 1 < 0.1) | (MONTHS % 1 > 0.9)
    gap = (MONTHS > 2014.3) & (MONTHS < 2016.2)
    assert np.median(spread[winter & ~gap]) > 1.3 * np.median(spread[~winter & ~gap])
    assert np.median(spread[gap]) > 2 * np.median(spread[~gap])


def test_parts_add_up():
    time, value, error, _ = drawn(2)
    found = posterior(time, value, error, MONTHS, fit_processes(time, value, error))
    assert set(found.mean) == set(SUMS)
    weeks = found.mean["total"] - found.mean["interannual"] - found.mean["seasonal"]
    assert np.abs(weeks).max() < 4 * PROCESS.amplitudes[2]
    for name, matrix in found.covariance.items():
        assert np.sqrt(np.diag(matrix)) == pytest.approx(found.error[name], rel=1e-6, abs=1e-6)


@settings(max_examples=5)
@given(st.floats(-1e4, 1e4))
def test_shifting_all_observations_shifts_the_series(shift):
    time, value, error, _ = drawn(3, n=40)
    processes = fit_processes(time, value, error)
    plain = posterior(time, value, error, MONTHS, processes, ())
    moved = posterior(time, value + shift, error, MONTHS, processes, ())
    assert moved.mean["total"] - plain.mean["total"] == pytest.approx(shift, abs=1e-3)
    assert moved.error["total"] == pytest.approx(plain.error["total"])


@pytest.mark.parametrize("number", [3, 5, 12])
def test_few_or_equal_observations_do_not_break_it(number):
    time = np.linspace(2010, 2012, number)
    flat = np.zeros(number)
    found = posterior(
        time, flat, flat, MONTHS[:24], fit_processes(time, flat, flat), ("interannual",)
    )
    assert np.isfinite(found.error["total"]).all()
    assert found.mean["total"] == pytest.approx(0, abs=1e-6)
    same_day = np.repeat(2010.5, number)
    assert len(fit_processes(same_day, flat + 5.0, flat + 10.0)) > 0
