"""Gridded bed, surface and mask around a glacier, read by windows from GeoTIFF or NetCDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from affine import Affine

from termini.errors import InputError
from termini.geo import transformer
from termini.geometry.ground_layout import (
    Values,
    classes,
    completed,
    grid_of,
    possible,
    projection_of,
)
from termini.geometry.lines import Points

# Names under which datasets hold them: BedMachine, and ice-sheet models.
_NAMES = {
    "bed": ("bed", "topg", "bed_topography"),
    "surface": ("surface", "usurf"),
    "thickness": ("thickness", "thk"),
    "mask": ("mask",),
}
_METRES = ("", "m", "meter", "meters", "metre", "metres")
# Finer grids are read at about this spacing, metres.
_FINE_M = 75.0
_LAYOUT = "give a GeoTIFF of the bed, or a NetCDF with bed, surface, thickness or mask"


@dataclass(frozen=True)
class Ground:
    """Bed, surface and mask in a window of a grid.

    Parameters
    ----------
    values : dict
        ``bed``, ``surface`` (metres above the sea) and ``mask`` (`OCEAN`, `LAND` or
        `ICE` of `termini.geometry.ground_layout`), what there is of them, each of shape
        (rows, columns); NaN where unknown.
    transform : affine.Affine
        (column, row) of a cell's upper left corner to coordinates in `crs`.
    crs : str
        Projection of the grid.
    """

    values: dict[str, Values]
    transform: Affine
    crs: str

    def at(self, name: str, xy: Points, crs: str) -> Values:
        """Values of the cells in which points lie.

        Parameters
        ----------
        name : str
            ``bed``, ``surface`` or ``mask``.
        xy : ndarray, shape (n, 2)
            Points.
        crs : str
            Their projection.

        Returns
        -------
        ndarray, shape (n,)
            NaN outside the grid.
        """
        x, y = transformer(crs, self.crs).transform(xy[:, 0], xy[:, 1])
        column, row = (np.floor(v) for v in ~self.transform @ (np.asarray(x), np.asarray(y)))
        grid = self.values[name]
        inside = (column >= 0) & (row >= 0) & (column < grid.shape[1]) & (row < grid.shape[0])
        found = np.full(len(xy), np.nan)
        found[inside] = grid[row[inside].astype(int), column[inside].astype(int)]
        return found


class GroundFile:
    """A gridded bed on disk, of which only windows are read.

    Parameters
    ----------
    path : path
        GeoTIFF whose one band is the bed, or whose bands are called ``bed``,
        ``surface``, ``thickness`` or ``mask``; or NetCDF with variables of these names,
        as BedMachine (Morlighem et al. 2017), metres above the sea.

    Raises
    ------
    InputError
        If the file is missing or not a grid, states no projection, holds none of
        these, or holds them in another unit.
    """

    def __init__(self, path: str | Path) -> None:
        """Look at what the file holds."""
        from rasterio.errors import RasterioError  # whoever measures does not wait for it

        self.path = Path(path)
        if not self.path.is_file():
            raise InputError(f"{path}: no such file; {_LAYOUT}")
        self._netcdf = self.path.suffix.lower() in (".nc", ".nc4", ".h5", ".cdf")
        try:
            read = self._look_netcdf if self._netcdf else self._look_raster
            self.crs, self.transform, self.shape, self._held = read()
        except (OSError, ValueError, RasterioError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path}: cannot be read as a grid ({error}); {_LAYOUT}") from error

    @property
    def holds(self) -> tuple[str, ...]:
        """Which of bed, surface, thickness and mask there are."""
        return tuple(self._held)

    def near(self, xy: Points, crs: str) -> Ground | None:
        """What lies around points.

        Parameters
        ----------
        xy : ndarray, shape (n, 2)
            Points, whose bounding box is read.
        crs : str
            Their projection.

        Returns
        -------
        Ground or None
            None where the grid does not reach there. What is missing of mask and
            surface is made of thickness, bed and surface where these are known.
        """
        x, y = transformer(crs, self.crs).transform(xy[:, 0], xy[:, 1])
        known = np.isfinite(x) & np.isfinite(y)
        if not known.any():
            return None
        column, row = ~self.transform @ (np.asarray(x)[known], np.asarray(y)[known])
        first = np.maximum(np.floor([row.min(), column.min()]).astype(int) - 1, 0)
        last = np.minimum(np.ceil([row.max(), column.max()]).astype(int) + 1, self.shape)
        if (last <= first).any():
            return None
        cell = float(np.hypot(*(xy.max(axis=0) - xy.min(axis=0)))) / float(
            np.hypot(column.max() - column.min(), row.max() - row.min())
        )
        step = max(int(_FINE_M / max(cell, 1e-9)), 1)
        rows, columns = (slice(int(first[k]), int(last[k])) for k in (0, 1))
        values = (self._window_netcdf if self._netcdf else self._window_raster)(rows, columns, step)
        read = next(iter(values.values())).shape
        size = (rows.stop - rows.start, columns.stop - columns.start)
        moved = self.transform @ Affine.translation(columns.start, rows.start)
        moved = moved @ Affine.scale(size[1] / read[1], size[0] / read[0])
        return Ground(completed(values), moved, self.crs)

    def _look_raster(self) -> tuple[str, Affine, tuple[int, int], dict[str, Any]]:
        import rasterio

        with rasterio.open(self.path) as source:
            if source.crs is None or source.transform.is_identity:
                raise InputError(
                    f"{self.path}: states no projection or place; write it with "
                    "gdal_translate -a_srs and -a_ullr"
                )
            named = [str(text or "").strip().lower() for text in source.descriptions]
            held = {
                name: named.index(one) + 1
                for name, ones in _NAMES.items()
                for one in ones
                if one in named
            }
            if not held and source.count == 1:
                held = {"bed": 1}
            if not held:
                raise InputError(
                    f"{self.path}: has {source.count} bands, none of them called bed; {_LAYOUT}"
                )
            return source.crs.to_wkt(), source.transform, source.shape, held

    def _window_raster(self, rows: slice, columns: slice, step: int) -> dict[str, Values]:
        import rasterio
        from rasterio.windows import Window

        window = Window.from_slices(rows, columns)
        shape = tuple(-(-(part.stop - part.start) // step) for part in (rows, columns))
        found = {}
        with rasterio.open(self.path) as source:
            for name, band in self._held.items():
                read = source.read(band, window=window, out_shape=shape, masked=True)
                scaled = read.astype(np.float64) * source.scales[band - 1]
                grid = np.ma.filled(scaled + source.offsets[band - 1], np.nan)
                found[name] = classes(grid, {}) if name == "mask" else possible(grid)
        return found

    def _look_netcdf(self) -> tuple[str, Affine, tuple[int, int], dict[str, Any]]:
        with xr.open_dataset(self.path, decode_times=False) as data:
            held = {
                name: one for name, ones in _NAMES.items() for one in ones if one in data.data_vars
            }
            if not held:
                raise InputError(
                    f"{self.path}: holds {', '.join(map(str, data.data_vars)) or 'nothing'}; "
                    f"{_LAYOUT}"
                )
            for name, own in held.items():
                units = str(data[own].attrs.get("units", ""))
                if name != "mask" and units.lower() not in _METRES:
                    raise InputError(
                        f"{self.path}: its {own} is in {units!r}; convert it to metres"
                    )
            one = data[next(iter(held.values()))]
            transform, shape = grid_of(one, self.path)
            return projection_of(data, one, self.path), transform, shape, held

    def _window_netcdf(self, rows: slice, columns: slice, step: int) -> dict[str, Values]:
        found = {}
        with xr.open_dataset(self.path, decode_times=False) as data:
            for name, own in self._held.items():
                part = data[own][
                    ..., rows.start : rows.stop : step, columns.start : columns.stop : step
                ]
                grid = np.asarray(part.values, dtype=np.float64).reshape(part.shape[-2:])
                found[name] = classes(grid, data[own].attrs) if name == "mask" else possible(grid)
        return found
