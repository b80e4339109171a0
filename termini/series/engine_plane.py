"""Traces packed into plain arrays and moved to a glacier's plane, many at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from pyproj import CRS

from termini.geo import MAX_EDGE_M, transformer
from termini.series.kernels import Array, Ints, compiled

_DEGREES = (4, 6, 8)
_NODES = 16
_BLOCK = 64  # points that go through the polynomial side by side
#: PROJ's own rounding scatters points by up to some 3e-8 m: a polynomial that comes as
#: near as this to every one of them is as exact as its smoothness makes it.
AS_PROJ_M = 6e-8
#: A polynomial that is anywhere wrong by more does not stand in for a projection, metres.
EXACT_M = 1e-5


class Move(NamedTuple):
    """A projection as a polynomial over a rectangle.

    Parameters
    ----------
    middle, half : ndarray, shape (2,)
        Middle and half the sides of the rectangle, in the source projection.
    x, y : ndarray, shape (d + 1, d + 1)
        Coefficients of powers of the coordinates scaled to -1..1, for the target's x
        and y; those of the upper left triangle count.
    """

    middle: Array
    half: Array
    x: Array
    y: Array


def polynomial_move(bounds: Array, crs: str, plane: str) -> Move | None:
    """Projection from one plane to another as a polynomial.

    Parameters
    ----------
    bounds : ndarray, shape (4,)
        Smallest x and y and largest x and y, in `crs`.
    crs, plane : str
        Source and target.

    Returns
    -------
    Move or None
        None where the rectangle is so large, or the projection such, that the
        polynomial would be wrong by more than `EXACT_M`.

    Notes
    -----
    The map between two projections of a region of some tens of kilometres is so
    smooth that a polynomial of low degree is as exact as PROJ, with which it is
    compared at points between its nodes and on the border: the lowest degree is taken
    that comes within `AS_PROJ_M` of them, else the best. Fitted to many points it has
    not the rounding of any, which areas of neighbouring fronts would show.
    """
    middle = (bounds[:2] + bounds[2:]) / 2
    half = np.maximum((bounds[2:] - bounds[:2]) / 2, 1.0)
    if not np.isfinite(middle).all():
        return None
    project = transformer(crs, plane)
    where = middle + half * np.vstack([_AT, _CHECK])
    target = np.column_stack(project.transform(where[:, 0], where[:, 1]))
    if not np.isfinite(target).all():
        return None
    nodes, right = target[: len(_AT)], target[len(_AT) :]
    best, least = None, EXACT_M
    for degree, to_powers in _TO_POWERS.items():
        x, y = (to_powers @ nodes).T.reshape(2, degree + 1, degree + 1)
        move = Move(middle, half, np.ascontiguousarray(x), np.ascontiguousarray(y))
        check = where[len(_AT) :].copy()
        move_points(check, move)
        away = float(np.abs(check - right).max())
        if away <= least:
            best, least = move, away
        if least <= AS_PROJ_M:
            break
    return best


def _square(values: Array) -> Array:
    """All pairs of values, shape (n * n, 2)."""
    return np.stack(np.meshgrid(values, values, indexing="ij"), axis=-1).reshape(-1, 2)


def _to_powers(degree: int) -> Array:
    """From values at the nodes to coefficients of powers of both coordinates.

    The coefficients of products of Chebyshev polynomials up to this degree together
    that fit best, written as powers.
    """
    one, two = np.divmod(np.arange((degree + 1) ** 2), degree + 1)
    kept = one + two <= degree
    basis = chebyshev.chebvander2d(_AT[:, 0], _AT[:, 1], [degree, degree])[:, kept]
    turn = np.zeros((degree + 1, degree + 1))
    for k in range(degree + 1):
        turn[: k + 1, k] = chebyshev.cheb2poly(np.eye(degree + 1)[k])[: k + 1]
    return np.asarray(np.kron(turn, turn)[:, kept] @ np.linalg.pinv(basis))


_AT = _square(np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES))
_CHECK = _square(np.linspace(-1, 1, 9))
_TO_POWERS = {degree: _to_powers(degree) for degree in _DEGREES}


@compiled
def move_points(xy: Array, move: Move) -> None:
    """Project points in place by a polynomial, shape (n, 2)."""
    size = len(move.x)
    u, v = np.zeros(_BLOCK), np.zeros(_BLOCK)
    x, y, px, py = np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK)
    for start in range(0, len(xy), _BLOCK):
        n = min(_BLOCK, len(xy) - start)
        for i in range(n):
            u[i] = (xy[start + i, 0] - move.middle[0]) / move.half[0]
            v[i] = (xy[start + i, 1] - move.middle[1]) / move.half[1]
        x[:] = 0.0
        y[:] = 0.0
        for j in range(size - 1, -1, -1):
            px[:] = 0.0
            py[:] = 0.0
            # there are none beyond the degree
            for k in range(size - 1 - j, -1, -1):
                a, b = move.x[j, k], move.y[j, k]
                for i in range(_BLOCK):
                    px[i] = px[i] * v[i] + a
                    py[i] = py[i] * v[i] + b
            for i in range(_BLOCK):
                x[i] = x[i] * u[i] + px[i]
                y[i] = y[i] * u[i] + py[i]
        for i in range(n):
            xy[start + i, 0], xy[start + i, 1] = x[i], y[i]


class Packed(NamedTuple):
    """Traces as plain arrays.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices of all traces.
    offsets : ndarray of int, shape (t + 1,)
        Where each trace begins; one of fewer than two distinct finite points is
        empty.
    """

    xy: Array
    offsets: Ints


def pack(lines: NDArray[np.object_]) -> Packed:
    """Vertices of lines in one array.

    Parameters
    ----------
    lines : ndarray of shapely LineString
        Lines of one piece each.

    Returns
    -------
    Packed
        Their vertices as they are.
    """
    xy = shapely.get_coordinates(lines)
    offsets = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(lines))])
    return Packed(np.ascontiguousarray(xy), offsets.astype(np.int64))


def into_plane(packed: Packed, crs: str, plane: str, near: Array | None = None) -> Packed:
    """Traces without repeated or infinite points, in a glacier's plane.

    Parameters
    ----------
    packed : Packed
        Traces in any projection; they are not changed.
    crs, plane : str
        That projection, and the plane.
    near : ndarray, shape (4,), optional
        Smallest x and y and largest x and y, in `crs`, of where the traces should
        lie; by default all of them do.

    Returns
    -------
    Packed
        Traces in the plane. Long edges are cut into pieces first, as `geo.to_plane`
        does.
    """
    metres = CRS.from_user_input(crs).is_projected
    xy, offsets = cleaned(packed.xy, packed.offsets, MAX_EDGE_M if metres else MAX_EDGE_M / 1e5)
    if len(xy) == 0 or crs == plane:
        return Packed(xy, offsets)
    far, strays = np.zeros(0, dtype=np.int64), xy[:0]
    bounds = bounds_of(xy)
    if near is not None and ((bounds[:2] < near[:2]) | (bounds[2:] > near[2:])).any():
        far = np.flatnonzero(((xy < near[:2]) | (xy > near[2:])).any(axis=1))
        strays, bounds = xy[far], near
    move = polynomial_move(bounds, crs, plane)
    if move is None:
        far, strays = np.arange(len(xy)), xy
    else:
        move_points(xy, move)
    if len(strays):
        project = transformer(crs, plane)
        xy[far] = np.column_stack(project.transform(strays[:, 0], strays[:, 1]))
    return Packed(xy, offsets)


@compiled
def bounds_of(xy: Array) -> Array:
    """Smallest x and y and largest x and y of points, shape (4,)."""
    found = np.array([np.inf, np.inf, -np.inf, -np.inf])
    for k in range(len(xy)):
        for axis in range(2):
            found[axis] = min(found[axis], xy[k, axis])
            found[axis + 2] = max(found[axis + 2], xy[k, axis])
    return found


@compiled
def shift(xy: Array, by: Array) -> None:
    """Move points in place."""
    for k in range(len(xy)):
        xy[k, 0] += by[0]
        xy[k, 1] += by[1]


@compiled
def cleaned(xy: Array, offsets: Ints, longest: float) -> tuple[Array, Ints]:
    """Distinct finite vertices, with long edges cut into equal pieces."""
    total = 0
    for fill in range(2):
        if fill == 1:
            out = np.empty((total, 2))
            starts = np.zeros(len(offsets), dtype=np.int64)
        n = 0
        for i in range(len(offsets) - 1):
            begin, have = n, False
            px, py = 0.0, 0.0
            for k in range(offsets[i], offsets[i + 1]):
                x, y = xy[k, 0], xy[k, 1]
                if not (np.isfinite(x) and np.isfinite(y)) or (have and x == px and y == py):
                    continue
                parts = 1
                length2 = (x - px) * (x - px) + (y - py) * (y - py)
                if have and length2 > longest * longest:
                    parts = int(np.ceil(np.sqrt(length2) / longest))
                for part in range(1, parts + 1):
                    if fill == 1:
                        share = part / parts
                        out[n, 0] = x if part == parts else px + share * (x - px)
                        out[n, 1] = y if part == parts else py + share * (y - py)
                    n += 1
                px, py, have = x, y, True
            if n - begin < 2:
                n = begin
            if fill == 1:
                starts[i + 1] = n
        total = n
    return out[:n], starts
