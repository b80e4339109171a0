"""IceLines: fronts of Antarctic ice shelves that a network drew on Sentinel-1 images."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from termini.datetexts import MONTH_SIGMA_DAYS, YEAR_SIGMA_DAYS
from termini.errors import InputError
from termini.fronts.readers.dated_files import find_files, lines_of_files, problem_flags, values
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.places import glacier_table, slug
from termini.fronts.readers.traces import traces_table
from termini.geo import ANTARCTIC

FOLDER = "icelines"
LAYOUT = "<shelf>/<daily, monthly, quarterly or annual>/fronts/*.gpkg"
#: Products from the finest to the coarsest, and the error of their dates in days.
PRODUCTS: dict[str, float] = {
    "daily": 0.0,
    "monthly": float(MONTH_SIGMA_DAYS),
    "quarterly": float(YEAR_SIGMA_DAYS / 4.0),
    "annual": float(YEAR_SIGMA_DAYS),
}
# Mean distance of the published fronts from manual ones, on scenes of two polarisations
# and of one (Baumhoer et al. 2023, EGU23-7332). A mean, whose scene is not named, as of two.
SIGMA_M = 209.0
SIGMA_SINGLE_M = 432.0
# Product type in the name of a Sentinel-1 scene, or at the beginning of the file of a
# month, as `1SSH_202104-Thwaites1`: one polarisation, SH or SV.
_SINGLE = re.compile(r"^(?:S1[A-D]_[A-Z0-9]{2}_[A-Z]{3}._)?[012]S(SH|SV)_")
METHOD = "HED-UNet (Baumhoer et al. 2023)"


def icelines(path: str | Path | None = None, product: str | None = None) -> gpd.GeoDataFrame:
    """Front table of the IceLines fronts.

    Parameters
    ----------
    path : path, optional
        Folder in which each shelf has a folder, or any folder or file below it.
    product : str, optional
        One of `PRODUCTS`. By default the finest that there is of each shelf: the
        coarser ones are means of the same fronts and are then not read.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3031; glaciers are ``icelines:<shelf>``. Fronts that the
        publisher set aside (``fronts-eliminated``) are flagged ``source_uncertain``.

    Raises
    ------
    InputError
        If there is no vector file, none of that product, or none can be read.

    Notes
    -----
    Folders, file names (``S1B_..._20180626_...-Amery.gpkg`` daily,
    ``1SSH_202104-Thwaites1.gpkg`` monthly, ``2023Q1__mean-Thwaites1.gpkg`` quarterly,
    ``2015noQ1_mean-Abbot1.gpkg`` annual), the attributes ``DATE_``, ``name``,
    ``s1name``, ``version``, ``updated`` and EPSG:3031 were found in programs that read
    the files. A file is one trace, and repeats its line in several rows. The date of a
    mean is the middle of its month, quarter or year, with the standard error of a
    uniform distribution; that the mean of a year may lack its first quarter, as
    ``noQ1`` suggests, is not used.
    """
    if product is not None and product not in PRODUCTS:
        raise InputError(f"product {product!r} is unknown; known are {', '.join(PRODUCTS)}")
    folder = source_path(FOLDER, path)
    files = _chosen(find_files(folder, LAYOUT), product)
    if not files:
        raise InputError(f"{folder}: holds no {product} front; the layout is {LAYOUT}")
    table = lines_of_files(files, ANTARCTIC, together=True)
    kinds = [_product(file) for file in table["file"]]
    dates = [
        _date(day, file) for day, file in zip(values(table, ["DATE_"]), table["file"], strict=True)
    ]
    columns: dict[str, Any] = {
        "glacier_id": [f"icelines:{slug(_shelf(file))}" for file in table["file"]],
        "date": [_middle(text) for text in dates],
        "date_sigma_days": [
            max(PRODUCTS[kind], _sigma(text)) for kind, text in zip(kinds, dates, strict=True)
        ],
        "sensor": "Sentinel-1",
        "scene_id": values(table, ["s1name"]),
        "source": "icelines",
        "method": [METHOD if kind == "daily" else f"{METHOD}, {kind} mean" for kind in kinds],
        "sigma_m": [
            SIGMA_SINGLE_M if _SINGLE.match(str(scene or Path(file).name)) else SIGMA_M
            for scene, file in zip(values(table, ["s1name"]), table["file"], strict=True)
        ],
    }
    aside = np.array(["fronts-eliminated" in file.parts for file in table["file"]], dtype=bool)
    flags = {
        **problem_flags(table),
        "source_uncertain": (aside, "set aside by the publisher (fronts-eliminated)"),
    }
    return traces_table(table, columns, crs=ANTARCTIC, flags=flags, target=ANTARCTIC)


def icelines_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the ice shelves.

    Parameters
    ----------
    path : path, optional
        As in `icelines`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`, but ``x`` and
        ``y`` in EPSG:3031; the position is the middle of the fronts.
    """
    files = find_files(source_path(FOLDER, path), LAYOUT)
    names = {f"icelines:{slug(_shelf(file))}": _shelf(file) for file in files}
    return glacier_table(icelines(path), names)


