"""Miniatures of archives of fronts, in their publishers' layout as far as it is known.

Folders, file names, columns and projections are those that the readers' notes name;
glaciers, lines and numbers are made up. Some rows are broken on
purpose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from shapely.geometry import LineString, MultiLineString, Point

from termini.geo import ANTARCTIC, ARCTIC, LONLAT, reproject

#: Made-up fronts near real places: Arctic ones in EPSG:3413, Antarctic in EPSG:3031.
PLACES = {
    "jakobshavn": (-182_000.0, -2_276_000.0),
    "helheim": (308_500.0, -2_578_000.0),
    "amery": (2_150_000.0, 720_000.0),
    "abbot": (-1_830_000.0, -180_000.0),
    "drygalski": (-2_430_000.0, 1_370_000.0),
}


def front(place: str, advance: float = 0.0) -> LineString:
    """A front 4 km wide that lies `advance` metres west of its place."""
    x, y = PLACES[place]
    across = np.linspace(-2000.0, 2000.0, 9)
    xy = np.column_stack([x - advance - 150.0 * np.cos(across / 2000.0 * np.pi / 2), y + across])
    return LineString(xy)


def write(file: Path, rows: Sequence[dict[str, Any]], lines: Sequence[Any], crs: str) -> Path:
    """One vector file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    table = gpd.GeoDataFrame(list(rows), geometry=list(lines), crs=crs)
    pyogrio.write_dataframe(table, file)
    return file


def write_measures_0642(root: Path) -> Path:
    """Three winters: a range of dates, a date (both version 1.2), and version 2."""
    folder = root / "measures_0642"
    lines = [front("jakobshavn", 900.0), front("helheim", 0.0)]
    rows = [
        {"Id": 0, "GlacierID": 3, "GlacName": "Jakobshavn", "DateRange": "01Sep2000-30Jan2001"},
        {"Id": 0, "GlacierID": 175, "GlacName": "Helheim", "DateRange": "01Sep2000-30Jan2001"},
    ]
    write(folder / "termini_0001_v01.2.shp", rows, lines, ARCTIC)
    lines = [front("jakobshavn", 500.0), front("helheim", -300.0)]
    rows = [
        {"Id": 0, "GlacierID": 3, "Official_n": "Sermeq Kujalleq", "DATE": "2015-02-10"},
        {"Id": 0, "GlacierID": 175, "Official_n": "Helheim Gletsjer", "DATE": "no image"},
    ]
    write(folder / "termini_1415_v01.2.shp", rows, lines, ARCTIC)
    mosaic = "SEN1_NSIDC_0723_V4_20210202_20210207"
    rows = [
        {"Glacier_ID": 3, "Quality_Fl": 0, "Image_ID": mosaic, "Sensor": "SEN1",
         "SourceDate": "2021-02-05"},
        {"Glacier_ID": 175, "Quality_Fl": 1, "Image_ID": mosaic, "Sensor": "SEN1",
         "SourceDate": "2021-02-07"},
        {"Glacier_ID": 3, "Quality_Fl": 2, "Image_ID": "unknown", "Sensor": "unkn",
         "SourceDate": "2021-03-01"},
    ]  # fmt: skip
    lines = [front("jakobshavn", 100.0), front("helheim", -900.0), None]
    write(folder / "v02" / "termini_2020_2021_v02.0.shp", rows, lines, ARCTIC)
    names = [
        {"GlacierID": 3, "Official_n": "Sermeq Kujalleq", "AltName": "Jakobshavn Isbrae"},
        {"GlacierID": 175, "Official_n": "Helheim Gletsjer", "AltName": ""},
    ]
    points = [Point(PLACES["jakobshavn"]), Point(PLACES["helheim"])]
    write(folder / "v02" / "GlacierIDs_v02.0.shp", names, points, ARCTIC)
    return folder


