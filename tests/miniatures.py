"""Tiny synthetic miniatures of published datasets, in their publishers' real layout.

    python tests/miniatures.py FOLDER

Folders, file names, layers, column names, types and projections are those of the
published files; glaciers, lines and numbers are made up. Some rows are broken on
purpose, in ways that real files are.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from shapely.geometry import LineString, MultiLineString, Point

from termini.geo import ARCTIC

#: Where the two glaciers of the miniature end, EPSG:3413.
PLACES = {3: (-182_000.0, -2_276_000.0), 75: (-563_000.0, -1_345_000.0)}
NAMES = {
    3: ("Sermeq Kujalleq", "Sermeq Kujalleq", "Jakobshavn Isbræ"),
    75: ("Ullip Sermia", "Ullip Sermia", "Harald Moltke Bræ"),
}


def front(glacier: int, advance: float = 0.0, half_width: float = 2000.0) -> LineString:
    """A front that faces west and lies `advance` metres seaward of its place."""
    x, y = PLACES[glacier]
    across = np.linspace(-half_width, half_width, 9)
    bulge = 150.0 * np.cos(across / half_width * np.pi / 2)
    return LineString(np.column_stack([x - advance - bulge, y + across]))


def write_nw_greenland(root: Path) -> Path:
    """File geodatabase with traces, boxes and points."""
    folder = root / "nw_greenland"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "nwgreenland_decadal.gdb"
    rows = [
        (3, "1985-09-12", "LT05", "LT05_L1TP_010011_19850912_20170220_01_T1", "0", "Black_Taryn"),
        (3, "2004-03-24", "LE07", "LE07_L1xx_xxxxxx_20040324_xxxxxxxx_Tx", "3", "Black_Taryn"),
        (3, "2015-02-08", "SEN1", "SEN1_NSIDC_0723_V2_20150206_20150217", "2", "Moon_Twila"),
        (75, "1973-03-20", "LM01", "LM01_L1TP_014010_19730320_20180427_01_T2", "1", "Black_Taryn"),
        (75, "2007-02-02", "RAD1", "RAD1_20070202", "0", "Moon_Twila"),
        (75, "2010-04-04", "unkn", "unknown", "0", "Moon_Twila"),
        (75, "sometime", "LE07", "LE07_L1xx_xxxxxx_20100404_xxxxxxxx_Tx", "0", "Moon_Twila"),
    ]
    names = ["Glacier_ID", "Source_Date", "Sensor", "Image_ID", "Quality_Flag", "Create_User"]
    table = pd.DataFrame(rows, columns=names)
    table["Glacier_ID"] = table["Glacier_ID"].astype("int16")
    table["Year"] = table["Source_Date"].str[:4]
    lines = [MultiLineString([front(g, 400.0 * k)]) for k, g in enumerate(table["Glacier_ID"])]
    # The last but one in two pieces that do not touch.
    whole = np.asarray(lines[5].geoms[0].coords)
    lines[5] = MultiLineString([whole[5:], whole[:4]])
    _write(gpd.GeoDataFrame(table, geometry=lines, crs=ARCTIC), file, "annual_termini")
    around = np.array([(-9e3, 1.8e3), (3e3, 1.8e3), (3e3, -1.8e3), (-9e3, -1.8e3)])
    boxes = [MultiLineString([around + np.array(xy)]) for xy in PLACES.values()]
    ids = pd.DataFrame({"Glacier_ID": np.array(list(PLACES), dtype="int16")})
    _write(gpd.GeoDataFrame(ids, geometry=boxes, crs=ARCTIC), file, "glacier_boxes")
    points = ids.copy()
    for k, column in enumerate(["Official_Name", "Greenlandic_Name", "Alternative_Name"]):
        points[column] = [NAMES[g][k] for g in PLACES]
    places = [Point(xy) for xy in PLACES.values()]
    _write(gpd.GeoDataFrame(points, geometry=places, crs=ARCTIC), file, "glacier_points")
    return folder


def _write(table: gpd.GeoDataFrame, file: Path, layer: str) -> None:
    pyogrio.write_dataframe(table, file, layer=layer, driver="OpenFileGDB", append=file.exists())


def write_jakobshavn(root: Path) -> Path:
    """One shapefile in the layout of TermPicks, its projection as ESRI WKT."""
    folder = root / "jakobshavn"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        ("SEN1_NSIDC_0723_V2_20150206_20150217", "S1A_090_004537", "0", "2015/02/08", "Black"),
        ("SEN1_NSIDC_0723_V2_20150206_20150217", None, "1", "2015/02/08", "Joughin"),
        ("SEN1_NSIDC_0723_V4_20220518_20220529\n", "S1A_090_1", "1", "2022/05/20", "Picton"),
        ("LE07_L1TP_009011_20041003_20170118_01_T1", None, "3", "2004/10/03", "Joughin"),
    ]
    table = pd.DataFrame(rows, columns=["Image_ID", "Image_Tile", "Quality_Fl", "Date", "Dataset"])
    table["Data_Link"] = None
    lines = [front(3, 800.0), front(3, 805.0), front(3, -500.0), front(3, 300.0)]
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(table, geometry=lines, crs=ARCTIC), folder / "jakobshavn_1990_2023_TP.shp"
    )
    return folder


def write_harald_moltke(root: Path) -> Path:
    """A shapefile a date, one of them in another projection and one truncated."""
    folder = root / "harald_moltke" / "lines" / "harald_moltke_brae"
    for k, date in enumerate(["20190803", "20200604", "20210404", "20210605"]):
        part = folder / date
        part.mkdir(parents=True, exist_ok=True)
        table = gpd.GeoDataFrame(
            {"ID": [k], "threshold": [50.0]}, geometry=[front(75, 200.0 * k)], crs=ARCTIC
        )
        if date == "20200604":
            table = table.to_crs("EPSG:32619")
        file = part / f"harald_moltke_brae_{date}.shp"
        pyogrio.write_dataframe(table, file)
        if date == "20210605":
            file.write_bytes(file.read_bytes()[:40])
    return root / "harald_moltke"


def write_central_east(root: Path) -> Path:
    """GeoJSON traces of one glacier, one of them a line of one point."""
    folder = root / "central_east"
    folder.mkdir(parents=True, exist_ok=True)
    x, y = 558_000.0, -1_892_000.0
    line = [[x + 30.0 * k, y + 700.0 * k] for k in range(8)]
    scene = "LANDSAT/LE07/C01/T1_RT_TOA/LE07_229009_{}"
    rows = [
        ("2000-02-16", scene.format("20000216"), "LANDSAT_7", "0", "King", line),
        ("2005-03-19", scene.format("20050319"), "LANDSAT_7", "4", "King", line),
        ("2003-08-01", "LC08_L1TP_232009_20170721_20170728_01_T1", "LANDSAT_8", "0", "P", line),
        ("2010-03-22", None, None, "0", "TermPicks_Sole", line),
        ("2021-05-08", "LC08_L1TP_232009_20210508_20210518_01_T1", "LANDSAT_8", "1", "K", line[:1]),
    ]
    features = []
    for date, image, satellite, quality, source, coordinates in rows:
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "date": f"{date}T00:00:00",
                    "image_id": image,
                    "satellite": satellite,
                    "glacier": "DAUGAARD-JENSEN",
                    "glacier_code": "DJ",
                    "quality": quality,
                    "source": source,
                },
                "geometry": {"type": "MultiLineString", "coordinates": [coordinates]},
            }
        )
    document = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3413"}},
        "features": features,
    }
    (folder / "terminus_traces.geojson").write_text(json.dumps(document))
    return folder


def write_svalbard(root: Path) -> Path:
    """A folder a glacier in UTM, two of them named otherwise than in the list."""
    folder = root / "svalbard"
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}

    def write(file: Path, rows: list[tuple[dict[str, object], list[list[float]]]]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        features = [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": {
                    "type": "Point" if len(xy) == 1 else "LineString",
                    "coordinates": xy[0] if len(xy) == 1 else xy,
                },
            }
            for properties, xy in rows
        ]
        document = {"type": "FeatureCollection", "crs": crs, "features": features}
        file.write_text(json.dumps(document))

    places = {"arnesen": (577_000.0, 8_644_000.0), "vallakrabreen": (548_500.0, 8_640_700.0)}
    names = {"arnesen": "Arnesenbreen", "vallakra": "Vallåkrabreen"}
    lines, points = [], []
    for (place, (x, y)), key in zip(places.items(), names, strict=True):
        fronts = [
            (
                {"date": f"20{year}-01-0{1 + k}T00:00:00"},
                [[x + 200.0 * k, y - 900.0 + 300.0 * i] for i in range(7)],
            )
            for k, year in enumerate([23, 21, 19])
        ]
        write(folder / place / "front_positions.geojson", fronts)
        # from the head of the glacier to the sea
        lines.append(({"glacier": key}, [[x - 12_000.0, y], [x - 4000.0, y], [x + 9000.0, y]]))
        points.append(({"key": key, "name": names[key], "enable": 1}, [[x, y]]))
    write(folder / "centerlines.geojson", lines)
    write(folder / "glaciers.geojson", points)
    return folder


def write_all(root: Path) -> Path:
    """All miniatures under one root, as `termini.files.data_root` has them."""
    import miniatures_drivers

    for write in [
        write_nw_greenland,
        write_jakobshavn,
        write_harald_moltke,
        write_central_east,
        write_svalbard,
        miniatures_drivers.write_glacier_tables,
        miniatures_drivers.write_catchments,
        miniatures_drivers.write_ocean_forcing,
        miniatures_drivers.write_wood,
    ]:
        write(root)
    return root


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(write_all(Path(sys.argv[1])))
