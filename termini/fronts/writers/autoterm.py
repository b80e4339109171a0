"""Front tables in the layout of AutoTerm (Zhang et al. 2023)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from termini.fronts.readers.autoterm import METHOD
from termini.fronts.writers.layouts import (
    checked,
    day_text,
    day_texts,
    fitted,
    glacier_numbers,
    lines_only,
)
from termini.fronts.writers.losses import Losses, Written, found_again, lose_unheld
from termini.fronts.writers.shapefiles import write_folder
from termini.geo import LONLAT

_ORBITS = {f"{METHOD}, ascending": "_ascending", f"{METHOD}, descending": "_descending"}


def write_autoterm(
    fronts: gpd.GeoDataFrame, folder: str | Path, *, numbers: Mapping[str, int] | None = None
) -> Written:
    """Write a front table as a folder of shapefiles in the layout of AutoTerm, one a glacier.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    folder : path
        New folder for ``GID<n>.shp``, longitude and latitude, with the columns Date,
        ``Glacier ID``, Satellite and Error (metres, as text; ``N/A`` where it is not
        known).
    numbers : mapping of str to int, optional
        Numbers of glaciers whose id is not ``autoterm:<number>``.

    Returns
    -------
    Written
        The files, and what of the table is not in them. The layout has no column for
        images, analysts, quality flags or notes.

    Raises
    ------
    InputError
        If it is no front table, has no rows, a glacier has no number, or the folder is not
        new or cannot be written.
    """
    table = checked(fronts)
    losses = Losses(table)
    lines = lines_only(table, losses)
    parts = day_texts(table, losses)
    number = glacier_numbers(table["glacier_id"], "autoterm", numbers)
    sigma = table["sigma_m"].to_numpy()
    attributes = pd.DataFrame(
        {
            "Date": [day_text(p) for p in parts],
            "Glacier ID": [f"GID{n}" for n in number],
            "Satellite": fitted(_satellites(table), "sensor", losses),
            "Error": [repr(float(s)) if s > 0 and np.isfinite(s) else "N/A" for s in sigma],
        }
    )
    known = table["method"].isin([METHOD, *_ORBITS])
    losses.add("method", ~known, f"the layout knows only {METHOD!r} and the orbit's direction")
    renamed = ~table["glacier_id"].str.startswith("autoterm:")
    losses.add("glacier_id", renamed, "written as the number that numbers= gives")
    losses.add("sigma_m", ~(sigma > 0) | ~np.isfinite(sigma), "not a number above 0; written N/A")
    lose_unheld(table, losses, "autoterm", found_again(table, lines), None, ("scene_id", "analyst"))
    whole = gpd.GeoDataFrame(attributes, geometry=lines).to_crs(LONLAT)
    tables = {
        f"GID{n}.shp": group.reset_index(drop=True)
        for n, group in whole.groupby(pd.Series(number), sort=True)
    }
    files = write_folder(tables, Path(folder))
    return Written(files, len(table), losses.table())


def _satellites(table: gpd.GeoDataFrame) -> list[str]:
    """Satellite as AutoTerm spells it, with the direction of the orbit."""
    plain = [re.sub(r"^(Landsat|Sentinel)-(\d)$", r"\1\2", sensor) for sensor in table["sensor"]]
    orbits = [_ORBITS.get(method, "") for method in table["method"]]
    return [a + b for a, b in zip(plain, orbits, strict=True)]
