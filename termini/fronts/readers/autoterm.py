"""Zhang et al. (2023): AutoTerm, 279,177 fronts of 295 Greenland glaciers by a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.files import data_root
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.mapped_files import find_columns, layer_in, texts, vector_files
from termini.fronts.readers.traces import prior_sigma, sensor_name, traces_table
from termini.geo import ARCTIC, LONLAT, transformer

METHOD = "AutoTerm (Zhang et al. 2023)"
SPELLINGS: dict[str, tuple[str, ...]] = {
    "date": ("Date",),
    "glacier": ("Glacier ID", "GID"),
    "satellite": ("Satellite", "Sensor"),
    "error": ("Error", "Uncertainty"),
}
#: Table of errors beside the shapefiles: a row a glacier in the order of their numbers,
#: latitude, longitude, spread of the network's fronts by sensor, spread of duplicates.
ERRORS = "uncertainty_all_lola.txt"
_SENSORS = ("Landsat-5", "Landsat-7", "Landsat-8", "Sentinel-1", "Sentinel-2")
# Direction of the orbit at the end of the satellite's name, as Sentinel1_ascending.
_ORBIT = re.compile(r"[ _-]*(asc|des)[a-z]*$", flags=re.IGNORECASE)
_FILES = r"GID[ _]?\d+"


def autoterm(
    path: str | Path | None = None, *, errors: str | Path | None = None
) -> gpd.GeoDataFrame:
    """Front table of AutoTerm.

    Parameters
    ----------
    path : path, optional
        Folder (any depth) or zip file with ``GID<n>.shp``, or one such file.
    errors : path, optional
        ``uncertainty_all_lola.txt``, for rows without ``Error``. By default it is looked
        for beside the shapefiles and in ``glacier_tables`` of the data root.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``autoterm:<n>``. A shapefile that cannot be
        read, or lacks its dates, is a row with the flag ``bad_geometry`` and the reason.

    Raises
    ------
    InputError
        If there is no such file at all, or none can be read.

    Notes
    -----
    ``sigma_m`` is ``Error``; where that is ``N/A``, the mean of the table's values for the
    sensor and for duplicates (those that are not 0), as the authors compute it; else the
    sensor's usual error. Sentinel-1 orbits, which differ by some tens of metres, are told
    apart in ``method``. No image is named, so traces share no correlation group.
    """
    base = source_path("autoterm", path)
    files = vector_files(base, _FILES)
    table = _rows(files)
    plain = {text: _ORBIT.sub("", text) for text in table["satellite"].unique()}
    sensors = {text: sensor_name(name) or name for text, name in plain.items()}
    sensor = [sensors[text] for text in table["satellite"]]
    columns = {
        "glacier_id": table["glacier_id"].to_numpy(),
        "date": table["date"].to_numpy(),
        "sensor": sensor,
        "source": "autoterm",
        "method": _methods(table["satellite"]),
        "sigma_m": _sigmas(table, sensor, _error_table(base, errors)),
    }
    flags: dict[str, tuple[Any, Any]] = {
        "bad_geometry": ((table["problem"] != "").to_numpy(), table["problem"].tolist()),
        "unknown_glacier": (
            (table["glacier_id"] == "").to_numpy(),
            "neither the row nor the file's name gives the glacier",
        ),
    }
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def _rows(files: dict[str, str]) -> gpd.GeoDataFrame:
    """Rows of all files, in EPSG:3413; one that cannot be read is a row with the reason."""
    tables = []
    for shown, opened in files.items():
        number = re.search(r"(\d+)$", Path(shown).stem)
        own = str(int(number[1])) if number else ""
        try:
            layer = layer_in(opened, LONLAT, shown)
            column = find_columns(layer, SPELLINGS, ["date"], shown)
        except InputError as error:
            if len(files) == 1:
                raise
            row = {"glacier": own, "date": "", "satellite": "", "error": "", "problem": str(error)}
            tables.append(gpd.GeoDataFrame([row], geometry=[None], crs=ARCTIC))
            continue
        rows: dict[str, Any] = {key: texts(layer, column.get(key)) for key in SPELLINGS}
        given = (re.sub(r"^GID[ _]*0*", "", text, flags=re.IGNORECASE) for text in rows["glacier"])
        rows["glacier"] = [text or own for text in given]
        rows["problem"] = ""
        lines = layer.geometry.to_crs(ARCTIC).to_numpy()
        tables.append(gpd.GeoDataFrame(rows, geometry=lines, crs=ARCTIC))
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=ARCTIC)
    if (table["problem"] != "").all():
        raise InputError(table["problem"].iloc[0])
    table["glacier_id"] = ("autoterm:" + table["glacier"]).where(table["glacier"] != "", "")
    return table


def _methods(satellites: pd.Series) -> list[str]:
    """Method, with the orbit's direction where the satellite's name states it."""
    named = {}
    for text in satellites.unique():
        found = _ORBIT.search(text)
        orbit = {"asc": ", ascending", "des": ", descending"}[found[1].lower()] if found else ""
        named[text] = METHOD + orbit
    return [named[text] for text in satellites]


def _sigmas(
    table: pd.DataFrame, sensors: list[str], errors: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Error of each row: stated, else of the table, else the sensor's."""
    stated = pd.to_numeric(table["error"], errors="coerce").to_numpy(dtype="float64").copy()
    stated[~(stated > 0) | ~np.isfinite(stated)] = np.nan
    known: dict[tuple[str, str], float] = {}
    glaciers = table["glacier"].tolist()
    for row in np.flatnonzero(np.isnan(stated)):
        key = (glaciers[row], sensors[row])
        if key not in known:
            known[key] = _of_table(errors, *key) or prior_sigma(sensors[row])
        stated[row] = known[key]
    return stated


