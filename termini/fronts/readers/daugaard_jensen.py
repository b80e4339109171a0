"""King (2024): 920 traces of Daugaard-Jensen Glacier, 2000-2023, many a month."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from termini.fronts.readers.layers import read_layer, source_path
from termini.fronts.readers.traces import traces_table
from termini.geo import ARCTIC

TRACES = "terminus_traces.geojson"
_NEEDED = ["date", "image_id", "satellite", "glacier", "glacier_code", "quality", "source"]


def daugaard_jensen(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the Daugaard-Jensen traces.

    Parameters
    ----------
    path : path, optional
        ``terminus_traces.geojson``, or the folder ``central_east`` that holds it.

    Returns
    -------
    GeoDataFrame
        Front table; glaciers are ``king:<glacier_code>``, so ``king:DJ``.

    Raises
    ------
    InputError
        If the file or a column lacks.

    Notes
    -----
    Quality is 0 (no concern), 1 (uncertain) or 4. The last stands only, and
    almost always, on Landsat 7 scenes after the scan-line corrector failed (31
    May 2003 to 2012) and is read as that. Nine traces, after A. Sole, name no
    scene. Two name a Landsat 8 scene years after their date.
    """
    table = read_layer(source_path("central_east", path, TRACES), _NEEDED, crs=ARCTIC)
    quality = table["quality"].astype("str").str.strip()
    columns = {
        "glacier_id": [f"king:{code}" for code in table["glacier_code"]],
        "date": table["date"].to_numpy(),
        "sensor": [None if pd.isna(s) else s for s in table["satellite"]],
        "scene_id": table["image_id"].to_numpy(),
        "source": "daugaard_jensen",
        "method": "manual",
        "analyst": table["source"].to_numpy(),
    }
    flags = {
        "source_uncertain": (quality == "1", "quality flag 1 of the source"),
        "source_checked": (quality == "2", ""),
        "slc_off": (quality.isin(["3", "4"]), ""),
    }
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def daugaard_jensen_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the glaciers that have traces.

    Parameters
    ----------
    path : path, optional
        As in `daugaard_jensen`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`; the
        position is the middle of the traces.
    """
    table = read_layer(source_path("central_east", path, TRACES), _NEEDED, crs=ARCTIC)
    rows = []
    for code, group in table[table.geometry.notna()].groupby("glacier_code"):
        west, south, east, north = group.total_bounds
        rows.append(
            {
                "glacier_id": f"king:{code}",
                "name": str(group["glacier"].iloc[0]).title(),
                "other_names": "",
                "x": (west + east) / 2,
                "y": (south + north) / 2,
            }
        )
    return pd.DataFrame(rows)
