"""Complete fronts of a glacier cut and filled again, for `partial_fronts`.

All traces and all cut fronts of a glacier are measured once. What a cut front is filled
from are the traces far enough from it in time: the same functions of the engine choose
the complete ones among them, learn from them and fill, as `observe` does with a table
that holds no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.fronttable import crs_text
from termini.geo import to_plane
from termini.series import ObservationSettings
from termini.series.engine_columns import Columns, measure_glacier
from termini.series.engine_unseen import Shapes, filled_rows
from termini.series.filling import part_between
from termini.series.frame import Frame, frame_of
from termini.series.layout import LaidFront, lay_front, pieces_of
from termini.series.shape_lines import PLACES
from termini.series.uncertainty import shape_of
from termini.variables import is_rejected

SHARES = (0.1, 0.2, 0.3, 0.5)
APART_DAYS = (15, 182)
FEWEST = 5
# fronts are cut together as long as no more of the record than this is left out
LEFT_OUT = 0.1
# a front counts as complete if it shows this share of the width
COMPLETE = 0.97
CUT_TOLERANCE = 0.03
LOOSE = ObservationSettings(coverage_limit=0.5 - 2 * CUT_TOLERANCE)
COLUMNS = [
    "apart", "ends", "missing", "left", "plain", "constant", "ours", "sigma", "trace_id", "date",
]  # fmt: skip


class Cut(NamedTuple):
    """A front of which a part is cut off.

    Parameters
    ----------
    of : int
        Place of the front in the glacier's table.
    ends : str
        ``one`` or ``both``.
    share, left : float
        Shares of the width cut off in all, and at the left end.
    plain : float
        Error of the plain mean position of the rest, metres.
    line : shapely LineString
        The rest, in the plane of the frame.
    """

    of: int
    ends: str
    share: float
    left: float
    plain: float
    line: shapely.LineString


def laid_fronts(
    frame: Frame, plane: str, group: gpd.GeoDataFrame, crs: str
) -> dict[int, LaidFront]:
    """Complete fronts of a glacier in one piece, by their place in its table."""
    found = {}
    for place, line in enumerate(group.geometry):
        pieces = pieces_of(line)
        if not pieces:
            continue
        line = to_plane(
            shapely.multilinestrings([shapely.linestrings(p) for p in pieces]), crs, plane
        )
        front = lay_front(frame, pieces_of(line))
        if front is not None and front.coverage >= COMPLETE and len(front.pieces) == 1:
            found[place] = front
    return found


def plain_mean(frame: Frame, front: LaidFront) -> float:
    """Mean position of the seen part along the centreline, metres."""
    course = shape_of(frame, front)
    places = np.linspace(front.fractions[0].min(), front.fractions[0].max(), 81)
    return float(np.interp(places, PLACES, course).mean())


def cuts_of(frame: Frame, place: int, front: LaidFront, rng: np.random.Generator) -> Iterator[Cut]:
    """A front cut at either end, and twice at both, unevenly, one the mirror of the other."""
    true_mean = plain_mean(frame, front)
    for share in SHARES:
        part_left = rng.uniform(0.2, 0.8)
        for ends, lefts in (("one", (0.0, 1.0)), ("both", (part_left, 1 - part_left))):
            for left in share * np.array(lefts):
                line = part_between(front.pieces[0], front.fractions[0], left, 1 - share + left)
                part = None if line is None else lay_front(frame, [line], turn=False)
                # a front that winds across the cut does not lose the share meant
                if part is not None and abs(part.coverage - (1 - share)) <= CUT_TOLERANCE:
                    plain = plain_mean(frame, part) - true_mean
                    yield Cut(place, ends, share, float(left), plain, shapely.linestrings(line))


def glacier_rows(
    domain: GlacierDomain, group: gpd.GeoDataFrame, most: int, rng: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    """Rows of `COLUMNS` for every cut front of a glacier."""
    crs = crs_text(group)
    frame, plane = frame_of(domain)
    group = group[~is_rejected(group["quality"])]
    group = group.sort_values(["date", "trace_id"]).reset_index(drop=True)
    fronts = laid_fronts(frame, plane, group, crs)
    chosen = np.sort(rng.permutation(list(fronts))[:most]).tolist()
    cuts = [cut for place in chosen for cut in cuts_of(frame, place, fronts[place], rng)]
    of = np.array([cut.of for cut in cuts], dtype=np.int64)
    if not len(of):
        return
    dates = group["date"].to_numpy()
    # rows by date; cut fronts after the whole ones of the day
    lines = np.append(group.geometry.to_numpy(), [to_plane(c.line, plane, crs) for c in cuts])
    every = np.concatenate([np.arange(len(group)), of])
    cut = np.arange(len(every)) >= len(group)
    order = np.lexsort([cut, dates[every]])
    columns = measure_glacier(lines[order], domain, crs, ("length_area",), LOOSE)
    row = np.empty(len(order), dtype=np.int64)
    row[order] = np.arange(len(order))
    days = dates.astype("datetime64[us]").astype(np.int64)[every[order]] / 86_400e6
    complete = np.array(list(fronts))
    length = columns.measures["length_area"].length
    for apart in APART_DAYS:
        for turns in together(np.unique(of), days[row[: len(group)]], apart):
            near = np.abs(days[:, None] - days[row[turns]]).min(axis=1) <= apart
            if (~near[row[complete]]).sum() < FEWEST:
                continue
            mine = np.flatnonzero(np.isin(of, turns))
            mine = mine[np.isfinite(length[row[len(group) + mine]])]
            rows = row[len(group) + mine]
            added, sigma = filled(columns, rows, days, ~cut[order] & ~near)
            constant = length[rows] - length[row[of[mine]]]
            for number, off, correction, error in zip(mine, constant, added, sigma, strict=True):
                one = cuts[number]
                yield (
                    apart, one.ends, one.share, one.left, one.plain, off, off + correction, error,
                    group["trace_id"].iloc[one.of], group["date"].iloc[one.of],
                )  # fmt: skip


def filled(
    columns: Columns, rows: NDArray[np.int64], days: NDArray[np.float64], usable: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corrections of the length of cut fronts, from the usable traces, and their errors."""
    shapes = Shapes(columns, days, LOOSE, usable)
    return filled_rows(columns, columns.measures["length_area"], rows, shapes, days)


def together(
    turns: NDArray[np.int64], days: NDArray[np.float64], apart: int
) -> Iterator[NDArray[np.int64]]:
    """Fronts that are cut in one record: as many as leave nine tenths of it in place."""
    lost = sum(int((np.abs(days - days[turn]) <= apart).sum()) for turn in turns)
    groups = max(-(-lost // max(int(LEFT_OUT * len(days)), 1)), 1)
    for first in range(min(groups, len(turns))):
        yield turns[first::groups]


def cut_table(
    fronts: gpd.GeoDataFrame,
    domains: dict[str, GlacierDomain],
    most: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Cut fronts of all glaciers of a set, with ``glacier_id``."""
    found = [
        (str(glacier_id), *row)
        for glacier_id, group in fronts.groupby("glacier_id", sort=True)
        if str(glacier_id) in domains
        for row in glacier_rows(domains[str(glacier_id)], group, most, rng)
    ]
    return pd.DataFrame(found, columns=["glacier_id", *COLUMNS])
