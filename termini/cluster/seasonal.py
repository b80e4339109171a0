"""The seasonal scale: mean cycles, and how they change over the record."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from termini.cluster.features import Features, press, reason_codes
from termini.cluster.membership import cyclic_noise

Array = NDArray[np.float64]
MONTHS = range(1, 13)
#: What a step brings to a mean cycle, as a share of the most that it can; of 1/4 and 1/2
#: the better for the simulated regions 1001 to 1030.
STEP_SHARE = 0.5


def seasonal_features(
    series: xr.Dataset,
    *,
    amplitude: str = "aware",
    scale: float = 100.0,
    least_ratio: float = 2.0,
    draws: int = 0,
    periods: int = 4,
    seed: int = 0,
) -> Features:
    """Mean seasonal cycles, less what their errors alone would give.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series with ``seasonal_cycle`` (glacier, month), metres, and, where
        known, ``seasonal_cycle_se``, ``seasonal_amplitude_se`` and
        ``length_seasonal`` (glacier, time).
    amplitude, scale : str, float
        As in `press`.
    least_ratio : float
        A cycle whose range R is less than so many standard errors s is not
        distinguishable from none.
    draws : int
        How often the cycles are moved within their errors.
    periods : int
        Into how many periods the record is cut, to be left out in turn.
    seed : int
        Seed of the draws.

    Returns
    -------
    Features
        ``metres`` are the cycles about their mean. Before they are scaled, their
        range is reduced to sqrt(R^2 - (least_ratio s)^2), s being the stated error and
        what a step may have brought (`step_error`): a cycle that does not
        stand out of its error enters as none, and one that hardly does as a small
        one, so that noise is not mistaken for timing. The reason says which
        glaciers have no cycle (too little was seen, as `termini.series` says) and
        which an insignificant one.
    """
    codes = reason_codes("seasonal_reason")
    n = series.sizes["glacier"]
    cycle = _by_month(series, "seasonal_cycle")
    known = np.isfinite(cycle).all(axis=1)
    reason = np.where(known, 0, codes["no_seasonal_cycle"]).astype(np.int32)
    rows = np.flatnonzero(known)
    metres = cycle[rows] - cycle[rows].mean(axis=1, keepdims=True)
    error = least_ratio * np.hypot(_amplitude_error(series, n), step_error(series))[rows]
    reason[rows[_reach(metres)[:, 0] <= error]] = codes["cycle_not_significant"]

    def scaled(cycles: Array, times: float = 1.0) -> Array:
        return press(_less(cycles, times * error[:, None]), scale, amplitude)

    spread = np.nan_to_num(_by_month(series, "seasonal_cycle_se")[rows])
    noise = cyclic_noise(spread, draws, np.random.default_rng([seed, 3]))
    moved = metres + noise
    moved = moved - moved.mean(axis=-1, keepdims=True)
    return Features(
        metres=metres,
        scaled=scaled(metres),
        rows=rows,
        reason=reason,
        time=None,
        step=1,
        # what is moved holds its error twice
        moved=scaled(moved, np.sqrt(2.0)),
        without=tuple(scaled(part) for part in _without_periods(series, metres, rows, periods)),
    )


def seasonal_change(series: xr.Dataset) -> tuple[Array, Array]:
    """How the range of the cycle changes from the first half of a record to the second.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series with ``length_seasonal`` (glacier, time), metres, and
        ``seasonal_amplitude_se``.

    Returns
    -------
    change, error : ndarray, (n_glaciers,)
        Range of the mean cycle of the second half less that of the first, metres; NaN
        where there is no seasonal component or a half lacks a calendar month. The
        error takes the halves for independent and each for half of the record: twice
        that of the range of the whole.
    """
    n = series.sizes["glacier"]
    change = np.full(n, np.nan)
    if "length_seasonal" not in series:
        return change, change.copy()
    values = series["length_seasonal"].transpose("glacier", "time").to_numpy()
    month = series["time"].dt.month.to_numpy()
    for row, line in enumerate(values):
        known = np.flatnonzero(np.isfinite(line))
        halves = [_mean_cycle(line[half], month[half]) for half in np.array_split(known, 2)]
        change[row] = np.ptp(halves[1]) - np.ptp(halves[0])
    error = 2.0 * _amplitude_error(series, n)
    return change, np.where(np.isfinite(change), error, np.nan)


def _by_month(series: xr.Dataset, name: str) -> Array:
    """A variable (glacier, month); NaN where there is none."""
    if name not in series:
        return np.full((series.sizes["glacier"], 12), np.nan)
    return np.asarray(series[name].transpose("glacier", "month").to_numpy(), dtype=np.float64)


def _reach(cycles: Array) -> Array:
    """Range of each cycle, (..., 1)."""
    return np.asarray(np.ptp(cycles, axis=-1, keepdims=True)).reshape(*cycles.shape[:-1], 1)


def _less(cycles: Array, error: Array) -> Array:
    """Cycles (..., n, 12) whose range is reduced by errors (n, 1)."""
    reach = _reach(cycles)
    left = np.sqrt(np.maximum(reach**2 - error**2, 0.0)) / np.maximum(reach, 1e-9)
    return np.asarray(cycles * left)


def _mean_cycle(line: Array, month: NDArray[np.integer[Any]]) -> Array:
    """Mean by calendar month about the mean of the year; NaN where a month is missing."""
    means = np.array([line[month == k].mean() if (month == k).any() else np.nan for k in MONTHS])
    return np.asarray(means - means.mean())


def _without_periods(
    series: xr.Dataset, metres: Array, rows: NDArray[np.int64], periods: int
) -> list[Array]:
    """Mean cycles without one period of the record after the other.

    A glacier that has none without a period keeps the cycle of the whole record.
    """
    if "length_seasonal" not in series or len(rows) == 0 or periods < 2:
        return []
    values = series["length_seasonal"].transpose("glacier", "time").to_numpy()[rows]
    month = series["time"].dt.month.to_numpy()
    seen = np.flatnonzero(np.isfinite(values).any(axis=0))
    parts = []
    for piece in np.array_split(seen, periods):
        kept = values.copy()
        kept[:, piece] = np.nan
        cycles = metres.copy()
        for row, line in enumerate(kept):
            known = np.isfinite(line)
            found = _mean_cycle(line[known], month[known])
            if np.isfinite(found).all():
                cycles[row] = found
        parts.append(cycles)
    return parts


def step_error(series: xr.Dataset) -> Array:
    """Standard error of the range of a mean cycle by a step between two years.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series, perhaps with ``length_interannual`` (glacier, time), metres.

    Returns
    -------
    ndarray, (n_glaciers,)
        `STEP_SHARE` times |S| / n, metres: S is the change over twelve months that
        departs most from their median, n the record in years. A retreat by S within
        some weeks of one year looks like a season of that year of up to the range S,
        and adds up to S / n to the mean cycle of n years. 0 for records of less than
        three years.
    """
    found = np.zeros(series.sizes["glacier"])
    if "length_interannual" not in series:
        return found
    for row, line in enumerate(series["length_interannual"].transpose("glacier", "time").values):
        known = line[np.isfinite(line)]
        if len(known) >= 36:
            change = known[12:] - known[:-12]
            found[row] = np.abs(change - np.median(change)).max() * 12.0 / len(known)
    return STEP_SHARE * found


def _amplitude_error(series: xr.Dataset, n: int) -> NDArray[np.float64]:
    """Standard error of the range; zero where none is known, so nothing is refused."""
    error = np.zeros(n)
    if "seasonal_amplitude_se" in series:
        error = series["seasonal_amplitude_se"].to_numpy().astype(np.float64)
    return np.where(np.isfinite(error), error, 0.0)
