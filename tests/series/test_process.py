from dataclasses import replace

import dense_process as dense
import numpy as np
import pytest
from dense_process import part_covariance
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.series.process import (
    PARTS,
    SUMS,
    Process,
    fit_processes,
    left_out,
    posterior,
)
from termini.series.process_events import month_edges
from termini.series.process_kernels import likelihood, wave_table
from termini.series.process_pace import EVEN, Pace, paces

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
        found = posterior(time, value, error, MONTHS, fit_processes(time, value, error))
        inside = (time[0] < MONTHS) & (time[-1] > MONTHS)
        ratios.append(((found.mean["total"] - truth) / found.error["total"])[inside])
    pooled = np.abs(np.concatenate(ratios))
    assert 0.58 < np.mean(pooled < 1) < 0.78
    assert 0.88 < np.mean(pooled < 1.96) < 0.99


def test_errors_grow_in_a_gap_and_in_unseen_winters():
    time, value, error, _ = drawn(1, n=300)
    kept = ((time % 1 > 0.2) & (time % 1 < 0.8)) & ~((time > 2014) & (time < 2016.5))
    processes = fit_processes(time[kept], value[kept], error[kept])
    found = posterior(time[kept], value[kept], error[kept], MONTHS, processes)
    spread = found.error["total"]
    winter = (MONTHS % 1 < 0.1) | (MONTHS % 1 > 0.9)
    gap = (MONTHS > 2014.3) & (MONTHS < 2016.2)
    assert np.median(spread[winter & ~gap]) > 1.3 * np.median(spread[~winter & ~gap])
    assert np.median(spread[gap]) > 2 * np.median(spread[~gap])


def test_parts_add_up():
    time, value, error, _ = drawn(2)
    every = np.eye(len(MONTHS))
    processes = fit_processes(time, value, error)
    found = posterior(
        time, value, error, MONTHS, processes, {"interannual": every, "seasonal": every}
    )
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
    plain = posterior(time, value, error, MONTHS, processes)
    moved = posterior(time, value + shift, error, MONTHS, processes)
    assert moved.mean["total"] - plain.mean["total"] == pytest.approx(shift, abs=1e-3)
    assert moved.error["total"] == pytest.approx(plain.error["total"])


@pytest.mark.parametrize("number", [3, 5, 12])
def test_few_or_equal_observations_do_not_break_it(number):
    time = np.linspace(2010, 2012, number)
    flat = np.zeros(number)
    found = posterior(time, flat, flat, MONTHS[:24], fit_processes(time, flat, flat))
    assert np.isfinite(found.error["total"]).all()
    assert found.mean["total"] == pytest.approx(0, abs=1e-6)
    same_day = np.repeat(2010.5, number)
    assert len(fit_processes(same_day, flat + 5.0, flat + 10.0)) > 0


def observations(seed, n=90, span=12.0):
    """Irregular times, some of them equal, with a long gap."""
    random = np.random.default_rng(seed)
    time = 2005 + np.sort(random.uniform(0, span, n))
    time[time > 2009] += 3.0
    time[n // 3] = time[n // 3 - 1]
    return time, random.normal(0, 300, n), random.uniform(2, 60, n)


processes_of_all_kinds = st.builds(
    Process,
    st.tuples(st.floats(1, 5000), st.floats(1, 800), st.floats(1, 500)),
    st.tuples(st.floats(0.3, 30), st.floats(0.02, 0.5)),
    st.floats(500, 20000),
    pace=st.sampled_from([EVEN, Pace((2006.0, 2008.0, 2012.0), (0.0, 0.1, 4.0))]),
)


@settings(max_examples=20, deadline=None)
@given(processes_of_all_kinds, st.integers(0, 99))
def test_the_engine_gives_the_likelihood_of_full_covariances(process, seed):
    time, value, error = observations(seed)
    cost, slope, _, _ = likelihood(
        time, process.pace(time), value, error**2, wave_table(time), *process.arrays()
    )
    assert cost == pytest.approx(dense.cost(time, value, error, process), rel=1e-8)
    for k in range(3):
        sides = []
        for sign in (-1e-3, 1e-3):
            amplitudes = list(process.amplitudes)
            amplitudes[k] *= np.exp(sign)
            moved = replace(process, amplitudes=tuple(amplitudes))
            sides.append(dense.cost(time, value, error, moved))
        assert slope[k] == pytest.approx((sides[1] - sides[0]) / 2e-3, rel=3e-3, abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(processes_of_all_kinds, st.integers(0, 99))
def test_the_engine_leaves_out_one_as_full_covariances_do(process, seed):
    time, value, error = observations(seed)
    for found, wanted in zip(
        left_out(time, value, error, process),
        dense.left_out(time, value, error, process),
        strict=True,
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@settings(max_examples=6, deadline=None)
@given(processes_of_all_kinds, st.integers(0, 99))
def test_the_engine_gives_the_posterior_of_full_covariances(process, seed):
    time, value, error = observations(seed, n=60, span=5.0)
    at = 2006.5 + np.cumsum(np.resize([0.082, 0.077, 0.2], 40))
    every = np.eye(len(at))
    found = posterior(time, value, error, at, [process], {"interannual": every, "seasonal": every})
    mean, spread = dense.posterior(time, value, error, at, month_edges(at), process)
    for name in SUMS:
        # the full covariances average the weekly part over a fine grid
        rough = 1e-3 * process.amplitudes[2] if name == "total" else 1e-5
        np.testing.assert_allclose(found.mean[name], mean[name], atol=rough + 1e-4, rtol=1e-6)
        assert found.error[name] == pytest.approx(
            np.sqrt(np.diag(spread[name])), abs=rough, rel=2e-3
        )
    for name, matrix in found.covariance.items():
        np.testing.assert_allclose(matrix, spread[name], rtol=1e-5, atol=1e-3)


def surging(years=40, surge=(2010.0, 2013.0), metres=4000.0, seed=0):
    """Annual fronts of a glacier that surges once, seen monthly in the surge."""
    random = np.random.default_rng(seed)
    time = np.sort(np.concatenate([1985.6 + np.arange(years), np.arange(*surge, 1 / 12) + 0.01]))
    value = metres * np.clip((time - surge[0]) / (surge[1] - surge[0]), 0, 1) - 20 * (time - 1985)
    return time, value + random.normal(0, 20, len(time)), np.full(len(time), 20.0)


def test_a_surge_leaves_quiet_years_sure():
    time, value, error = surging()
    processes = fit_processes(time, value, error)
    assert sum(p.weight for p in processes if p.pace != EVEN) > 0.9
    quiet = np.arange(1990.1, 2005.0, 1 / 12)
    found = posterior(time, value, error, quiet, processes)
    even = [replace(p, pace=EVEN) for p in processes]
    before = posterior(time, value, error, quiet, even)
    assert found.error["total"].max() < 0.5 * before.error["total"].max()
    off = found.mean["total"] - (-20 * (quiet - 1985))
    assert np.mean(np.abs(off - off.mean()) < 2 * found.error["total"]) > 0.9


@given(st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_clocks_run_forward_and_never_fast(seed):
    time, value, _ = surging(seed=seed, metres=200.0 * seed)
    fine = np.linspace(time[0] - 5, time[-1] + 5, 500)
    for pace in paces(time, value):
        step = np.diff(pace(fine)) / np.diff(fine)
        assert (step > 0).all()
        assert (step < 1.0 + 1e-9).all()


def test_an_even_record_has_one_clock():
    time = np.arange(1990.0, 2020.0, 0.1)
    assert paces(time, 50 * np.sin(2 * np.pi * time) - 100 * time) == [EVEN]
