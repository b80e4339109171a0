"""What the rules look at: every trace of one glacier, measured quickly.

Screening needs no exact areas. Each trace is laid out between the walls of its
fjord: its mean distance along the centreline in each of `PLACES` equal shares of
the way across. Distances are those of the map, up to 5 % off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.fronts.rules_kernels import nearest_vertices
from termini.fronttable import crs_text
from termini.geo import reproject
from termini.sensors import SENSORS

#: Shares of the way across the fjord in which a front is placed.
PLACES = 21

# Points of a trace at which it is placed, evenly along it.
_SAMPLES = 4 * PLACES

# Error of a trace whose source and sensor state none, metres.
_UNKNOWN_SIGMA = 30.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GlacierTraces:
    """The usable traces of one glacier in the order of their dates.

    Parameters
    ----------
    table : GeoDataFrame, n rows
        Their rows of the front table; lines run left to right.
    domain : GlacierDomain
        Where they are measured, in the table's projection.
    others : mapping of str to shapely Polygon
        Fjords of glaciers near by, in the table's projection.
    day : ndarray, shape (n,)
        Days since 1970.
    sigma : ndarray, shape (n,)
        Standard error of a position, metres.
    along : ndarray, shape (n, PLACES)
        Metres along the centreline from the gate, places from the left wall to the
        right one; nan where the trace was not seen.
    shape : ndarray, shape (PLACES,)
        Usual front of the glacier about its mean, metres.
    position : ndarray, shape (n,)
        Metres along the centreline, unseen places taken to follow `shape`; nan
        where the trace has no place in the fjord.
    coverage : ndarray, shape (n,)
        Share of the places that were seen.
    inside : ndarray, shape (n,)
        Share of the line that lies in the fjord.
    chord : ndarray, shape (n,)
        Distance between the ends of the line, metres.
    length, curvature : ndarray, shape (n,)
        Length of the line, metres, and mean turning angle over distance at its
        vertices, radians per metre.
    points : ndarray of int, shape (n,)
        Number of vertices.
    gaps : ndarray, shape (n, 2)
        Distance of the first end to the left wall and of the last to the right one.
    """

    table: gpd.GeoDataFrame
    domain: GlacierDomain
    others: Mapping[str, shapely.Polygon]
    day: Floats
    sigma: Floats
    along: Floats
    shape: Floats
    position: Floats
    coverage: Floats
    inside: Floats
    chord: Floats
    length: Floats
    curvature: Floats
    points: NDArray[np.int64]
    gaps: Floats

    def __len__(self) -> int:
        return len(self.table)


def measured_traces(
    table: gpd.GeoDataFrame, domain: GlacierDomain, domains: Mapping[str, GlacierDomain]
) -> GlacierTraces:
    """Traces of one glacier, measured.

    Parameters
    ----------
    table : GeoDataFrame
        Rows of the front table of one glacier, usable and with dates.
    domain : GlacierDomain
        Domain of the glacier.
    domains : mapping of str to GlacierDomain
        Domains of all glaciers.

    Returns
    -------
    GlacierTraces
        Sorted by date and trace id.
    """
    table = table.sort_values(["date", "trace_id"])
    crs = crs_text(table)
    here = _in_crs(domain, crs)
    lines = table.geometry.to_numpy()
    along, gaps, inside, chord = _lay_out(lines, here)
    shape, position = _shape_and_position(along)
    return GlacierTraces(
        table=table,
        domain=here,
        others=_near_by(here, domains, crs),
        day=table["date"].to_numpy().astype("datetime64[s]").astype("int64") / 86_400.0,
        sigma=_sigma(table),
        along=along,
        shape=shape,
        position=position,
        coverage=np.isfinite(along).mean(axis=1),
        inside=inside,
        chord=chord,
        length=shapely.length(lines),
        curvature=_curvature(lines),
        points=shapely.get_num_coordinates(lines).astype("int64"),
        gaps=gaps,
    )


def _in_crs(domain: GlacierDomain, crs: str) -> GlacierDomain:
    if domain.crs == crs:
        return domain
    names = ["fjord", "gate", "left_wall", "right_wall", "centreline"]
    moved: dict[str, Any] = {n: reproject(getattr(domain, n), domain.crs, crs) for n in names}
    return GlacierDomain(
        glacier_id=domain.glacier_id,
        name=domain.name,
        reference_width=domain.reference_width,
        crs=crs,
        **moved,
    )


def _near_by(
    here: GlacierDomain, domains: Mapping[str, GlacierDomain], crs: str
) -> dict[str, shapely.Polygon]:
    """Fjords of other glaciers whose bounds meet those of this one's, widened by half."""
    west, south, east, north = here.fjord.bounds
    room = 0.5 * max(east - west, north - south)
    frame = shapely.box(west - room, south - room, east + room, north + room)
    found = {}
    for name, domain in domains.items():
        if name != here.glacier_id and domain.crs == here.crs:
            if frame.intersects(domain.fjord):
                found[name] = domain.fjord
        elif name != here.glacier_id:
            fjord = reproject(domain.fjord, domain.crs, crs)
            if frame.intersects(fjord):
                found[name] = fjord
    return found


def _sigma(table: gpd.GeoDataFrame) -> Floats:
    prior = [SENSORS[s].prior_sigma if s in SENSORS else _UNKNOWN_SIGMA for s in table["sensor"]]
    stated = table["sigma_m"].to_numpy(dtype="float64")
    return np.where(np.isfinite(stated) & (stated > 0), stated, np.array(prior, dtype="float64"))


