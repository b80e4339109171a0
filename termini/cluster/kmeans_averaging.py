"""How the centres of DTW k-means are averaged between two assignments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from termini.cluster.dba import average
from termini.cluster.distance_align import GroupAligner
from termini.cluster.distance_blocks import Block, Engine, Ints

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Averaging:
    """How centres are averaged between two assignments.

    Parameters
    ----------
    method : "dba" or "subgradient"
        See `termini.cluster.dba.average`.
    steps : int
        Largest number of steps of a centre.
    relax : float
        How far a step goes, see `termini.cluster.dba.average`.
    loose : float
        Share of the sum of squares by which a step must lower it to be followed by
        another, until labels stand still; then and in the last iteration `tol` counts.
    both : bool
        Whether a changed cluster is always averaged from its last centre as well as
        from the mean of its members; else in the first iteration, and where the mean
        did not end at least `_CLEARLY` below the last centre.
    reach : float, optional
        How far paths may leave the last ones, see `average`.
    border : bool
        Whether, once the centres stand still, series near the border of two clusters are
        moved (see `termini.cluster.kmeans_fit.over_the_border`), as long as that ends lower.
    """

    method: str = "dba"
    steps: int = 10
    relax: float = 1.8
    loose: float = 1e-3
    both: bool = False
    reach: float | None = 0.2
    border: bool = False


def averaging_of(name: str, steps: int, border: bool = False) -> Averaging:
    """What a name stands for.

    Parameters
    ----------
    name : "dba", "petitjean" or "subgradient"
        "petitjean" is DBA as it was published, from the last centre and from the mean
        of the members; "dba" goes further in each step and does less where it does not
        matter; for "subgradient" see `termini.cluster.dba.average`.
    steps : int
        Largest number of averaging steps of a centre between two assignments.
    border : bool
        See `Averaging`.

    Returns
    -------
    Averaging
        The settings.
    """
    if name == "dba":
        return Averaging(steps=steps, border=border)
    method = "subgradient" if name == "subgradient" else "dba"
    return Averaging(method, steps, relax=1.0, loose=0.0, both=True, reach=None, border=border)


class Assigned(NamedTuple):
    """Cluster and squared distance of each series, and the series arranged by cluster."""

    groups: Ints
    squared: Array
    blocks: list[Block]


#: Share by which an average from the mean must lie below the last centre to be enough.
_CLEARLY = 0.02


class Averager:
    """Averages centres; see `Averaging`."""

    def __init__(self, engine: Engine, weights: Array, averaging: Averaging, tol: float) -> None:
        self.engine, self.weights, self.averaging, self.tol = engine, weights, averaging, tol

    def __call__(
        self, centre: Array, now: Assigned, group: int, *, loose: float, both: bool, changed: bool
    ) -> tuple[Array, bool]:
        """A centre (T, d) after some steps, and whether it stands still."""
        engine, how, n = self.engine, self.averaging, len(centre)
        mine = now.groups == group
        cost = float((self.weights[mine] * now.squared[mine]).sum())
        aligner = GroupAligner(engine, n, now.blocks, group, self.weights)
        options: dict[str, Any] = {
            "steps": how.steps, "tol": max(self.tol, loose * cost), "method": how.method,
            "relax": how.relax, "reach": how.reach, "aligner": aligner,
        }  # fmt: skip
        at = (now.blocks, group, self.weights)
        tried = [
            average(engine, start, *at, **options)
            for start in (members_mean(engine, now.groups, group, n) if changed else [])
        ]
        enough = (1.0 - _CLEARLY) * cost
        if both or not tried or tried[0][2] > enough:
            tried.insert(0, average(engine, centre, *at, known=now.squared, **options))
        found, settled, _ = min(tried, key=lambda one: one[2])
        return found, settled


def members_mean(engine: Engine, groups: Ints, group: int, length: int) -> list[Array]:
    """Mean of a group, sample by sample, if neither gaps nor lengths forbid it.

    Averaging ends in the nearest hollow; from the mean it often ends in a deeper one
    than from the last centre.
    """
    series = engine.series
    if series.weights is not None or (series.lengths != length).any():
        return []
    return [series.values[groups == group].mean(axis=0)]
