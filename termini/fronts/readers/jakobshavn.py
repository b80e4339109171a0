"""Picton et al. (2025): 414 traces of Jakobshavn Isbrae, 1990-2022, after TermPicks."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from termini.fronts.readers.layers import read_layer, source_path
from termini.fronts.readers.traces import traces_table
from termini.geo import ARCTIC

SHAPEFILE = "jakobshavn_1990_2023_TP.shp"
_NEEDED = ["Image_ID", "Quality_Fl", "Date", "Dataset"]


def jakobshavn(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the Jakobshavn traces.

    Parameters
    ----------
    path : path, optional
        ``jakobshavn_1990_2023_TP.shp``, or the folder that holds it.

    Returns
    -------
    GeoDataFrame
        Front table; the glacier is ``measures:3``.

    Raises
    ------
    InputError
        If the shapefile or a column lacks.

    Notes
    -----
    The shapefile carries ESRI WKT; its coordinates are EPSG:3413. Most traces
    are those of Black & Joughin (2022) and Joughin et al. (2021): together with
    `nw_greenland` the same trace may come twice, which `screen` sees. Its layout
    is that of TermPicks (Goliber et al. 2022), as are the quality flags: 0 no
    concern, 1 uncertain, 2 checked on a second image, 3 Landsat 7 with gaps.
    """
    table = read_layer(source_path("jakobshavn", path, SHAPEFILE), _NEEDED, crs=ARCTIC)
    quality = table["Quality_Fl"].astype("str").str.strip()
    columns = {
        "glacier_id": "measures:3",
        "date": table["Date"].to_numpy(),
        "scene_id": table["Image_ID"].to_numpy(),
        "source": "jakobshavn",
        "method": "manual",
        "analyst": table["Dataset"].to_numpy(),
    }
    flags = {
        "source_uncertain": (quality == "1", "quality flag 1 of the source"),
        "source_checked": (quality == "2", ""),
        "slc_off": (quality == "3", ""),
    }
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def jakobshavn_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Name and position of the glacier.

    Parameters
    ----------
    path : path, optional
        Not needed: the dataset states neither.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`.
    """
    return pd.DataFrame(
        {
            "glacier_id": ["measures:3"],
            "name": ["Jakobshavn Isbræ"],
            "other_names": ["Sermeq Kujalleq; Ilulissat Glacier"],
            "x": [-182396.0],
            "y": [-2276270.0],
        }
    )