def write_measures_0781(root: Path) -> Path:
    """One shapefile of traces on Sentinel-1 mosaics."""
    folder = root / "measures_0781"
    first, second = (
        f"SEN1_NSIDC_0723_V4_{days}" for days in ["20200106_20200111", "20200112_0117"]
    )
    rows = [
        {"Image_ID": first, "Image_Tile": "S1A_090_1", "Glacier_ID": 3, "Quality_Fl": 0,
         "SourceDate": "2020-01-09"},
        {"Image_ID": second, "Image_Tile": "S1B_090_2", "Glacier_ID": 3, "Quality_Fl": 1,
         "SourceDate": "2020-01-15"},
        {"Image_ID": first, "Image_Tile": "S1A_026_1", "Glacier_ID": 175, "Quality_Fl": 2,
         "SourceDate": "2020-01-07"},
        {"Image_ID": first, "Image_Tile": None, "Glacier_ID": 175, "Quality_Fl": 0,
         "SourceDate": "2020-13-45"},
        {"Image_ID": second, "Image_Tile": None, "Glacier_ID": 175, "Quality_Fl": 0,
         "SourceDate": "2020-01-16"},
    ]  # fmt: skip
    whole = np.asarray(front("helheim", 300.0).coords)
    lines = [
        front("jakobshavn", 0.0),
        front("jakobshavn", 80.0),
        front("helheim", 0.0),
        front("helheim", 60.0),
        MultiLineString([whole[5:], whole[:4]]),
    ]
    write(folder / "glacier_termini_v01.0.shp", rows, lines, ARCTIC)
    return folder


def write_promice(root: Path) -> Path:
    """A folder a glacier, in it a folder and a shapefile a year, in longitude and latitude."""
    folder = root / "promice"
    for name, place in [("Jakobshavn", "jakobshavn"), ("Døcker_Smith", "helheim")]:
        for k, year in enumerate([1999, 2018]):
            file = folder / f"{name}_frontlines_4326" / f"{name}{year}" / f"{name}{year}.shp"
            line = reproject(front(place, -400.0 * k), ARCTIC, LONLAT)
            lines = [line]
            if name == "Jakobshavn" and k == 1:  # two pieces, each a row of its own
                xy = np.asarray(line.coords)
                lines = [LineString(xy[:4]), LineString(xy[5:])]
            write(file, [{"id": 1}] * len(lines), lines, LONLAT)
    return folder


def write_promice_tables(root: Path) -> Path:
    """The same fronts in tables: a GeoPackage with years, a shapefile with dates and sensors."""
    folder = root / "promice_tables"
    rows = [{"Name": "Jakobshavn Isbræ", "Year": 1999}, {"Name": "Helheim", "Year": 2000}]
    lines = [front("jakobshavn", 1500.0), front("helheim", 100.0)]
    write(folder / "fronts_1999_2000.gpkg", rows, lines, ARCTIC)
    rows = [
        {"Glacier": "Jakobshavn Isbræ", "Date": "2018-09-03", "Year": 2018, "Sensor": "LANDSAT 8"},
        {"Glacier": "Helheim", "Date": "2018-08-28", "Year": 2018, "Sensor": "Sentinel-2"},
        {"Glacier": "Helheim", "Date": None, "Year": None, "Sensor": "ASTER"},
    ]
    lines = [front("jakobshavn", 0.0), front("helheim", -2000.0)]
    lines = [reproject(line, ARCTIC, "EPSG:32624") for line in [*lines, front("helheim")]]
    write(folder / "fronts_new.shp", rows, lines, "EPSG:32624")
    return folder


def write_esa_cci(root: Path) -> Path:
    """A folder a glacier, a shapefile a date in longitude and latitude, one cut short."""
    folder = root / "esa_cci"
    for name, place, glims in [
        ("Jakobshavn_Isbræ", "jakobshavn", "G310846E69083N"),
        ("Helheim", "helheim", "G321800E66350N"),
    ]:
        for k, (date, sensor) in enumerate([("19950820", "ERS-1"), ("20150819", "LANDSAT-8")]):
            file = folder / f"{name}_{glims}" / f"cfl_{name}_{glims}_{date}.shp"
            line = reproject(front(place, -400.0 * k), ARCTIC, LONLAT)
            time = f"{date[:4]}-{date[4:6]}-{date[6:]} 10:15:30"
            row = {"id": 1, "sensor": sensor, "operator": "ENVEO", "acq_time": time}
            rows, lines = [row], [line]
            if name == "Helheim" and k == 1:  # two pieces, each a row of its own
                xy = np.asarray(line.coords)
                rows, lines = rows * 2, [LineString(xy[:4]), LineString(xy[5:])]
            write(file, rows, lines, LONLAT)
    broken = folder / "Helheim_G321800E66350N" / "cfl_Helheim_G321800E66350N_20160101.shp"
    broken.write_bytes(b"cut short")
    return folder


