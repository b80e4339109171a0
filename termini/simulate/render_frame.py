"""Where each pixel lies: along flow, across flow, from the walls, from the front."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.ndimage import gaussian_filter1d
from shapely.geometry import LineString, Polygon
from shapely.ops import substring

from termini.compiling import compiler
from termini.domain import GlacierDomain
from termini.simulate.texture import Field, sample

_BEYOND = 60_000.0
"""Metres by which walls are drawn out beyond gate and mouth."""


@dataclass(frozen=True)
class Frame:
    """Ground coordinates of a grid of pixels, each an array of shape (rows, columns).

    Parameters
    ----------
    x, y : ndarray of float32
        Metres from the middle of the fjord's bounding box, along the
        projection's axes. Small numbers, so that float32 holds centimetres.
    along : ndarray of float32
        Metres down-glacier along the centreline from the gate.
    across : ndarray of float32
        -1 on the left wall to 1 on the right wall, both without their small
        headlands: flow does not follow those.
    inside : ndarray of float32
        Metres from the nearer wall, negative outside the channel.
    side : ndarray of float32
        -1 nearer the left wall, 1 nearer the right wall.
    pixel : float
        Edge of a pixel, metres.
    kept : dict
        Textures that stay with the glacier, filled by `lasting`.
    """

    x: Field
    y: Field
    along: Field
    across: Field
    inside: Field
    side: Field
    pixel: float
    kept: dict[tuple[object, ...], Field] = field(default_factory=dict, repr=False, compare=False)

    def lasting(
        self, name: str, tile: str, u: Field, v: Field, offset: tuple[float, float]
    ) -> Field:
        """Texture that is the same in every scene on this grid, read once.

        Parameters
        ----------
        name : str
            Name of the texture.
        tile : str
            Tile of `termini.simulate.texture.tiles`.
        u, v : ndarray of float32, shape (rows, columns)
            Cells of the tile, before the offset.
        offset : tuple of float
            The glacier's own offset in the tile.

        Returns
        -------
        ndarray of float32, shape (rows, columns)
            Not to be changed.
        """
        key = (name, *offset)
        if key not in self.kept:
            self.kept[key] = sample(tile, u + offset[0], v + offset[1])
        return self.kept[key]


@compiler(fastmath=True)
def _to_line(
    x: NDArray[np.float64], y: NDArray[np.float64], line: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance to a polyline and the distance along it of the nearest point."""
    n, m = x.size, line.shape[0]
    distance, along = np.empty(n), np.empty(n)
    for i in range(n):
        best, best_along, start = 1e30, 0.0, 0.0
        for k in range(m - 1):
            ax, ay = line[k, 0], line[k, 1]
            dx, dy = line[k + 1, 0] - ax, line[k + 1, 1] - ay
            length2 = dx * dx + dy * dy
            length = np.sqrt(length2)
            if length2 > 0.0:
                t = ((x[i] - ax) * dx + (y[i] - ay) * dy) / length2
                t = min(1.0, max(0.0, t))
                ex, ey = x[i] - ax - t * dx, y[i] - ay - t * dy
                d2 = ex * ex + ey * ey
                if d2 < best:
                    best, best_along = d2, start + t * length
            start += length
        distance[i], along[i] = np.sqrt(best), best_along
    return distance, along


@compiler(fastmath=True)
def _enlarge(coarse: Field, step: int, rows: int, columns: int) -> Field:
    """Bilinear enlargement; coarse[i, j] stands at pixel (i * step, j * step)."""
    out = np.empty((rows, columns), np.float32)
    for i in range(rows):
        a = i // step
        fa = np.float32((i - a * step) / step)
        for j in range(columns):
            b = j // step
            fb = np.float32((j - b * step) / step)
            top = coarse[a, b] * (1 - fb) + coarse[a, b + 1] * fb
            low = coarse[a + 1, b] * (1 - fb) + coarse[a + 1, b + 1] * fb
            out[i, j] = top * (1 - fa) + low * fa
    return out


