"""Front tables in the layout of CALFIN's level-1 lines (Cheng et al. 2021)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from termini.fronts.readers.calfin import METHOD, SIGMA_M
from termini.fronts.readers.termpicks import stated_sensors
from termini.fronts.readers.traces import prior_sigma
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
from termini.geo import ARCTIC, LONLAT, transformer
from termini.variables import flag_bits


def write_calfin(
    fronts: gpd.GeoDataFrame,
    folder: str | Path,
    *,
    numbers: Mapping[str, int] | None = None,
    names: Mapping[str, str] | None = None,
    version: str = "v1.0",
) -> Written:
    """Write a front table as a folder of shapefiles in the layout of CALFIN, one a glacier.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    folder : path
        New folder for ``termini_<first>-<last year>_<name>_<version>.shp``, EPSG:3413.
    numbers : mapping of str to int, optional
        GlacierID of glaciers whose id is not ``calfin:<number>``.
    names : mapping of str to str, optional
        Name by glacier id; it stands in AltName, RefName and the name of the file. A
        glacier without one is ``glacier-<number>`` in the name of the file.
    version : str
        Ending of the names.

    Returns
    -------
    Written
        The files, and what of the table is not in them. QualFlag holds whether a front was
        drawn by hand, and gaps of Landsat 7; no other flag.

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
    sensors = stated_sensors(table["sensor"], table["scene_id"])
    number = glacier_numbers(table["glacier_id"], "calfin", numbers)
    called = [(names or {}).get(name, "") for name in table["glacier_id"]]
    slc = flag_bits()["slc_off"]
    held = table["quality"].to_numpy(dtype="int64") & slc
    by_hand = (table["method"] == "manual").to_numpy()
    attributes = pd.DataFrame(
        {
            "GlacierID": number,
            **_centres(lines),
            "QualFlag": (np.where(by_hand, 0, 10) + np.where(held, 3, 0)).astype("int32"),
            "Satellite": fitted(sensors, "sensor", losses),
            "Date": [day_text(p) for p in parts],
            "ImageID": fitted(table["scene_id"], "scene_id", losses),
            "GrnlndcN": "",
            "OfficialN": "",
            "AltName": fitted(called, "glacier_id", losses),
            "RefName": [name.encode()[:200].decode(errors="ignore") for name in called],
            "Author": fitted(table["analyst"], "analyst", losses),
        }
    )
    known = table["method"].isin(["manual", METHOD])
    losses.add("method", ~known, f"the layout knows only 'manual' and {METHOD!r}")
    renamed = ~table["glacier_id"].str.startswith("calfin:")
    losses.add("glacier_id", renamed, "written as the number that numbers= gives")
    priors = [prior_sigma(sensor) for sensor in sensors]
    sigma = np.where(by_hand, priors, SIGMA_M)
    lose_unheld(table, losses, "calfin", held | found_again(table, lines), sigma)
    whole = gpd.GeoDataFrame(attributes, geometry=lines)
    years = np.array([p[0] for p in parts])
    files = write_folder(_by_glacier(whole, called, years, version), Path(folder))
    return Written(files, len(table), losses.table())


def _centres(lines: gpd.GeoSeries) -> dict[str, np.ndarray]:
    """Mean of each line's vertices, as CALFIN's centres are; NaN where there is no line."""
    xy, owner = shapely.get_coordinates(lines.to_numpy(), return_index=True)
    count = np.bincount(owner, minlength=len(lines)).astype("float64")
    count[count == 0] = np.nan
    x, y = (np.bincount(owner, weights=xy[:, k], minlength=len(lines)) / count for k in (0, 1))
    lon, lat = transformer(ARCTIC, LONLAT).transform(x, y)
    return {
        "Center_X": x,
        "Center_Y": y,
        "Latitude": np.where(np.isfinite(lat), lat, np.nan),
        "Longitude": np.where(np.isfinite(lon), lon, np.nan),
    }


def _by_glacier(
    whole: gpd.GeoDataFrame, called: list[str], years: np.ndarray, version: str
) -> dict[str, gpd.GeoDataFrame]:
    """Tables by the name of their file; two glaciers of one name get their numbers."""
    tables: dict[str, gpd.GeoDataFrame] = {}
    for number, group in whole.groupby("GlacierID", sort=True):
        own = years[group.index]
        own = own[own > 0]
        span = f"{own.min():04d}-{own.max():04d}" if len(own) else "0000-0000"
        plain = re.sub(r"[^\w.-]+", "-", called[group.index[0]]).strip("-.")
        name = f"termini_{span}_{plain or f'glacier-{number}'}_{version}.shp"
        if name.lower() in {known.lower() for known in tables}:
            name = f"termini_{span}_{plain}-{number}_{version}.shp"
        tables[name] = group.reset_index(drop=True)
    return tables
