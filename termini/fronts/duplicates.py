"""The same front drawn twice: which traces are of one scene, and which is better.

Published datasets contain each other (17 % of the dates of TermPicks come twice).
Two traces of one glacier and day are the same front if they were drawn on the
same scene, however its id is written, or if their lines are equal. Different
scenes of one day are different observations and both stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from termini.fronttable import flag
from termini.variables import flag_bits, is_rejected

# Lines closer than this everywhere are one line that went through two files.
EQUAL_M = 1.0

_LANDSAT = re.compile(
    r"L[A-Z](?:0?\d|XX)_(?:L\w{3}_)?(?P<place>\d{6}|XXXXXX)_(?P<date>\d{8})", re.IGNORECASE
)
_MOSAIC = re.compile(r"NSIDC_\d{4}_V\d+", re.IGNORECASE)


@dataclass(frozen=True)
class SceneKey:
    """What identifies a scene, however its id is written.

    Parameters
    ----------
    text : str
        Id without the parts that differ between spellings.
    place : str
        Path and row of a Landsat scene; empty where the id leaves it open.
    date : pandas.Timestamp or None
        Acquisition, where the id of a single scene states it.
    """

    text: str
    place: str = ""
    date: pd.Timestamp | None = None


def scene_key(scene_id: str) -> SceneKey:
    """What identifies the scene of a trace.

    Parameters
    ----------
    scene_id : str
        Id as the source writes it.

    Returns
    -------
    SceneKey
        Landsat ids are reduced to path, row and date (so that products of one
        scene are equal), those of NSIDC mosaics lose their version.
    """
    if found := _LANDSAT.search(scene_id):
        date = pd.to_datetime(found["date"], format="%Y%m%d", errors="coerce")
        place = found["place"] if found["place"].isdigit() else ""
        known = None if pd.isna(date) else date
        return SceneKey(f"landsat {found['date']}", place, known)
    return SceneKey(_MOSAIC.sub("mosaic", scene_id.strip()).upper())


def same_scene(a: SceneKey, b: SceneKey) -> bool:
    """Whether two traces of one glacier and day were drawn on one scene.

    Parameters
    ----------
    a, b : SceneKey
        Keys of the two.

    Returns
    -------
    bool
        False where one is unknown. A Landsat scene without path and row equals
        any of its day.
    """
    if not a.text or a.text != b.text:
        return False
    return a.place == b.place or not a.place or not b.place


def flag_duplicates(fronts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Flag all but the best of the traces that show one front.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table; changed in place. Rejected traces take no part.

    Returns
    -------
    GeoDataFrame
        The same table; ``note`` names the trace that was kept.

    Notes
    -----
    Better is, in this order: not marked uncertain by its source, checked on a
    second image, one simple piece, smaller ``sigma_m``, longer, and last the
    smaller ``trace_id``, so that the choice does not hang on the order of rows.
    """
    usable = ~is_rejected(fronts["quality"]) & fronts["date"].notna().to_numpy()
    day = fronts["date"].dt.floor("D")
    same_day = fronts.loc[usable].groupby([fronts["glacier_id"], day], sort=False).indices
    rows = np.flatnonzero(usable)
    worse: dict[int, int] = {}
    for members in same_day.values():
        if len(members) > 1:
            worse.update(_worse_of(fronts, rows[members]))
    if worse:
        mask = np.isin(np.arange(len(fronts)), list(worse))
        ids, names = fronts["trace_id"].to_numpy(), fronts["source"].to_numpy()
        better = [worse[i] for i in np.flatnonzero(mask).tolist()]
        reasons = [f"same front as {ids[i]} of {names[i]}" for i in better]
        flag(fronts, mask, "duplicate", reasons)
    return fronts


def _worse_of(fronts: gpd.GeoDataFrame, rows: NDArray[np.int64]) -> dict[int, int]:
    """Row of each trace that a better one replaces, with the row of the better."""
    keys = [scene_key(fronts["scene_id"].iloc[i]) for i in rows]
    lines = [fronts.geometry.iloc[i] for i in rows]
    order = sorted(range(len(rows)), key=lambda k: rank_of(fronts, int(rows[k])))
    kept: list[int] = []
    worse: dict[int, int] = {}
    for k in order:
        better = next(
            (j for j in kept if same_scene(keys[j], keys[k]) or _equal(lines[j], lines[k])), None
        )
        if better is None:
            kept.append(k)
        else:
            worse[int(rows[k])] = int(rows[better])
    return worse


def rank_of(fronts: gpd.GeoDataFrame, row: int) -> tuple[bool, bool, bool, float, float, str]:
    """Sorting key of a trace, the best first.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    row : int
        Position of the trace in it.

    Returns
    -------
    tuple
        Compares as `flag_duplicates` says; smaller is better.
    """
    bits, quality = flag_bits(), int(fronts["quality"].iloc[row])
    sigma = float(fronts["sigma_m"].iloc[row])
    return (
        bool(quality & bits["source_uncertain"]),
        not quality & bits["source_checked"],
        bool(quality & (bits["several_pieces"] | bits["self_crossing"])),
        sigma if np.isfinite(sigma) else np.inf,
        -round(float(fronts.geometry.iloc[row].length), 3),
        str(fronts["trace_id"].iloc[row]),
    )


def _equal(a: shapely.LineString, b: shapely.LineString) -> bool:
    """Whether two lines are one line, whichever way they run."""
    return bool(
        np.allclose(a.bounds, b.bounds, rtol=0.0, atol=EQUAL_M)
        and shapely.hausdorff_distance(a, b) < EQUAL_M
    )
