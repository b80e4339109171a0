"""From the pixels of a path to a line that is good to a fraction of a pixel.

Every vertex is moved along the normal of the line to the centre of the heat
map's ridge there. Squaring the heat map first made fronts worse, as did plain
smoothing, which pulls the line off every bend; here only the offsets are
smoothed, each by how clear the ridge is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float64]

#: Half length of the profile across the line, and the step along it, pixels.
REACH = 4.0
STEP = 0.25

#: Smoothing of the staircase of pixels before normals are taken, pixels.
STAIRCASE = 2.0

#: Smoothing of the offsets along the line, pixels.
ALONG = 1.0


@dataclass(frozen=True)
class Profile:
    """What the heat map looks like across each vertex of a line.

    Parameters
    ----------
    offset : ndarray, shape (n,)
        Centre of the ridge along the normal, pixels, positive up-glacier.
    height : ndarray, shape (n,)
        Highest probability on the profile.
    width : ndarray, shape (n,)
        Standard deviation of the ridge along the normal, pixels.
    """

    offset: Array
    height: Array
    width: Array


def resample(xy: Array, spacing: float = 1.0) -> Array:
    """Line with vertices at equal distances along it.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices.
    spacing : float
        Distance wanted; the ends stay where they are.

    Returns
    -------
    ndarray, shape (m, 2)
        Vertices.
    """
    steps = np.hypot(*np.diff(xy, axis=0).T)
    keep = np.concatenate([[True], steps > 0])
    xy, steps = xy[keep], steps[steps > 0]
    if len(xy) < 2:
        return xy
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, along[-1], max(2, round(along[-1] / spacing) + 1))
    return np.column_stack([np.interp(at, along, xy[:, i]) for i in (0, 1)])


def smooth(xy: Array, sigma: float) -> Array:
    """Line smoothed along itself, its ends kept.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices at equal distances.
    sigma : float
        Standard deviation of the Gaussian, vertices.

    Returns
    -------
    ndarray, shape (n, 2)
        Vertices. Beyond each end the line is continued by its own reflection
        in that end, so that the ends stay and are not drawn inwards.
    """
    reach = min(len(xy) - 1, int(np.ceil(4 * sigma)))
    if sigma <= 0 or reach < 1:
        return xy
    before = 2 * xy[0] - xy[reach:0:-1]
    after = 2 * xy[-1] - xy[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, xy, after])
    return np.asarray(ndimage.gaussian_filter1d(longer, sigma, axis=0)[reach:-reach])


def normals(xy: Array) -> Array:
    """Unit normals that point to the right of the line's direction, in pixel coordinates.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices, x right and y down; for a front from the left wall to the
        right one the normals point up-glacier.

    Returns
    -------
    ndarray, shape (n, 2)
        Normals.
    """
    along = np.gradient(xy, axis=0)
    length = np.hypot(*along.T)[:, None]
    along = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
    return np.column_stack([-along[:, 1], along[:, 0]])


def sample(field: NDArray[np.floating], xy: Array) -> Array:
    """Value of a field at points, bilinear, the border's value beyond it.

    Parameters
    ----------
    field : ndarray, shape (rows, columns)
        Field.
    xy : ndarray, shape (..., 2)
        Points, x right and y down, pixel centres at whole numbers.

    Returns
    -------
    ndarray, shape (...)
        Values.
    """
    at = np.stack([xy[..., 1], xy[..., 0]])
    return np.asarray(ndimage.map_coordinates(field, at, order=1, mode="nearest"), dtype=float)


def across(field: NDArray[np.floating], xy: Array, reach: float = REACH) -> tuple[Array, Array]:
    """Profiles of a field across a line.

    Parameters
    ----------
    field : ndarray, shape (rows, columns)
        Field.
    xy : ndarray, shape (n, 2)
        Vertices.
    reach : float
        Half length of each profile, pixels.

    Returns
    -------
    tuple of ndarray
        Offsets along the normal, shape (m,), and values, shape (n, m).
    """
    offset = np.arange(-reach, reach + STEP / 2, STEP)
    points = xy[:, None, :] + offset[None, :, None] * normals(xy)[:, None, :]
    return offset, sample(field, points)


def ridge(heat: NDArray[np.floating], xy: Array) -> Profile:
    """Centre, height and width of the heat map's ridge across a line.

    Parameters
    ----------
    heat : ndarray, shape (rows, columns)
        Probability of a front.
    xy : ndarray, shape (n, 2)
        Vertices.

    Returns
    -------
    Profile
        One value a vertex.
    """
    offset, value = across(heat, xy)
    height = value.max(axis=1)
    weight = np.clip(value - 0.5 * height[:, None], 0.0, None)
    # Only the ridge nearest to the line counts: a second front beyond a dip
    # would otherwise pull the centre into the dip.
    nearest = (
        np.abs(offset) - 0.5 * np.clip(value / np.maximum(height, 1e-9)[:, None], 0, 1) * REACH
    )
    top = np.argmin(np.where(weight > 0, nearest, np.inf), axis=1)
    weight = weight * _joined(weight > 0, top)
    total = weight.sum(axis=1)
    safe = np.where(total > 0, total, 1.0)
    centre = np.where(total > 0, weight @ offset / safe, 0.0)
    spread = (weight * (offset[None, :] - centre[:, None]) ** 2).sum(axis=1) / safe
    return Profile(centre, height, np.sqrt(spread))


def _joined(above: NDArray[np.bool_], top: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Part of each row that is joined to its top without a break."""
    column = np.arange(above.shape[1])
    broken = ~above
    right = np.cumsum(broken & (column > top[:, None]), axis=1) == 0
    left = np.cumsum((broken & (column < top[:, None]))[:, ::-1], axis=1)[:, ::-1] == 0
    return np.asarray(np.where(column >= top[:, None], right, left))


def refine(heat: NDArray[np.floating], xy: Array, rounds: int = 2) -> Array:
    """Line moved onto the ridge of the heat map.

    Parameters
    ----------
    heat : ndarray, shape (rows, columns)
        Probability of a front.
    xy : ndarray, shape (n, 2)
        Pixels of a path, or vertices.
    rounds : int
        How often to move and take new normals.

    Returns
    -------
    ndarray, shape (m, 2)
        Vertices about one pixel apart.
    """
    line = smooth(resample(xy), STAIRCASE)
    for _ in range(rounds):
        line = resample(line)
        if len(line) < 3:
            break
        found = ridge(heat, line)
        weight = found.height + 1e-3
        moved = ndimage.gaussian_filter1d(found.offset * weight, ALONG, mode="nearest")
        offset = moved / ndimage.gaussian_filter1d(weight, ALONG, mode="nearest")
        line = smooth(line + offset[:, None] * normals(line), 0.7)
    rows, columns = heat.shape
    return np.clip(resample(line), 0.0, [columns - 1.0, rows - 1.0])
