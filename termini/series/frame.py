"""A glacier domain laid out in its own equal-area plane, where fronts are measured."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.geo import local_plane, to_plane
from termini.geometry.lines import left_normals, smoothed, unit, vertices

Points = NDArray[np.float64]
_BOX_SPACING_M = 50.0
_ROUGH_M = 0.5
# Length of a centreline that may lie outside its fjord.
_OUTSIDE_SHARE = 0.02


@dataclass(frozen=True)
class Frame:
    """Two walls, a gate and a mouth in a plane; all lines down-glacier.

    Parameters
    ----------
    fjord : shapely Polygon
        Area between the walls.
    gate : ndarray, shape (n, 2)
        Upstream side, left to right.
    left, right : shapely LineString
        Walls, from the gate to the mouth.
    centreline : shapely LineString
        From the gate to the mouth.
    width : float
        Width that turns area into length, metres.
    rough_left, rough_right : shapely LineString
        The walls to within half a metre and with few vertices, for distances.
    """

    fjord: Polygon
    gate: Points
    left: LineString
    right: LineString
    centreline: LineString
    width: float
    rough_left: LineString = field(init=False, repr=False, compare=False)
    rough_right: LineString = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Thin the walls and index the fjord."""
        object.__setattr__(self, "rough_left", shapely.simplify(self.left, _ROUGH_M))
        object.__setattr__(self, "rough_right", shapely.simplify(self.right, _ROUGH_M))
        shapely.prepare(self.fjord)


def frame_of(domain: GlacierDomain) -> tuple[Frame, str]:
    """Measuring frame of a domain.

    Parameters
    ----------
    domain : GlacierDomain
        Domain.

    Returns
    -------
    frame : Frame
        Its geometry in true metres.
    plane : str
        Projection of the frame.

    Raises
    ------
    DomainError
        If walls, gate and fjord contradict each other.
    """
    plane = local_plane(domain.fjord, domain.crs)

    def move(geometry: LineString) -> LineString:
        return shapely.force_2d(to_plane(geometry, domain.crs, plane))

    frame = Frame(
        fjord=move(domain.fjord),
        gate=vertices(move(domain.gate)),
        left=move(domain.left_wall),
        right=move(domain.right_wall),
        centreline=move(domain.centreline),
        width=float(domain.reference_width),
    )
    _check(domain, frame)
    return frame, plane


def _check(domain: GlacierDomain, frame: Frame) -> None:
    glacier_id = domain.glacier_id
    # both: a vertex set where the outline crosses itself makes it valid in the plane
    for fjord in (domain.fjord, frame.fjord):
        if not fjord.is_valid or fjord.area == 0:
            raise DomainError(
                f"glacier {glacier_id}: its fjord is not a valid polygon "
                f"({shapely.is_valid_reason(fjord)}); redraw it so that its outline does not touch "
                "or cross itself"
            )
    if not frame.width > 0:
        raise DomainError(f"glacier {glacier_id}: its reference width is not positive")
    left, right = vertices(frame.left), vertices(frame.right)
    outline = shapely.LinearRing(np.vstack([frame.gate, right, left[::-1]]))
    enclosed = Polygon(outline)
    if not outline.is_ccw or abs(enclosed.area - frame.fjord.area) > 0.02 * frame.fjord.area:
        raise DomainError(
            f"glacier {glacier_id}: gate, right wall, mouth and left wall, in this order, do not "
            "run round its fjord anticlockwise; gate left to right, walls down-glacier"
        )
    outside = shapely.length(shapely.difference(frame.centreline, Polygon(frame.fjord.exterior)))
    if outside > _OUTSIDE_SHARE * frame.centreline.length:
        raise DomainError(
            f"glacier {glacier_id}: its centreline leaves its fjord over {outside:.0f} m; redraw "
            "one of the two, or make the domain anew without the centreline"
        )


def evenly(line: LineString, spacing: float) -> Points:
    """Points at equal distances along a line, both ends included.

    Parameters
    ----------
    line : shapely LineString
        Line of positive length.
    spacing : float
        Wanted distance, metres; the true one divides the length.

    Returns
    -------
    ndarray, shape (n, 2)
        At least two points, as `geometry.lines.resampled` gives them, in a time that
        does not grow with their number times that of the vertices.
    """
    xy = vertices(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    at = np.linspace(0.0, along[-1], max(round(along[-1] / spacing), 1) + 1)
    return np.column_stack([np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])])


def ribbon(frame: Frame, width: float) -> Frame:
    """Curvilinear box: the strip along a centreline, half the width to either side.

    Parameters
    ----------
    frame : Frame
        Frame with the centreline.
    width : float
        Wanted width, metres; made smaller, and the centreline smoother, where the
        strip would fold over itself.

    Returns
    -------
    Frame
        Frame whose fjord is the strip. An area in it is the integral of
        1 - kappa n over along-flow and across-flow distance, that is, the box
        method with the curvature Jacobian.
    """
    points = evenly(frame.centreline, _BOX_SPACING_M)
    # beyond its ends the strip runs on straight, so that the most advanced and most
    # retreated fronts, curved as they are, cross it wholly
    points = np.vstack(
        [
            points[0] - width * unit(points[1] - points[0]),
            points,
            points[-1] + width * unit(points[-1] - points[-2]),
        ]
    )
    points = evenly(LineString(points), _BOX_SPACING_M)
    for window in (5.0, 10.0, 20.0, 40.0, 80.0, 160.0):
        smooth = smoothed(points, window)
        normals = left_normals(smooth)
        left, right = smooth + width / 2 * normals, smooth - width / 2 * normals
        strip = Polygon(np.vstack([left[0], right, left[:0:-1]]))
        if strip.is_valid:
            return Frame(
                fjord=strip,
                gate=np.vstack([left[0], right[0]]),
                left=LineString(left),
                right=LineString(right),
                centreline=LineString(smooth),
                width=width,
            )
    return ribbon(frame, width / 2)


def box_frame(frame: Frame, width: float) -> Frame:
    """Straight box: the strip along the straight line that fits a centreline best.

    Parameters
    ----------
    frame : Frame
        Frame with the centreline.
    width : float
        Width of the box, metres.

    Returns
    -------
    Frame
        Frame whose fjord is a rectangle that reaches beyond the fjord at both ends.
        It is the box method of Moon and Joughin (2008); where the fjord bends the
        box leaves it, which `ribbon` does not.
    """
    points = evenly(frame.centreline, _BOX_SPACING_M)
    middle = points.mean(axis=0)
    flow = np.linalg.svd(points - middle, full_matrices=False)[2][0]
    flow = flow if flow @ (points[-1] - points[0]) > 0 else -flow
    normal = np.array([-flow[1], flow[0]])
    along = (vertices(frame.fjord) - middle) @ flow
    start, end = (middle + reach * flow for reach in (along.min() - width, along.max() + width))
    sides = [np.vstack([start, end]) + side * width / 2 * normal for side in (1, -1)]
    left, right = sides
    return Frame(
        fjord=Polygon(np.vstack([left[0], right, left[:0:-1]])),
        gate=np.vstack([left[0], right[0]]),
        left=LineString(left),
        right=LineString(right),
        centreline=LineString([start, end]),
        width=width,
    )
