"""Fronts at the dates of a series of level sets, seen or reconstructed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError, TraceError
from termini.issm.front_area import Moving, TruePlane, square_to, step_to_area, true_plane
from termini.issm.front_moves import lean_of_all, unsure
from termini.issm.front_times import Flow, between, flow_of
from termini.issm.levelset_parts import FrontsAt, Parted, parted
from termini.issm.levelset_times import MonthlyAreas
from termini.series.frame import Frame
from termini.series.ice import map_frame

Floats = NDArray[np.float64]

# areas are met to this much times the width
_NEAR_M = 0.02
_TRIES = 4
_TAPER = 0.125
_SEEN = "what was not seen of the front is too narrow for it, or the release is not of these traces"
_BETWEEN = "no front of the shape seen before and after has it within the fjord"


def fronts_at_dates(
    domain: GlacierDomain,
    seen: FrontsAt,
    dates: pd.DatetimeIndex,
    which: NDArray[np.int64],
    areas: MonthlyAreas | None,
    rock: BaseGeometry | None,
    notes: list[str],
) -> FrontsAt:
    """Fronts at the dates wanted.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    seen : FrontsAt
        Fronts that were seen.
    dates : DatetimeIndex, length T
        Dates wanted, within those of the fronts seen.
    which : ndarray of int, shape (T,)
        The front seen that day; -1 where it is to be reconstructed.
    areas : MonthlyAreas or None
        Area that the ice of a reconstructed front is to have.
    rock : shapely geometry or None
        What is neither ice nor water.
    notes : list of str
        What was done is added here.

    Returns
    -------
    FrontsAt
        The fronts.
    """
    years = FrontsAt(dates, [], [], [], [], np.empty(0), [], np.empty(0), np.empty(0)).years
    gaps = np.flatnonzero(which < 0)
    wished = np.full(len(dates), np.nan)
    wished[which >= 0] = seen.wished[which[which >= 0]]
    new: dict[int, tuple[Floats, Parted]] = {}
    if len(gaps):
        wished[gaps] = [np.nan if areas is None else areas.at(years[k]) for k in gaps]
        fjord = Fjord.of(domain, rock)
        flow = fjord.flow
        at_seen = np.array([flow.positions(ice) for ice in seen.ice])
        positions = between(seen.years, at_seen, years[gaps])
        lean = lean_of_all(unsure(seen.years, at_seen))
        for k, mean in zip(gaps.tolist(), positions, strict=True):
            after = int(np.searchsorted(seen.years, years[k]))
            others = seen.paths[max(after - 1, 0) : after + 1]
            new[k] = _reconstructed(fjord, mean, lean, float(wished[k]), others)
        notes.append(
            f"{len(gaps)} of {len(dates)} fronts are reconstructed: linear in time along "
            f"{len(flow.drawn) - 2} flowlines and both walls between the fronts seen before and "
            "after"
            + (
                "."
                if areas is None
                else ", then moved to the monthly area, on each flowline in proportion to what "
                "the fronts seen tell of how far it departs from that."
            )
        )
    every, paths = [], []
    for k, row in enumerate(which):
        if row >= 0:
            every.append(
                Parted(seen.ice[row], seen.water[row], seen.lines[row], float(seen.area[row]))
            )
            paths.append(seen.paths[row])
        else:
            paths.append(new[k][0])
            every.append(new[k][1])
    return FrontsAt(
        dates=dates,
        ice=[part.ice for part in every],
        water=[part.water for part in every],
        lines=[part.line for part in every],
        trace_ids=[seen.trace_ids[row] if row >= 0 else "" for row in which],
        sigma=np.interp(years, seen.years, seen.sigma),
        paths=paths,
        area=np.array([part.area for part in every]),
        wished=wished,
    )


@dataclass(frozen=True)
class Fjord:
    """What it takes to move fronts in a glacier's fjord.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    flow : Flow
        Flowlines.
    plane : TruePlane
        Where areas are measured.
    frame : Frame
        What `termini.series.ice.map_frame` gives for the domain.
    rock : shapely geometry or None
        What is neither ice nor water.
    """

    domain: GlacierDomain
    flow: Flow
    plane: TruePlane
    frame: Frame
    rock: BaseGeometry | None

    @classmethod
    def of(cls, domain: GlacierDomain, rock: BaseGeometry | None) -> Fjord:
        """Fjord of a glacier."""
        return cls(domain, flow_of(domain), true_plane(domain), map_frame(domain), rock)

    def parted(self, line: Floats) -> Parted:
        """Ice and water on both sides of a front, shape (n, 2)."""
        return parted(self.domain, line, self.frame, self.rock)

    def area(self, line: Floats) -> float:
        """True area of the ice behind a front, shape (n, 2), m2."""
        return self.plane.area(self.plane.points(line))

    @property
    def near(self) -> float:
        """Difference of area that does not matter, m2."""
        return _NEAR_M * self.domain.reference_width


def _reconstructed(
    fjord: Fjord, mean: Floats, lean: Floats, wished: float, others: list[Floats]
) -> tuple[Floats, Parted]:
    """Front through positions, moved until the ice has an area."""
    flow = fjord.flow
    line = flow.path(flow.kept(mean))
    if not np.isfinite(wished):
        return line, fjord.parted(line)
    slope = float(lean.mean()) * fjord.domain.reference_width
    far = float(flow.length.max()) / float(lean.min())
    aim, missing = wished, np.inf
    for _ in range(_TRIES):
        step, _ = step_to_area(
            lambda step: flow.area(flow.kept(mean + step * lean)), aim, slope, far, fjord.near / 4
        )
        tried = flow.path(flow.kept(mean + step * lean))
        off = wished - fjord.area(tried)
        if abs(off) < abs(missing):
            line, missing = tried, off
        if abs(missing) <= fjord.near:
            return line, fjord.parted(line)
        # the fjord's walls cut the front a little otherwise than its flowlines
        aim += off
    # what lies along the walls of a bay comes and goes all at once on flowlines
    for other in others:
        off = wished - fjord.area(other)
        if abs(off) < abs(missing):
            line, missing = other, off
    # its ends stay on their walls: in the mouth of a bay the nearest wall is now this, now that
    front = square_to(line)
    share = np.minimum(front.run, front.run[-1] - front.run)
    front = front.scaled(np.minimum(1.0, share / max(_TAPER * float(front.run[-1]), 1e-9)))
    line = _moved(fjord, front, wished)
    return line, fjord.parted(line)


def _moved(fjord: Fjord, front: Moving, wished: float) -> Floats:
    """Front moved until the ice has an area."""
    length = max(float(front.run[-1]), 1.0)
    far = 2 * fjord.domain.reference_width
    step, _ = step_to_area(
        lambda step: fjord.area(front.moved(step)), wished, length, far, fjord.near
    )
    return front.moved(step)


def displaced(fjord: Fjord, path: Floats, parts: Parted, error: float) -> Parted:
    """Ice behind a front that is moved along flow by an error of its length.

    Parameters
    ----------
    fjord : Fjord
        The fjord.
    path : ndarray, shape (n, 2)
        The front as it was drawn.
    parts : Parted
        What it parts.
    error : float
        Metres; times the reference width it is the change of area.

    Returns
    -------
    Parted
        The parts.
    """
    wished = parts.area + error * fjord.domain.reference_width
    try:
        return fjord.parted(_moved(fjord, fjord.flow.carried(path), wished))
    except (TraceError, InputError):
        # it leaves the fjord: along the flowlines, as far as the fjord goes
        lean = np.ones(len(fjord.flow.drawn))
        return _reconstructed(fjord, fjord.flow.positions(parts.ice), lean, wished, [])[1]


def misses(domain: GlacierDomain, made: FrontsAt, share: float) -> list[dict[str, str | float]]:
    """Dates on which the ice has not the area of the release, and why.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    made : FrontsAt
        Fronts at dates.
    share : float
        Difference that does not count, as a share of the range of areas.

    Returns
    -------
    list of dict
        ``date``, ``trace_id``, ``missing_m2`` (ice that the release has and the level set
        has not) and ``reason``.
    """
    known = np.isfinite(made.wished)
    if not known.any():
        return []
    off = made.wished - made.area
    allowed = max(share * float(np.ptp(made.wished[known])), domain.reference_width * _NEAR_M * 5)
    found: list[dict[str, str | float]] = []
    for k in np.flatnonzero(known & (np.abs(off) > allowed)).tolist():
        trace = made.trace_ids[k]
        found.append(
            {
                "date": made.dates[k].isoformat(),
                "trace_id": trace,
                "missing_m2": round(float(off[k]), 1),
                "reason": _SEEN if trace else _BETWEEN,
            }
        )
    return found
