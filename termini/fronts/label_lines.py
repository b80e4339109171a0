"""Lines from pictures of lines: a digitised front, one pixel wide, as a polyline."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from shapely.geometry import LineString

from termini.errors import InputError, TraceError


def line_of_pixels(line: NDArray[np.bool_]) -> LineString:
    """Longest line through the pixels of a digitised front.

    Parameters
    ----------
    line : ndarray of bool, shape (rows, columns)
        Pixels of the front, joined by sides or corners. Gaps of up to three
        pixels are bridged, side branches left out.

    Returns
    -------
    shapely LineString
        Left to right, x right and y down, pixel centres at whole numbers.

    Raises
    ------
    TraceError
        If there are fewer than two pixels.
    """
    pixels = np.argwhere(line)
    if len(pixels) < 2:
        raise TraceError(f"a line of {len(pixels)} pixel(s) is no front")
    # Every pair at most three pixels apart is an edge. Its cost grows faster
    # than its length, so that the path goes through every pixel on its way.
    rows: list[NDArray[np.intp]] = []
    columns: list[NDArray[np.intp]] = []
    costs: list[NDArray[np.float64]] = []
    number = np.full(np.add(line.shape, 6), -1)
    number[pixels[:, 0] + 3, pixels[:, 1] + 3] = np.arange(len(pixels))
    for dy in range(-3, 4):
        for dx in range(-3, 4):
            if dy == dx == 0:
                continue
            other = number[pixels[:, 0] + 3 + dy, pixels[:, 1] + 3 + dx]
            here = np.flatnonzero(other >= 0)
            rows.append(here)
            columns.append(other[here])
            costs.append(np.full(len(here), float(dy * dy + dx * dx) ** 1.5))
    graph = coo_array(
        (np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(pixels), len(pixels)),
    ).tocsr()
    start = _farthest(graph, _start_of_largest(graph))
    distance, before = dijkstra(graph, indices=start, return_predecessors=True)
    at = int(np.argmax(np.where(np.isfinite(distance), distance, -1)))
    path = [at]
    while at != start:
        at = int(before[at])
        path.append(at)
    xy = pixels[path][:, ::-1].astype(float)
    if len(xy) < 2:
        raise TraceError("the pixels of the front are all apart from each other")
    return LineString(xy if xy[0, 0] <= xy[-1, 0] else xy[::-1])


def _start_of_largest(graph: object) -> int:
    """A pixel of the piece that holds most pixels."""
    _, piece = connected_components(graph, directed=False)
    return int(np.flatnonzero(piece == np.bincount(piece).argmax())[0])


def _farthest(graph: object, start: int) -> int:
    distance = dijkstra(graph, indices=start)
    return int(np.argmax(np.where(np.isfinite(distance), distance, -1)))


def read_label(path: str | Path) -> LineString:
    """Read a digitised front from a picture, black on white.

    Parameters
    ----------
    path : path
        Picture.

    Returns
    -------
    shapely LineString
        Left to right, in pixel coordinates.

    Raises
    ------
    InputError
        If the file is missing or holds no line.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; every picture needs its label")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as source:
            dark = source.read(1) < 128
    try:
        return line_of_pixels(dark)
    except TraceError as error:
        raise InputError(f"{path}: {error}") from error
