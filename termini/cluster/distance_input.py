"""Series as users have them: arrays, lists of unequal length, xarray, with gaps and errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SeriesSet:
    """Series of one or more channels, of equal or unequal length.

    Parameters
    ----------
    values : ndarray of float64, (n, T, d)
        Values; 0 where there is none.
    lengths : ndarray of int, (n,)
        Samples of each series; T is the largest.
    weights : ndarray of float64, (n, T, d), optional
        Weight of each value, 0 where it is missing; None where all weigh 1.
    times : ndarray of float64, (T,), optional
        Times in days where the series came with a time coordinate.
    units : str, optional
        Unit of the values where they came with one.
    """

    values: Array
    lengths: NDArray[np.int64]
    weights: Array | None = None
    times: Array | None = None
    units: str | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.values.shape[2])

    def take(self, rows: NDArray[np.int64]) -> SeriesSet:
        """Some of the series."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, values=self.values[rows], lengths=self.lengths[rows], weights=weights)

    def padded(self) -> Array:
        """The values with NaN after the end of the shorter series, as tslearn has them."""
        after = np.arange(self.values.shape[1]) >= self.lengths[:, None]
        return np.where(after[:, :, None], np.nan, self.values)


def read_series(
    values: Any,
    what: str = "series",
    *,
    errors: ArrayLike | None = None,
    error_scale: float | None = None,
    gaps: bool = False,
    first: int = 0,
    least: int = 1,
) -> SeriesSet:
    """Series from what users have.

    Parameters
    ----------
    values : array_like (n, T) or (n, T, d), list of arrays (T_i[, d]), or xarray.DataArray
        One series a row. NaN in all channels at the end of a series is its end, as in
        tslearn's arrays. A DataArray has dims ``glacier`` and ``time`` in any order,
        and perhaps one more for channels.
    what : str
        What they are, for messages.
    errors : array_like, as `values`, optional
        Standard errors. A value weighs s² / (s² + error²), so that one whose error is
        s counts half.
    error_scale : float, optional
        s; by default the median of the errors.
    gaps : bool
        Whether NaN inside a series is allowed (weight 0) or refused.
    first : int
        Number of the first series, for messages about a part of many.
    least : int
        Fewest values of a series, unless all are shorter.

    Returns
    -------
    SeriesSet
        Values, lengths, weights.

    Raises
    ------
    InputError
        For another shape, an infinite value, a series without any value or with too
        few, a gap where gaps are refused, or errors in another unit than the series;
        the message names the series.
    """
    array, names, times = _stacked(values, what)
    present: NDArray[np.bool_] = np.isfinite(array)
    infinite: NDArray[np.bool_] = np.asarray(np.isinf(array).any(axis=(1, 2)))
    _refuse(
        infinite,
        names,
        what,
        "NaN or infinity",
        "infinite values have no distance: fill the gaps or leave the series out",
        first,
    )
    some: NDArray[np.bool_] = np.asarray(present.any(axis=2))
    empty: NDArray[np.bool_] = np.asarray(~some.any(axis=1))
    _refuse(empty, names, what, "NaN only", "there is nothing to compare; leave it out", first)
    few = np.asarray(some.sum(axis=1) < min(least, array.shape[1]))
    rule = "it has no course to compare; leave it out"
    _refuse(few, names, what, f"fewer than {least} values", rule, first)
    lengths = array.shape[1] - some[:, ::-1].argmax(axis=1)
    inside = np.arange(array.shape[1]) < lengths[:, None]
    gap = ~present & inside[:, :, None]
    if not gaps:
        rule = (
            "DTW has no value for a gap: fill the gaps or leave the series out, or give "
            "missing_penalty, the cost of a match without a value"
        )
        _refuse(gap.any(axis=(1, 2)), names, what, "NaN or infinity", rule, first)
    units = units_of(values)
    same_units(units, units_of(errors), what, f"errors of {what}")
    weights = _weights(array, errors, error_scale, what)
    if weights is None and gap.any():
        weights = np.ones_like(array)
    if weights is not None:
        weights = np.where(present, weights, 0.0)
    filled = np.where(present, array, 0.0)
    return SeriesSet(filled, lengths.astype(np.int64), weights, times, units)


