"""Which end of a fjord is inland, from the bed, the surface and the mask around it.

Ice lies up-glacier and the sea down-glacier, and the surface of a glacier rises inland:
of 225 Greenland catchments it does so near the front in 222 (Greene et al. 2024). The
bed does not: in 40 of them it deepens inland there. So the bed's slope decides nothing. A bed
alone is asked at which end water reaches open sea, and whether the other end is dry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from scipy import ndimage
from shapely.geometry import LineString

from termini.geometry.ground import Ground, GroundFile
from termini.geometry.ground_layout import ICE, LAND, OCEAN, Values
from termini.geometry.lines import Points, unit, vertices

# Up- and down-glacier of the fronts the ground is seen so far: widths, at least metres.
_REACHES = ((1.0, 2.5e3), (2.0, 5e3), (4.0, 10e3))
_STATIONS, _ACROSS = 24, 21
# Of the points on each side this share must have a value.
_COVERED = 0.5
# Mask: share of ice in what is no land on one side less that on the other, and the least
# share that is no land. Surface: metres, and share of pairs of sections in
# which the inland one is higher less share in which it is lower.
_MASK, _NOT_LAND = 0.4, 0.2
_RISE_M, _PAIRS = 30.0, 0.6
# Bed: sea joined to the fjord, within so many metres; difference of its two areas over
# their sum; a bed that lies against it by so much; a dry end and a deep one.
_SEA_M, _CELL_M, _SEA = 30e3, 250.0, 0.5
_AGAINST_M, _DRY_M, _DEEP_M = 100.0, 0.0, -50.0


@dataclass(frozen=True)
class GroundVote:
    """What the ground says of a proposed direction.

    Parameters
    ----------
    vote : float
        Positive if the proposed direction is down-glacier, negative if its
        opposite is, 0 if that is not clear.
    by : str
        ``mask``, ``surface`` or ``bed``; empty if not clear.
    said : str
        The numbers, in words.
    """

    vote: float
    by: str
    said: str


def ground_vote(
    way: LineString, middle: Points, width: float, file: GroundFile, crs: str
) -> GroundVote:
    """Whether a proposed direction is down-glacier by the ground.

    Parameters
    ----------
    way : shapely LineString
        Along the fjord, in the proposed direction.
    middle : ndarray, shape (2,)
        Middle of the fronts.
    width : float
        Width of the fronts, metres.
    file : GroundFile
        The ground.
    crs : str
        Projection of `way`.

    Returns
    -------
    GroundVote
        By the mask where there is one and it is clear, else by the surface, else, in
        files that hold neither, by the bed.

    Notes
    -----
    The ground is seen at 24 cross-sections on each side of the fronts, over one, two
    and four widths, at least 2.5, 5 and 10 km; where the line ends before, it is drawn
    out straight. What is clear over any of these must not be contradicted by another,
    nor the mask by the surface.
    """
    reaches = [max(widths * width, least) for widths, least in _REACHES]
    paths = [_path(way, middle, reach) for reach in reaches]
    around = middle + np.array([[-1, -1], [1, 1]]) * max(_SEA_M, reaches[-1] + width)
    ground = file.near(around, crs)
    if ground is None:
        return GroundVote(0.0, "", f"{file.path} does not reach there")
    votes = []
    for path in paths:
        seen = _seen(ground, path, width, crs)
        if "mask" in seen:
            votes.append(_by_mask(seen["mask"], file))
        if "surface" in seen:
            votes.append(_by_surface(seen["surface"], seen.get("mask"), file))
    if not votes:
        bed = _seen(ground, paths[-1], width, crs)["bed"]
        votes.append(_by_bed(bed, ground, paths[-1], middle, width, crs, file))
    clear = [vote for vote in votes if vote.vote]
    if len({np.sign(vote.vote) for vote in clear}) == 1:
        return clear[0]
    # of those that contradict each other one of each, else what is seen farthest
    told = {np.sign(vote.vote): vote.said for vote in clear} if clear else {}
    told = told or {vote.by or k: vote.said for k, vote in enumerate(votes[-2:])}
    return GroundVote(0.0, "", "; ".join(told.values()))


def _seen(ground: Ground, path: LineString, width: float, crs: str) -> dict[str, Values]:
    """What there is at the cross-sections of a path, each of shape (stations, across)."""
    points = _sections(path, width)
    return {
        name: ground.at(name, points.reshape(-1, 2), crs).reshape(points.shape[:2])
        for name in ground.values
    }


def _path(way: LineString, middle: Points, reach: float) -> LineString:
    """Line from so far up- to so far down-glacier, its middle beside that of the fronts."""
    xy = vertices(way)
    near = min(way.length / 4, 1000.0)
    inner = vertices(shapely.line_interpolate_point(way, [near, way.length - near]))
    start, end = xy[0] - reach * unit(inner[0] - xy[0]), xy[-1] + reach * unit(xy[-1] - inner[1])
    at = float(way.project(shapely.Point(middle))) + reach
    return shapely.ops.substring(LineString(np.vstack([start, xy, end])), at - reach, at + reach)


def _sections(path: LineString, width: float) -> Points:
    """Points of cross-sections, shape (stations, points across, 2), up-glacier first."""
    along = (np.arange(2 * _STATIONS) + 0.5) / (2 * _STATIONS) * path.length
    step = min(width, path.length / 8) / 2
    centre = vertices(shapely.line_interpolate_point(path, along))
    back, fore = (
        vertices(shapely.line_interpolate_point(path, np.clip(along + d, 0, path.length)))
        for d in (-step, step)
    )
    flow = unit(fore - back)
    normal = np.column_stack([-flow[:, 1], flow[:, 0]])
    across = (np.arange(_ACROSS) + 0.5) / _ACROSS - 0.5
    return np.asarray(centre[:, None] + width * across[None, :, None] * normal[:, None])


def _uncovered(grid: Values, what: str, file: GroundFile) -> GroundVote | None:
    """Why a grid cannot be asked, if it covers too little of one side."""
    up, down = (np.isfinite(half).mean() for half in np.split(grid, 2))
    if min(up, down) >= _COVERED:
        return None
    said = f"the {what} of {file.path} covers {up:.0%} of one side and {down:.0%} of the other"
    return GroundVote(0.0, "", f"{said}, half of both is needed")


def _by_mask(mask: Values, file: GroundFile) -> GroundVote:
    if (lacking := _uncovered(mask, "mask", file)) is not None:
        return lacking
    up, down = (_shares(half) for half in np.split(mask, 2))
    said = (
        f"by the mask of {file.path} {up[0]:.0%} of one side is ice and {up[1]:.0%} ocean, "
        f"of the other {down[0]:.0%} and {down[1]:.0%}"
    )
    if min(sum(up), sum(down)) < _NOT_LAND:
        return GroundVote(0.0, "", said)
    # land says nothing: a line that is drawn out soon runs over it
    vote = up[0] / sum(up) - down[0] / sum(down)
    return GroundVote(vote, "mask", said) if abs(vote) >= _MASK else GroundVote(0.0, "", said)


def _shares(mask: Values) -> tuple[float, float]:
    """Shares of ice and of ocean in what is known of a mask."""
    known = np.isfinite(mask).sum()
    return float((mask == ICE).sum() / known), float((mask == OCEAN).sum() / known)


def _by_surface(surface: Values, mask: Values | None, file: GroundFile) -> GroundVote:
    """By the middle height of each section, land beside the ice left out where it is known."""
    known = surface if mask is None else np.where(mask == LAND, np.nan, surface)
    if (lacking := _uncovered(known, "surface", file)) is not None:
        return lacking
    up, down = (_middles(half) for half in np.split(known, 2))
    rise = float(up.mean() - down.mean())
    pairs = float(np.sign(up[:, None] - down[None, :]).mean())
    # a fjord that bends away ends the line in a mountain: its lowest part is at the sea
    lowest = float(up.min() - down.min())
    said = (
        f"the surface of {file.path} is {up.mean():.0f} m high on one side and {down.mean():.0f} m "
        f"on the other, at the lowest {up.min():.0f} and {down.min():.0f} m"
    )
    clear = abs(rise) >= _RISE_M and abs(pairs) >= _PAIRS
    if clear and rise * pairs > 0 and rise * lowest > 0:
        return GroundVote(pairs, "surface", said)
    return GroundVote(0.0, "", said)


def _middles(grid: Values) -> Values:
    """Medians of the sections that have a value."""
    return np.nanmedian(grid[np.isfinite(grid).any(axis=1)], axis=1)


def _by_bed(
    bed: Values,
    ground: Ground,
    path: LineString,
    middle: Points,
    width: float,
    crs: str,
    file: GroundFile,
) -> GroundVote:
    """By the sea beyond the ends, and by a dry end; the slope alone decides nothing."""
    if (lacking := _uncovered(bed, "bed", file)) is not None:
        return lacking
    up, down = (_middles(half) for half in np.split(bed, 2))
    third = max(min(len(up), len(down)) // 3, 1)
    ends = float(up[:third].mean()), float(down[-third:].mean())
    said = (
        f"the bed of {file.path} lies on average at {ends[0]:.0f} m at one end and {ends[1]:.0f} m "
        "at the other"
    )
    sea = _sea_beyond(ground, path, middle, width, crs)
    share = 0.0
    if sea is not None and max(sea) > 0:
        share = (sea[1] - sea[0]) / (sea[0] + sea[1])
        said += f", and water reaches {sea[0]:.0f} and {sea[1]:.0f} km2 beyond them"
    if abs(share) >= _SEA:
        against = (ends[0] - ends[1]) * share < 0 and abs(ends[0] - ends[1]) > _AGAINST_M
        return GroundVote(0.0, "", said) if against else GroundVote(share, "bed", said)
    if max(ends) >= _DRY_M and min(ends) <= _DEEP_M:
        vote = 1.0 if ends[0] > ends[1] else -1.0
        if vote * share >= 0:
            return GroundVote(vote, "bed", said)
    return GroundVote(0.0, "", said)


def _sea_beyond(
    ground: Ground, path: LineString, middle: Points, width: float, crs: str
) -> tuple[float, float] | None:
    """Areas below the sea, km2, joined to the fjord up- and down-glacier of the fronts.

    None where the grid does not cover the surroundings, or the two are joined around.
    """
    steps = np.arange(-_SEA_M, _SEA_M + _CELL_M / 2, _CELL_M)
    x, y = np.meshgrid(middle[0] + steps, middle[1] + steps)
    cells = np.column_stack([x.ravel(), y.ravel()])
    bed = ground.at("bed", cells, crs)
    half = path.length / 2
    ahead, behind = vertices(
        shapely.line_interpolate_point(path, [half + width / 4, half - width / 4])
    )
    flow = unit(ahead - behind)
    offset = cells - middle
    along = offset @ flow
    if any(np.isfinite(bed[side]).mean() < _COVERED for side in (along < 0, along > 0)):
        return None
    circle = np.hypot(*offset.T) <= _SEA_M
    dam = (np.abs(along) <= _CELL_M) & (np.abs(offset @ [-flow[1], flow[0]]) <= 2 * width)
    wet = (np.nan_to_num(bed, nan=1.0) < 0) & circle & ~dam
    labels, _ = ndimage.label(wet.reshape(x.shape))
    size = np.bincount(labels.ravel())
    places = vertices(shapely.line_interpolate_point(path, np.linspace(0, path.length, 201)))
    index = np.rint((places - middle + _SEA_M) / _CELL_M).astype(int)
    inside = ((index >= 0) & (index < len(steps))).all(axis=1)
    met = np.zeros(len(places), dtype=int)
    met[inside] = labels[index[inside, 1], index[inside, 0]]
    up, down = set(met[:100]) - {0}, set(met[101:]) - {0}
    if up & down:
        return None
    cell = (_CELL_M / 1e3) ** 2
    return float(sum(size[k] for k in up) * cell), float(sum(size[k] for k in down) * cell)
