"""Which way a glacier flows, from what is known of it and never from the user.

Evidence, strongest first: the open side of a reference box (published boxes are
open towards the sea), published flowlines (they begin at the front and run
inland), the ground (mask, surface or bed of a grid), and how the fronts move: they
retreat in summer, and over ten years or more nearly everywhere. The first two must not
contradict each other or a mask or surface; nor the last two each other or a bed: a
glacier that advances for years is not turned round, but asked about.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString

from termini.errors import DomainError
from termini.fronttable import crs_text
from termini.geometry.direction import (
    LONG_RECORD_YEARS,
    flowline_vote,
    middle_of,
    retreat_vote,
    summer_vote,
    width_of,
)
from termini.geometry.ground import GroundFile
from termini.geometry.ground_direction import GroundVote, ground_vote
from termini.geometry.lines import Points, unit, vertices

_CLEAR = 0.3


def decide(
    glacier_id: str,
    way: LineString,
    fronts: gpd.GeoDataFrame,
    flowlines: gpd.GeoDataFrame | None,
    *,
    ground: GroundFile | None = None,
    open_side: bool = False,
) -> tuple[bool, str]:
    """Whether a proposed direction is down-glacier, and by what evidence.

    Parameters
    ----------
    glacier_id : str
        For the error.
    way : shapely LineString
        Along the fjord, in the direction proposed as down-glacier.
    fronts : GeoDataFrame
        Traces of the glacier.
    flowlines : GeoDataFrame or None
        Lines from the front inland.
    ground : GroundFile, optional
        Gridded bed, surface or mask.
    open_side : bool
        True if `way` leads to the open side of a box.

    Returns
    -------
    agrees : bool
        True if `way` is down-glacier, False if its opposite is.
    evidence : str
        ``open side``, ``flowlines``, ``mask``, ``surface``, ``bed``, ``summers`` or
        ``retreat``.

    Raises
    ------
    DomainError
        If the evidence contradicts itself, or there is none.
    """
    middle = middle_of(fronts)
    axis = direction_at(way, middle)
    vote, _ = flowline_vote(axis, middle, flowlines)
    below = None
    if ground is not None:
        below = ground_vote(way, middle, width_of(fronts), ground, crs_text(fronts))
    if open_side:
        if vote < -_CLEAR:
            raise DomainError(
                f"glacier {glacier_id}: the open side of its box says that ice flows one way, "
                "published flowlines the other; check the box, or leave the flowlines out"
            )
        _not_against(glacier_id, 1.0, below, "the open side of its box")
        return True, "open side"
    if abs(vote) > _CLEAR:
        _not_against(glacier_id, vote, below, "its flowlines")
        return vote > 0, "flowlines"
    return _by_ground_or_fronts(glacier_id, axis, fronts, below)


def direction_at(way: LineString, middle: Points) -> Points:
    """Direction of a line beside a point.

    Parameters
    ----------
    way : shapely LineString
        Line.
    middle : ndarray, shape (2,)
        Point.

    Returns
    -------
    ndarray, shape (2,)
        Unit vector, over a kilometre on either side.
    """
    at = float(way.project(shapely.Point(middle)))
    near = [max(at - 1000.0, 0.0), min(at + 1000.0, way.length)]
    return unit(np.diff(vertices(shapely.line_interpolate_point(way, near)), axis=0)[0])


def _not_against(glacier_id: str, vote: float, below: GroundVote | None, what: str) -> None:
    """Refuse a mask or surface that says the opposite; a bed alone is weaker than both."""
    if below is not None and below.by in ("mask", "surface") and below.vote * vote < 0:
        raise DomainError(
            f"glacier {glacier_id}: {what} and the {below.by} contradict each other: "
            f"{below.said}; check both, or leave one out"
        )


def _by_ground_or_fronts(
    glacier_id: str, axis: Points, fronts: gpd.GeoDataFrame, below: GroundVote | None
) -> tuple[bool, str]:
    """Direction by the ground, else by how the fronts move."""
    if below is not None and below.by in ("mask", "surface"):
        return below.vote > 0, below.by
    summers, retreat = summer_vote(axis, fronts), retreat_vote(axis, fronts)
    retreat = retreat if abs(retreat) > _CLEAR else 0.0
    remedy = (
        "give a box that is open towards the sea, a bed with mask or surface, or flowlines "
        "that run from the front inland"
    )
    start = f"glacier {glacier_id}: its flow direction cannot be decided: "
    if below is not None and below.vote:
        if min(summers * below.vote, retreat * below.vote) < 0:
            raise DomainError(
                f"{start}{below.said}, but its fronts move as if the sea lay at the other end; "
                f"{remedy}"
            )
        return below.vote > 0, below.by
    if summers * retreat < 0:
        raise DomainError(
            f"{start}if its fronts retreat in summer, they advance over the years, and the other "
            f"way round; {remedy}"
        )
    if summers:
        return summers > 0, "summers"
    if retreat:
        return retreat > 0, "retreat"
    asked = "" if below is None else f"; the ground is not clear: {below.said}"
    raise DomainError(
        f"{start}no flowline is near and its fronts do not retreat clearly, in summer or over "
        f"{LONG_RECORD_YEARS:.0f} years{asked}; {remedy}"
    )
