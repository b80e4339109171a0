"""The id crosswalk: which glacier has which number and name in which table.

Tables are taken one after another. Each is matched, as a whole, to the glaciers
known so far by position and by all names known so far; what fits none becomes a
glacier of its own. So a glacier that one table knows by number only and another by
name gets both, and a later table may be matched by either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from termini.errors import InputError
from termini.geo import ARCTIC, scale_factor
from termini.geometry.crosswalk_match import (
    DOUBT,
    MAX_DISTANCE_M,
    SAME_NAME,
    assign,
    doubts,
    pair_costs,
)
from termini.names import name_similarity

# Two records of one table this near are two branches or gates of one glacier where
# their names do not say otherwise: half the least distance of neighbours.
SAME_PLACE_M = 2_500.0

# Of two boxes around one glacier the one with the nearer middle is taken; this much a
# kilometre, too little to matter otherwise.
_NEARER = 1e-3

_WORDS = {value: word for word, value in DOUBT.items()}


@dataclass
class _Glacier:
    """What is known of one glacier so far."""

    shapes: list[shapely.Geometry] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    entries: dict[str, dict[str, object]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Records:
    """One table, checked."""

    namespace: str
    ids: list[str]
    names: list[str]
    shapes: NDArray[np.object_]
    shared: NDArray[np.bool_]


def crosswalk(
    tables: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    *,
    max_distance: float = MAX_DISTANCE_M,
) -> pd.DataFrame:
    """One row a glacier, with its id and name in every table.

    Parameters
    ----------
    tables : mapping
        Namespace to table. A table has ``id`` (text), ``name`` (several separated by
        semicolons; may be empty) and either ``x``, ``y`` (EPSG:3413, metres) or
        geometry in EPSG:3413: points, lines, or boxes and outlines, to which the
        distance is 0 inside. A column ``shared`` that is true says that several
        glaciers may lie in one outline, as in a drainage basin. The order matters
        little; well-named tables of points go first.
    max_distance : float
        Records farther away are not joined, metres.

    Returns
    -------
    DataFrame
        ``glacier`` (running number), ``name`` (all that are known), ``x``, ``y``
        (EPSG:3413) and for each namespace ``<ns>_id``, ``<ns>_name``,
        ``<ns>_distance_m`` (true distance to the nearest place known from the
        tables before; 0 for the one that began the row), ``<ns>_name_score`` (0-1,
        NaN without a name on either side), ``<ns>_also`` (further ids of that table
        for the same glacier: branches, gates, basins), ``<ns>_doubtful`` and
        ``<ns>_reason``. Glaciers without a match in a table keep their row, with an
        empty id.

    Raises
    ------
    InputError
        If a table lacks a column, holds an id twice, or a record has no position.

    Notes
    -----
    The joins of a table are the optimal assignment of
    `termini.geometry.crosswalk_match.assign`. A record left over is a second one of a
    glacier (``_also``) where it bears the same name within `max_distance` or lies
    within 2.5 km where one of the two has no name; else it begins a row. Reasons are
    those of `termini.geometry.crosswalk_match.DOUBT`, ``first``, ``shared_outline`` and
    ``inside_another`` (joined to one basin by name while it lies in another); doubtful
    are all but ``clear``, ``first``, a shared outline, and ``position_only`` within
    2.5 km.
    """
    if not tables:
        raise InputError("no tables to make a crosswalk of; give at least one")
    glaciers: list[_Glacier] = []
    for namespace, table in tables.items():
        _take(glaciers, _records(namespace, table), max_distance)
    return _table(glaciers, list(tables))


def _take(glaciers: list[_Glacier], records: _Records, max_distance: float) -> None:
    """Match one table to the glaciers known so far and add what is left."""
    distance, likeness = _pairs(glaciers, records, max_distance)
    cost = pair_costs(distance, likeness, max_distance=max_distance)
    inside = np.isin(shapely.get_type_id(records.shapes), (3, 6))[None, :] & (distance == 0.0)
    record = assign(cost + _NEARER * _between_middles(glaciers, records, cost), records.shared)
    reason = doubts(cost, likeness, record, inside)
    taken = record[record >= 0]
    count = np.bincount(taken, minlength=len(records.ids))
    for row in map(int, np.flatnonzero(record >= 0)):
        column = int(record[row])
        _enter(glaciers[row], records, column, distance, likeness, row, int(reason[row]))
        entry = glaciers[row].entries[records.namespace]
        if records.shared.any() and not inside[row, column] and inside[row].any():
            entry |= {"doubtful": True, "reason": "inside_another"}
        elif count[column] > 1 and not entry["doubtful"]:
            entry["reason"] = "shared_outline"
    known = len(glaciers)
    for column in sorted(set(range(len(records.ids))) - set(taken.tolist())):
        home = _second_home(
            cost[:known, column], distance[:known, column], likeness[:known, column]
        )
        if home is not None and records.namespace in glaciers[home].entries:
            also = glaciers[home].entries[records.namespace]["also"]
            assert isinstance(also, list)
            also.append(records.ids[column])
            continue
        fresh = _Glacier()
        _enter(fresh, records, column, None, None, 0, DOUBT["clear"])
        glaciers.append(fresh)


def _second_home(
    cost: NDArray[np.float64], distance: NDArray[np.float64], likeness: NDArray[np.float64]
) -> int | None:
    """Glacier of which a record left over is a branch, a gate or another basin."""
    same = (likeness >= SAME_NAME) | (np.isnan(likeness) & (distance <= SAME_PLACE_M))
    fits = np.where(same, cost, np.inf)
    return int(fits.argmin()) if len(fits) and np.isfinite(fits.min()) else None


def _enter(
    glacier: _Glacier,
    records: _Records,
    column: int,
    distance: NDArray[np.float64] | None,
    likeness: NDArray[np.float64] | None,
    row: int,
    doubt: int,
) -> None:
    """Write one record into a glacier's row."""
    far = 0.0 if distance is None else float(distance[row, column])
    word = _WORDS[doubt]
    glacier.entries[records.namespace] = {
        "id": records.ids[column],
        "name": records.names[column],
        "distance_m": far,
        "name_score": np.nan if likeness is None else float(likeness[row, column]),
        "also": [],
        "doubtful": word not in ("clear", "position_only")
        or (word == "position_only" and far > SAME_PLACE_M),
        "reason": "first" if distance is None else word,
    }
    shape = records.shapes[column]
    # A box says less of the place than a point does.
    if not glacier.shapes or shape.geom_type not in ("Polygon", "MultiPolygon"):
        glacier.shapes.append(shape)
    if records.names[column]:
        glacier.names.append(records.names[column])


