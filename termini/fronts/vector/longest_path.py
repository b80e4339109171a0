"""The longest path through the skeleton of a probable edge, as CALFIN draws it.

Cheng et al. 2021, The Cryosphere 15, 1663, Section 3.3: the edge map is cut and thinned
to a skeleton, its pixels are joined to their neighbours in a graph whose costs grow with
the logarithm of the distance, and the longest path through the graph's minimum spanning
tree is the front. What runs along the walls is cut off as an outlier of the distance to
them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.spatial import cKDTree
from skimage.morphology import skeletonize

from termini.errors import TraceError
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.vector.maps import Array, Maps, left_to_right, traced
from termini.fronts.walls import Walls

#: An edge is where the probability exceeds this.
EDGE = 0.33

#: Neighbours that each pixel of the skeleton is joined to.
NEIGHBOURS = 64

#: Robust z-score beyond which a distance to the walls is an outlier.
OUTLIER_Z = 2.5

#: Turns a median absolute deviation into a standard deviation's share of a z-score.
MAD_TO_Z = 0.6745


def longest_path(maps: Maps, settings: PathSettings) -> FrontPath:
    """Front as the longest path through the skeleton of the probable edge.

    Parameters
    ----------
    maps : Maps
        Probabilities; only the front's map counts.
    settings : PathSettings
        Limits of trust.

    Returns
    -------
    FrontPath
        The line; its vertices are pixel centres.

    Raises
    ------
    TraceError
        If fewer than three pixels of the skeleton are left.
    """
    edge = (maps.front > EDGE) & maps.valid & maps.walls.inside
    pixels = np.argwhere(skeletonize(edge))
    if len(pixels) < 3:
        raise TraceError(f"only {len(pixels)} pixels are more probable than {EDGE} to be a front")
    order = tree_path(pixels.astype(np.float64))
    xy = left_to_right(pixels[order][:, ::-1].astype(np.float64))
    if maps.walls.known:
        xy = cut_at_walls(xy, maps.walls)
    return traced(maps, xy, settings)


def tree_path(points: Array) -> NDArray[np.intp]:
    """Longest path through the minimum spanning tree of points.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Points; each is joined to its nearest ones at the cost log(distance + 1).

    Returns
    -------
    ndarray of int
        Numbers of the points along the path, in the tree of most points.
    """
    count = min(NEIGHBOURS + 1, len(points))
    distance, near = cKDTree(points).query(points, k=count)
    start = np.repeat(np.arange(len(points)), count - 1)
    cost = np.log1p(distance[:, 1:].ravel())
    shape = (len(points), len(points))
    graph = coo_array((cost, (start, near[:, 1:].ravel())), shape=shape).tocsr()
    tree = csr_array(minimum_spanning_tree(graph.maximum(graph.T)))
    _, piece = connected_components(tree, directed=False)
    first = int(np.flatnonzero(piece == np.bincount(piece).argmax())[0])
    end, _ = _farthest(tree, first)
    other, before = _farthest(tree, end)
    path = [other]
    while path[-1] != end:
        path.append(int(before[path[-1]]))
    return np.array(path, dtype=np.intp)


def _farthest(tree: csr_array, start: int) -> tuple[int, NDArray[np.int32]]:
    distance, before = dijkstra(tree, directed=False, indices=start, return_predecessors=True)
    return int(np.argmax(np.where(np.isfinite(distance), distance, -1.0))), before


def cut_at_walls(xy: Array, walls: Walls) -> Array:
    """Line without those ends that lie outlyingly near to a wall.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices.
    walls : Walls
        The fjord.

    Returns
    -------
    ndarray, shape (m, 2)
        The stretch between the first and the last vertex that is no outlier, with one
        vertex more at each end; the whole line if all are alike.
    """
    off = ndimage.distance_transform_edt(np.pad(walls.inside, 1))[1:-1, 1:-1]
    row, column = np.rint(xy[:, 1]).astype(int), np.rint(xy[:, 0]).astype(int)
    distance = np.asarray(off[row, column], dtype=float)
    middle = float(np.median(distance))
    spread = float(np.median(np.abs(distance - middle)))
    if spread == 0:
        return xy
    kept = np.flatnonzero(MAD_TO_Z * (middle - distance) / spread < OUTLIER_Z)
    if kept.size < 2:
        return xy
    return xy[max(kept[0] - 1, 0) : kept[-1] + 2]
