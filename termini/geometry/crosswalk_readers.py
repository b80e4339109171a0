"""Tables of glacier ids as they are published, in the form that the crosswalk takes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from termini.errors import InputError
from termini.files import data_root
from termini.geo import ARCTIC

# A GeoDataFrame is one too.
Table = pd.DataFrame

# What readers of broken files raise.
_BROKEN = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    OSError,
    NotImplementedError,
    pyogrio.errors.DataSourceError,
)


def namespaces() -> list[str]:
    """Tables of ids that can be read.

    Returns
    -------
    list of str
        Names for `read_namespace`, in the order in which a crosswalk takes them.
    """
    return list(_READERS)


def read_namespace(name: str, path: str | Path | None = None) -> Table:
    """Ids, names and places of the glaciers of a published table.

    Parameters
    ----------
    name : str
        One of `namespaces`.
    path : path, optional
        The file; by default its usual place under the data root.

    Returns
    -------
    DataFrame or GeoDataFrame
        ``id``, ``name`` (several separated by semicolons; may be empty) and ``x``,
        ``y`` or geometry in EPSG:3413.

    Raises
    ------
    InputError
        If there is no such table, or its file is missing or not as published.
    """
    if name not in _READERS:
        raise InputError(f"namespace {name!r} is unknown; known are {', '.join(_READERS)}")
    usual, read = _READERS[name]
    if path is None:
        root = data_root()
        assert root is not None  # data_root raises where there is none
        found = sorted(root.glob(usual))
        if not found:
            raise InputError(
                f"{root / usual}: not found; 'termini data list' says where to get it, or give "
                "the file"
            )
        file = found[0]
    else:
        file = Path(path)
        if not file.exists():
            raise InputError(f"{file}: not found; give the file of the table {name!r}")
    try:
        table = read(file)
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(
            f"{file}: is not the published table {name!r} ({type(error).__name__}: {error})"
        ) from error
    table["id"] = table["id"].astype("str")
    return table


def _measures(file: Path) -> Table:
    from termini.fronts.readers.nw_greenland import nw_greenland_glaciers  # as for loadmat

    table = nw_greenland_glaciers(file)
    names = table["name"] + ";" + table["other_names"]
    return pd.DataFrame(
        {"id": table["glacier_id"].str.removeprefix("measures:"), "name": names.str.strip("; "),
         "x": table["x"], "y": table["y"]}
    )  # fmt: skip


def _gates(file: Path) -> Table:
    """Mankoff's gates, 5 km above the fronts, with the nearest name of Bjork et al. (2015)."""
    table = pd.read_csv(file)
    basin = table["Mouginot_2019"].astype("str").str.replace("_", " ")
    return pd.DataFrame(
        {"id": table["gate"], "name": table["Bjork_2015"].astype("str") + ";" + basin,
         "x": table["mean_x"].astype(float), "y": table["mean_y"].astype(float)}
    )  # fmt: skip


def _basins(file: Path) -> Table:
    table = gpd.read_file(file).set_crs(ARCTIC, allow_override=True)
    names = table["NAME"].astype("str")
    outline = shapely.make_valid(shapely.simplify(table.geometry.to_numpy(), 150.0))
    # Of basins of one name the second and further ones are numbered.
    count = names.groupby(names).cumcount()
    ids = names.where(count == 0, names + "#" + (count + 1).astype("str"))
    ids = table["SUBREGION1"].astype("str") + ":" + ids
    out = gpd.GeoDataFrame(
        {"id": ids, "name": names.str.replace("_", " "), "shared": True},
        geometry=outline,
        crs=ARCTIC,
    )
    # Ice caps and unnamed remainders are no glaciers.
    glaciers: Table = out[~names.str.startswith("ICE_CAPS")].reset_index(drop=True)
    return glaciers


def _morlighem(file: Path) -> Table:
    with warnings.catch_warnings():
        # what openpyxl says of the published workbook's header is no news to the user
        warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl")
        table = pd.read_excel(file, header=2)
    number = pd.to_numeric(table.iloc[:, 0], errors="coerce")
    table, number = table[number.notna()], number[number.notna()].astype(int)
    return _degrees(number, table.iloc[:, 1], table["Lon"], table["Lat"])


def _rignot(file: Path) -> Table:
    from scipy.io import loadmat  # takes long; whoever only measures does not wait for it

    rows = loadmat(file, squeeze_me=True)["runoff"]
    return pd.DataFrame(
        {
            "id": [int(row["rignotGlacierID"]) for row in rows],
            "name": [_text(row["rignotGlacierName"]) for row in rows],
            "x": [float(row["glacierX"]) for row in rows],
            "y": [float(row["glacierY"]) for row in rows],
        }
    )


