"""Types of one simulated region: scores, stated probabilities, types of a null."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import types_peers
import xarray as xr
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score
from types_kept import ROOMS, Kept, code, label
from types_world import Seeing, planted, region_of

from termini.cluster import TypeSettings, glacier_types

GLACIERS = 24
SCALES = ("interannual", "seasonal")
CONFIDENT = 0.9
SETTINGS = TypeSettings(n_null=60, draws=200)


def right_types(kinds: NDArray[np.str_], labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Type in which most of each glacier's planted kind are; -1 where none has a type."""
    right = np.full(len(kinds), -1, dtype=np.int64)
    for kind in np.unique(kinds):
        mine = labels[(kinds == kind) & (labels >= 0)]
        if len(mine):
            right[kinds == kind] = np.bincount(mine).argmax()
    return right


def one_region(kept: Kept, seed: int, seeing: Seeing) -> tuple[list[Any], list[Any]]:
    """Scores of all methods, and pairs of stated probability and truth, of one region."""
    name = label(seed, seeing)
    mine = code(*ROOMS, "cluster", also=(__file__,))
    theirs = code(*ROOMS, also=(str(types_peers.__file__),))
    ours = kept.result(f"types-{mine}-{name}", lambda: _ours(kept, seed, seeing))
    peers = kept.result(f"peers-{theirs}-{name}", lambda: _peers(kept, seed, seeing))
    return ours["scores"] + peers, ours["pairs"]


def _ours(kept: Kept, seed: int, seeing: Seeing) -> dict[str, Any]:
    region, (_, series) = region_of(seed, GLACIERS), kept.region(seed, GLACIERS, seeing)
    truth = {scale: planted(region, series, scale) for scale in SCALES}
    number = {scale: len(np.unique(kinds)) for scale, kinds in truth.items()}
    types = glacier_types(series, SETTINGS, seed=seed)
    given = replace(SETTINGS, n_null=1, draws=1, seed=seed)
    told = glacier_types(series, given, k=number["interannual"], seasonal_k=number["seasonal"])
    found = {f"{scale} termini": types[f"{scale}_type"].to_numpy() for scale in SCALES}
    found |= {f"{scale} termini told": told[f"{scale}_type"].to_numpy() for scale in SCALES}
    found |= {f"{scale} termini typed": found[f"{scale} termini"] for scale in SCALES}
    found |= {f"{scale} consensus": types[f"{scale}_consensus"].to_numpy() for scale in SCALES}
    pairs = [pair for scale in SCALES for pair in _stated(types, truth[scale], scale)]
    return {"scores": _scores(found, truth, seed), "pairs": pairs}


def unsure_region(kept: Kept, seed: int, seeing: Seeing) -> list[Any]:
    """Stated probability and truth of inter-annual types, of which the number is given.

    For errors at which often no number is believed, and then no probability stated.
    """

    def make() -> list[Any]:
        region, (_, series) = region_of(seed, GLACIERS), kept.region(seed, GLACIERS, seeing)
        kinds = planted(region, series, "interannual")
        number = len(np.unique(kinds))
        given = replace(SETTINGS, n_null=1, seed=seed)
        types = glacier_types(series, given, k=number, seasonal_k=1)
        return _stated(types, kinds, "interannual")

    mine = code(*ROOMS, "cluster", also=(__file__,))
    found: list[Any] = kept.result(f"unsure-{mine}-{label(seed, seeing)}", make)
    return found


def _stated(types: xr.Dataset, kinds: NDArray[np.str_], scale: str) -> list[Any]:
    """Scale, probability stated, and whether it came true; of each glacier and type."""
    labels = types[f"{scale}_type"].to_numpy()
    right = right_types(kinds, labels)
    pairs = []
    for row, chances in enumerate(types[f"{scale}_probability"].to_numpy()):
        if right[row] >= 0 and np.isfinite(chances).all() and labels[row] >= 0:
            pairs += [(scale, float(p), bool(c == right[row])) for c, p in enumerate(chances)]
    return pairs


def _peers(kept: Kept, seed: int, seeing: Seeing) -> list[Any]:
    region, (observations, series) = region_of(seed, GLACIERS), kept.region(seed, GLACIERS, seeing)
    truth = {scale: planted(region, series, scale) for scale in SCALES}
    number = {scale: len(np.unique(kinds)) for scale, kinds in truth.items()}
    ids = series["glacier_id"].to_numpy().astype(str).tolist()
    months = pd.DatetimeIndex(series["time"].to_numpy())
    return _scores(types_peers.tslearn_labels(observations, ids, months, number), truth, seed)


def _scores(found: dict[str, Any], truth: dict[str, Any], seed: int) -> list[Any]:
    """Seed, scale, method, adjusted Rand index, types, and glaciers without one."""
    scores = []
    for name, labels in found.items():
        scale, method = name.split(" ", 1)
        # a glacier that was left out counts as wrong, but not among those with a type
        some = labels >= 0 if method.endswith("typed") else np.ones(len(labels), dtype=bool)
        index = float(adjusted_rand_score(truth[scale][some], labels[some]))
        number = len(np.unique(labels[labels >= 0]))
        scores.append((seed, scale, method, index, number, int((labels < 0).sum())))
    return scores


def one_null(kept: Kept, seed: int, null: str) -> list[Any]:
    """Null, seed, scale, types told apart and share of confident glaciers, both scales."""

    def make() -> list[Any]:
        series = kept.region(seed, GLACIERS, Seeing(), null)[1]
        types = glacier_types(series, SETTINGS, seed=seed)
        return [(null, seed, scale, *_told_apart(types, scale)) for scale in SCALES]

    mine = code(*ROOMS, "cluster", also=(__file__,))
    found: list[Any] = kept.result(f"null-{mine}-{label(seed, Seeing(), null)}", make)
    return found


def _told_apart(types: xr.Dataset, scale: str) -> tuple[int, float]:
    """Number of types, and share of glaciers with a confident type where there are some.

    A cycle that is within its error (seasonal type 0) is no type that was told apart:
    where there is one cluster, there is no probability.
    """
    chances = types[f"{scale}_probability"].to_numpy()
    if not np.isfinite(chances).any():
        return 1, 0.0
    number = len(np.unique(types[f"{scale}_type"].to_numpy()))
    return number, float(np.mean(np.nan_to_num(chances).max(axis=1) >= CONFIDENT))
