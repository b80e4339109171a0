"""Row of the front table for an extracted line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from termini.fronts.judgement import FrontPath
from termini.fronts.vector.names import DEFAULT
from termini.scenes import Scene, has_stripes
from termini.sensors import SENSORS
from termini.variables import flag_bits

#: Name of the second stage, and of the source, in the front table.
SECOND, SOURCE = "termini-strip", "termini"

#: Geolocation error of a scene whose sensor is not known, metres: the largest known.
UNKNOWN_GEOLOCATION = 15.0


def method_name(networks: Sequence[str], vectoriser: str, refined: bool) -> str:
    """How a line was found, for the front table.

    Parameters
    ----------
    networks : sequence of str
        Names of those whose maps it was found in.
    vectoriser : str
        How it was found in the network's maps.
    refined : bool
        Whether the second network drew it again at the scene's own pixel.

    Returns
    -------
    str
        The networks, joined by plus signs; after commas a vectoriser other than the usual
        one, and the second network where it had a part.
    """
    other = [vectoriser] if vectoriser != DEFAULT else []
    return ", ".join([" + ".join(networks), *other, *([SECOND] if refined else [])])


def front_row(
    scene: Scene,
    path: FrontPath,
    line: BaseGeometry,
    glacier_id: str,
    pixel: float,
    *,
    method: str,
    others: Sequence[FrontPath] = (),
) -> dict[str, Any]:
    """Row of the front table for an extracted line.

    Parameters
    ----------
    scene : Scene
        The scene in its own resolution; what its reading had to say (a part that
        cannot be read, its share of cloud) begins the row's note.
    path : FrontPath
        The line's confidence, error and reasons for doubt.
    line : shapely LineString or MultiLineString
        The line, or the lines of all arms of the glacier.
    glacier_id : str
        The glacier.
    pixel : float
        Edge of a pixel of the grid that the network saw, metres.
    method : str
        How the line was found, as `method_name` puts it.
    others : sequence of FrontPath
        The fronts of further arms of the glacier; doubt of one is doubt of the trace.

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
    notes = list(scene.notes)
    reasons = dict.fromkeys(r for part in (path, *others) for r in part.reasons)
    if reasons:
        quality |= bits["low_confidence"]
        notes.extend(reasons)
    if any(part.probably_wrong for part in (path, *others)):
        quality |= bits["probably_wrong"]
    missing = max(part.p_incomplete for part in (path, *others))
    if any(part.probably_incomplete for part in (path, *others)):
        quality |= bits["probably_incomplete"]
        notes.append(f"incomplete or wrong with probability {missing:.2f}")
    if others:
        quality |= bits["several_pieces"]
        notes.append(f"{1 + len(others)} arms of the glacier, each with its front")
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
        "method": method,
        "sigma_m": round(float(sigma), 2),
        "correlation_group": scene.scene_id,
        "quality": quality,
        "note": "; ".join(notes),
        "geometry": line,
    }
