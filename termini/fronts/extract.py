"""One front from one scene: grid, network, path, row of the front table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.path import front_path
from termini.fronts.walls import Walls, border_walls, fjord_walls, polygon_walls
from termini.geo import scale_factor
from termini.scenes import (
    Scene,
    domain_grid,
    fjord_raster,
    has_stripes,
    normalise,
    pixel_walls,
    raster_polygon,
    rescale,
    screen_scene,
    warp,
)
from termini.scenes.normalise import Method
from termini.sensors import SENSORS
from termini.variables import flag_bits

if TYPE_CHECKING:
    from termini.segment import Network, Prediction

#: Name of this method and of its source in the front table.
METHOD = "termini-unet"
SOURCE = "termini"

#: Geolocation error of a scene whose sensor is not known, metres: the largest known.
UNKNOWN_GEOLOCATION = 15.0

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
    """

    row: dict[str, Any]
    path: FrontPath
    scene: Scene
    prediction: Prediction

    @property
    def line(self) -> LineString:
        """The front, left wall to right wall looking down-glacier."""
        line: LineString = self.row["geometry"]
        return line


def extract_front(
    scene: Scene,
    domain: GlacierDomain | None,
    network: Network,
    *,
    fjord: Polygon | None = None,
    glacier_id: str = "",
    pixel: float | None = None,
    method: Method = "equalise",
    settings: PathSettings | None = None,
    flips: bool = False,
) -> Extracted:
    """Extract the calving front that a scene shows.

    Parameters
    ----------
    scene : Scene
        Scene as `termini.scenes.read_scene` gives it.
    domain : GlacierDomain or None
        The glacier. None for a picture that is already turned so that ice flows
        up it; the line then comes in pixel coordinates.
    network : termini.segment.Network
        From `termini.segment.load_network`.
    fjord : shapely Polygon, optional
        For a picture: where the front may be, in its pixel coordinates.
    glacier_id : str
        For a picture: which glacier it shows.
    pixel : float, optional
        Working resolution, metres; that of the network by default.
    method : {"equalise", "linear", "none"}
        How brightness is normalised.
    settings : PathSettings, optional
        What the search for the line goes by.
    flips : bool
        Average the network's view with that of the mirrored scene.

    Returns
    -------
    Extracted
        The front. One that is not to be trusted is flagged ``low_confidence``
        in its row, with the reasons in ``note``.

    Raises
    ------
    SceneError
        If the scene shows too little of the fjord, or nothing to tell ice by.
    TraceError
        If no line is found at all.
    """
    from termini.segment import NETWORK_PIXEL, predict, stack_inputs

    pixel = pixel or NETWORK_PIXEL
    if domain is not None:
        grid = domain_grid(domain, pixel)
        seen = warp(scene, grid)
        inside: NDArray[np.bool_] | None = fjord_raster(domain, grid)
        walls = fjord_walls(fjord_raster(domain, grid), *pixel_walls(domain, grid))
    else:
        seen = _at_network_pixel(scene, pixel)
        inside, walls = _picture_walls(seen, fjord)
    if reasons := screen_scene(seen, inside):
        raise SceneError(f"{scene.path or scene.scene_id}: {'; '.join(reasons)}; leave it out")
    image = normalise(seen, method)
    prediction = predict(network, stack_inputs(image, seen.valid, inside), flips=flips)
    path = front_path(prediction.front, prediction.ice, seen.valid, walls, settings)
    x, y = seen.transform @ (path.xy[:, 0] + 0.5, path.xy[:, 1] + 0.5)
    line = np.column_stack([x, y])
    if domain is not None:
        line = _to_walls(line, path, domain, seen.pixel_size)
    row = front_row(
        scene, path, LineString(np.round(line, DIGITS)),
        domain.glacier_id if domain else glacier_id, seen.pixel_size,
    )  # fmt: skip
    return Extracted(row, path, seen, prediction)


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
    return inside, polygon_walls(inside)


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


def front_row(
    scene: Scene, path: FrontPath, line: LineString, glacier_id: str, pixel: float
) -> dict[str, Any]:
    """Row of the front table for an extracted line.

    Parameters
    ----------
    scene : Scene
        The scene in its own resolution.
    path : FrontPath
        The line's confidence, error and reasons for doubt.
    line : shapely LineString
        The line.
    glacier_id : str
        The glacier.
    pixel : float
        Edge of a pixel of the grid that the network saw, metres.

    Returns
    -------
    dict
        Columns of the front table.

    Notes
    -----
    sigma_m² = (path's error)² + pixel²/12 of the scene + geolocation² of the
    sensor. The geolocation error is that of the whole scene: all fronts of one
    scene form a correlation group.
    """
    bits = flag_bits()
    quality = 0
    notes: list[str] = []
    if path.reasons:
        quality |= bits["low_confidence"]
        notes.extend(path.reasons)
    ends = [("left", path.open_left), ("right", path.open_right)]
    for side, length in ends:
        if length > 0:
            quality |= bits["open_end"]
            notes.append(f"not seen over {length * pixel:.0f} m at the {side} wall")
    if has_stripes(scene.sensor, scene.date):
        quality |= bits["slc_off"]
    sensor = SENSORS.get(scene.sensor)
    geolocation = sensor.geolocation if sensor else UNKNOWN_GEOLOCATION
    sigma = np.sqrt((path.sigma_px * pixel) ** 2 + scene.pixel_size**2 / 12.0 + geolocation**2)
    return {
        "glacier_id": glacier_id,
        "date": scene.date,
        "sensor": scene.sensor,
        "scene_id": scene.scene_id,
        "source": SOURCE,
        "method": METHOD,
        "sigma_m": round(float(sigma), 2),
        "correlation_group": scene.scene_id,
        "quality": quality,
        "note": "; ".join(notes),
        "geometry": line,
    }
