"""What is compared: trajectories of length change and mean seasonal cycles.

Step retreats of kilometres would rule every squared distance. Each series
therefore keeps its shape, and its size A (largest absolute change) is pressed
to log(1 + A / s): twice the retreat is a little further, not four times as far,
and changes far below s are alike. s is a length in metres that does not depend
on the sample, so types of two releases can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.errors import InputError
from termini.variables import variables

# Largest stretch at an end of the window over which a glacier's first or last
# value is held, months.
HOLD_MONTHS = 18
# More samples than this add time to the computation and nothing to the types.
MOST_SAMPLES = 48


@dataclass(frozen=True)
class Features:
    """Series that are ready for DTW.

    Attributes
    ----------
    metres : ndarray, (n, T)
        Series in metres, without gaps.
    scaled : ndarray, (n, T)
        The same after the choice of amplitude.
    rows : ndarray of int, (n,)
        Which glaciers of the input they are.
    reason : ndarray of int, (n_glaciers,)
        Why a glacier of the input has no type: codes of ``interannual_reason`` or
        ``seasonal_reason`` in ``variables.yml``.
    time : DatetimeIndex or None
        Middle of each sample; None for a seasonal cycle.
    step : int
        Months between samples.
    """

    metres: NDArray[np.float64]
    scaled: NDArray[np.float64]
    rows: NDArray[np.int64]
    reason: NDArray[np.int32]
    time: pd.DatetimeIndex | None
    step: int


def press(metres: NDArray[np.float64], scale: float, amplitude: str) -> NDArray[np.float64]:
    """Series with their size pressed, or taken out.

    Parameters
    ----------
    metres : ndarray, (n, T)
        Series, metres.
    scale : float
        The length s below which changes are alike, metres.
    amplitude : {"aware", "shape"}
        "aware": size A becomes log(1 + A / s). "shape": size becomes
        A / max(A, s), so that all that clearly changes has size 1 and noise is
        not blown up.

    Returns
    -------
    ndarray, (n, T)
        Dimensionless series of the same shapes.
    """
    if amplitude not in ("aware", "shape"):
        raise InputError(f"amplitude is {amplitude!r}; choose 'aware' or 'shape'")
    size = np.abs(metres).max(axis=1, keepdims=True)
    safe = np.maximum(size, np.finfo(np.float64).tiny)
    factor = (
        np.log1p(size / scale) / safe if amplitude == "aware" else 1.0 / np.maximum(size, scale)
    )
    return np.asarray(metres * factor)


def unpress(scaled: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Inverse of `press` for ``amplitude="aware"``.

    Parameters
    ----------
    scaled : ndarray, (n, T)
        Dimensionless series.
    scale : float
        The length s, metres.

    Returns
    -------
    ndarray, (n, T)
        Series in metres.
    """
    size = np.abs(scaled).max(axis=1, keepdims=True)
    factor = scale * np.expm1(size) / np.maximum(size, np.finfo(np.float64).tiny)
    return np.asarray(scaled * factor)


def common_window(present: NDArray[np.bool_], hold: int = HOLD_MONTHS) -> tuple[int, int]:
    """Months that keep most of the glaciers' record.

    Parameters
    ----------
    present : ndarray of bool, (n, T)
        Which months have a value.
    hold : int
        A glacier covers a window if its record reaches to within so many months
        of both ends.

    Returns
    -------
    first, last : int
        The window (last included) with the largest product of its length and the
        number of glaciers that cover it; starts and ends are tried every half year.
    """
    n_months = present.shape[1]
    months = np.arange(n_months)
    has = present.any(axis=1)
    first = np.where(has, present.argmax(axis=1), n_months * 2)
    last = np.where(has, n_months - 1 - present[:, ::-1].argmax(axis=1), -n_months)
    starts = np.unique(np.append(months[::6], first[has].min(initial=0)))
    ends = np.unique(np.append(n_months - 1 - months[::6], last[has].max(initial=0)))
    early = first[:, None] <= starts + hold
    late = last[:, None] >= ends - hold
    count = early.T.astype(np.int64) @ late.astype(np.int64)
    length = ends[None, :] - starts[:, None] + 1
    score = np.where(length > 0, count * length, -1)
    i, j = np.unravel_index(int(score.argmax()), score.shape)
    return int(starts[i]), int(ends[j])


