"""One front from one scene: grid, network, path, row of the front table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, Point, Polygon

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.fronts.assess import assess
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.refine import REFINE, Refining, finer, refine_path
from termini.fronts.row import front_row, method_name
from termini.fronts.see import members_of, see
from termini.fronts.vector import (
    DEFAULT,
    branch_paths,
    islands_of,
    take_maps,
    vectorise,
    walls_in_scene,
)
from termini.fronts.walls import Walls, border_walls, corner_walls, fjord_walls
from termini.geo import scale_factor
from termini.scenes import (
    Scene,
    domain_grid,
    fjord_raster,
    pixel_walls,
    raster_polygon,
    rescale,
    screen_scene,
    warp,
)

if TYPE_CHECKING:
    from termini.fronts.see import Networks
    from termini.segment import Prediction, Views

#: A picture whose pixel is within these factors of the network's is used as it is.
AS_IT_IS = (0.65, 1.3)

#: An end of the front that lies nearer to its wall than this is drawn on to it, pixels.
TOUCH = 3.0

#: Coordinates are rounded to this many digits after the point.
DIGITS = 3


@dataclass(frozen=True)
class Extracted:
    """A front with all that led to it.

    Parameters
    ----------
    row : dict
        Row of the front table: everything but ``trace_id``, with ``geometry`` in
        the domain's projection, or in pixel coordinates of the picture.
    path : FrontPath
        Line in pixels of the grid, its confidence and the reasons for doubt.
    scene : Scene
        The scene on the grid that the network saw.
    prediction : termini.segment.Prediction
        Probability maps on that grid.
    others : tuple of FrontPath
        Fronts of further arms, of a glacier whose fjord holds rock; `path` is the
        longest.
    """

    row: dict[str, Any]
    path: FrontPath
    scene: Scene
    prediction: Prediction
    others: tuple[FrontPath, ...] = ()

    @property
    def line(self) -> LineString:
        """The front, left wall to right wall looking down-glacier; of several the longest."""
        held = self.row["geometry"]
        parts: list[LineString] = list(getattr(held, "geoms", [held]))
        return max(parts, key=lambda part: float(part.length))


def extract_front(
    scene: Scene,
    domain: GlacierDomain | None,
    network: Networks,
    *,
    fjord: Polygon | None = None,
    glacier_id: str = "",
    pixel: float | None = None,
    settings: PathSettings | None = None,
    views: Views | None = None,
    vectoriser: str = DEFAULT,
    find_walls: bool = False,
    refine: Refining = REFINE,
) -> Extracted:
    """Extract the calving front that a scene shows.

    Parameters
    ----------
    scene : Scene
        Scene as `termini.scenes.read_scene` gives it.
    domain : GlacierDomain or None
        The glacier. None for a picture that is already turned so that ice flows
        up it; the line then comes in pixel coordinates.
    network : termini.segment.Network or sequence of them
        From `termini.segment.load_network`; the maps of several are averaged. Brightness
        is normalised as each was trained.
    fjord : shapely Polygon, optional
        For a picture: where the front may be, in its pixel coordinates.
    glacier_id : str
        For a picture: which glacier it shows.
    pixel : float, optional
        Working resolution, metres; that of the network by default.
    settings : PathSettings, optional
        What the search for the line goes by.
    views : termini.segment.Views, optional
        Looks to average over: mirrored, at other sizes, with dropout; one by default.
    vectoriser : str
        How the line is found in the maps, a name of `termini.fronts.VECTORISERS`.
    find_walls : bool
        For a picture without a fjord: take the walls where the network sees rock.
    refine : {"native", "off"}
        Draw the line again at the scene's own pixel, where that is finer than the
        working resolution, or leave it.

    Returns
    -------
    Extracted
        The front. One that is not to be trusted is flagged ``low_confidence`` in its
        row, and ``probably_wrong`` where the failure detector says so, with the reasons
        in ``note``.

    Raises
    ------
    SceneError
        If the scene shows too little of the fjord, or nothing to tell ice by.
    TraceError
        If no line is found at all.
    """
    from termini.segment import NETWORK_PIXEL

    seen, inside, walls = _on_grid(scene, domain, fjord, pixel or NETWORK_PIXEL)
    if reasons := screen_scene(seen, inside):
        raise SceneError(f"{scene.path or scene.scene_id}: {'; '.join(reasons)}; leave it out")
    prediction = see(network, seen, inside, views)
    if domain is None and fjord is None and find_walls:
        walls = walls_in_scene(prediction.front, prediction.rock)
    coarse = _paths(prediction, seen, walls, settings, vectoriser)
    paths = coarse
    if finer(refine, scene, seen):
        paths = [refine_path(part, scene, seen) for part in coarse]
    lines = [_on_map(part, domain, seen) for part in paths]
    geometry = lines[0] if len(lines) == 1 else MultiLineString(lines)
    order = sorted(paths, key=lambda part: -len(part.xy))
    method = method_name(
        [member.name for member in members_of(network)],
        vectoriser,
        any(new is not old for new, old in zip(paths, coarse, strict=True)),
    )
    known_as = domain.glacier_id if domain else glacier_id
    row = front_row(scene, order[0], geometry, known_as, seen.pixel_size,
                    method=method, others=order[1:])  # fmt: skip
    return Extracted(row, order[0], seen, prediction, tuple(order[1:]))


def _paths(
    prediction: Prediction,
    seen: Scene,
    walls: Walls,
    settings: PathSettings | None,
    vectoriser: str,
) -> list[FrontPath]:
    """Judged lines from left to right: one, or one for each arm of the glacier."""
    front, ice = prediction.front, prediction.ice
    maps = take_maps(front, ice, seen.valid, walls)
    if vectoriser == DEFAULT and walls.known and islands_of(walls).any():
        found = list(branch_paths(front, ice, seen.valid, walls, settings))
    else:
        found = [vectorise(front, ice, seen.valid, walls, vectoriser=vectoriser, settings=settings)]
    return [assess(maps, part, settings) for part in found]


def _on_map(path: FrontPath, domain: GlacierDomain | None, seen: Scene) -> LineString:
    """Line of the grid's pixels in the projection of the scene, ends on the walls."""
    x, y = seen.transform @ (path.xy[:, 0] + 0.5, path.xy[:, 1] + 0.5)
    line = np.column_stack([x, y])
    if domain is not None:
        line = _to_walls(line, path, domain, seen.pixel_size)
    return LineString(np.round(line, DIGITS))