def units_of(values: Any) -> str | None:
    """Unit that an `xarray.DataArray` says it has; None for anything else."""
    units = values.attrs.get("units") if isinstance(values, xr.DataArray) else None
    return None if units is None else str(units)


def same_units(one: str | None, other: str | None, what: str, another: str) -> None:
    """Refuse series of two units; those that say none are taken as they are."""
    if one is not None and other is not None and one != other:
        raise InputError(
            f"{another} is in {other!r}, {what} in {one!r}; convert the values to {one!r} and "
            "set attrs['units']"
        )


def _refuse(
    bad: NDArray[np.bool_], names: Any, what: str, holds: str, rule: str, first: int
) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        name = f"series {row + first}" + ("" if names is None else f" ({names[row]})")
        raise InputError(
            f"{what}: {name} holds {holds} ({int(bad.sum())} such series in all); {rule}"
        )


def _stacked(values: Any, what: str) -> tuple[Array, Any, Array | None]:
    """Values (n, T, d) with NaN where there is none, names of the series, their times."""
    names = times = None
    if isinstance(values, xr.DataArray):
        values, names, times = _from_xarray(values, what)
    elif isinstance(values, (list, tuple)) and len({np.shape(row)[:1] for row in values}) > 1:
        values = _from_list(values, what)
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or 0 in array.shape:
        raise InputError(
            f"{what}: expected an array of shape (n, T) or (n, T, d), got {np.shape(values)}"
        )
    return array, names, times


def _from_xarray(values: xr.DataArray, what: str) -> tuple[Any, Any, Array | None]:
    if not {"glacier", "time"} <= set(values.dims):
        raise InputError(f"{what}: dims are {values.dims}; glacier and time are needed")
    ordered = values.transpose("glacier", "time", ...)
    names = ordered["glacier"].values if "glacier" in ordered.coords else None
    times = None
    if "time" in ordered.coords:
        clock = ordered["time"].values
        if np.issubdtype(clock.dtype, np.datetime64):
            clock = (clock - clock[0]) / np.timedelta64(1, "D")
        times = clock.astype(np.float64)
        if (np.diff(times) <= 0).any():
            raise InputError(f"{what}: time does not increase; use sortby('time') first")
    return ordered.values, names, times


def _from_list(values: Any, what: str) -> Array:
    rows = [np.asarray(row, dtype=np.float64) for row in values]
    rows = [row[:, None] if row.ndim == 1 else row for row in rows]
    if len({row.shape[1] if row.ndim == 2 else -1 for row in rows}) != 1 or rows[0].ndim != 2:
        raise InputError(f"{what}: every series must be (T,) or (T, d) with one number of channels")
    longest = max(len(row) for row in rows)
    array = np.full((len(rows), longest, rows[0].shape[1]), np.nan)
    for place, row in enumerate(rows):
        array[place, : len(row)] = row
    return array


def _weights(
    array: Array, errors: ArrayLike | None, scale: float | None, what: str
) -> Array | None:
    if errors is None:
        return None
    sigma, _, _ = _stacked(errors, f"errors of {what}")
    if sigma.shape != array.shape:
        raise InputError(
            f"errors of {what} have shape {sigma.shape}, the series {array.shape}; they must agree"
        )
    known = np.isfinite(sigma) & np.isfinite(array)
    if (sigma[known] < 0).any() or (np.isfinite(array) & ~known).any():
        raise InputError(f"errors of {what}: every value needs an error of zero or more")
    typical = float(np.median(sigma[known])) if scale is None else float(scale)
    if typical <= 0.0:
        return None
    return np.where(known, typical**2 / (typical**2 + sigma**2), 0.0)