def _autoterm(file: Path) -> Table:
    """Boxes of AutoTerm: id and two corners in degrees."""
    table = pd.read_csv(file, sep=r"\s+", header=None, names=["id", "w", "s", "e", "n"])
    ids = table["id"].astype("str").str.removeprefix("GID")
    corners = [table[c].to_numpy(dtype=float) for c in "wsen"]
    box = shapely.box(
        np.minimum(corners[0], corners[2]), np.minimum(corners[1], corners[3]),
        np.maximum(corners[0], corners[2]), np.maximum(corners[1], corners[3]),
    )  # fmt: skip
    degrees = gpd.GeoDataFrame({"id": ids, "name": ""}, geometry=box, crs="EPSG:4326")
    boxes: Table = degrees.to_crs(ARCTIC)
    return boxes


def _roi(file: Path) -> Table:
    table = gpd.read_file(file).set_crs(ARCTIC, allow_override=True)
    # 'UpernavikN' is two words.
    spaced = table["ID_name"].astype("str").str.replace(r"(?<=[a-z])(?=[A-Z])", " ", regex=True)
    parts = [spaced, table["bjork_official_name"].fillna(""), table["bjork_foreign_alt"].fillna("")]
    names = parts[0] + ";" + parts[1].astype("str") + ";" + parts[2].astype("str")
    columns = {"id": table["ID_number"].astype(int), "name": names.str.strip("; ")}
    boxes: Table = gpd.GeoDataFrame(columns, geometry=table.geometry.to_numpy(), crs=ARCTIC)
    return boxes


def _felikson(file: Path) -> Table:
    """Six flowlines a glacier, without names; the middle of where they begin."""
    table = gpd.read_parquet(file).to_crs(ARCTIC)
    rows = []
    for name, lines in table.groupby("file"):
        starts = shapely.get_point(shapely.line_merge(lines.geometry.to_numpy()), 0)
        middle = shapely.MultiPoint(list(starts[~shapely.is_missing(starts)])).centroid
        rows.append((str(name).removeprefix("glacier"), middle))
    return pd.DataFrame(
        {"id": [r[0] for r in rows], "name": "", "x": [r[1].x for r in rows],
         "y": [r[1].y for r in rows]}
    )  # fmt: skip


def _bjork(file: Path) -> Table:
    """Official names (Bjork et al. 2015): the shapefile of their supplement."""
    table = gpd.read_file(file).to_crs(ARCTIC)
    columns = {str(c).lower(): c for c in table.columns}
    ids = next((columns[c] for c in ("id", "ggn_id", "ggnid") if c in columns), None)
    texts = [c for c in table.columns if c != "geometry" and "name" in str(c).lower()]
    if ids is None or not texts:
        raise InputError(f"{file}: needs a column ID and columns of names, has {list(columns)}")
    names = table[texts].fillna("").astype("str").agg(";".join, axis=1)
    out: Table = table.assign(id=table[ids], name=names.str.strip("; "))[["id", "name", "geometry"]]
    return out


def _termpicks(file: Path) -> Table:
    """Ids of TermPicks from its published traces, one point a glacier."""
    table = gpd.read_file(file).to_crs(ARCTIC)
    texts = [c for c in ("OfficialN", "AltName", "GrnlndcN", "GrnlndcNam") if c in table.columns]
    middle = shapely.centroid(table.geometry.to_numpy())
    rows = []
    for number, at in table.groupby("GlacierID").indices.items():
        found = [str(v) for c in texts for v in table[c].iloc[at].dropna().unique()]
        names = ";".join(dict.fromkeys(n for n in found if n and n != "None"))
        x, y = (float(np.median(f(middle[at]))) for f in (shapely.get_x, shapely.get_y))
        rows.append({"id": str(number), "name": names, "x": x, "y": y})
    return pd.DataFrame(rows)


def _degrees(ids: Any, names: Any, longitude: Any, latitude: Any) -> Table:
    points = gpd.GeoSeries.from_xy(
        np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float), crs="EPSG:4326"
    ).to_crs(ARCTIC)
    names = ["" if pd.isna(name) else str(name) for name in names]
    return pd.DataFrame({"id": list(ids), "name": names, "x": points.x, "y": points.y})


def _text(value: Any) -> str:
    """UTF-8 that was read as Latin-1, put right."""
    text = str(value)
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


_READERS: dict[str, tuple[str, Callable[[Path], Table]]] = {
    "measures": ("nw_greenland/nwgreenland_decadal.gdb", _measures),
    "morlighem": ("glacier_tables/Morlighem2017_majorglaciers.xlsx", _morlighem),
    "roi": ("glacier_tables/roi/glaciers_roi_names_v2_300m.gpkg", _roi),
    "rignot": ("ocean_forcing/runoff/*.mat", _rignot),
    "mankoff": ("jakobshavn/forcing/gate_meta.csv", _gates),
    "autoterm": ("glacier_tables/ROI_new_ID.txt", _autoterm),
    "felikson": ("flowlines/felikson2021_flowlines.parquet", _felikson),
    "bjork": ("bjork_names/**/GreenlandGlacierNames_GGNv01_WGS84.shp", _bjork),
    "termpicks": ("termpicks/**/TermPicks_V2.shp", _termpicks),
    "mouginot": ("catchments/Greenland_Basins_PS_v1.4.2.shp", _basins),
}
