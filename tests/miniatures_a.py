"""Tiny synthetic miniatures of TermPicks, CALFIN and AutoTerm, in their publishers' layout.

    python tests/miniatures_a.py FOLDER

Folders, file names, column names, types and projections are those of the published files;
glaciers, lines and numbers are made up. Some rows are broken on purpose, in ways that real
files are.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from miniatures import PLACES, front
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.geo import ARCTIC, LONLAT

#: What ArcGIS writes beside a shapefile in EPSG:3413.
ESRI_WKT = (
    'PROJCS["WGS_1984_NSIDC_Sea_Ice_Polar_Stereographic_North",GEOGCS["GCS_WGS_1984",'
    'DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Stereographic_North_Pole"],PARAMETER["False_Easting",0.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-45.0],'
    'PARAMETER["Standard_Parallel_1",70.0],UNIT["Meter",1.0]]'
)
_L8 = "LC08_L1TP_009011_20150801_20170406_01_T1"

#: GlacierID, Date, Year, Month, Day, QualFlag, Satellite, ImageID, Author
TERMPICKS_ROWS = [
    (278, "2015-08-01", 2015, 8, 1, "00", "Landsat 8", _L8, "Black_Taryn"),
    (278, "2015-08-01", 2015, 8, 1, "02", "Landsat 8", _L8, "Carr_J"),
    (278, "2004-05-09", 2004, 5, 9, "03", "Landsat 7", "", "Joughin_I"),
    (278, "1931-00-00", 1931, 0, 0, "00", "Aerial", "", "Bjork_A"),
    (278, "1949-07-00", 1949, 7, 0, "01", "Aerial", "", "Bjork_A"),
    (278, "1972-07-02", 1972, 0, 0, "00", "LM01", "", "Bjork_A"),
    (75, "2016-09-13", 2016, 9, 13, "13", "Landsat 7", "", "Cheng_D"),
    (75, "2016-09-14", 2016, 9, 14, "04", "Sentinel-2", "", "Fahrner_D"),
    (75, "2016-09-15", 2016, 9, 16, "05", "ASTER", "", "Wood_M"),
    (75, "2016-13-45", 2016, 13, 45, "00", "Landsat 8", "", "Wood_M"),
]
TERMPICKS_COLUMNS = [
    "GlacierID", "Date", "Year", "Month", "Day", "QualFlag", "Satellite", "ImageID", "Author",
]  # fmt: skip
_WHERE = {278: 3, 75: 75}


def write_termpicks(root: Path) -> Path:
    """One shapefile in EPSG:3413 as ESRI WKT, an older version beside it."""
    folder = root / "termpicks" / "TermPicks_V2"
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(TERMPICKS_ROWS, columns=TERMPICKS_COLUMNS)
    lines = [front(_WHERE[g], 250.0 * k) for k, g in enumerate(table["GlacierID"])]
    table["DecDate"] = table["Year"] + 0.5
    table["Center_X"] = [line.centroid.x for line in lines]
    table["Center_Y"] = [line.centroid.y for line in lines]
    frame = gpd.GeoDataFrame(table, geometry=[MultiLineString([line]) for line in lines])
    shapefile(frame.set_crs(ARCTIC), folder / "TermPicks_V2.shp", ESRI_WKT)
    shapefile(frame.iloc[:3].set_crs(ARCTIC), folder.parent / "TermPicks_V1.shp")
    return root / "termpicks"


def shapefile(frame: gpd.GeoDataFrame, file: Path, wkt: str | None = None) -> Path:
    """Write a shapefile, with the text of its ``.prj`` as wanted; empty for no such file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(frame, file, encoding="UTF-8")
    if wkt:
        file.with_suffix(".prj").write_text(wkt)
    elif wkt == "":
        file.with_suffix(".prj").unlink()
    return file


def fjord(half_width: float = 2000.0) -> Polygon:
    """Fjord of Jakobshavn's miniature: from 10 km upstream to 9 km seaward of its place."""
    x, y = PLACES[3]
    return Polygon(
        [(x + 10e3, y + half_width), (x - 9e3, y + half_width),
         (x - 9e3, y - half_width), (x + 10e3, y - half_width)]
    )  # fmt: skip


def ice(line: LineString) -> Polygon:
    """Closed polygon of the ice behind a front in `fjord`."""
    x, _ = PLACES[3]
    first, last = line.coords[0], line.coords[-1]
    return Polygon([*line.coords, (x + 10e3, last[1]), (x + 10e3, first[1])])