def _centres(
    transform: Affine, columns: NDArray[np.integer], rows: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres of pixels of a grid without rotation."""
    x = transform.c + transform.a * (columns + 0.5)
    y = transform.f + transform.e * (rows + 0.5)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def _drawn_out(line: LineString, reach: float = _BEYOND) -> NDArray[np.float64]:
    """Vertices of a line drawn out straight at both ends."""
    xy = np.asarray(line.coords)[:, :2]
    back = min(line.length / 3, 2000.0)
    start, end = (np.asarray(line.interpolate(s).coords[0]) for s in (back, line.length - back))
    first = xy[0] + (xy[0] - start) / back * reach
    last = xy[-1] + (xy[-1] - end) / back * reach
    return np.vstack([first, xy, last])


def _walls(domain: GlacierDomain, tolerance: float) -> tuple[LineString, LineString]:
    """Both walls, thinned to what a pixel can show and drawn out beyond gate and mouth."""
    centre = _drawn_out(domain.centreline)
    up, down = centre[0] - centre[1], centre[-1] - centre[-2]
    walls = []
    for wall in (domain.left_wall, domain.right_wall):
        xy = np.asarray(wall.simplify(tolerance).coords)[:, :2]
        walls.append(LineString(np.vstack([xy[0] + up, xy, xy[-1] + down])))
    return walls[0], walls[1]


def _smoothed(wall: LineString, step: float = 250.0, reach: float = 1500.0) -> NDArray[np.float64]:
    """Vertices of a wall without headlands and bays smaller than `reach` metres."""
    inner = np.asarray(wall.coords)[1:-1]
    line = LineString(inner) if len(inner) > 1 else wall
    n = max(3, round(line.length / step))
    xy = shapely.get_coordinates(line.interpolate(np.linspace(0, line.length, n)))
    smooth = gaussian_filter1d(xy, reach / step / 2, axis=0, mode="nearest")
    ends = np.asarray(wall.coords)[[0, -1]]
    return np.asarray(np.vstack([ends[0], smooth, ends[1]]))


def make_frame(domain: GlacierDomain, transform: Affine, shape: tuple[int, int]) -> Frame:
    """Ground coordinates of every pixel.

    Parameters
    ----------
    domain : GlacierDomain
        Its walls and centreline give the directions; beyond gate and mouth the
        channel goes on straight.
    transform : affine.Affine
        Grid with square pixels, without rotation, in `domain.crs`.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    Frame
        Coordinates, interpolated between every fourth pixel or so.
    """
    pixel = float(transform.a)
    rows, columns = shape
    step = max(2, round(150.0 / pixel))
    low = (rows // step + 2, columns // step + 2)
    left, right = _walls(domain, 0.2 * pixel)
    centre = _drawn_out(domain.centreline.simplify(5.0))
    j, i = np.meshgrid(np.arange(low[1]) * step, np.arange(low[0]) * step)
    x, y = _centres(transform, j.ravel(), i.ravel())
    to_left, _ = _to_line(x, y, np.asarray(left.coords))
    to_right, _ = _to_line(x, y, np.asarray(right.coords))
    smooth_left, _ = _to_line(x, y, _smoothed(left))
    smooth_right, _ = _to_line(x, y, _smoothed(right))
    _, along = _to_line(x, y, centre)
    along -= float(np.hypot(*(centre[1] - centre[0])))
    channel = Polygon([*left.coords, *right.coords[::-1]])
    within = shapely.contains_xy(channel, x, y)
    inside = np.where(within, 1, -1) * np.minimum(to_left, to_right)
    across = (smooth_left - smooth_right) / np.maximum(smooth_left + smooth_right, 1.0)
    side = np.clip((to_left - to_right) / (2 * pixel), -1, 1)
    coarse = [along, across, inside, side]
    fields = [
        _enlarge(np.ascontiguousarray(f.reshape(low), dtype=np.float32), step, rows, columns)
        for f in coarse
    ]
    bounds = domain.fjord.bounds
    middle = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    gx = (transform.c - middle[0] + (np.arange(columns) + 0.5) * pixel).astype(np.float32)
    gy = (transform.f - middle[1] - (np.arange(rows) + 0.5) * pixel).astype(np.float32)
    xs, ys = (np.ascontiguousarray(a) for a in np.meshgrid(gx, gy))
    return Frame(xs, ys, fields[0], fields[1], fields[2], fields[3], pixel)


def front_distance(
    domain: GlacierDomain,
    front: LineString,
    transform: Affine,
    shape: tuple[int, int],
) -> Field:
    """Signed distance of every pixel centre from the front.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    front : shapely LineString
        From the left wall to the right wall, in `domain.crs`.
    transform, shape : affine.Affine, tuple of int
        The grid.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Metres, positive on the glacier, negative seaward. Exact near the front,
        interpolated beyond some 200 m.
    """
    pixel = float(transform.a)
    rows, columns = shape
    step = max(2, round(150.0 / pixel))
    low = (rows // step + 2, columns // step + 2)
    line = np.asarray(front.simplify(0.1 * pixel).coords)[:, :2]
    j, i = np.meshgrid(np.arange(low[1]) * step, np.arange(low[0]) * step)
    x, y = _centres(transform, j.ravel(), i.ravel())
    coarse, _ = _to_line(x, y, line)
    far = _enlarge(coarse.reshape(low).astype(np.float32), step, rows, columns)
    near = np.flatnonzero(far < 1.6 * step * pixel)
    r, c = np.divmod(near, columns)
    nx, ny = _centres(transform, c, r)
    far.ravel()[near], _ = _to_line(nx, ny, line)
    ice, left, right = _glacier_outline(domain, front)
    # what lies beyond a wall counts as glacier beside the glacier, so that a coast
    # a pixel off the drawn wall is no water
    shapes = [ice]
    for bank, outward in ((left, 300.0), (right, -300.0)):
        shapes.append(LineString(bank).buffer(outward, single_sided=True))
    glacier = rasterize(shapes, out_shape=shape, transform=transform)
    return np.asarray(np.where(glacier == 1, far, -far))


def _glacier_outline(
    domain: GlacierDomain, front: LineString
) -> tuple[Polygon, NDArray[np.float64], NDArray[np.float64]]:
    """The channel upstream of a front, drawn out beyond the gate, and its two sides."""
    centre = _drawn_out(domain.centreline)
    up = centre[0] - centre[1]
    sides = []
    for wall, end in ((domain.left_wall, 0), (domain.right_wall, -1)):
        part = substring(wall, 0.0, wall.project(shapely.Point(front.coords[end])))
        xy = np.asarray(part.coords)[:, :2]
        sides.append(np.vstack([xy[0] + up, xy]))
    line = np.asarray(front.coords)[:, :2]
    return Polygon(np.vstack([sides[0], line, sides[1][::-1]])), sides[0], sides[1]
