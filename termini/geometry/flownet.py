"""Flowlines across a whole fjord, from the potential flow between its walls.

The lines along which an incompressible, irrotational flow runs from gate to mouth
are the contours of a function that is 0 on the left wall, 1 on the right wall and
harmonic between. Such contours never cross, never close on themselves, and each
runs the whole way from gate to mouth, whatever the shape of the fjord; lines
interpolated between two walls, or offset from a centreline, do none of that. The
map projections in use are conformal, so the contours are the same on the map and
on the ground. The function is found by linear finite elements on a triangulation
of the fjord.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.geometry.lines import Points, vertices

# scipy takes long to read; whoever only measures does not wait for it
if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

#: Flowlines that are laid across a fjord where nothing else is said.
NUMBER = 51
#: Triangles across a fjord.
ACROSS = 30
# The most points that a fjord is given.
_MOST_POINTS = 12_000
# Points inside keep this share of the spacing from the outline: no flat triangles.
_CLEAR = 0.6


@dataclass(frozen=True)
class FlowNet:
    """Place across the fjord, constant along flow.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Nodes.
    triangles : ndarray of int, shape (m, 3)
        Triangles that fill the fjord.
    fraction : ndarray, shape (n,)
        0 on the left wall, 1 on the right; the share of a uniform flow that passes
        to the left of the node.
    gate : shapely LineString
        Where the lines begin.
    fjord : shapely Polygon
        What they stay in.
    """

    points: Points
    triangles: NDArray[np.int64]
    fraction: Points
    gate: LineString
    fjord: Polygon

    def line(self, fraction: float) -> LineString:
        """Flowline at one place across the fjord.

        Parameters
        ----------
        fraction : float
            Between 0 and 1.

        Returns
        -------
        shapely LineString
            From gate to mouth.
        """
        pieces = shapely.get_parts(
            shapely.line_merge(shapely.multilinestrings(self._segments(fraction)))
        )
        longest = max(pieces, key=lambda piece: piece.length)
        xy = vertices(longest)
        ends = shapely.distance(shapely.points(xy[[0, -1]]), self.gate)
        return longest if ends[0] <= ends[1] else LineString(xy[::-1])

    def place(self, points: Points) -> Points:
        """Place of points across the fjord.

        Parameters
        ----------
        points : ndarray, shape (n, 2)
            Points.

        Returns
        -------
        ndarray, shape (n,)
            Fraction of the flow to the left of each; NaN outside the fjord.
        """
        from scipy.interpolate import LinearNDInterpolator

        found = np.asarray(LinearNDInterpolator(self.points, self.fraction)(points))
        inside = shapely.intersects_xy(self.fjord, points[:, 0], points[:, 1])
        return np.where(inside, np.clip(found, 0.0, 1.0), np.nan)

    def _segments(self, fraction: float) -> NDArray[np.object_]:
        """Where a level crosses the triangles; the same point from both sides of an edge."""
        # no node lies exactly on the level, so each crossed triangle is cut in two edges
        level = fraction + 1e-9
        above = self.fraction[self.triangles] > level
        cut = self.triangles[above.any(axis=1) & ~above.all(axis=1)]
        ends = []
        for one, two in ((0, 1), (1, 2), (2, 0)):
            edge = np.sort(cut[:, [one, two]], axis=1)
            low, high = self.fraction[edge[:, 0]], self.fraction[edge[:, 1]]
            crossed = (low > level) != (high > level)
            share = (level - low) / np.where(crossed, high - low, 1.0)
            where = self.points[edge[:, 0]]
            where = where + share[:, None] * (self.points[edge[:, 1]] - where)
            ends.append(np.where(crossed[:, None], where, np.nan))
        both = np.stack(ends, axis=1)
        seen = np.isfinite(both[..., 0])
        return np.asarray(shapely.linestrings(both[seen].reshape(-1, 2, 2)), dtype=object)


def flow_net(domain: GlacierDomain, spacing: float | None = None) -> FlowNet:
    """Flow between the walls of a domain.

    Parameters
    ----------
    domain : GlacierDomain
        Domain.
    spacing : float, optional
        Distance of nodes, metres; by default a thirtieth of the reference width.

    Returns
    -------
    FlowNet
        The flow.

    Raises
    ------
    DomainError
        If the fjord cannot be triangulated.
    """
    left, right = vertices(domain.left_wall), vertices(domain.right_wall)
    if spacing is None:
        spacing = domain.reference_width / ACROSS
    net = net_between(left, right, domain.fjord, spacing)
    if net is None:
        raise DomainError(
            f"glacier {domain.glacier_id}: its fjord is too narrow or too tangled to lay "
            "flowlines across it; draw the domain and check its walls"
        )
    return net


def net_between(left: Points, right: Points, fjord: Polygon, spacing: float) -> FlowNet | None:
    """Flow between two walls.

    Parameters
    ----------
    left, right : ndarray, shape (n, 2), (m, 2)
        Walls, down-glacier.
    fjord : shapely Polygon
        Between them.
    spacing : float
        Distance of nodes, metres; made larger where the fjord is so large that
        there would be too many.

    Returns
    -------
    FlowNet or None
        None where the fjord has no room for a node that is not on a wall.
    """
    from scipy.sparse.linalg import spsolve
    from scipy.spatial import Delaunay

    spacing = max(spacing, float(np.sqrt(fjord.area / _MOST_POINTS)))
    points, fixed = _nodes(left, right, fjord, spacing)
    triangles = np.asarray(Delaunay(points).simplices, dtype=np.int64)
    middle = points[triangles].mean(axis=1)
    triangles = triangles[shapely.contains_xy(fjord, middle[:, 0], middle[:, 1])]
    triangles = triangles[np.abs(_twice_area(points, triangles)) > 1e-9 * spacing**2]
    used = np.zeros(len(points), dtype=bool)
    used[triangles] = True
    inner, known = used & np.isnan(fixed), used & ~np.isnan(fixed)
    if not inner.any():
        return None
    matrix = _stiffness(points, triangles)
    fraction = np.where(np.isnan(fixed), 0.5, fixed)
    right_side = -matrix[inner][:, known] @ fixed[known]
    fraction[inner] = spsolve(matrix[inner][:, inner].tocsc(), right_side)
    gate = LineString([left[0], right[0]])
    return FlowNet(points, triangles, np.clip(fraction, 0.0, 1.0), gate, fjord)


def flowlines_across(domain: GlacierDomain, number: int = NUMBER) -> MultiLineString:
    """Flowlines spread evenly across a fjord.

    Parameters
    ----------
    domain : GlacierDomain
        Domain.
    number : int
        How many. Each stands for the same share of the flow: line k of K lies at
        (k + 1/2) / K of the way from the left wall to the right.

    Returns
    -------
    shapely MultiLineString
        From left to right, each from gate to mouth.

    Raises
    ------
    DomainError
        If `number` is not positive or the fjord cannot be triangulated.
    """
    if number < 1:
        raise DomainError(
            f"glacier {domain.glacier_id}: {number} flowlines were asked for; ask for 1 or more"
        )
    net = flow_net(domain)
    return MultiLineString([net.line((k + 0.5) / number) for k in range(number)])


def _nodes(left: Points, right: Points, fjord: Polygon, spacing: float) -> tuple[Points, Points]:
    """Nodes on the outline and inside; value on the walls, NaN elsewhere."""
    gate = _divided(np.vstack([left[0], right[0]]), spacing)[1:-1]
    mouth = _divided(np.vstack([left[-1], right[-1]]), spacing)[1:-1]
    left, right = _divided(left, spacing), _divided(right, spacing)
    x0, y0, x1, y1 = fjord.bounds
    rows = np.arange(y0, y1, spacing * np.sqrt(3) / 2)
    columns = np.arange(x0, x1, spacing)
    x, y = np.meshgrid(columns, rows)
    x[1::2] += spacing / 2
    inside = np.column_stack([x.ravel(), y.ravel()])
    core = shapely.buffer(fjord, -_CLEAR * spacing)
    shapely.prepare(core)
    inside = inside[shapely.contains_xy(core, inside[:, 0], inside[:, 1])]
    points = np.vstack([left, right, gate, mouth, inside])
    fixed = np.full(len(points), np.nan)
    fixed[: len(left)] = 0.0
    fixed[len(left) : len(left) + len(right)] = 1.0
    points, first = np.unique(points, axis=0, return_index=True)
    return points, fixed[first]


def _divided(points: Points, spacing: float) -> Points:
    return vertices(shapely.segmentize(LineString(points), spacing))


def _twice_area(points: Points, triangles: NDArray[np.int64]) -> Points:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return np.asarray(
        (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    )


def _stiffness(points: Points, triangles: NDArray[np.int64]) -> csr_matrix:
    """Integral of grad phi_i . grad phi_j over linear elements."""
    from scipy.sparse import csr_matrix

    area = np.abs(_twice_area(points, triangles)) / 2
    opposite = np.stack(
        [points[triangles[:, (k + 2) % 3]] - points[triangles[:, (k + 1) % 3]] for k in range(3)],
        axis=1,
    )
    local = np.einsum("tid,tjd->tij", opposite, opposite) / (4 * area)[:, None, None]
    rows = np.repeat(triangles, 3, axis=1).ravel()
    columns = np.tile(triangles, (1, 3)).ravel()
    shape = (len(points), len(points))
    return csr_matrix((local.ravel(), (rows, columns)), shape=shape)