#: advance, QualFlag, Satellite, Date, ImageID
CALFIN_ROWS = [
    (0.0, 0, "LT05", "1986-07-11", "LT05_L1TP_009011_19860711_20170217_01_T1"),
    (900.0, 10, "LC08", "2014-05-02", "LC08_L1TP_009011_20140502_20170307_01_T1"),
    (1900.0, 13, "LE07", "2008-07-23", "LE07_L1TP_009011_20080723_20161228_01_T1"),
    (-1200.0, 3, "LE07", "2004-10-03", "LE07_L1TP_009011_20041003_20170118_01_T1"),
]


def calfin_frame(rows: list[tuple[float, int, str, str, str]], closed: bool) -> gpd.GeoDataFrame:
    """Rows in CALFIN's layout as lines or as closed polygons."""
    lines = [front(3, row[0]) for row in rows]
    n = len(rows)
    table = pd.DataFrame(
        {
            "GlacierID": [3] * n,
            "Center_X": [line.centroid.x for line in lines],
            "Center_Y": [line.centroid.y for line in lines],
            "Latitude": [69.17] * n,
            "Longitude": [-49.55] * n,
            "QualFlag": [row[1] for row in rows],
            "Satellite": [row[2] for row in rows],
            "Date": [row[3] for row in rows],
            "ImageID": [row[4] for row in rows],
            "GrnlndcN": ["Sermeq Kujalleq"] * n,
            "OfficialN": ["Sermeq Kujalleq"] * n,
            "AltName": ["Jakobshavn Isbræ"] * n,
            "RefName": ["Jakobshavn-Isbrae"] * n,
            "Author": ["Cheng_D"] * n,
        }
    )
    return gpd.GeoDataFrame(
        table, geometry=[ice(line) for line in lines] if closed else lines, crs=ARCTIC
    )


def write_calfin(root: Path) -> Path:
    """Lines of three scenes, closed polygons of four, and the files of all basins again."""
    folder = root / "calfin"
    lines, closed = calfin_frame(CALFIN_ROWS[:3], False), calfin_frame(CALFIN_ROWS, True)
    name = "termini_1972-2019_{}_v1.0.shp"
    for basin, part in [("Jakobshavn-Isbrae", "domain"), ("Greenland", "greenland")]:
        top = folder / f"level-1_shapefiles-{part}-termini"
        shapefile(lines, top / name.format(basin))
        top = folder / f"level-1_shapefiles-{part}-termini-closed"
        shapefile(closed, top / name.format(f"{basin}_closed"))
    return folder


#: Date, Satellite, Error
AUTOTERM_ROWS = [
    ("1986-07-11", "Landsat5", "23.1"),
    ("2003-09-01", "Landsat7", "18.2"),
    ("2015-08-01", "Landsat8", "12.5"),
    ("2018-01-12", "Sentinel1_ascending", "35.0"),
    ("2018-01-14", "Sentinel1_descending", "N/A"),
    ("2019-08-01", "Sentinel2", "N/A"),
]


def autoterm_frame(number: int, place: int) -> gpd.GeoDataFrame:
    """Rows in AutoTerm's layout, longitude and latitude."""
    table = pd.DataFrame(AUTOTERM_ROWS, columns=["Date", "Satellite", "Error"])
    table.insert(1, "Glacier ID", f"GID{number}")
    lines = [front(place, 120.0 * k) for k in range(len(table))]
    return gpd.GeoDataFrame(table, geometry=lines, crs=ARCTIC).to_crs(LONLAT)


def write_autoterm(root: Path) -> Path:
    """A shapefile a glacier, one of them cut short, and the table of errors by sensor."""
    folder = root / "autoterm"
    for number, place in [(1, 3), (2, 75), (3, 3)]:
        shapefile(autoterm_frame(number, place), folder / f"GID{number}.shp")
    broken = folder / "GID3.shp"
    broken.write_bytes(broken.read_bytes()[:40])
    # latitude, longitude, Landsat 5, 7, 8, Sentinel-1, Sentinel-2, duplicates
    rows = ["69.17 -49.55 20 18 12 30 14 26", "76.58 -67.6 20 18 12 0 0 40", "69 -49 0 0 0 0 0 0"]
    (folder / "uncertainty_all_lola.txt").write_text("\n".join(rows).replace(" ", "\t") + "\n")
    return folder


def zipped(folder: Path, file: Path) -> Path:
    """Zip file of a folder, as publishers give it."""
    with zipfile.ZipFile(file, "w") as packed:
        for part in sorted(folder.rglob("*")):
            packed.write(part, part.relative_to(folder.parent))
    return file


def write_all(root: Path) -> Path:
    """All miniatures under one root, as `termini.files.data_root` has them."""
    for write in [write_termpicks, write_calfin, write_autoterm]:
        write(root)
    return root


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(write_all(Path(sys.argv[1])))
