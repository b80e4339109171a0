"""Series as other tools make them, to reproduce published numbers and show their bias."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.fronttable import crs_text
from termini.geo import to_plane
from termini.geometry.lines import resampled
from termini.series.frame import Frame, Points, frame_of
from termini.series.layout import across, pieces_of
from termini.variables import is_rejected

# MaQiT has a point every metre on both; the mean over the front is the same to a metre.
_IDW_SPACING_M = 10.0
_IDW_FRONT_SPACING_M = 30.0
_IDW_POWER = 2.0
# Fewer pairs of points at a time than this, for memory.
_PAIRS = 4_000_000
_TERMPICKS_SPACING_M = 30.0
_TERMPICKS_TRIM = 0.05

#: What `compat_series` reproduces, and where it goes wrong.
COMPAT_MODES: dict[str, str] = {
    "maqit_extrapolated": (
        "Extrapolated centreline of MaQiT (Lea et al. 2014, equations 1-5; Lea 2018): the mean "
        "over the front of the centreline distance, extrapolated to each of its points by "
        "inverse squared distances over the whole line. Positive down-glacier, relative to the "
        "newest front. Every point of the line pulls, so that a front off the line is drawn "
        "towards the line's middle: changes come out too small, by more the wider the front and "
        "the nearer the end of the line, and depend on how far the line was drawn."
    ),
    "termpicks": (
        "Retreat of TermPicks (Goliber et al. 2022): points every 30 m along the front, 5 % of "
        "them left out at each end, moved to the nearest point of the centreline and averaged, "
        "and the mean to the nearest point again. Retreat positive, since the first front, in "
        "map metres. A part not seen is simply not in the mean; positions jump by 30 m; in bends "
        "the outside of the front counts too much; map metres are off by the scale of the "
        "projection."
    ),
    "autoterm_accumulated": (
        "Area and length change of AutoTerm (Zhang et al. 2023): each front and the next are "
        "joined to a polygon, the signed areas summed in time; length is each area over the "
        "length of the earlier front along all its windings. Advance positive, since the first "
        "front, in map metres. What one front shows outside the walls or the next does not show "
        "inside them counts as change and stays in the sum, so that the series drifts; and "
        "winding fronts make lengths too small."
    ),
}


def compat_series(mode: str, fronts: gpd.GeoDataFrame, domain: GlacierDomain) -> pd.DataFrame:
    """Length change of a glacier as another tool computes it.

    Parameters
    ----------
    mode : str
        One of `COMPAT_MODES`, which says what each does and how it is biased.
    fronts : GeoDataFrame
        Front table; traces of other glaciers and rejected ones take no part.
    domain : GlacierDomain
        Gives the centreline and which end of a front is left.

    Returns
    -------
    DataFrame
        One row per front, by date: ``trace_id``, ``date``, ``published`` (metres,
        in the sign and against the reference of the tool), ``length_change``
        (metres since the first front, advance positive) and ``area_change`` (m2,
        NaN but for ``autoterm_accumulated``). The description of the mode stands in
        ``attrs["comment"]``.

    Raises
    ------
    InputError
        If the mode is unknown or no front of the glacier can be used.
    """
    if mode not in COMPAT_MODES:
        raise InputError(f"mode {mode!r} unknown; known are {', '.join(COMPAT_MODES)}")
    usable = fronts["glacier_id"].eq(domain.glacier_id) & ~is_rejected(fronts["quality"])
    table = fronts[usable].sort_values(["date", "trace_id"], kind="stable")
    lines = [pieces_of(line) for line in table.geometry]
    drawn = np.array([bool(pieces) for pieces in lines], dtype=bool)
    if not drawn.any():
        raise InputError(f"glacier {domain.glacier_id}: no usable front for mode {mode!r}")
    shown = [
        shapely.multilinestrings([shapely.linestrings(piece) for piece in pieces])
        for pieces in lines
        if pieces
    ]
    published, length, area = _MAKERS[mode](shown, crs_text(fronts), domain)
    result = pd.DataFrame(
        {
            "trace_id": table["trace_id"].to_numpy()[drawn],
            "date": table["date"].to_numpy()[drawn],
            "published": published,
            "length_change": length,
            "area_change": area,
        }
    )
    result.attrs["comment"] = COMPAT_MODES[mode]
    return result


_Found = tuple[Points, Points, Points]
_Lines = list[BaseGeometry]


def _maqit(lines: _Lines, crs: str, domain: GlacierDomain) -> _Found:
    """True metres, as in the UTM zone that MaQiT takes."""
    frame, plane = frame_of(domain)
    centre = resampled(frame.centreline, _IDW_SPACING_M)
    distance = np.linspace(0.0, frame.centreline.length, len(centre))
    position = np.array(
        [_extrapolated(to_plane(line, crs, plane), centre, distance) for line in lines]
    )
    return position - position[-1], position - position[0], np.full(len(lines), np.nan)


def _extrapolated(line: BaseGeometry, centre: Points, distance: Points) -> float:
    """Mean over a line of distances by inverse squared distance from the centreline."""
    points = np.vstack([resampled(part, _IDW_FRONT_SPACING_M) for part in shapely.get_parts(line)])
    total = 0.0
    for some in np.array_split(points, max(len(points) * len(centre) // _PAIRS, 1)):
        apart2 = ((some[:, None] - centre) ** 2).sum(axis=-1)
        # a point on the line takes the distance there
        weight = np.maximum(apart2, 1e-6) ** (-_IDW_POWER / 2)
        total += float((weight @ distance / weight.sum(axis=1)).sum())
    return total / len(points)


def _termpicks(lines: _Lines, crs: str, domain: GlacierDomain) -> _Found:
    from scipy.spatial import KDTree  # takes long; whoever only measures does not wait for it

    centre = resampled(shapely.force_2d(domain.centreline), _TERMPICKS_SPACING_M)
    distance = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(centre, axis=0).T))])
    tree = KDTree(centre)
    position = np.empty(len(lines))
    for turn, line in enumerate(lines):
        parts = shapely.get_parts(to_plane(line, crs, domain.crs))
        points = np.vstack([resampled(part, _TERMPICKS_SPACING_M) for part in parts])
        drop = int(_TERMPICKS_TRIM * len(points))
        nearest = centre[tree.query(points[drop : len(points) - drop])[1]]
        position[turn] = distance[tree.query(nearest.mean(axis=0))[1]]
    change = position - position[0]
    return 0.0 - change, change, np.full(len(lines), np.nan)


def _autoterm(lines: _Lines, crs: str, domain: GlacierDomain) -> _Found:
    frame, plane = frame_of(domain)
    paths = []
    for line in lines:
        order = _left_to_right(frame, to_plane(line, crs, plane))
        drawn = [
            shapely.get_coordinates(part)
            for part in shapely.get_parts(to_plane(line, crs, domain.crs))
        ]
        paths.append(
            np.vstack([drawn[part][::-1] if turned else drawn[part] for part, turned in order])
        )
    area, length = np.zeros(len(lines)), np.zeros(len(lines))
    for turn in range(1, len(lines)):
        before, after = paths[turn - 1], paths[turn]
        x, y = (np.vstack([before, after[::-1]]) - before[0]).T
        area[turn] = float(x @ np.roll(y, -1) - np.roll(x, -1) @ y) / 2
        length[turn] = area[turn] / np.hypot(*np.diff(before, axis=0).T).sum()
    length = np.cumsum(length)
    return length, length, np.cumsum(area)


def _left_to_right(frame: Frame, line: BaseGeometry) -> list[tuple[int, bool]]:
    """Pieces from left to right: which, and whether it runs from right to left."""
    found = []
    for number, part in enumerate(shapely.get_parts(line)):
        place, left, right = across(frame, shapely.get_coordinates(part)[[0, -1]])
        found.append((float(place.sum()), number, bool(left[0] + right[1] > left[1] + right[0])))
    return [(number, turned) for _, number, turned in sorted(found)]


_MAKERS: dict[str, Callable[[_Lines, str, GlacierDomain], _Found]] = {
    "maqit_extrapolated": _maqit,
    "termpicks": _termpicks,
    "autoterm_accumulated": _autoterm,
}