def _chosen(files: list[Path], product: str | None) -> list[Path]:
    """Files of one product, or of each shelf's finest."""
    order = list(PRODUCTS)
    finest: dict[str, str] = {}
    for file in files:
        shelf, kind = _shelf(file), _product(file)
        finest[shelf] = min(finest.get(shelf, kind), kind, key=order.index)
    return [f for f in files if _product(f) == (product or finest[_shelf(f)])]


def _shelf(file: Path) -> str:
    """Shelf at the end of the file name, else the folder above the product's."""
    if "-" in file.stem:
        return file.stem.rsplit("-", 1)[1]
    known = [k for k, part in enumerate(file.parts) if part.lower() in PRODUCTS]
    return file.parts[known[-1] - 1] if known and known[-1] else file.stem


def _product(file: Path) -> str:
    """Product by the folder, else by how much of a date the file name has."""
    folders = [part.lower() for part in file.parts if part.lower() in PRODUCTS]
    if folders:
        return folders[-1]
    sigma = _sigma(_date(None, file))
    return next((kind for kind, error in PRODUCTS.items() if error >= sigma), "annual")


def _date(stated: Any, file: Path) -> str:
    """Date as ``yyyymmdd``, ``yyyymm``, ``yyyyQn`` or ``yyyy``; the text where it is none."""
    text = "" if stated is None else str(stated).strip().removesuffix(".0")
    if re.fullmatch(r"\d{4}-\d\d-\d\d.*", text):
        text = text[:10].replace("-", "")
    if re.fullmatch(r"(19|20)\d{6}|(19|20)\d{4}|(19|20)\d\d|(19|20)\d\d[-_]?Q[1-4]", text):
        return text
    for pattern in [
        r"(?<!\d)((?:19|20)\d\d[01]\d[0-3]\d)(?!\d)",
        r"(?<!\d)((?:19|20)\d\d[01]\d)(?!\d)",
        r"(?<!\d)((?:19|20)\d\d[-_]?Q[1-4])",
        r"(?<!\d)((?:19|20)\d\d)(?!\d)",
    ]:
        if found := re.search(pattern, file.stem):
            return found[1]
    return text


def _sigma(text: str) -> float:
    """Standard error that the missing day or month of a date brings, days."""
    if "Q" in text:
        return PRODUCTS["quarterly"]
    return {4: PRODUCTS["annual"], 6: PRODUCTS["monthly"]}.get(len(text), 0.0)


def _middle(text: str) -> str:
    """Date that `termini.fronts.readers.traces.read_dates` reads as the middle."""
    if found := re.fullmatch(r"(\d{4})[-_]?Q([1-4])", text):
        return f"{found[1]}-{3 * int(found[2]) - 1:02d}-15"
    if re.fullmatch(r"\d{6}", text):
        return f"{text[:4]}-{text[4:]}"
    return text