def write_icelines(root: Path) -> Path:
    """Two shelves, one with daily and monthly fronts, one with an annual mean only."""
    folder = root / "icelines"
    names = [
        ("Amery", "daily/fronts", "S1B_EW_GRDM_1SDH_20180626_011542_01536C-Amery", "20180626"),
        (
            "Amery",
            "daily/fronts-eliminated",
            "S1A_EW_GRDM_1SSH_20180702_022105_02267D-Amery",
            "20180702",
        ),
        ("Amery", "monthly/fronts", "1SSH_201806-Amery", "201806"),
        ("Amery", "quarterly/fronts", "2018Q2__mean-Amery", "2018Q2"),
        ("Abbot1", "annual/fronts", "2015noQ1_mean-Abbot1", "2015"),
    ]
    for k, (shelf, part, name, date) in enumerate(names):
        place = "amery" if shelf == "Amery" else "abbot"
        row = {"DATE_": date, "name": shelf, "version": "1", "updated": "20220901"}
        if "daily" in part:
            row["s1name"] = name.split("-")[0]
        line = front(place, 200.0 * k)
        file = folder / shelf / part / f"{name}.gpkg"
        # the published files repeat their line
        write(file, [row, row], [line, line], ANTARCTIC)
    return folder


def write_tu_dresden(root: Path) -> Path:
    """Two glaciers of the north and one of the south, each file with the line of one date."""
    folder = root / "tu_dresden"
    names = [
        ("helheim/20190803/helheim_20190803", "helheim", ARCTIC, ARCTIC),
        ("helheim/20220604/helheim_20220604", "helheim", ARCTIC, "EPSG:32624"),
        ("jakobshavn_isbrae/20130505/calving_front_20130505_3413", "jakobshavn", ARCTIC, ARCTIC),
        ("drygalski/20200307/calving_front_20200307", "drygalski", ANTARCTIC, "EPSG:32720"),
    ]
    for k, (name, place, drawn, stated) in enumerate(names):
        line = reproject(front(place, 150.0 * k), drawn, stated)
        rows = [{"ID": 4, "threshold": 50.0}]
        write(folder / f"{name}.shp", rows, [line], stated)
    return folder


def write_cobra(root: Path) -> Path:
    """Three test sets, the one of TU Dresden with both polar regions."""
    folder = root / "model_fronts"
    folder.mkdir(parents=True, exist_ok=True)
    sets = {
        "CALFIN": [
            ("Helheim_LT05_L1TP_1992-09-02_232-013_T1_B4_mask.png", "helheim", ARCTIC),
            ("Helheim_LE07_L1TP_2010-04-05_232-013_T2_B4_mask.png", "helheim", ARCTIC),
        ],
        "TUD": [
            ("20200405_30m.tif", "jakobshavn", ARCTIC),
            ("20200307_30m.tif", "drygalski", ANTARCTIC),
            ("scene.tif", "helheim", ARCTIC),
        ],
        "Baumhoer": [
            ("Amery_S1B_EW_GRDM_1SDH_2018-06-26_011542_01536C_EB6F_mask.png", "amery", ANTARCTIC),
        ],
    }
    for name, rows in sets.items():
        features = []
        for k, (source, place, crs) in enumerate(rows):
            line = reproject(front(place, 100.0 * k), crs, LONLAT)
            features.append(
                {
                    "type": "Feature",
                    "properties": {"src": source},
                    "geometry": {"type": "LineString", "coordinates": [*map(list, line.coords)]},
                }
            )
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
        document = {"type": "FeatureCollection", "crs": crs, "features": features}
        (folder / f"{name}.geo.json").write_text(json.dumps(document))
    return folder


#: Writer of the miniature of each dataset.
WRITERS: dict[str, Callable[..., Path]] = {
    "measures_0642": write_measures_0642,
    "measures_0781": write_measures_0781,
    "promice": write_promice,
    "esa_cci": write_esa_cci,
    "icelines": write_icelines,
    "tu_dresden": write_tu_dresden,
    "tu_dresden_antarctica": write_tu_dresden,
    "cobra": write_cobra,
    "cobra_antarctica": write_cobra,
}
