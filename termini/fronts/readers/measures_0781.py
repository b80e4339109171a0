"""MEaSUREs NSIDC-0781: weekly to monthly fronts of Greenland on Sentinel-1 mosaics."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from termini.fronts.readers.dated_files import find_files, lines_of_files, problem_flags, values
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.measures_traces import SENSOR, measures_columns, quality_flags
from termini.fronts.readers.places import glacier_table
from termini.fronts.readers.traces import traces_table
from termini.geo import ARCTIC

FOLDER = "measures_0781"
LAYOUT = "glacier_termini_v<version>.shp"


def measures_0781(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the weekly to monthly MEaSUREs termini.

    Parameters
    ----------
    path : path, optional
        ``glacier_termini_v01.0.shp``, or the folder that holds it; several
        shapefiles are read together.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``measures:<number>``, the sensor is
        Sentinel-1 where the row says nothing else.

    Raises
    ------
    InputError
        If there is no shapefile, none can be read, or there is no glacier number or
        date.

    Notes
    -----
    File name and columns were found in programs that read the file, the file itself
    was not at hand. ``SourceDate`` is read as the day of the image at the glacier
    (Black & Joughin 2023), ``Image_ID`` is the mosaic that it was drawn on; traces of
    one mosaic share its geolocation error. Where there are two dates of a mosaic
    (``DATE1``, ``DATE2``) and no other, the date is their middle.
    """
    folder = source_path(FOLDER, path)
    table = lines_of_files(find_files(folder, LAYOUT, (".shp",)), ARCTIC, crs=ARCTIC)
    columns = measures_columns(table, folder)
    columns["source"] = "measures_0781"
    columns["sensor"] = [sensor or "Sentinel-1" for sensor in values(table, SENSOR)]
    flags = {**problem_flags(table), **quality_flags(table)}
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def measures_0781_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Positions of the glaciers; the dataset gives no names.

    Parameters
    ----------
    path : path, optional
        As in `measures_0781`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`; the position
        is the middle of the fronts.
    """
    return glacier_table(measures_0781(path), {})
