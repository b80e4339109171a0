"""What the writers share: numbers of glaciers, texts that fit, losses, shapefiles written whole."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError

from termini.datetexts import MONTH_SIGMA_DAYS, YEAR_SIGMA_DAYS
from termini.errors import InputError
from termini.files import make_folder
from termini.fronttable import COLUMNS
from termini.geo import ARCTIC
from termini.variables import flag_bits

#: Longest text that a shapefile's table holds, bytes of UTF-8.
LONGEST = 254


@dataclass(frozen=True)
class Written:
    """What a writer wrote, and what the layout could not hold.

    Parameters
    ----------
    files : tuple of Path
        The shapefiles, without the files that belong to each.
    rows : int
        How many traces are in them.
    lost : DataFrame
        A row for each column of the front table, or part of one, of which values are not
        in the files: ``column``, ``rows`` (how many), ``reason``, ``example`` (a
        ``trace_id``). Empty where all of it is.
    """

    files: tuple[Path, ...]
    rows: int
    lost: pd.DataFrame


class Losses:
    """Gathers what a layout cannot hold."""

    def __init__(self, fronts: gpd.GeoDataFrame) -> None:
        self._ids = fronts["trace_id"].to_numpy()
        self._rows: list[dict[str, Any]] = []

    def add(self, column: str, lost: Any, reason: str) -> None:
        """Note values that are lost.

        Parameters
        ----------
        column : str
            Of the front table.
        lost : boolean mask
            Which rows lose their value.
        reason : str
            Why.
        """
        lost = np.asarray(lost, dtype=bool)
        if lost.any():
            first = str(self._ids[int(np.flatnonzero(lost)[0])])
            row = {"column": column, "rows": int(lost.sum()), "reason": reason, "example": first}
            self._rows.append(row)

    def table(self) -> pd.DataFrame:
        """Table of all that is lost.

        Returns
        -------
        DataFrame
            As `Written.lost`.
        """
        return pd.DataFrame(self._rows, columns=["column", "rows", "reason", "example"])


def checked(fronts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Front table with a plain index in EPSG:3413.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.

    Returns
    -------
    GeoDataFrame
        The same rows.

    Raises
    ------
    InputError
        If it is no front table or has no rows.
    """
    if missing := sorted({*COLUMNS, "geometry"} - set(fronts.columns)):
        raise InputError(f"not a front table: it lacks {', '.join(missing)}")
    if not len(fronts):
        raise InputError("the front table has no rows, so there is nothing to write")
    if fronts.crs is None:
        raise InputError("the front table states no projection; set one with set_crs()")
    return fronts.to_crs(ARCTIC).reset_index(drop=True)


def glacier_numbers(
    ids: pd.Series, namespace: str, numbers: Mapping[str, int] | None
) -> NDArray[np.int32]:
    """Number of each row's glacier in the layout.

    Parameters
    ----------
    ids : Series of str
        Glacier ids.
    namespace : str
        That of the layout: the id ``termpicks:278`` has the number 278 in TermPicks.
    numbers : mapping of str to int, optional
        Numbers of glaciers with other ids.

    Returns
    -------
    ndarray of int32
        One a row.

    Raises
    ------
    InputError
        If a glacier has no number. That of another numbering is never taken: it would be
        another glacier's.
    """
    known = dict(numbers or {})
    for name in ids.unique():
        if name not in known and (found := re.fullmatch(rf"{namespace}:(\d{{1,9}})", str(name))):
            known[name] = int(found[1])
    if lacking := [str(name) for name in ids.unique() if name not in known]:
        shown = ", ".join(repr(name) for name in lacking[:5])
        raise InputError(
            f"{len(lacking)} glacier(s) have no number in the layout (as {shown}); give numbers=, "
            f"as {{{lacking[0]!r}: 12}}, or ids like '{namespace}:12'"
        )
    return np.array([known[name] for name in ids], dtype="int32")


