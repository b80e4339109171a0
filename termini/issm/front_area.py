"""Area of the ice behind a front, and fronts moved until it is a given one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from termini.domain import GlacierDomain
from termini.geo import transformer
from termini.series.frame import Frame, frame_of
from termini.series.upstream import upstream_area

Floats = NDArray[np.float64]

_MOST_STEPS = 40
_SMALLEST_M = 1e-3


# Points along a front for moving it.
_FEWEST_POINTS = 9
_SPACING_M = 50.0


class Moving(NamedTuple):
    """A line that can be moved.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        The line.
    way : ndarray, shape (n, 2)
        What a step of a metre moves each point by.
    """

    points: Floats
    way: Floats

    def moved(self, step: float) -> Floats:
        """The line moved by so many metres, shape (n, 2)."""
        return np.asarray(self.points + step * self.way)

    def scaled(self, share: Floats) -> Moving:
        """The same with every point moved by a share only, shape (n,)."""
        return Moving(self.points, self.way * share[:, None])

    @property
    def run(self) -> Floats:
        """Distance of the points along the line, shape (n,), metres."""
        steps = np.hypot(*np.diff(self.points, axis=0).T)
        return np.concatenate([[0.0], np.cumsum(steps)])


def square_to(line: Floats) -> Moving:
    """A front that can be moved square to itself, down-glacier for positive steps.

    Parameters
    ----------
    line : ndarray, shape (n, 2)
        From left to right.

    Returns
    -------
    Moving
        Its points, no more than 50 m apart.
    """
    drawn = shapely.linestrings(line)
    spacing = max(min(_SPACING_M, drawn.length / (_FEWEST_POINTS - 1)), 1e-3)
    points = shapely.get_coordinates(shapely.segmentize(drawn, spacing))
    # direction over a few points, so that a kink does not throw them about
    number = np.arange(len(points))
    along = points[np.minimum(number + 2, number[-1])] - points[np.maximum(number - 2, 0)]
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    # a front runs left to right seen down-glacier, so that water is on its left
    return Moving(points, np.column_stack([-along[:, 1], along[:, 0]]))


@dataclass(frozen=True)
class TruePlane:
    """The equal-area plane in which a release measures a glacier.

    Parameters
    ----------
    frame : Frame
        The glacier there.
    move : pyproj.Transformer
        From the domain's projection.
    """

    frame: Frame
    move: Transformer

    def points(self, xy: Floats) -> Floats:
        """Points of the domain's projection in the plane, shape (n, 2)."""
        return np.stack(self.move.transform(xy[:, 0], xy[:, 1]), axis=-1)

    def area(self, path: Floats) -> float:
        """Area of the ice behind a front that is given in the plane.

        Parameters
        ----------
        path : ndarray, shape (n, 2)
            From the left wall to the right.

        Returns
        -------
        float
            Square metres, as `termini.series.observe` measures it.
        """
        return upstream_area(self.frame, path)[0]


def true_plane(domain: GlacierDomain) -> TruePlane:
    """Plane in which the ice of a glacier is measured.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.

    Returns
    -------
    TruePlane
        The plane.

    Raises
    ------
    DomainError
        If walls, gate and fjord contradict each other.
    """
    frame, plane = frame_of(domain)
    return TruePlane(frame, transformer(domain.crs, plane))


def step_to_area(
    area_at: Callable[[float], float], wished: float, slope: float, far: float, near: float
) -> tuple[float, float]:
    """How far to move a front so that the ice has an area.

    Parameters
    ----------
    area_at : callable
        Area, m2, when the front is moved so many metres; does not fall.
    wished : float
        Area wanted, m2.
    slope : float
        About how much a metre adds, m2.
    far : float
        The front is moved no farther, metres.
    near : float
        Difference that does not matter, m2.

    Returns
    -------
    step, missing : float
        Metres, and the area that is still missing, m2.

    Notes
    -----
    The secant rule, kept within what is known to be too little and too much (Dowell and
    Jarratt 1971, the Illinois rule), so that it ends where the front meets a wall.
    """
    step, missing = 0.0, wished - area_at(0.0)
    best = step, missing
    low, high = (0.0, far) if missing > 0 else (-far, 0.0)
    off_low, off_high = (missing, np.nan) if missing > 0 else (np.nan, missing)
    side = 0
    for _ in range(_MOST_STEPS):
        if abs(best[1]) <= near or high - low < _SMALLEST_M:
            break
        if np.isfinite(off_low) and np.isfinite(off_high):
            step = (low * off_high - high * off_low) / (off_high - off_low)
        else:
            # not passed yet: farther each time
            step = float(np.clip(step + 1.2 * best[1] / slope, -far, far))
            slope /= 2
        missing = wished - area_at(step)
        if abs(missing) < abs(best[1]):
            best = step, missing
        if missing > 0:
            low, off_low = step, missing
            off_high /= 2 if side > 0 else 1
            side = 1
        else:
            high, off_high = step, missing
            off_low /= 2 if side < 0 else 1
            side = -1
        if abs(step) >= far and not (np.isfinite(off_low) and np.isfinite(off_high)):
            break  # not even at the end of the fjord
    return best
