"""Which record is which glacier: one mechanism for ids, names and driver tables.

Position and name are weighed together, because neither is enough: tables place
one glacier kilometres apart, and give four glaciers one name. Records are given to
glaciers so that the whole costs least, and each join comes with the reason, if
any, to doubt it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: A record farther away than this is not joined, metres. The tables place one
#: glacier up to about 5 km apart; neighbouring glaciers are 5 to 10 km apart.
MAX_DISTANCE_M = 10_000.0

# Names this alike are spellings of one name; this unlike, they are two names.
SAME_NAME = 0.86
OTHER_NAME = 0.55

# What a match costs: a kilometre of distance weighs as much as an eighth of the
# way from the same name to a wholly different one. No name counts as half.
_KM_PER_UNIT = 4.0
_NAME_WEIGHT = 2.0
_NO_NAME = 0.5
# Second-best records that cost less than this more are rivals.
_RIVAL = 0.25

#: Meaning of ``<variable>_match_doubt`` and of the reasons of a crosswalk.
DOUBT = {
    "no_match": -1,
    "clear": 0,
    "position_only": 1,
    "names_disagree": 2,
    "two_candidates": 3,
    "contested": 4,
    "name_only": 5,
}


def pair_costs(
    distance: NDArray[np.float64],
    likeness: NDArray[np.float64],
    *,
    max_distance: float = MAX_DISTANCE_M,
) -> NDArray[np.float64]:
    """What it costs to take each record for each glacier.

    Parameters
    ----------
    distance : ndarray (glacier, record)
        True distance, metres; NaN without position.
    likeness : ndarray (glacier, record)
        `termini.names.name_similarity`; NaN where one has no name.
    max_distance : float
        Records farther away are not joined, metres.

    Returns
    -------
    ndarray (glacier, record)
        Distance in units of 4 km plus twice what the names lack in likeness;
        infinite where the pair is not allowed. Where the names are two different
        ones, half the distance is allowed.
    """
    cost = distance / 1000 / _KM_PER_UNIT
    cost = cost + _NAME_WEIGHT * (1 - np.where(np.isnan(likeness), _NO_NAME, likeness))
    allowed = np.where(likeness < OTHER_NAME, max_distance / 2, max_distance)
    cost[~np.isfinite(distance) | (distance > allowed)] = np.inf
    return np.asarray(cost, dtype=np.float64)


def assign(cost: NDArray[np.float64], shared: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Join glaciers and records so that all joins together cost least.

    Parameters
    ----------
    cost : ndarray (glacier, record)
        What `pair_costs` gave.
    shared : ndarray of bool (record,)
        Records with an outline, which all glaciers inside may share.

    Returns
    -------
    ndarray of int (glacier,)
        Record of each glacier, -1 where there is none.

    Notes
    -----
    Optimal assignment (Jonker & Volgenant; Crouse 2016, `scipy`). A glacier left out
    costs as much as the worst pair that is allowed, so that no chain of neighbours
    is shifted by one only to join one more.
    """
    from scipy.optimize import linear_sum_assignment  # takes long; measuring does not wait for it

    n, m = cost.shape
    record = np.full(n, -1, dtype=np.int64)
    if not n or not m:
        return record
    alone = np.where(shared[None, :], np.inf, cost)
    finite = np.isfinite(alone)
    if finite.any():
        left_out = float(alone[finite].max())
        square = np.full((n, m + n), left_out)
        square[:, :m] = np.where(finite, alone, 2.0 * left_out + 1.0)
        rows, columns = linear_sum_assignment(square)
        good = (columns < m) & finite[rows, np.minimum(columns, m - 1)]
        record[rows[good]] = columns[good]
    ours = np.where(shared[None, :], cost, np.inf)
    best = ours.argmin(axis=1)
    value = ours[np.arange(n), best]
    taken = np.where(record >= 0, cost[np.arange(n), record], np.inf)
    better = np.isfinite(value) & (value < taken)
    record[better] = best[better]
    return record


def doubts(
    cost: NDArray[np.float64],
    likeness: NDArray[np.float64],
    record: NDArray[np.int64],
    inside: NDArray[np.bool_],
) -> NDArray[np.int8]:
    """Reason to doubt each join, the gravest that applies.

    Parameters
    ----------
    cost, likeness : ndarray (glacier, record)
        As for `pair_costs`.
    record : ndarray of int (glacier,)
        What `assign` gave.
    inside : ndarray of bool (glacier, record)
        Whether the glacier lies inside the record's outline.

    Returns
    -------
    ndarray of int8 (glacier,)
        Values of `DOUBT`.
    """
    doubt = np.full(len(record), DOUBT["no_match"], dtype=np.int8)
    # A record that bears another glacier's name may be that glacier's.
    elsewhere = np.nan_to_num(likeness) >= SAME_NAME
    for glacier in np.flatnonzero(record >= 0):
        column = record[glacier]
        own, like = cost[glacier, column], likeness[glacier, column]
        others = np.delete(cost[glacier], column)
        if (others < own).any():
            value = "contested"
        elif like < OTHER_NAME or (
            np.isnan(like) and not inside[glacier, column] and elsewhere[:, column].any()
        ):
            value = "names_disagree"
        elif not like >= SAME_NAME and (others < own + _RIVAL).any():
            value = "two_candidates"
        elif np.isnan(like) and not inside[glacier, column]:
            value = "position_only"
        else:
            value = "clear"
        doubt[glacier] = DOUBT[value]
    return doubt