def interannual_features(
    series: xr.Dataset,
    *,
    amplitude: str = "aware",
    scale: float = 200.0,
    step: int | None = None,
    min_share: float = 0.5,
) -> Features:
    """Trajectories of the inter-annual component over a common window.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series with ``length_interannual`` (glacier, time), metres.
    amplitude, scale : str, float
        As in `press`.
    step : int, optional
        Months to a sample; by default 1, 3, 6, 12 or 24, whichever first gives at
        most 48 samples.
    min_share : float
        Least share of the window's samples that hold a value.

    Returns
    -------
    Features
        Change since the first year of the window. Gaps inside are interpolated
        linearly, up to 18 months at the ends are held.

    Raises
    ------
    InputError
        If the series has no inter-annual component.
    """
    values, time = _monthly(series)
    codes = _codes("interannual_reason")
    present = np.isfinite(values)
    reason = np.where(present.any(axis=1), 0, codes["no_values"]).astype(np.int32)
    if not present.any():
        empty = np.empty((0, 0))
        return Features(empty, empty, np.empty(0, dtype=np.int64), reason, time, step or 1)
    first, last = common_window(present)
    length = last - first + 1
    months = step or next((s for s in (1, 3, 6, 12) if length <= s * MOST_SAMPLES), 24)
    blocks, middle = _blocks(values[:, first : last + 1], time[first : last + 1], months)
    covered = _covers(present, first, last) & (np.isfinite(blocks).mean(axis=1) >= min_share)
    reason[~covered & (reason == 0)] = codes["record_too_short"]
    rows = np.flatnonzero(covered)
    filled = np.array([_filled(row) for row in blocks[rows]]).reshape(len(rows), -1)
    year = max(1, round(12 / months))
    metres = filled - filled[:, :year].mean(axis=1, keepdims=True)
    return Features(metres, press(metres, scale, amplitude), rows, reason, middle, months)


def seasonal_features(
    series: xr.Dataset, *, amplitude: str = "aware", scale: float = 100.0, least_ratio: float = 2.0
) -> Features:
    """Mean seasonal cycles, less what their errors alone would give.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series with ``seasonal_cycle`` (glacier, month), metres, and, where
        known, ``seasonal_amplitude_se``.
    amplitude, scale : str, float
        As in `press`.
    least_ratio : float
        A cycle whose range R is less than so many standard errors s is not
        distinguishable from none.

    Returns
    -------
    Features
        ``metres`` are the cycles about their mean. Before they are scaled, their
        range is reduced to sqrt(R^2 - (least_ratio s)^2): a cycle that does not
        stand out of its error enters as none, and one that hardly does as a small
        one, so that noise is not mistaken for timing. The reason says which
        glaciers have no cycle and which an insignificant one.
    """
    codes = _codes("seasonal_reason")
    n = series.sizes["glacier"]
    cycle = np.full((n, 12), np.nan)
    if "seasonal_cycle" in series:
        cycle = series["seasonal_cycle"].transpose("glacier", "month").to_numpy().astype(np.float64)
    known = np.isfinite(cycle).all(axis=1)
    reason = np.where(known, 0, codes["no_seasonal_cycle"]).astype(np.int32)
    rows = np.flatnonzero(known)
    metres = cycle[rows] - cycle[rows].mean(axis=1, keepdims=True)
    reach = np.ptp(metres, axis=1) if len(rows) else np.empty(0)
    error = least_ratio * _amplitude_error(series, n)[rows]
    reason[rows[reach <= error]] = codes["cycle_not_significant"]
    left = np.sqrt(np.maximum(reach**2 - error**2, 0.0)) / np.maximum(reach, 1e-9)
    shrunk = metres * left[:, None]
    return Features(
        metres, press(shrunk, scale, amplitude) if len(rows) else metres, rows, reason, None, 1
    )


def _codes(name: str) -> dict[str, int]:
    return {meaning: code for code, meaning in variables()[name]["values"].items()}


def _monthly(series: xr.Dataset) -> tuple[NDArray[np.float64], pd.DatetimeIndex]:
    if "length_interannual" not in series:
        raise InputError(
            "the series hold no variable length_interannual; make them with "
            "termini.series.monthly_series, or open terminus_series.nc of a release"
        )
    values = series["length_interannual"].transpose("glacier", "time").to_numpy()
    return values.astype(np.float64), pd.DatetimeIndex(series["time"].to_numpy())


def _blocks(
    values: NDArray[np.float64], time: pd.DatetimeIndex, step: int
) -> tuple[NDArray[np.float64], pd.DatetimeIndex]:
    """Means of `step` months; an incomplete last block is left out."""
    n_blocks = max(1, values.shape[1] // step)
    used = values[:, : n_blocks * step].reshape(len(values), n_blocks, -1)
    count = np.isfinite(used).sum(axis=2)
    total = np.nansum(used, axis=2)
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    stamps = time[: n_blocks * step].to_numpy().reshape(n_blocks, -1)
    middle = pd.DatetimeIndex(stamps[:, 0] + (stamps[:, -1] - stamps[:, 0]) / 2)
    return means, middle


def _covers(present: NDArray[np.bool_], first: int, last: int) -> NDArray[np.bool_]:
    early = present[:, : first + HOLD_MONTHS + 1].any(axis=1)
    late = present[:, max(last - HOLD_MONTHS, 0) :].any(axis=1)
    inside = present[:, first : last + 1].sum(axis=1) >= 2
    return np.asarray(early & late & inside)


def _filled(row: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.flatnonzero(np.isfinite(row))
    return np.asarray(np.interp(np.arange(len(row)), known, row[known]))


def _amplitude_error(series: xr.Dataset, n: int) -> NDArray[np.float64]:
    """Standard error of the range; zero where none is known, so nothing is refused."""
    error = np.zeros(n)
    if "seasonal_amplitude_se" in series:
        error = series["seasonal_amplitude_se"].to_numpy().astype(np.float64)
    return np.where(np.isfinite(error), error, 0.0)
