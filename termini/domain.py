"""The glacier domain: the frozen geometry in which one glacier is measured.

Side and direction come from here and never from the user: the centreline runs
down-glacier, left and right are those of someone looking down-glacier.
`termini.geometry` builds domains; everything else only reads them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely
from pyproj import CRS
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.errors import DomainError, InputError
from termini.files import written_whole
from termini.geo import ARCTIC, DEGREES, spelt_out


@dataclass(frozen=True)
class GlacierDomain:
    """Geometry of one glacier, frozen under a version.

    Parameters
    ----------
    glacier_id : str
        ``namespace:number``.
    name : str
        Name of the glacier, may be empty.
    fjord : shapely Polygon
        Where fronts are measured, from the upstream gate to beyond the most
        advanced front.
    gate : shapely LineString
        The side of `fjord` that closes it upstream, left to right.
    left_wall, right_wall : shapely LineString
        The sides of `fjord` along which the ends of a front slide, from the
        gate to the mouth.
    centreline : shapely LineString
        Down-glacier, from the gate to the mouth.
    reference_width : float
        Fixed width that turns area into length, true metres.
    reference_date : pandas.Timestamp or None
        Date at which changes are zero; None until series are made.
    flowlines : shapely MultiLineString or None
        Further lines along flow, down-glacier.
    geometry_version : str
        Changes whenever any of the above changes.
    crs : str
        Projection of all geometries.
    direction_from : str
        By what evidence the direction of flow was decided, as ``open side``,
        ``flowlines``, ``mask``, ``surface``, ``bed``, ``summers`` or ``retreat``;
        empty where that is not recorded.
    branch_of : str
        Id of the whole glacier, of a branch; else empty.
    """

    glacier_id: str
    name: str
    fjord: Polygon
    gate: LineString
    left_wall: LineString
    right_wall: LineString
    centreline: LineString
    reference_width: float
    reference_date: pd.Timestamp | None = None
    flowlines: MultiLineString | None = None
    geometry_version: str = "1"
    crs: str = ARCTIC
    direction_from: str = ""
    branch_of: str = ""


_KINDS = {
    "fjord": Polygon,
    "gate": LineString,
    "left_wall": LineString,
    "right_wall": LineString,
    "centreline": LineString,
}
_GEOMETRIES = [*_KINDS, "flowlines"]
# Columns that a table has only where some domain says something in them.
_OPTIONAL = ("direction_from", "branch_of")


def domain_columns(domains: Iterable[GlacierDomain]) -> list[str]:
    """Columns of a table of domains.

    Parameters
    ----------
    domains : iterable of GlacierDomain
        What the table holds.

    Returns
    -------
    list of str
        As `write_domains` writes them: ``direction_from`` and ``branch_of`` only where a
        domain has them.
    """
    held = list(domains)
    return [
        field.name
        for field in fields(GlacierDomain)
        if field.name != "crs"
        and (field.name not in _OPTIONAL or any(getattr(d, field.name) for d in held))
    ]


def write_domains(domains: Iterable[GlacierDomain], path: str | Path) -> Path:
    """Write domains as GeoParquet, one row a glacier, ``fjord`` the active geometry.

    Parameters
    ----------
    domains : iterable of GlacierDomain
        Domains that share a projection.
    path : path
        File to write.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    DomainError
        If two domains have the same glacier or projections differ.
    """
    ordered = sorted(domains, key=lambda domain: domain.glacier_id)
    if len({domain.crs for domain in ordered}) > 1:
        raise DomainError(f"{path}: domains of one file must share a projection")
    ids = [domain.glacier_id for domain in ordered]
    if doubled := sorted({i for i in ids if ids.count(i) > 1}):
        raise DomainError(f"{path}: more than one domain for {doubled}")
    crs = spelt_out(ordered[0].crs if ordered else ARCTIC)
    names = domain_columns(ordered)
    frame = pd.DataFrame({name: [getattr(d, name) for d in ordered] for name in names})
    frame["reference_date"] = pd.to_datetime(frame["reference_date"]).astype("datetime64[us]")
    for name in _GEOMETRIES:
        frame[name] = gpd.GeoSeries(frame[name].to_list(), crs=crs)
    table = gpd.GeoDataFrame(frame, geometry="fjord", crs=crs)
    with written_whole(path) as temporary:
        table.to_parquet(temporary, compression="zstd", index=False, schema_version="1.1.0")
    return Path(path)


def read_domains(path: str | Path) -> dict[str, GlacierDomain]:
    """Read domains that `write_domains` wrote.

    Parameters
    ----------
    path : path
        GeoParquet file.

    Returns
    -------
    dict
        Glacier id to `GlacierDomain`.

    Raises
    ------
    InputError
        If the file is missing, is not a table of domains, or states no projection.
    DomainError
        If a domain is incomplete or crosses itself, comes twice, or is in another
        projection than is stated; the message names its row.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; make domains with 'termini domains make'")
    try:
        table = gpd.read_parquet(path)
    except (ValueError, TypeError, KeyError, OSError, pa.ArrowException) as error:
        said = " ".join(str(error).split())
        raise InputError(
            f"{path}: not a GeoParquet file ({said}); give a table of domains that termini wrote"
        ) from error
    names = domain_columns([])
    if missing := set(names) - set(table.columns):
        raise InputError(
            f"{path}: not a table of domains, it lacks {sorted(missing)}; "
            "give one that termini wrote"
        )
    if table.crs is None:
        raise InputError(
            f"{path}: the table states no projection; set one with geopandas' set_crs()"
        )
    _one_projection(table, path)
    crs = table.crs.to_string()
    found: dict[str, GlacierDomain] = {}
    names += [name for name in _OPTIONAL if name in table.columns]
    for number, row in enumerate(table[names].to_dict("records")):
        problem = _problem(row) or _degrees(row, table.crs)
        if row["glacier_id"] in found:
            problem = problem or "comes a second time"
        if problem:
            raise DomainError(
                f"{path}: row {number} ({row['glacier_id']}): {problem}; mend or remove the row"
            )
        if pd.isna(row["reference_date"]):
            row["reference_date"] = None
        if row["flowlines"] is None or pd.isna(row["flowlines"]):
            row["flowlines"] = None
        for name in set(_OPTIONAL) & set(row):
            row[name] = "" if pd.isna(row[name]) else str(row[name])
        found[row["glacier_id"]] = GlacierDomain(**row, crs=crs)
    return found