def _on_grid(
    scene: Scene, domain: GlacierDomain | None, fjord: Polygon | None, pixel: float
) -> tuple[Scene, NDArray[np.bool_] | None, Walls]:
    """Scene on the grid that the network sees, the fjord in it and its walls."""
    if domain is None:
        seen = _at_network_pixel(scene, pixel)
        return seen, *_picture_walls(seen, fjord)
    grid = domain_grid(domain, pixel)
    inside = fjord_raster(domain, grid)
    return warp(scene, grid), inside, fjord_walls(inside, *pixel_walls(domain, grid))


def _at_network_pixel(scene: Scene, pixel: float) -> Scene:
    """Picture at a pixel size that the network knows."""
    if not np.isfinite(scene.pixel_size):
        raise SceneError(f"{scene.path or scene.scene_id}: its pixel size is not known")
    low, high = AS_IT_IS
    if low * pixel <= scene.pixel_size <= high * pixel:
        return scene
    return rescale(scene, pixel)


def _picture_walls(scene: Scene, fjord: Polygon | None) -> tuple[NDArray[np.bool_] | None, Walls]:
    """Fjord and walls of a picture without a domain."""
    rows, columns = scene.values.shape
    if fjord is None:
        return None, border_walls((rows, columns))
    there = ~scene.transform
    half = Affine.translation(-0.5, -0.5) @ there

    def _pixels(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(half @ (xy[:, 0], xy[:, 1]))

    inside = raster_polygon(shapely.transform(fjord, _pixels), (rows, columns))
    return inside, corner_walls(inside)


def _to_walls(
    line: NDArray[np.float64], path: FrontPath, domain: GlacierDomain, pixel: float
) -> NDArray[np.float64]:
    """Line with those ends that reach a wall drawn on to it."""
    first: list[tuple[float, ...]] = []
    last: list[tuple[float, ...]] = []
    for wall, end, open_, added in (
        (domain.left_wall, line[0], path.open_left, first),
        (domain.right_wall, line[-1], path.open_right, last),
    ):
        if open_ > 0:
            continue
        scale = float(scale_factor(end[0], end[1], domain.crs))
        at = wall.interpolate(wall.project(Point(end)))
        if 0 < at.distance(Point(end)) <= TOUCH * pixel * scale:
            added.append(at.coords[0])
    return np.array([*first, *map(tuple, line), *last])
