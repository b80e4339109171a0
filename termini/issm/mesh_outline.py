"""Outlines thinned to what a mesh can carry, their area kept."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from termini.errors import DomainError
from termini.issm.mesh_size import Size

Points = NDArray[np.float64]

#: An outline is thinned by up to this share of the edge length.
TOLERANCE = 0.05
#: Corners sharper than this are cut off: no triangle in them could be better.
SHARPEST_DEG = 50.0
_SHORTEST = 0.5  # of the wished length
_SAGITTA = 0.2  # of the wished length, for points that stand too close
_CUT = 0.5  # of the wished length: width of the cut across a corner


def mesh_outline(domain: Polygon, size: Size) -> list[Points]:
    """Rings of a domain with a point about every edge length.

    Parameters
    ----------
    domain : shapely Polygon
        Domain, metres; may have holes.
    size : callable
        Edge length wished at points.

    Returns
    -------
    list of ndarray, shape (n, 2)
        Rings without their closing point, the outer one first, anticlockwise;
        holes clockwise. Points lie within a fifth of the edge length of the
        outline; ends of edges are moved so that what lies between outline and ring
        on one side equals that on the other.

    Raises
    ------
    DomainError
        If the domain is empty or crosses itself.
    """
    if domain.is_empty or not domain.is_valid or domain.geom_type != "Polygon":
        raise DomainError(
            f"the model domain is not one valid polygon ({shapely.is_valid_reason(domain)}); "
            "mend it, as with buffer(0), and take one part"
        )
    oriented = shapely.orient_polygons(domain)
    rings = [shapely.get_coordinates(r)[:-1] for r in (oriented.exterior, *oriented.interiors)]
    for share in (1.0, 0.5, 0.25, 0.1, 0.0):
        thinned = [_thinned(ring, size, share) for ring in rings]
        kept = [ring for ring in thinned if len(ring) >= 3]
        if len(kept) == len(rings) or share == 0.0:
            whole = Polygon(kept[0], kept[1:])
            if whole.is_valid:
                return [_divided(ring, size) for ring in kept]
    return [_divided(ring, size) for ring in rings]


def _thinned(ring: Points, size: Size, share: float) -> Points:
    """Ring without points that a mesh cannot show, balanced in area."""
    wished = size(ring)
    keep = _douglas_peucker(ring, TOLERANCE * share * wished)
    while True:
        at = np.flatnonzero(keep)
        if len(at) <= 4:
            break
        xy = ring[at]
        before, after = np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0)
        shorter = np.minimum(np.hypot(*(xy - before).T), np.hypot(*(after - xy).T))
        height = _height(xy, before, after)
        cost = height / (wished[at] * max(share, 1e-9))
        crowded = (shorter < _SHORTEST * wished[at]) & (cost < _SAGITTA)
        cost = np.where(crowded, cost, np.inf)
        lowest = crowded & (cost <= np.roll(cost, 1)) & (cost < np.roll(cost, -1))
        if not lowest.any():
            break
        keep[at[lowest]] = False
    at = np.flatnonzero(keep)
    moved = _balanced(ring, at, _SAGITTA * share * wished[at]) if share else ring[at]
    return _blunted(moved, size)


def _height(xy: Points, before: Points, after: Points) -> Points:
    """Distance of points from the chords between their neighbours."""
    chord, arm = after - before, xy - before
    length = np.maximum(np.hypot(*chord.T), 1e-9)
    return np.asarray(np.abs(chord[:, 0] * arm[:, 1] - chord[:, 1] * arm[:, 0]) / length)


def _douglas_peucker(ring: Points, tolerance: Points) -> NDArray[np.bool_]:
    """Points of a ring to keep so that it moves by no more than a local tolerance."""
    n = len(ring)
    start = int(np.argmax(np.hypot(*(ring - ring.mean(axis=0)).T)))
    order = np.append(np.roll(np.arange(n), -start), start)
    xy, room = ring[order], tolerance[order]
    keep = np.zeros(n + 1, dtype=bool)
    middle = int(np.argmax(np.hypot(*(xy - xy[0]).T)))
    keep[[0, middle, n]] = True
    stack = [(0, middle), (middle, n)]
    while stack:
        low, high = stack.pop()
        if high - low < 2:
            continue
        chord = xy[high] - xy[low]
        arm = xy[low + 1 : high] - xy[low]
        share = np.clip(arm @ chord / max(float(chord @ chord), 1e-12), 0.0, 1.0)
        excess = np.hypot(*(arm - share[:, None] * chord).T) - room[low + 1 : high]
        worst = int(np.argmax(excess))
        if excess[worst] > 0:
            keep[low + 1 + worst] = True
            stack += [(low, low + 1 + worst), (low + 1 + worst, high)]
    found = np.zeros(n, dtype=bool)
    found[order[keep]] = True
    return found


def _balanced(ring: Points, at: NDArray[np.int64], most: Points) -> Points:
    """Kept points moved sideways so that the area beside every edge is made good."""
    xy = ring[at]
    origin = xy.mean(axis=0)
    x, y = (ring - origin).T
    swept = np.concatenate([[0.0], np.cumsum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2])
    following = np.roll(at, -1)
    arc = swept[following] - swept[at] + np.where(following <= at, swept[-1], 0.0)
    (xa, ya), (xb, yb) = (xy - origin).T, (np.roll(xy, -1, axis=0) - origin).T
    lost = arc - (xa * yb - xb * ya) / 2
    along = np.roll(xy, -1, axis=0) - np.roll(xy, 1, axis=0)
    length = np.maximum(np.hypot(*along.T), 1e-9)
    outwards = np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None]
    step = np.clip((lost + np.roll(lost, 1)) / length, -most, most)
    return np.asarray(xy + step[:, None] * outwards)


def _blunted(ring: Points, size: Size) -> Points:
    """Ring whose sharp corners are cut off."""
    before, after = np.roll(ring, 1, axis=0) - ring, np.roll(ring, -1, axis=0) - ring
    one, two = np.hypot(*before.T), np.hypot(*after.T)
    turn = before[:, 1] * after[:, 0] - before[:, 0] * after[:, 1]
    # the angle within the domain, which lies to the left
    angle = np.arctan2(turn, (before * after).sum(axis=1)) % (2 * np.pi)
    sharp = angle < np.radians(SHARPEST_DEG)
    if not sharp.any():
        return ring
    wished = size(ring)
    pieces = []
    for k in range(len(ring)):
        if sharp[k]:
            # where its sides are that far apart; not all of a side
            far = _CUT * wished[k] / (2 * np.sin(angle[k] / 2))
            cut = min(far, 0.45 * one[k], 0.45 * two[k])
            pieces += [
                ring[k] + before[k] * cut / one[k],
                ring[k] + after[k] * cut / two[k],
            ]
        else:
            pieces.append(ring[k])
    return np.array(pieces)


def _divided(ring: Points, size: Size) -> Points:
    """Ring with long edges cut into pieces of about the wished length."""
    shares = (np.arange(16) + 0.5) / 16
    pieces = []
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        length = float(np.hypot(*(b - a)))
        density = 1.0 / size(a + shares[:, None] * (b - a))
        wanted = np.concatenate([[0.0], np.cumsum(density)]) * length / 16
        number = max(round(float(wanted[-1])), 1)
        place = np.interp(np.arange(number) * wanted[-1] / number, wanted, np.linspace(0, 1, 17))
        pieces.append(a + place[:, None] * (b - a))
    return np.vstack(pieces)