def fitted(values: Iterable[str], column: str, losses: Losses) -> list[str]:
    """Texts cut to what a shapefile holds; what is cut is noted.

    Parameters
    ----------
    values : iterable of str
        Texts.
    column : str
        Column of the front table that they come from.
    losses : Losses
        Where to note.

    Returns
    -------
    list of str
        Texts of at most 254 bytes.
    """
    given = list(values)
    cut = [text.encode()[:LONGEST].decode(errors="ignore") for text in given]
    lost = [a != b for a, b in zip(given, cut, strict=True)]
    losses.add(column, lost, f"longer than the {LONGEST} bytes of a shapefile's text; cut")
    return cut


def day_texts(fronts: gpd.GeoDataFrame, losses: Losses) -> list[tuple[int, int, int]]:
    """Year, month and day of each row, 0 for what is not known.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    losses : Losses
        Where to note times of day and errors of dates that no missing day explains.

    Returns
    -------
    list of tuple of int
        All 0 where there is no date.
    """
    dates, sigma = fronts["date"], fronts["date_sigma_days"].to_numpy()
    year = (dates.dt.month == 7) & (dates.dt.day == 2) & np.isclose(sigma, YEAR_SIGMA_DAYS)
    month = (dates.dt.day == 15) & np.isclose(sigma, MONTH_SIGMA_DAYS)
    losses.add(
        "date_sigma_days", (sigma > 0) & ~year & ~month, "the layout has no error of the date"
    )
    losses.add("date", dates.notna() & (dates != dates.dt.normalize()), "the time of day")
    parts = []
    for date, only_year, only_month in zip(dates, year, month, strict=True):
        if pd.isna(date):
            parts.append((0, 0, 0))
        else:
            no_day = only_year or only_month
            parts.append((date.year, 0 if only_year else date.month, 0 if no_day else date.day))
    return parts


def day_text(parts: tuple[int, int, int]) -> str:
    """Date as far as it is known.

    Parameters
    ----------
    parts : tuple of int
        As of `day_texts`.

    Returns
    -------
    str
        As ``2004-05-09``, ``2004-05``, ``2004`` or nothing.
    """
    year, month, day = parts
    if not year:
        return ""
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def lines_only(fronts: gpd.GeoDataFrame, losses: Losses) -> gpd.GeoSeries:
    """Lines of the table; nothing where a row has none that a shapefile of lines can hold.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    losses : Losses
        Where to note what is left out.

    Returns
    -------
    GeoSeries
        Lines and None.
    """
    geometry = fronts.geometry
    bounds = geometry.bounds.to_numpy(dtype="float64")
    finite = np.isfinite(bounds).all(axis=1)
    xy, owner = shapely.get_coordinates(geometry.to_numpy(), return_index=True)
    finite[owner[~np.isfinite(xy).all(axis=1)]] = False
    line = geometry.geom_type.isin(["LineString", "MultiLineString"]).to_numpy() & finite
    given = geometry.notna().to_numpy() & ~geometry.is_empty.to_numpy()
    losses.add("geometry", given & ~line, "not a line with finite coordinates; written without")
    return gpd.GeoSeries(geometry.where(line), crs=fronts.crs)


