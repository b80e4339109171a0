"""Which driver separates the types: rank statistics with permutation p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


@dataclass(frozen=True)
class Separation:
    """How well a number a glacier tells types apart.

    Attributes
    ----------
    n : int
        Glaciers with a type and a value.
    effect : float
        For all types: epsilon squared, the share of the variance of the ranks that
        the types explain. For one type: rank-biserial correlation, from -1 (all
        lower than the other types) to 1 (all higher).
    p : float
        Share of permutations with as large an effect.
    median, median_others : float
        Medians of the type and of the others, in the driver's units.
    """

    n: int
    effect: float
    p: float
    median: float
    median_others: float


def separation(
    values: NDArray[np.float64],
    labels: NDArray[np.integer],
    of_type: int | None,
    *,
    rng: np.random.Generator,
    permutations: int = 1000,
) -> Separation:
    """Whether glaciers of a type have other values than the rest.

    Parameters
    ----------
    values : ndarray, (n,)
        Driver of each glacier; missing ones take no part.
    labels : ndarray of int, (n,)
        Types; negative ones take no part.
    of_type : int or None
        One type against all others; None for all types at once (Kruskal & Wallis
        1952).
    rng : numpy.random.Generator
        Source of randomness.
    permutations : int
        Number of permutations of the values among the glaciers.

    Returns
    -------
    Separation
        Missing numbers where there are fewer than two glaciers on either side.
    """
    used = np.isfinite(values) & (labels >= 0)
    ranks, groups = rankdata(values[used]), labels[used]
    n = int(used.sum())
    members = [groups == g for g in np.unique(groups)]
    if of_type is not None:
        inside = groups == of_type
        members = [inside, ~inside]
    kept = [m for m in members if m.sum() >= 2]
    if len(kept) < 2 or n < 5 or np.ptp(ranks) == 0.0:
        return Separation(n, np.nan, np.nan, np.nan, np.nan)
    draws = rng.permuted(np.tile(ranks, (permutations, 1)), axis=1)
    everything = np.vstack([ranks, draws])
    if of_type is None:
        effect = _epsilon_squared(everything, kept)
        middle = (float("nan"), float("nan"))
        strength = effect
    else:
        effect = _rank_biserial(everything, inside)
        shown = values[used]
        middle = (float(np.median(shown[inside])), float(np.median(shown[~inside])))
        strength = np.abs(effect)
    p = (1 + (strength[1:] >= strength[0] - 1e-12).sum()) / (permutations + 1)
    return Separation(n, float(effect[0]), float(p), *middle)


def _epsilon_squared(
    ranks: NDArray[np.float64], members: list[NDArray[np.bool_]]
) -> NDArray[np.float64]:
    """H / (n - 1) over the members of groups with at least two."""
    inside = np.any(members, axis=0)
    part = ranks[:, inside]
    mean = part.mean(axis=1)
    between = sum(m.sum() * (ranks[:, m].mean(axis=1) - mean) ** 2 for m in members)
    return np.asarray(between / ((part - mean[:, None]) ** 2).sum(axis=1))


def _rank_biserial(ranks: NDArray[np.float64], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    apart = ranks[:, inside].mean(axis=1) - ranks[:, ~inside].mean(axis=1)
    return np.asarray(2.0 * apart / ranks.shape[1])
