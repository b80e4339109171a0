"""Tiny synthetic miniatures of published tables of bed, basins and forcing, in their layout."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
from miniatures import NAMES, PLACES
from scipy.io import savemat
from shapely.geometry import Polygon

from termini.geo import ARCTIC


def write_glacier_tables(root: Path) -> Path:
    """Excel list of glaciers and MATLAB file of calving fronts."""
    folder = root / "glacier_tables"
    folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Glacier list"
    sheet.append([None] * 15)
    sheet.append([None, None, None, None, "Speed", "Drainage", "Glacier", "MC", "Bathy", "Depth"])
    head = [None, "Glacier name[1]", "Lat", "Lon", "(m/yr)", "Area (km2)", "type", None, None]
    sheet.append([*head, "B2013", "RTopo2", "This study", "CFx (m)", "CFy (m)", "below 50 m"])
    (jx, jy), (hx, hy) = PLACES[3], PLACES[75]
    rows = [
        (1, "Jakobshavn Isbræ", 69.158, -49.658, "TW", -814.9, jx - 1500, jy + 900),
        (2, "Harald Moltke Bræ", 76.593, -67.55, "TW", 12.0, hx + 900, hy - 2000),
        (3, "Nunatakassaap Sermia", 77.0, -60.0, "LT", 40.0, None, None),
    ]
    for number, name, lat, lon, kind, depth, x, y in rows:
        sheet.append([number, name, lat, lon, 1.0, 1.0, kind, 1, 1, -1.0, -1.0, depth, x, y, 1])
    sheet.append([None, "TOTAL"])
    book.save(folder / "Morlighem2017_majorglaciers.xlsx")
    kind = [("inds", "O"), ("bed", "O"), ("gldepth", "O"), ("x", "O"), ("y", "O")]
    fronts = np.empty((1, 3), dtype=kind)
    fronts[0, 0] = (np.arange(9.0), np.full(9, -200.0), -316.0, hx + 1200, hy - 1000)
    fronts[0, 1] = (np.arange(2.0), np.full(2, -20.0), -20.0, hx + 200, hy)  # too short
    fronts[0, 2] = (np.arange(6.0), np.full(6, 20.0), 11.0, jx, jy)  # above sea level
    savemat(folder / "calvingfronts.mat", {"cfs": fronts})
    return folder


def write_catchments(root: Path) -> Path:
    """Basins as a shapefile, their names in Excel, their sills in a MATLAB file."""
    folder = root / "catchments"
    folder.mkdir(parents=True, exist_ok=True)
    names = ["JAKOBSHAVN_ISBRAE", "HARALD_MOLTKE_BRAE", "NW_NONAME3"]
    around = np.array([(-3e3, -2e4), (9e4, -2e4), (9e4, 2e4), (-3e3, 2e4)])
    places = [PLACES[3], PLACES[75], (-700_000.0, -1_345_000.0)]
    boxes = [Polygon(around + np.array(xy)) for xy in places]
    table = gpd.GeoDataFrame(
        {"SUBREGION1": ["CW", "NW", "NW"], "NAME": names, "GL_TYPE": ["TW", "TW", "LT"]},
        geometry=boxes,
        crs=ARCTIC,
    )
    pyogrio.write_dataframe(table, folder / "Greenland_Basins_PS_v1.4.2.shp")
    book = openpyxl.Workbook()
    book.active.append(["Greenland glacier catchments from Mouginot & Rignot (2019)"])
    book.active.append(["catchment number", "name"])
    for number, name in enumerate([*names, "OTHER"], start=1):
        book.active.append([number, name.replace("_", " ").title()])
    book.save(folder / "glacier_catchment_names_Mouginot.xlsx")
    depth = np.array([[-260.6], [-1.0], [np.nan], [np.nan]])
    savemat(folder / "sill_depth.mat", {"sill_depth": depth, "readme": "made up"})
    return folder


def write_ocean_forcing(root: Path) -> Path:
    """Runoff of two runs and thermal forcing of two sectors, as MATLAB structures."""
    folder = root / "ocean_forcing"
    (folder / "runoff").mkdir(parents=True, exist_ok=True)
    (folder / "ocean").mkdir(parents=True, exist_ok=True)
    years = np.arange(1950, 2101)
    fields = "rignotGlacierID rignotGlacierName glacierX glacierY time timeUnits runoff runoffUnits"
    kind = [(name, "O") for name in fields.split(" ")]
    for factor, run in [(1.0, "MIROC5-rcp85"), (3.0, "NorESM1-rcp85")]:
        table = np.empty((1, 2), dtype=kind)
        for k, (glacier, number) in enumerate([(3, 1), (75, 40)]):
            # Names as published: UTF-8 that was read as Latin-1.
            name = NAMES[glacier][2].encode().decode("latin-1")
            x, y = PLACES[glacier]
            # A third of this many cubic metres a second, all summer.
            volume = np.full(len(years), factor * 100.0 * (k + 1) * 92 * 86400 / 3)
            table[0, k] = (number, name, x + 700.0, y, years, "year", volume, "m3")
        file = f"MAR3.9-{run}-JJA_mean-tidewaterbasins_rignotid_withGlacierIDs.mat"
        savemat(folder / "runoff" / file, {"runoff": table})
    sector = [("ice", "O"), ("ocean", "O"), ("inds", "O"), ("TF", "O"), ("Toi", "O"), ("t", "O")]
    outline = [("x", "O"), ("y", "O")]
    regions = np.empty((1, 2), dtype=sector)
    for k, glacier in enumerate([3, 75]):
        x, y = PLACES[glacier]
        parts = []
        for west, east in [(-2e4, 3e5), (-2e5, -2e4)]:
            part = np.empty((1, 1), dtype=outline)
            part[0, 0] = (
                x + np.array([west, east, east, west]),
                y + np.array([-1e5, -1e5, 1e5, 1e5]),
            )
            parts.append(part)
        t = np.arange(1900.0, 2018.0)
        regions[0, k] = (*parts, np.arange(3), 4.0 + k + 0.01 * (t - 1950), t * 0, t)
    savemat(folder / "ocean" / "EN4_ISMIP6.mat", {"regions": regions})
    return folder


def write_wood(root: Path) -> Path:
    """Thermal forcing by glacier name."""
    (root / "nw_greenland").mkdir(parents=True, exist_ok=True)
    file = root / "nw_greenland" / "wood2021_thermal_forcing.csv"
    head = "name,ocean_model_area," + ",".join(
        f"tf_{p}_degC" for p in ["1992_2017", "1992_1997", "1998_2007", "2008_2017"]
    )
    rows = ["Jakobshavn Isbrae,CW2,5.18,3.62,5.19,6.05", "Harald Moltke Br.,N1,0.42,0.16,0.62,0.36"]
    file.write_text("\n".join([head, *rows, "Dodge Gl.,N1,0.26,NaN,0,0.5"]) + "\n")
    return file