def _lay_out(
    lines: NDArray[np.object_], domain: GlacierDomain
) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean distance along in each place across, gaps at both ends, share inside, chord."""
    step = domain.reference_width / (4 * PLACES)
    points, owner = samples(lines)
    shapely.prepare(domain.fjord)
    inside = shapely.contains_xy(domain.fjord, points[:, 0], points[:, 1])
    number = np.maximum(np.bincount(owner, minlength=len(lines)), 1)
    share = np.asarray(np.bincount(owner, weights=inside, minlength=len(lines)) / number)
    points, owner = points[inside], owner[inside]
    left, right = (_vertices(line, step) for line in (domain.left_wall, domain.right_wall))
    to_left, to_right = (nearest_vertices(wall, points)[1] for wall in (left, right))
    distance = _along(domain.centreline, points, step)
    across = to_left / np.maximum(to_left + to_right, 1e-9)
    cell = owner * PLACES + np.minimum((across * PLACES).astype("int64"), PLACES - 1)
    size = len(lines) * PLACES
    count = np.bincount(cell, minlength=size)
    total = np.bincount(cell, weights=distance, minlength=size)
    with np.errstate(invalid="ignore"):
        along = np.where(count > 0, total / count, np.nan).reshape(len(lines), PLACES)
    ends = [shapely.get_coordinates(_end(lines, k)) for k in (0, -1)]
    gaps = np.column_stack(
        [nearest_vertices(left, ends[0])[1], nearest_vertices(right, ends[1])[1]]
    )
    return along, gaps, share, np.hypot(*(ends[1] - ends[0]).T)


def samples(lines: NDArray[np.object_]) -> tuple[Floats, NDArray[np.int64]]:
    """Points at even distances along each line, 84 of them or a few more, and whose they are.

    Parameters
    ----------
    lines : ndarray of shapely lines, shape (n,)
        Lines of one or several pieces.

    Returns
    -------
    points : ndarray, shape (m, 2)
        Their coordinates, line by line.
    owner : ndarray of int, shape (m,)
        Row of the line of each.
    """
    parts, whose = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    step = np.hypot(*np.diff(points, axis=0).T)
    step[part[1:] != part[:-1]] = 0.0
    run = np.concatenate([[0.0], np.cumsum(step)])
    first = np.searchsorted(part, np.arange(len(parts)))
    long = shapely.length(parts)
    whole = np.bincount(whose, weights=long, minlength=len(lines))
    part_share = long / np.maximum(whole[whose], 1e-9)
    number = np.maximum(np.ceil(part_share * _SAMPLES), 2).astype("int64")
    turn = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    # just inside the ends, where the next line's first vertex has the same distance
    at = run[first].repeat(number) + (turn + 0.5) / number.repeat(number) * long.repeat(number)
    xy = np.column_stack([np.interp(at, run, points[:, k]) for k in (0, 1)])
    return xy, whose.repeat(number)


def _end(lines: NDArray[np.object_], k: int) -> NDArray[np.object_]:
    """First or last point of each line, of the first or last piece where there are several."""
    piece = shapely.get_geometry(lines, k)
    return np.asarray(shapely.get_point(np.where(piece == None, lines, piece), k))  # noqa: E711


def _vertices(line: shapely.LineString, step: float) -> Floats:
    return np.ascontiguousarray(shapely.get_coordinates(shapely.segmentize(line, step / 2)))


def _along(line: shapely.LineString, points: Floats, step: float) -> Floats:
    """Distance along a line of the point of it that is nearest to each point."""
    vertices = _vertices(line, step)
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))])
    return np.asarray(run[nearest_vertices(vertices, points)[0]])


def _shape_and_position(along: Floats) -> tuple[Floats, Floats]:
    """Usual shape, and positions for which what was not seen follows it."""
    shape = np.zeros(along.shape[1])
    seen = np.isfinite(along)
    position = np.full(len(along), np.nan)
    known = seen.any(axis=1)
    for _ in range(3):
        position[known] = _row_mean(along[known] - shape, seen[known])
        residual = along - position[:, None]
        usual = np.array(
            [
                np.median(c[s]) if s.any() else np.nan
                for c, s in zip(residual.T, seen.T, strict=True)
            ]
        )
        if not np.isfinite(usual).any():
            break
        places = np.arange(len(usual))
        good = np.isfinite(usual)
        shape = np.interp(places, places[good], usual[good])
        shape = shape - shape.mean()
    return shape, position


def _row_mean(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.where(seen, values, 0.0).sum(axis=1) / seen.sum(axis=1))


def _curvature(lines: NDArray[np.object_]) -> Floats:
    """Mean of turning angle over distance at the inner vertices of each line."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    step = np.diff(points, axis=0)
    long = np.hypot(step[:, 0], step[:, 1])
    heading = np.arctan2(step[:, 1], step[:, 0])
    turn = np.abs((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi)
    over = (long[:-1] + long[1:]) / 2
    inner = (owner[:-2] == owner[2:]) & (long[:-1] > 0) & (long[1:] > 0)
    where = owner[1:-1][inner]
    total = np.bincount(where, weights=turn[inner] / over[inner], minlength=len(lines))
    return np.asarray(total / np.maximum(np.bincount(where, minlength=len(lines)), 1))
