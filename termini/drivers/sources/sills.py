"""Depth of the shallowest sill between a glacier's front and the open shelf."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely
import xarray as xr

from termini.drivers.sources.tables import read_mat, records, table_file
from termini.errors import InputError
from termini.fronts.readers.layers import read_layer
from termini.geo import ARCTIC

# What the published table holds where no way below sea level was found.
_NO_WAY = -1.0

# Outlines are simplified by less than this, metres; the basins are drawn from a
# 150 m raster.
_TOLERANCE_M = 100.0


def sill_depth(path: str | Path | None = None) -> xr.Dataset:
    """Sill depth of the drainage basins of Greenland (Greene et al. 2024).

    Parameters
    ----------
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    xarray.Dataset
        ``sill_depth`` (m below sea level) by record; each record has the outline of
        its basin (Mouginot & Rignot 2019), so that all glaciers in a basin share it.

    Raises
    ------
    InputError
        If a file is missing, or the rows of the tables are not those of the basins.

    Notes
    -----
    The depths stand in the order of an Excel list of names, and that is the order
    of the basins' shapefile: the names are compared row by row before they are
    joined. 17 basins hold -1, where no way below sea level leads to the shelf in
    the bathymetry: these are missing here.
    """
    depth = np.atleast_1d(read_mat(table_file(path, "catchments", "sill_depth.mat"), "sill_depth"))
    listed = table_file(path, "catchments", "glacier_catchment_names_Mouginot.xlsx")
    names = pd.read_excel(listed, header=1).iloc[:, 1].astype("str")
    file = table_file(path, "catchments", "Greenland_Basins_PS_v1.4.2.shp")
    basins = read_layer(file, ["NAME"], crs=ARCTIC)
    n = len(basins)
    if len(depth) < n or len(names) < n:
        raise InputError(
            f"{listed}: {len(names)} names and {len(depth)} depths for {n} basins; the three "
            "files must be of one release"
        )
    here = basins["NAME"].str.upper().str.replace("_", " ").str.strip().to_numpy()
    there = names[:n].str.upper().str.replace("_", " ").str.strip().to_numpy()
    if (here != there).any():
        row = int(np.flatnonzero(here != there)[0])
        raise InputError(
            f"{listed}: row {row + 1} is {there[row]!r}, but basin {row + 1} of {file.name} is "
            f"{here[row]!r}; the files must be of one release"
        )
    outline = shapely.make_valid(shapely.simplify(basins.geometry.to_numpy(), _TOLERANCE_M))
    inside = shapely.point_on_surface(outline)
    known = -depth[:n].astype(np.float64)
    known[np.isclose(known, -_NO_WAY, atol=0.01)] = np.nan
    return records(
        basins["NAME"].astype("str").tolist(),
        shapely.get_x(inside),
        shapely.get_y(inside),
        {"sill_depth": known},
        source="Greene et al. 2024, sill depth by basin",
        citation="Greene, C. A. et al. (2024): Ubiquitous acceleration in Greenland Ice Sheet "
        "calving from 1985 to 2022. Nature 625, doi:10.1038/s41586-023-06863-2; Mouginot, J. and "
        "Rignot, E. (2019): Glacier catchments/basins for the Greenland Ice Sheet, "
        "doi:10.7280/D1WT11",
        comment="one value a drainage basin, shared by all glaciers in it; missing where no way "
        "below sea level leads to the shelf in the bathymetry",
        outline=[str(text) for text in shapely.to_wkt(outline, rounding_precision=0)],
    )
