"""Area upstream of a trace by Green's theorem."""

from __future__ import annotations

import numpy as np

from termini.series.kernels import Array, Ints, inner
from termini.series.kernels_lay import GOOD, HARD, Outline, point_at, swept_between


@inner
def ring_place(outline: Outline, wall_place: float, left: bool) -> float:
    """Place on the ring of a place on the left or right wall."""
    if left:
        return outline.left_start + (len(outline.left.xy) - 1.0) - wall_place
    return outline.right_start + wall_place


@inner
def upstream(
    path: Array, swept: Array, outline: Outline, first: float, last: float,
    place: Array, edge: Ints, share: Array, cuts: Ints, start: int, end: int,
    left_end: float, right_end: float,
) -> tuple[int, float, float]:  # fmt: skip
    """Area upstream of a trace that does not cross itself.

    Parameters
    ----------
    path, swept
        The trace, and the area swept to each of its vertices.
    outline : Outline
        The frame.
    first, last : float
        Places of the ends of its part in the frame.
    place, edge, share, cuts, start, end
        Crossings, and the intervals in which it begins and ends, from `enter`.
    left_end, right_end : float
        Places on the ring to which the ends are joined straight.

    Returns
    -------
    status : int
        `GOOD`, or `HARD` where it is for GEOS to say.
    area, unclear : float
        As `upstream.upstream_area`.

    Notes
    -----
    What lies outside is replaced by the side of the frame through which the front
    leaves and comes back; this changes no winding number inside. The front then is
    a number of chords, which divide the frame into faces. The sides of a face are
    found by following the ring to the next end of a chord, the chord, the ring
    again; its winding number is the number of times that the outline of the ice
    runs along its piece of the ring. The face that holds the ring's end is that at
    the gate; it alone counts if the outline says `gate_only`.
    """
    chords = (end - start) // 2 + 1
    if chords == 1:
        chord = _chord(path, swept, outline, first, last, True, True, left_end, right_end)
        return GOOD, (_ring_swept(outline, left_end, right_end) - chord) / 2, 0.0
    at = np.empty(2 * chords)
    areas = np.empty(chords)
    for c in range(chords):
        k = start + 2 * c
        if c > 0 and outline.side[edge[cuts[k - 1]]] != outline.side[edge[cuts[k - 2]]]:
            return HARD, 0.0, 0.0
        a, b = first, last
        at[2 * c], at[2 * c + 1] = left_end, right_end
        if c > 0:
            a, at[2 * c] = place[cuts[k - 1]], edge[cuts[k - 1]] + share[cuts[k - 1]]
        if k < end:
            b, at[2 * c + 1] = place[cuts[k]], edge[cuts[k]] + share[cuts[k]]
        areas[c] = _chord(
            path, swept, outline, a, b, c == 0, k == end, left_end, right_end
        )  # fmt: skip
    return _faces(outline, at, areas)


@inner
def _faces(outline: Outline, at: Array, chords: Array) -> tuple[int, float, float]:
    """Area of the faces of ice; `at` are places of the ends of the chords on the ring."""
    count = len(at)
    order = np.argsort(at)
    rank = np.empty(count, dtype=np.int64)
    for i in range(count):
        rank[order[i]] = i
    # the piece of the ring after each end, and how often the outline runs along it
    turns = np.zeros(count, dtype=np.int64)
    _run(turns, rank[0], rank[count - 1], True)
    for c in range(1, count // 2):
        _run(turns, rank[2 * c], rank[2 * c - 1], False)
    seen = np.zeros(count, dtype=np.bool_)
    area, unclear, faces = 0.0, 0.0, 0
    # from the last end on, the ring runs on through the gate: this face is found first
    for i in range(-1, count - 1):
        if seen[i]:
            continue
        faces += 1
        face, j = 0.0, i % count
        while not seen[j]:
            if turns[j] != turns[i]:
                return HARD, 0.0, 0.0
            seen[j] = True
            stop = order[(j + 1) % count]
            face += _ring_swept(outline, at[order[j]], at[stop])
            face += chords[stop // 2] if stop % 2 == 0 else -chords[stop // 2]
            j = rank[stop + 1 if stop % 2 == 0 else stop - 1]
        if i < 0 or (turns[i] > 0 and not outline.gate_only):
            area += face
        if turns[i] != 0 and turns[i] != 1:
            unclear += face
    if faces != count // 2 + 1:
        return HARD, 0.0, 0.0
    return GOOD, area / 2, unclear / 2


@inner
def _run(turns: Ints, one: int, two: int, round_gate: bool) -> None:
    """Count a run of the outline along the ring from one end of a chord to another."""
    if round_gate and one > two:  # on from the left wall through the gate
        turns[one:] += 1
        turns[:two] += 1
    elif one < two:
        turns[one:two] += 1
    else:
        turns[two:one] -= 1


@inner
def _ring_swept(outline: Outline, one: float, two: float) -> float:
    """Twice the area swept along the ring from one place on to another."""
    ring = outline.ring
    if one <= two:
        return swept_between(ring.xy, ring.swept, one, two)
    end = len(ring.xy) - 1.0
    return swept_between(ring.xy, ring.swept, one, end) + swept_between(
        ring.xy, ring.swept, 0.0, two
    )


@inner
def _chord(
    path: Array, swept: Array, outline: Outline, one: float, two: float,
    at_start: bool, at_end: bool, left_end: float, right_end: float,
) -> float:  # fmt: skip
    """Twice the area swept by a stretch of front, with the joints to the ring."""
    total = swept_between(path, swept, one, two)
    if at_start:
        wx, wy = point_at(outline.ring.xy, left_end)
        px, py = point_at(path, one)
        total += wx * py - wy * px
    if at_end:
        wx, wy = point_at(outline.ring.xy, right_end)
        px, py = point_at(path, two)
        total += px * wy - py * wx
    return total
