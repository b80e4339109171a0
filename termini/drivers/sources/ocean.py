"""Ocean thermal forcing: one value a sector and year, and one a glacier and period."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from termini.drivers.sources.bed import ice_front_depth
from termini.drivers.sources.tables import column, mid_year, read_mat, records, table_file
from termini.errors import InputError
from termini.geometry.crosswalk_match import SAME_NAME
from termini.names import name_similarity

#: The seven sectors in the order of the file (Slater et al. 2019, Fig. 1).
SECTORS = ["SE", "SW", "CE", "CW", "NE", "NW", "NO"]

# A named glacier lies within this of its neighbours in the coastal order in which
# the table lists them.
_NEIGHBOURHOOD_M = 150e3


def sector_thermal_forcing(
    path: str | Path | None = None, *, years: tuple[int, int] = (1950, 2017)
) -> xr.Dataset:
    """Annual thermal forcing of seven ocean sectors from EN4 (Slater et al. 2020).

    Parameters
    ----------
    path : path, optional
        Root folder of the published data.
    years : tuple of int
        First and last year; the file has 1900 to 2017.

    Returns
    -------
    xarray.Dataset
        ``thermal_forcing`` (K) by record and year; each record has the outline of
        its sector.

    Raises
    ------
    InputError
        If the file is missing, not as published, or does not cover the years.

    Notes
    -----
    The mean over 200 to 500 m depth of a part of the shelf hundreds of kilometres
    long: glaciers of one sector share it, whatever their sills.
    """
    file = table_file(path, "ocean_forcing", "ocean", "EN4_ISMIP6.mat")
    struct = read_mat(file, "regions")
    wanted = np.arange(years[0], years[1] + 1)
    values, outlines = [], []
    for time, forcing, ice, ocean in zip(
        *(column(struct, field) for field in ("t", "TF", "ice", "ocean")), strict=True
    ):
        at = np.flatnonzero(np.isin(time, wanted))
        if len(at) != len(wanted):
            raise InputError(f"{file}: covers {np.min(time)} to {np.max(time)}, not {years}")
        values.append(np.asarray(forcing, dtype=np.float64)[at])
        outlines.append(shapely.union_all([_polygon(ice), _polygon(ocean)]))
    centre = shapely.point_on_surface(np.array(outlines))
    names = SECTORS if len(outlines) == len(SECTORS) else [str(k) for k in range(len(outlines))]
    return records(
        [f"sector {name}" for name in names],
        shapely.get_x(centre),
        shapely.get_y(centre),
        {"thermal_forcing": np.array(values)},
        time=mid_year(wanted),
        source="ISMIP6 thermal forcing by sector, EN4",
        citation="Slater, D. A. et al. (2020): Twenty-first century ocean forcing of the Greenland "
        "ice sheet. The Cryosphere 14, doi:10.5194/tc-14-985-2020; Good, S. A. et al. (2013), "
        "doi:10.1002/2013JC009067 (EN4)",
        comment="one value a sector of the shelf and year, shared by all its glaciers; annual "
        "mean, stamped 15 July",
        outline=[shapely.to_wkt(outline, rounding_precision=0) for outline in outlines],
    )


def _polygon(struct: Any) -> shapely.Polygon:
    x, y = (np.asarray(struct[axis].item(), dtype=np.float64).ravel() for axis in ("x", "y"))
    return shapely.make_valid(shapely.Polygon(np.column_stack([x, y])))


def glacier_thermal_forcing(path: str | Path | None = None) -> xr.Dataset:
    """Thermal forcing of 92 glaciers of west Greenland in three periods (Wood et al. 2021).

    Parameters
    ----------
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    xarray.Dataset
        ``thermal_forcing_mean`` (1992-2017) and ``thermal_forcing_change`` (mean of
        2008-2017 minus mean of 1992-1997), K, by record.

    Raises
    ------
    InputError
        If the table is missing or not as published.

    Notes
    -----
    The table gives names, some twice, and no positions. They are looked up in
    the table of `ice_front_depth`, which names glaciers in the same way; of several
    glaciers of a name, the one between its neighbours in the list counts, which
    follows the coast. A record whose name is not found there has no position (24).
    """
    file = table_file(path, "nw_greenland", "wood2021_thermal_forcing.csv")
    table = pd.read_csv(file)
    needed = ["name", "ocean_model_area"] + [
        f"tf_{period}_degC" for period in ("1992_2017", "1992_1997", "1998_2007", "2008_2017")
    ]
    if missing := [name for name in needed if name not in table]:
        raise InputError(f"{file}: lacks the column(s) {missing}; is it the published file?")
    mean, early, _, late = (table[c].to_numpy(dtype=np.float64) for c in needed[2:])
    xy = _look_up(table["name"].astype("str").tolist(), ice_front_depth(path))
    return records(
        table["name"].astype("str").tolist(),
        xy[:, 0],
        xy[:, 1],
        {"thermal_forcing_mean": mean, "thermal_forcing_change": late - early},
        source="Wood et al. 2021, thermal forcing by glacier",
        citation="Wood, M. et al. (2021): Ocean forcing drives glacier retreat in Greenland. "
        "Science Advances 7, eaba7282, doi:10.1126/sciadv.aba7282",
        comment="positions looked up by name in Morlighem et al. 2017; means of periods",
    )


def _look_up(names: list[str], gazetteer: xr.Dataset) -> NDArray[np.float64]:
    """Positions of names listed along a coast; NaN where the gazetteer has none that fits."""
    known = [str(name) for name in gazetteer["name"].values]
    points = np.column_stack([gazetteer["x"].values, gazetteer["y"].values])
    like = np.nan_to_num(np.array([[name_similarity(a, b) for b in known] for a in names]))
    like[like < SAME_NAME] = 0.0
    candidates = [np.flatnonzero((row == row.max()) & (row > 0)) for row in like]
    first = np.full((len(names), 2), np.nan)
    for row, found in enumerate(candidates):
        if len(found) == 1:
            first[row] = points[found[0]]
    placed = np.full_like(first, np.nan)
    used: dict[int, tuple[float, int]] = {}
    for row in range(len(names)):
        around = first[np.setdiff1d(np.arange(max(0, row - 3), min(len(names), row + 4)), [row])]
        around = around[np.isfinite(around[:, 0])]
        options = np.flatnonzero(like[row] > 0)
        if not len(around) or not len(options):
            continue
        away = np.hypot(*(points[options] - np.median(around, axis=0)).T)
        near = away < _NEIGHBOURHOOD_M
        if not near.any():
            continue
        best = min(np.flatnonzero(near), key=lambda k: (-like[row, options[k]], away[k]))
        column_, distance = int(options[best]), float(away[best])
        # A place belongs to one name: the one whose neighbours are nearer.
        if column_ in used and used[column_][0] <= distance:
            continue
        if column_ in used:
            placed[used[column_][1]] = np.nan
        used[column_] = (distance, row)
        placed[row] = points[column_]
    return placed
