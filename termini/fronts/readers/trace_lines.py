"""One line a trace: pieces are joined, what is no line is flagged, and all are projected."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.geo import reproject

# So many lines are moved at once, for the memory that their coordinates take.
_AT_ONCE = 10_000


def one_line(geometry: BaseGeometry | None) -> tuple[BaseGeometry | None, str, str]:
    """Geometry of one trace as one line.

    Parameters
    ----------
    geometry : shapely geometry or None
        What the source holds.

    Returns
    -------
    tuple
        The line, the flag that it earns (or an empty text) and the reason. Pieces
        that touch are merged. Pieces that do not are joined by straight bridges,
        each piece to the nearest free end, flagged ``several_pieces`` with the
        length of the bridges. What is no line stays as it is, flagged.
    """
    if geometry is None or geometry.is_empty:
        return None, "bad_geometry", "no geometry, or a line of less than two points"
    if geometry.geom_type not in {"LineString", "MultiLineString", "LinearRing"}:
        return geometry, "bad_geometry", f"a {geometry.geom_type}, not a line"
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        return None, "bad_geometry", "coordinates are not finite"
    if len(np.unique(shapely.get_coordinates(geometry), axis=0)) < 2:
        return geometry, "too_few_points", "fewer than two distinct points"
    if geometry.geom_type == "MultiLineString":
        geometry = shapely.line_merge(geometry)
    if geometry.geom_type != "MultiLineString":
        return LineString(geometry.coords), "", ""
    line, bridged = _bridge([np.asarray(piece.coords) for piece in geometry.geoms])
    n = len(geometry.geoms)
    return line, "several_pieces", f"{n} pieces joined over gaps of {bridged:.0f} m in all"


def one_line_each(geometries: Any, crs: str, target: str) -> tuple[Any, dict[int, tuple[str, str]]]:
    """Lines of all rows in one projection.

    Parameters
    ----------
    geometries : array of geometry
        The publisher's, one a row.
    crs, target : str
        Their projection, and that of the result.

    Returns
    -------
    lines : array of geometry
        One line a row, or what stands there if no line can be made of it.
    seen : dict
        By row, the flag and the reason of those that earn one.
    """
    lines, seen = np.array(geometries, dtype=object), {}
    for start in range(0, len(lines), _AT_ONCE):
        part = lines[start : start + _AT_ONCE]
        xy, owner = shapely.get_coordinates(part, return_index=True)
        bounds = shapely.bounds(part)
        plain = (shapely.get_type_id(part) == 1) & (bounds[:, :2] != bounds[:, 2:]).any(axis=1)
        plain[owner[~np.isfinite(xy).all(axis=1)]] = False
        for i in np.flatnonzero(~plain):
            part[i], name, reason = one_line(part[i])
            if name:
                seen[start + int(i)] = (name, reason)
        part[:] = reproject(part, crs, target)
    return lines, seen


def _bridge(pieces: list[NDArray[np.float64]]) -> tuple[LineString, float]:
    """Chain pieces, longest first, each next to the end of the chain that is nearest."""
    left = sorted(pieces, key=lambda p: -float(np.hypot(*np.diff(p, axis=0).T).sum()))
    chain, bridged = left.pop(0), 0.0
    while left:
        options = [
            (float(np.hypot(*(piece[end] - chain[at]))), k, at, end)
            for k, piece in enumerate(left)
            for at in (0, -1)
            for end in (0, -1)
        ]
        gap, k, at, end = min(options)
        piece = left.pop(k)
        bridged += gap
        if at == -1:
            chain = np.vstack([chain, piece if end == 0 else piece[::-1]])
        else:
            chain = np.vstack([piece if end == -1 else piece[::-1], chain])
    return LineString(chain), bridged