def _of_table(errors: NDArray[np.float64] | None, glacier: str, sensor: str) -> float:
    """Error that the authors' table gives, or 0."""
    number = int(glacier) if glacier.isdigit() else 0
    if errors is None or sensor not in _SENSORS or not 1 <= number <= len(errors):
        return 0.0
    both = errors[number - 1, [2 + _SENSORS.index(sensor), 7]]
    used = both[both > 0]
    return float(used.mean()) if len(used) else 0.0


def _error_table(base: Path, path: str | Path | None) -> NDArray[np.float64] | None:
    """Table of errors by glacier and sensor, or None where there is none."""
    if path is None:
        root = data_root(required=False)
        places = [(base if base.is_dir() else base.parent) / ERRORS]
        places += [root / "glacier_tables" / ERRORS] if root else []
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            return None
    try:
        table = np.atleast_2d(np.loadtxt(path))
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: not AutoTerm's table of errors ({error})") from error
    if table.shape[1] != 8:
        raise InputError(f"{path}: has {table.shape[1]} columns, AutoTerm's table of errors has 8")
    return table


def autoterm_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Positions of the glaciers that have fronts; the dataset gives no names.

    Parameters
    ----------
    path : path, optional
        As in `autoterm`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`. The position is the
        one of the table of errors, else the middle of the fronts.
    """
    base = source_path("autoterm", path)
    table = _rows(vector_files(base, _FILES))
    errors = _error_table(base, None)
    move = transformer(LONLAT, ARCTIC)
    rows = []
    for glacier, group in table[table["glacier_id"] != ""].groupby("glacier_id", sort=True):
        number = int(group["glacier"].iloc[0]) if group["glacier"].iloc[0].isdigit() else 0
        if errors is not None and 1 <= number <= len(errors):
            x, y = move.transform(errors[number - 1, 1], errors[number - 1, 0])
        else:
            west, south, east, north = group.total_bounds
            x, y = (west + east) / 2, (south + north) / 2
        row = {"glacier_id": glacier, "name": "", "other_names": ""}
        rows.append(row | {"x": float(x), "y": float(y)})
    return pd.DataFrame(rows, columns=["glacier_id", "name", "other_names", "x", "y"])
