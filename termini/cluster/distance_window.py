"""Which samples may be matched: bands in samples or time, parallelogram, tslearn's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """Limits on warping; without any, every sample may meet every other.

    Parameters
    ----------
    radius : int, optional
        Half-width of the Sakoe-Chiba band, samples. For series of unequal length the
        band is widened by the difference on one side, as tslearn does it.
    slope : float, optional
        Largest slope of the Itakura parallelogram.
    reach : float, optional
        Half-width of the band in the unit of `times`.
    times : ndarray, (T,), optional
        Times of the samples, the same for all series, for `reach`.
    """

    radius: int | None = None
    slope: float | None = None
    reach: float | None = None
    times: NDArray[np.float64] | None = None

    def rows(self, n: int, columns: int) -> tuple[Ints, Ints]:
        """First column and end of every row of an (n, columns) matrix.

        Parameters
        ----------
        n, columns : int
            Lengths of the two series.

        Returns
        -------
        lo, hi : ndarray of int, (n,)
            Row i may enter ``lo[i] <= j < hi[i]``.

        Raises
        ------
        InputError
            If no path leads from the first cell to the last.
        """
        i = np.arange(n, dtype=np.int64)
        if self.reach is not None:
            lo, hi = self._in_time(n, columns)
        elif self.radius is not None:
            lo = np.maximum(0, i - self.radius - max(0, n - columns))
            hi = np.minimum(columns, i + self.radius + max(0, columns - n) + 1)
        elif self.slope is not None:
            lo, hi = _parallelogram(n, columns, self.slope)
        else:
            lo, hi = np.zeros_like(i), np.full_like(i, columns)
        joined = (lo < hi).all() and (lo[1:] <= hi[:-1]).all()
        if not joined or lo[0] > 0 or hi[-1] < columns:
            raise InputError(
                f"no alignment of series of {n} and {columns} samples keeps within {self.words()}; "
                "widen it"
            )
        return lo, hi

    def _in_time(self, n: int, columns: int) -> tuple[Ints, Ints]:
        times = np.asarray(self.times, dtype=np.float64)
        if max(n, columns) > len(times):
            raise InputError(
                f"{len(times)} times were given for series of {max(n, columns)} samples"
            )
        other, reach = times[:columns], float(self.reach or 0.0) * (1.0 + 1e-9)
        lo = np.searchsorted(other, times[:n] - reach, "left")
        hi = np.searchsorted(other, times[:n] + reach, "right")
        return lo.astype(np.int64), hi.astype(np.int64)

    def words(self) -> str:
        """The limit in words, for messages."""
        if self.reach is not None:
            return f"a band of {self.reach:g} (unit of times)"
        if self.radius is not None:
            return f"a band of {self.radius} samples"
        if self.slope is not None:
            return f"a parallelogram of slope {self.slope:g}"
        return "no band"

    def parameters(self) -> dict[str, Any]:
        """The same as numbers and lists, for files."""
        times = None if self.times is None else [float(t) for t in self.times]
        return {"radius": self.radius, "slope": self.slope, "reach": self.reach, "times": times}


def _parallelogram(n: int, columns: int, slope: float) -> tuple[Ints, Ints]:
    """Rows of the Itakura parallelogram (Itakura 1975), rounded as tslearn does."""
    j = np.arange(columns)
    steep, flat = slope * n / columns, n / columns / slope
    end = (n - 1) - steep * (columns - 1), (n - 1) - flat * (columns - 1)
    low = np.maximum(np.round(flat * j, 2), np.round(end[0] + steep * j, 2))
    high = np.minimum(np.round(steep * j, 2), np.round(end[1] + flat * j, 2))
    i = np.arange(n)[:, None]
    inside = (i >= np.ceil(low)) & (i < np.floor(high + 1))
    lo = np.where(inside.any(axis=1), inside.argmax(axis=1), columns)
    hi = np.where(inside.any(axis=1), columns - inside[:, ::-1].argmax(axis=1), 0)
    return lo.astype(np.int64), hi.astype(np.int64)


def window_of(
    band: int | float | None = None,
    times: ArrayLike | None = None,
    metric_params: Mapping[str, Any] | None = None,
) -> Window:
    """Limits from a band, or from the parameters that tslearn takes.

    Parameters
    ----------
    band : int or float, optional
        Half-width of the Sakoe-Chiba band: in samples, or in the unit of `times`
        where these are given. None for no band.
    times : array_like, (T,), optional
        Times of the samples; datetimes are counted in days.
    metric_params : mapping, optional
        ``global_constraint``, ``sakoe_chiba_radius``, ``itakura_max_slope`` as in
        tslearn, used where `band` is None.

    Returns
    -------
    Window
        The limits.

    Raises
    ------
    InputError
        For a negative or fractional band of samples, unsorted times, both a band and
        `metric_params`, or unknown names.
    """
    given = dict(metric_params or {})
    if band is None:
        return _from_names(given)
    if {"global_constraint", "sakoe_chiba_radius", "itakura_max_slope"} & set(given):
        raise InputError("give either band or the constraint in metric_params, not both")
    if band < 0 or not np.isfinite(band):
        raise InputError(f"band is {band} samples; give zero or more, or None for no band")
    if times is None:
        if band != int(band):
            raise InputError(f"band is {band}; samples are whole, so give times for a band in time")
        return Window(radius=int(band))
    clock = np.asarray(times)
    if np.issubdtype(clock.dtype, np.datetime64):
        clock = (clock - clock[0]) / np.timedelta64(1, "D")
    clock = clock.astype(np.float64)
    if clock.ndim != 1 or not np.isfinite(clock).all() or (np.diff(clock) <= 0).any():
        raise InputError("times must be one row of increasing values; sort the series first")
    return Window(reach=float(band), times=clock)


def _from_names(given: dict[str, Any]) -> Window:
    known = {"global_constraint", "sakoe_chiba_radius", "itakura_max_slope", "n_jobs", "verbose"}
    constraint = given.get("global_constraint") or None
    radius, slope = given.get("sakoe_chiba_radius"), given.get("itakura_max_slope")
    unknown = sorted(set(given) - known - {"gamma"})
    if unknown:
        raise InputError(f"metric_params: unknown {', '.join(unknown)}; known are {sorted(known)}")
    if constraint not in (None, "itakura", "sakoe_chiba"):
        raise InputError(
            f"global_constraint is {constraint!r}; it is 'sakoe_chiba', 'itakura' or None"
        )
    if constraint is None and radius is not None and slope is not None:
        raise InputError(
            "both sakoe_chiba_radius and itakura_max_slope are given; say which with "
            "global_constraint"
        )
    if constraint == "sakoe_chiba" or (constraint is None and radius is not None):
        return Window(radius=1 if radius is None else int(radius))
    if constraint == "itakura" or (constraint is None and slope is not None):
        return Window(slope=2.0 if slope is None else float(slope))
    return Window()
