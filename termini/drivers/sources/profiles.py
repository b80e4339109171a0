"""Profiles of ocean temperature and salinity in front of glaciers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
import xarray as xr

from termini.drivers.sources.ocean import SECTORS, _polygon
from termini.drivers.sources.tables import column, mid_year, read_mat, table_file
from termini.errors import InputError

# A glacier that lies further than this from every sector is not one of Greenland's.
_FAR_M = 300e3


def sector_profiles(x: float, y: float, path: str | Path | None = None) -> xr.Dataset:
    """Annual profiles of the ocean sector of a place, 1995 to 2014 (EN4, ISMIP6).

    Parameters
    ----------
    x, y : float
        Place in EPSG:3413, metres.
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    xarray.Dataset
        ``temperature`` (degC) and ``salinity`` on ``time, depth`` (m, positive down);
        NaN below the sector's sea floor.

    Raises
    ------
    InputError
        If the file is missing or not as published, or the place is far from Greenland.

    Notes
    -----
    A mean over hundreds of kilometres of shelf (Slater et al. 2020, The Cryosphere 14;
    EN4, Good et al. 2013). What of it reaches a glacier, its sill decides.
    """
    file = table_file(path, "ocean_forcing", "ocean", "EN4_ISMIP6_highres.mat")
    struct = read_mat(file, "regions")
    fields = [column(struct, name) for name in ("ice", "ocean", "yr", "depth")]
    outlines = [
        shapely.union_all([_polygon(ice), _polygon(ocean)])
        for ice, ocean in zip(fields[0], fields[1], strict=True)
    ]
    away = shapely.distance(np.array(outlines), shapely.Point(x, y))
    row = int(np.argmin(away))
    if away[row] > _FAR_M:
        raise InputError(
            f"{file}: ({x:.0f}, {y:.0f}) is {away[row] / 1e3:.0f} km from the nearest sector; give "
            "a place in Greenland, in metres of EPSG:3413"
        )
    depth = np.asarray(fields[3][row], dtype=np.float64)
    warm, salt = (
        np.asarray(column(struct, name)[row], dtype=np.float64).T for name in ("sectorT", "sectorS")
    )
    name = SECTORS[row] if len(outlines) == len(SECTORS) else str(row)
    return xr.Dataset(
        {
            "temperature": (("time", "depth"), warm, {"units": "degC"}),
            "salinity": (("time", "depth"), salt, {"units": "1"}),
        },
        coords={
            "time": mid_year(fields[2][row]).as_unit("ns"),
            "depth": ("depth", depth, {"units": "m", "positive": "down"}),
        },
        attrs={"source": f"EN4 profiles of ISMIP6, sector {name}", "sector": name},
    )
