"""Series that are read part by part: arrays, memory maps, files, zarr and dask arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from termini.cluster.distance_blocks import Metric
from termini.cluster.distance_input import SeriesSet, read_series
from termini.errors import InputError


class SeriesSource:
    """Series (n, T) or (n, T, d), of which some are in memory at a time.

    Parameters
    ----------
    values : array_like, path of an .npy file, or as in `read_series`
        Anything with a shape whose rows can be sliced is read when it is needed; lists
        and xarray are held whole.
    what : str
        What they are, for messages.
    gaps : bool
        Whether NaN inside a series is allowed.
    least : int
        Fewest values of a series, see `read_series`.
    """

    def __init__(self, values: Any, what: str, *, gaps: bool = False, least: int = 1) -> None:
        self.what, self.gaps, self.least = what, gaps, least
        if isinstance(values, (str, Path)):
            values = _opened(Path(values))
        if isinstance(values, xr.DataArray) or not hasattr(values, "shape"):
            whole = read_series(values, what, gaps=gaps, least=least)
            values = whole.padded()
            if whole.weights is not None:
                values = np.where(whole.weights == 0.0, np.nan, values)
        self.values = values
        shape = tuple(int(size) for size in values.shape)
        if len(shape) not in (2, 3) or 0 in shape:
            raise InputError(f"{what}: expected an array of shape (n, T) or (n, T, d), got {shape}")
        self.length, self.channels = shape[1], shape[2] if len(shape) == 3 else 1

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def read(self, first: int, end: int) -> SeriesSet:
        """Series ``first`` to ``end - 1``; one that is refused is named by its number."""
        part = np.asarray(self.values[first:end], dtype=np.float64)
        return read_series(part, self.what, gaps=self.gaps, first=first, least=self.least)

    def take(self, rows: Any) -> Any:
        """Values of some series, in the order given, (m, T[, d])."""
        order = np.argsort(rows, kind="stable")
        found = np.asarray(self.values[np.asarray(rows)[order]], dtype=np.float64)
        return found[np.argsort(order, kind="stable")]

    def parts(self, size: int) -> Iterator[tuple[slice, SeriesSet]]:
        """All series in order, `size` at a time."""
        for first in range(0, len(self), size):
            end = min(first + size, len(self))
            yield slice(first, end), self.read(first, end)

    def fingerprint(self, size: int, metric: Metric) -> str:
        """Checksum of the values and of what they are compared by; checks all series."""
        found = hashlib.sha256(
            repr(
                (
                    self.values.shape,
                    metric.window.parameters(),
                    metric.missing_penalty,
                    metric.lag_steepness,
                    str(np.dtype(metric.dtype)),
                )
            ).encode()
        )
        for _, part in self.parts(size):
            found.update(part.padded().tobytes())
            found.update(b"" if part.weights is None else part.weights.tobytes())
        return found.hexdigest()


def _opened(path: Path) -> Any:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not an array that can be read ({error})") from error