def _problem(row: dict[str, Any]) -> str:
    """What is wrong with a row of a table of domains; empty if nothing is."""
    if not isinstance(row["glacier_id"], str) or not row["glacier_id"]:
        return "glacier_id is missing"
    for name, kind in _KINDS.items():
        shape = row[name]
        if not isinstance(shape, kind) or shape.is_empty:
            return f"{name} must be a {kind.__name__}"
        if not shapely.is_valid(shape):
            return f"{name} is not valid: {shapely.is_valid_reason(shape)}"
        if not shapely.is_simple(shape):
            return f"{name} crosses itself"
    width = row["reference_width"]
    if not isinstance(width, int | float) or not 0 < width < math.inf:
        return f"reference_width is {width!r}, metres above zero are needed"
    return ""


def _one_projection(table: gpd.GeoDataFrame, path: str | Path) -> None:
    """Refuse a file whose geometry columns are not all in the projection of the fjords."""
    for name in _GEOMETRIES:
        stated = getattr(table[name], "crs", None)
        if stated is not None and stated != table.crs:
            raise DomainError(
                f"{path}: its column {name} is in {stated.to_string()}, its fjords are in "
                f"{table.crs.to_string()}; reproject the column, "
                f"table[{name!r}].to_crs({table.crs.to_string()!r})"
            )


def _degrees(row: dict[str, Any], crs: CRS) -> str:
    """What is wrong with the unit of a row's coordinates; empty if nothing is."""
    for name in _KINDS:
        metres = max(map(abs, row[name].bounds)) > DEGREES
        if metres and not crs.is_projected:
            return f"{name} has coordinates in metres, but the file states {crs.to_string()}"
        if crs.is_projected and not metres:
            return (
                f"{name} has coordinates within {DEGREES:.0f}, so they are longitude and latitude, "
                f"but the file states {crs.to_string()}, which is in metres"
            )
    return ""
