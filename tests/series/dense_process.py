"""The same process with full covariance matrices: slow, short, and the measure of the engine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from termini.series.process import PARTS, Process
from termini.series.process_kernels import HARMONICS, SEASON_MEMORY

Array = NDArray[np.float64]
SUMS = {
    "total": ("constant", *PARTS),
    "interannual": ("constant", "years"),
    "seasonal": ("season",),
}


def matern(apart: Array, scale: float) -> Array:
    scaled = np.sqrt(3.0) * apart / scale
    return np.asarray((1.0 + scaled) * np.exp(-scaled))


def part_covariance(part: str, one: Array, two: Array, process: Process) -> Array:
    """Covariance of one part between two sets of times, square metres."""
    apart = np.abs(one[:, None] - two[None, :])
    if part == "constant":
        return np.full(apart.shape, process.constant**2)
    variance = process.amplitudes[PARTS.index(part)] ** 2
    if part == "years":
        apart = np.abs(process.pace(one)[:, None] - process.pace(two)[None, :])
        return variance * matern(apart, process.scales[0])
    if part == "weeks":
        return np.asarray(variance * np.exp(-apart / process.scales[1]))
    waves = sum(s * np.cos(2 * np.pi * (k + 1) * apart) for k, s in enumerate(HARMONICS))
    return np.asarray(variance * waves * matern(apart, SEASON_MEMORY))


def covariance(time: Array, error: Array, process: Process) -> Array:
    parts = sum(part_covariance(part, time, time, process) for part in ("constant", *PARTS))
    return np.asarray(parts + np.diag(error**2))


def cost(time: Array, value: Array, error: Array, process: Process) -> float:
    factor = cholesky(covariance(time, error, process), lower=True)
    return float(0.5 * value @ cho_solve((factor, True), value) + np.log(np.diag(factor)).sum())


def left_out(time: Array, value: Array, error: Array, process: Process) -> tuple[Array, Array]:
    inverse = np.linalg.inv(covariance(time, error, process))
    own = np.diag(inverse)
    return inverse @ (value - value.mean()) / own, 1.0 / np.sqrt(own)


def posterior(
    time: Array, value: Array, error: Array, at: Array, edges: Array, process: Process
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Mean and covariance of the sums; the weekly part a mean between edges, shape (m, 2)."""
    names = ("constant", *PARTS)
    factor = cholesky(covariance(time, error, process), lower=True)
    offset = value.mean()
    solved = cho_solve((factor, True), value - offset)
    cross = {name: part_covariance(name, at, time, process) for name in names}
    before = {name: part_covariance(name, at, at, process) for name in names}
    variance = process.amplitudes[2] ** 2
    scale = process.scales[1]
    fine = np.linspace(0.0, 1.0, 401)
    inside = edges[:, :1] + (fine[:-1] + fine[1:]) / 2 * np.diff(edges)
    cross["weeks"] = variance * np.array(
        [np.exp(-np.abs(row[:, None] - time) / scale).mean(axis=0) for row in inside]
    )
    before["weeks"] = variance * np.array(
        [
            [np.exp(-np.abs(one[:, None] - two[None, :]) / scale).mean() for two in inside[:, ::8]]
            for one in inside[:, ::8]
        ]
    )
    mean, spread = {}, {}
    for name, members in SUMS.items():
        link = np.asarray(sum(cross[part] for part in members))
        half = solve_triangular(factor, link.T, lower=True)
        mean[name] = link @ solved + (offset if "constant" in members else 0.0)
        spread[name] = np.asarray(sum(before[part] for part in members) - half.T @ half)
    return mean, spread
