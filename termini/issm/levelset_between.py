"""Fronts at the dates of a series of level sets, seen or reconstructed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError, TraceError
from termini.issm.front_area import TruePlane, step_to_area, true_plane
from termini.issm.front_moves import lean_of_all, unsure
from termini.issm.front_times import Flow, between, flow_of, front_line
from termini.issm.levelset_parts import FrontsAt, Parted, parted
from termini.issm.levelset_times import MonthlyAreas
from termini.series.frame import Frame
from termini.series.ice import map_frame

Floats = NDArray[np.float64]

# areas are met to this much times the width
_NEAR_M = 1e-3
_SEEN = (
    "what was not seen of the front is too narrow for it, or the release is not of these traces"
)
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
    new: dict[int, tuple[BaseGeometry, Parted]] = {}
    if len(gaps):
        wished[gaps] = [np.nan if areas is None else areas.at(years[k]) for k in gaps]
        flow, plane = flow_of(domain), true_plane(domain)
        frame = map_frame(domain)
        at_seen = np.array([flow.positions(ice) for ice in seen.ice])
        positions = between(seen.years, at_seen, years[gaps])
        lean = lean_of_all(unsure(seen.years, at_seen))
        for k, mean in zip(gaps, positions, strict=True):
            new[int(k)] = _reconstructed(
                domain, flow, plane, frame, mean, lean, float(wished[k]), rock
            )
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
    parts, drawn = [], []
    for k, row in enumerate(which):
        if row >= 0:
            parts.append(
                Parted(seen.ice[row], seen.water[row], seen.lines[row], float(seen.area[row]))
            )
            drawn.append(seen.drawn[row])
        else:
            drawn.append(new[k][0])
            parts.append(new[k][1])
    return FrontsAt(
        dates=dates,
        ice=[part.ice for part in parts],
        water=[part.water for part in parts],
        lines=[part.line for part in parts],
        trace_ids=[seen.trace_ids[row] if row >= 0 else "" for row in which],
        sigma=np.interp(years, seen.years, seen.sigma),
        drawn=drawn,
        area=np.array([part.area for part in parts]),
        wished=wished,
    )


def _reconstructed(
    domain: GlacierDomain,
    flow: Flow,
    plane: TruePlane,
    frame: Frame,
    mean: Floats,
    lean: Floats,
    wished: float,
    rock: BaseGeometry | None,
) -> tuple[BaseGeometry, Parted]:
    """Front through positions, moved until the ice has an area."""
    step = 0.0
    if np.isfinite(wished):

        def area_at(step: float) -> float:
            return plane.area(flow.path(flow.kept(mean + step * lean), true=True))

        slope = float(lean.mean()) * domain.reference_width
        far = float(flow.length.max()) / float(lean.min())
        near = _NEAR_M * domain.reference_width
        step, _ = step_to_area(area_at, wished, slope, far, near)
    front = front_line(flow, flow.kept(mean + step * lean))
    return front, parted(domain, front, frame, rock)


def displaced(
    domain: GlacierDomain,
    flow: Flow,
    plane: TruePlane,
    frame: Frame,
    front: tuple[BaseGeometry, Parted],
    error: float,
    rock: BaseGeometry | None,
) -> Parted:
    """Ice behind a front that is moved along flow by an error of its length.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    flow : Flow
        Flowlines.
    plane : TruePlane
        Where areas are measured.
    frame : Frame
        What `termini.series.ice.map_frame` gives for `domain`.
    front : (shapely geometry, Parted)
        The front as it was drawn, and what it parts.
    error : float
        Metres; times the reference width it is the change of area.
    rock : shapely geometry or None
        What is neither ice nor water.

    Returns
    -------
    Parted
        The parts.
    """
    line, parts = front
    wished = parts.area + error * domain.reference_width

    def area_at(step: float) -> float:
        found = plane.area_of(flow.shifted(line, step))
        return found if np.isfinite(found) else (0.0 if step < 0 else np.inf)

    near = _NEAR_M * domain.reference_width
    step, missing = step_to_area(
        area_at, wished, domain.reference_width, 4 * abs(error) + 1.0, near
    )
    if abs(missing) <= near:
        try:
            return parted(domain, flow.shifted(line, step), frame, rock)
        except (TraceError, InputError):
            pass
    # it leaves the fjord: along the flowlines, as far as the fjord goes
    lean = np.ones(len(flow.drawn))
    return _reconstructed(
        domain, flow, plane, frame, flow.positions(parts.ice), lean, wished, rock
    )[1]


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
    allowed = max(share * float(np.ptp(made.wished[known])), domain.reference_width * _NEAR_M * 10)
    found: list[dict[str, str | float]] = []
    for k in np.flatnonzero(known & (np.abs(off) > allowed)):
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