def lose_unheld(
    fronts: gpd.GeoDataFrame,
    losses: Losses,
    source: str,
    held_flags: NDArray[np.int64],
    held_sigma: NDArray[np.float64] | None,
    unheld: Iterable[str] = (),
) -> None:
    """Note what no layout, or this one, has a column for.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    losses : Losses
        Where to note.
    source : str
        Name of the layout's source, which reading again gives to all rows.
    held_flags : ndarray of int
        Quality bits of each row that the layout holds or reading again finds.
    held_sigma : ndarray of float, optional
        Errors that reading again gives; None where the layout has a column for them.
    unheld : iterable of str
        Columns of text that the layout lacks.
    """
    foreign = fronts["source"] != source
    losses.add("source", foreign, f"read again, the source is {source!r}")
    losses.add("trace_id", foreign, "made again when read")
    if held_sigma is not None:
        differs = ~np.isclose(fronts["sigma_m"].to_numpy(), held_sigma, equal_nan=True)
        losses.add("sigma_m", differs, "the layout has no error of a trace")
    for column in unheld:
        losses.add(column, fronts[column] != "", "the layout has no such column")
    group = fronts["correlation_group"]
    kept = fronts["scene_id"].where("scene_id" not in set(unheld), "")
    losses.add("correlation_group", group != kept, "the layout has no groups, only images")
    losses.add("note", fronts["note"] != "", "the layout has no notes")
    names = flag_bits()
    missed = fronts["quality"].to_numpy(dtype="int64") & ~held_flags
    for name, bit in names.items():
        losses.add("quality", (missed & bit) != 0, f"the layout does not hold the flag {name}")


def found_again(fronts: gpd.GeoDataFrame, geometry: gpd.GeoSeries) -> NDArray[np.int64]:
    """Quality bits that a reader finds by itself: no date, a coarse one, no line.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    geometry : GeoSeries
        Lines as they are written.

    Returns
    -------
    ndarray of int
        Bits of each row.
    """
    bits = flag_bits()
    coarse = fronts["date_sigma_days"].to_numpy() > 5.0
    return (
        np.where(fronts["date"].isna(), bits["bad_date"], 0)
        | np.where(coarse, bits["date_coarse"], 0)
        | np.where(geometry.isna() | geometry.is_empty, bits["bad_geometry"], 0)
    ).astype("int64")


def write_shapefile(table: gpd.GeoDataFrame, path: Path) -> Path:
    """Write a shapefile of lines, in UTF-8, next to nothing half-written.

    Parameters
    ----------
    table : GeoDataFrame
        Attributes and lines.
    path : path
        Its ``.shp``. The files that belong to it are put in place one by one, the
        ``.shp`` last.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    if path.suffix.lower() != ".shp":
        raise InputError(f"{path}: give the name of a shapefile, ending in .shp")
    make_folder(path.parent)

    def write(folder: Path) -> None:
        _write(table, folder / path.name)
        parts = sorted(folder.iterdir(), key=lambda part: part.suffix == ".shp")
        for part in parts:
            part.replace(path.parent / part.name)

    _in_fresh_folder(path.parent, path, write)
    return path


def write_folder(tables: Mapping[str, gpd.GeoDataFrame], folder: Path) -> tuple[Path, ...]:
    """Write several shapefiles in a new folder, all or none of them.

    Parameters
    ----------
    tables : mapping
        Name of the ``.shp`` to its table.
    folder : path
        Folder that does not exist or is empty.

    Returns
    -------
    tuple of pathlib.Path
        The shapefiles.

    Raises
    ------
    InputError
        If the folder holds anything or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder}: is there already and not empty; give a new folder, so that nothing of "
            "another dataset is mixed in"
        )
    make_folder(folder.parent)

    def write(fresh: Path) -> None:
        for name, table in tables.items():
            _write(table, fresh / name)
        fresh.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)

    _in_fresh_folder(folder.parent, folder, write)
    return tuple(folder / name for name in tables)


def _in_fresh_folder(parent: Path, path: Path, write: Callable[[Path], None]) -> None:
    """Do something with a new folder, which is gone afterwards."""
    fresh = None
    try:
        fresh = Path(tempfile.mkdtemp(dir=parent, prefix=f".{path.stem}-"))
        write(fresh)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}); give a place where you may "
            "write"
        ) from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


def _write(table: gpd.GeoDataFrame, path: Path) -> None:
    try:
        pyogrio.write_dataframe(
            table, path, driver="ESRI Shapefile", geometry_type="LineString", encoding="UTF-8"
        )
    except DataSourceError as error:
        raise InputError(f"{path}: cannot be written ({error})") from error
