"""Depth of the bed at the ice front, and whether a glacier ends in the sea."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from termini.drivers.sources.tables import column, read_mat, records, table_file
from termini.errors import InputError
from termini.geo import ARCTIC, LONLAT, transformer

# Stretches of front with fewer points than this, on a grid of 150 m, are no
# glacier that is studied.
_MIN_POINTS = 4

# Columns of the sheet by their place: its header is three merged rows.
_NAME, _LAT, _LON, _TYPE, _DEPTH, _X, _Y = 1, 2, 3, 6, 11, 12, 13


def ice_front_depth(path: str | Path | None = None) -> xr.Dataset:
    """Ice-front depth of 243 Greenland glaciers (Morlighem et al. 2017).

    Parameters
    ----------
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    xarray.Dataset
        ``bed_depth`` (m below sea level) and ``marine_terminating`` by record. The
        position is that of the ice front where the table gives one (222), else
        that of the glacier.

    Raises
    ------
    InputError
        If the table is missing or not as published.

    Notes
    -----
    The depth is the column 'This study' (BedMachine v3). Where it puts the bed of a
    tidewater glacier above sea level, which cannot be, the depth is missing.
    """
    file = table_file(path, "glacier_tables", "Morlighem2017_majorglaciers.xlsx")
    with warnings.catch_warnings():
        # The published workbook has a header that openpyxl cannot parse.
        warnings.simplefilter("ignore", UserWarning)
        try:
            sheet = pd.read_excel(file, header=None, skiprows=3)
        except (ValueError, OSError) as error:
            raise InputError(f"{file}: not an Excel workbook ({error}); download again") from error
    if sheet.shape[1] <= _Y:
        raise InputError(f"{file}: has {sheet.shape[1]} columns, not 15; is it the published file?")
    sheet = sheet[pd.to_numeric(sheet[0], errors="coerce").notna()].reset_index(drop=True)
    number = {c: pd.to_numeric(sheet[c], errors="coerce") for c in (_LAT, _LON, _DEPTH, _X, _Y)}
    x, y = transformer(LONLAT, ARCTIC).transform(number[_LON].to_numpy(), number[_LAT].to_numpy())
    x = number[_X].fillna(pd.Series(x)).to_numpy()
    y = number[_Y].fillna(pd.Series(y)).to_numpy()
    marine = sheet[_TYPE].astype("str").str.strip() == "TW"
    depth = -number[_DEPTH].to_numpy(dtype=np.float64)
    depth = np.where(marine & (depth <= 0), np.nan, depth)
    return records(
        [str(name).strip() for name in sheet[_NAME]],
        x,
        y,
        {"bed_depth": depth, "marine_terminating": marine.to_numpy().astype(np.int8)},
        source="Morlighem et al. 2017, major glaciers",
        citation="Morlighem, M. et al. (2017): BedMachine v3: Complete bed topography and ocean "
        "bathymetry mapping of Greenland from multibeam echo sounding combined with mass "
        "conservation. Geophysical Research Letters 44, doi:10.1002/2017GL074954",
        comment="bed at one point of the ice front; where it lies above sea level at a tidewater "
        "glacier it is missing here",
    )


def front_bed_depth(path: str | Path | None = None) -> xr.Dataset:
    """Deepest bed along the calving fronts of Greenland (Slater & Straneo 2022).

    Parameters
    ----------
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    xarray.Dataset
        ``bed_depth`` (m below sea level) by record, one for each connected stretch
        of calving front that is longer than 600 m and reaches below sea level. The
        records have no names.

    Raises
    ------
    InputError
        If the file is missing or not as published.

    Notes
    -----
    The deepest point of the front, not one somewhere along it: at Bowdoin Glacier it
    is 253 m, where `ice_front_depth` has 5 m.
    """
    fronts = read_mat(table_file(path, "glacier_tables", "calvingfronts.mat"), "cfs")
    points = np.array([np.size(v) for v in column(fronts, "inds")])
    depth, x, y = (
        np.array([float(np.mean(v)) for v in column(fronts, field)])
        for field in ("gldepth", "x", "y")
    )
    kept = (points >= _MIN_POINTS) & (depth < 0)
    return records(
        [""] * int(kept.sum()),
        x[kept],
        y[kept],
        {"bed_depth": -depth[kept]},
        source="Slater & Straneo 2022, calving fronts",
        citation="Slater, D. A. and Straneo, F. (2022): Submarine melting of glaciers in Greenland "
        "amplified by atmospheric warming. Nature Geoscience 15, doi:10.1038/s41561-022-01035-9",
        comment="deepest bed along a stretch of calving front; joined by position alone",
    )
