"""Black & Joughin (2022): 3,511 annual traces of 87 north-west Greenland glaciers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from termini.fronts.readers.layers import read_layer, source_path
from termini.fronts.readers.traces import traces_table
from termini.geo import ARCTIC

GEODATABASE = "nwgreenland_decadal.gdb"
_NEEDED = ["Glacier_ID", "Source_Date", "Sensor", "Image_ID", "Quality_Flag"]

# The 'Official_Name' of several glaciers is the same word for 'glacier' (Sermeq
# Kujalleq, the southern glacier, is the name of four), so the name shown is the
# alternative one where there is one.
_NAMES = ["Alternative_Name", "Official_Name", "Greenlandic_Name"]


def nw_greenland(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the north-west Greenland traces.

    Parameters
    ----------
    path : path, optional
        ``nwgreenland_decadal.gdb``, or the folder that holds it.

    Returns
    -------
    GeoDataFrame
        Front table; glaciers ``measures:1`` to ``measures:90``.

    Raises
    ------
    InputError
        If the geodatabase, its layer ``annual_termini`` or a column lacks.

    Notes
    -----
    Quality_Flag, as in MEaSUREs NSIDC-0642: 0 sure, 1 uncertain, 2 checked on a
    second image, 3 drawn on a Landsat 7 scene with gaps. Source_Date is the day
    of the image, also where Image_ID is a mosaic of several days.
    """
    table = read_layer(
        source_path("nw_greenland", path, GEODATABASE), _NEEDED, layer="annual_termini", crs=ARCTIC
    )
    quality = table["Quality_Flag"].astype("str").str.strip()
    columns = {
        "glacier_id": [f"measures:{number}" for number in table["Glacier_ID"]],
        "date": table["Source_Date"].to_numpy(),
        "sensor": table["Sensor"].to_numpy(),
        "scene_id": table["Image_ID"].to_numpy(),
        "source": "nw_greenland",
        "method": "manual",
        "analyst": table["Create_User"].to_numpy() if "Create_User" in table else "",
    }
    flags = {
        "source_uncertain": (quality == "1", "quality flag 1 of the source"),
        "source_checked": (quality == "2", ""),
        "slc_off": (quality == "3", ""),
    }
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def nw_greenland_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the 87 glaciers.

    Parameters
    ----------
    path : path, optional
        As in `nw_greenland`.

    Returns
    -------
    DataFrame
        ``glacier_id``, ``name`` (empty for a glacier without one), ``other_names``
        (separated by semicolons), ``x``, ``y`` in EPSG:3413, metres.
    """
    table = read_layer(
        source_path("nw_greenland", path, GEODATABASE),
        ["Glacier_ID", *_NAMES],
        layer="glacier_points",
        crs=ARCTIC,
    ).sort_values("Glacier_ID", ignore_index=True)
    rows = []
    for row in table.itertuples():
        given = [str(getattr(row, column) or "").strip() for column in _NAMES]
        names = list(dict.fromkeys(name for name in given if name and name != "None"))
        rows.append(
            {
                "glacier_id": f"measures:{row.Glacier_ID}",
                "name": names[0] if names else "",
                "other_names": "; ".join(names[1:]),
                "x": row.geometry.x,
                "y": row.geometry.y,
            }
        )
    return pd.DataFrame(rows)