def _pairs(
    glaciers: list[_Glacier], records: _Records, max_distance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances and name scores of all pairs; names only where the distance allows it."""
    shape = (len(glaciers), len(records.ids))
    distance = np.full(shape, np.inf)
    owner = np.repeat(np.arange(len(glaciers)), [len(g.shapes) for g in glaciers])
    shapes = np.array([s for g in glaciers for s in g.shapes], dtype=object)
    if len(shapes) and len(records.ids):
        tree = shapely.STRtree(records.shapes)
        # Map distances are up to 3 per cent too long here; look a little farther.
        left, right = tree.query(shapes, predicate="dwithin", distance=1.1 * max_distance)
        planar = shapely.distance(shapes[left], records.shapes[right])
        middle = shapely.centroid(records.shapes)
        scale = np.asarray(scale_factor(shapely.get_x(middle), shapely.get_y(middle), ARCTIC))
        np.minimum.at(distance, (owner[left], right), planar / scale[right])
    likeness = np.full(shape, np.nan)
    for row, column in np.argwhere(distance <= max_distance):
        likeness[row, column] = name_similarity(
            ";".join(glaciers[row].names), records.names[column]
        )
    return distance, likeness


def _between_middles(
    glaciers: list[_Glacier], records: _Records, cost: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Kilometres between the middles of glaciers and records, where a pair is allowed."""
    out = np.zeros_like(cost)
    rows, columns = np.nonzero(np.isfinite(cost))
    if len(rows):
        first = shapely.centroid(np.array([g.shapes[0] for g in glaciers], dtype=object))
        middle = shapely.centroid(records.shapes)
        out[rows, columns] = shapely.distance(first[rows], middle[columns]) / 1000
    return out


def _records(namespace: str, table: gpd.GeoDataFrame | pd.DataFrame) -> _Records:
    """Check a table and take from it what is needed."""
    if lacking := sorted({"id", "name"} - set(table.columns)):
        raise InputError(f"table {namespace}: lacks the column(s) {', '.join(lacking)}")
    if isinstance(table, gpd.GeoDataFrame):
        if table.crs is None or table.crs.to_epsg() != 3413:
            raise InputError(f"table {namespace}: is not in EPSG:3413; reproject it with to_crs")
        shapes = shapely.force_2d(np.asarray(table.geometry.array, dtype=object))
    elif {"x", "y"} <= set(table.columns):
        x, y = (pd.to_numeric(table[c]).to_numpy(dtype=np.float64) for c in "xy")
        shapes = np.where(np.isfinite(x) & np.isfinite(y), shapely.points(x, y), None)
    else:
        raise InputError(f"table {namespace}: has neither geometry nor the columns x and y")
    ids = [str(i) for i in table["id"]]
    if len(set(ids)) < len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise InputError(f"table {namespace}: holds {twice!r} twice; give each id once")
    nowhere = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if nowhere.any():
        lost = ids[int(np.flatnonzero(nowhere)[0])]
        raise InputError(
            f"table {namespace}: {lost!r} has no position; give it one or leave it out"
        )
    names = ["" if pd.isna(name) else str(name).strip() for name in table["name"]]
    shared = (
        np.zeros(len(ids), dtype=bool) if "shared" not in table else table["shared"].to_numpy(bool)
    )
    return _Records(namespace, ids, names, shapes, shared)


def _table(glaciers: list[_Glacier], namespaces: list[str]) -> pd.DataFrame:
    """The crosswalk as a table."""
    empty = {"id": "", "name": "", "distance_m": np.nan, "name_score": np.nan, "also": [],
             "doubtful": False, "reason": "no_match"}  # fmt: skip
    rows = []
    for number, glacier in enumerate(glaciers, start=1):
        point = shapely.point_on_surface(glacier.shapes[0])
        names = [part.strip() for name in glacier.names for part in name.split(";")]
        row: dict[str, object] = {
            "glacier": number,
            "name": "; ".join(dict.fromkeys(name for name in names if name)),
            "x": point.x,
            "y": point.y,
        }
        for namespace in namespaces:
            entry = glacier.entries.get(namespace, empty)
            for key, value in entry.items():
                row[f"{namespace}_{key}"] = ";".join(value) if isinstance(value, list) else value
        rows.append(row)
    return pd.DataFrame(rows)
