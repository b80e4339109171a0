"""Observed fronts laid into the fjord, in full where a release knows their area."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError, TraceError
from termini.issm.front_area import true_plane
from termini.issm.front_courses import Around, is_whole
from termini.issm.front_partial import fill_front
from termini.issm.front_times import between, flow_of
from termini.issm.levelset_parts import FrontsAt, Parted, parted
from termini.series.frame import Frame
from termini.series.ice import map_frame
from termini.series.layout import LaidFront, lay_front, pieces_of
from termini.times import decimal_year

Floats = NDArray[np.float64]

# Fronts seen across this share of the width tell where others are.
_TELLING = 0.98
_NEIGHBOURS = 30
# Whole fronts enclose what the release says but for rounding: metres of length.
_AGREE_M = 1.0
# A front that closed straight to its walls has the area to within this share of the range
# stays so: to move a narrow end for less would say more than is known.
_CLOSED_SHARE = 0.001
_NARROW_SHARE = 0.05


def observed_changes(
    domain: GlacierDomain, used: gpd.GeoDataFrame, observations: pd.DataFrame | None
) -> Floats:
    """Area change of fronts by a release.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    used : GeoDataFrame, n rows
        Fronts.
    observations : DataFrame or None
        Observations of the release.

    Returns
    -------
    ndarray, shape (n,)
        Square metres since its reference date; NaN where it has none.

    Raises
    ------
    InputError
        If it knows none of the fronts.
    """
    if observations is None:
        return np.full(len(used), np.nan)
    table = observations[observations["measure"].isin(["area", "length_area"])]
    table = table[table["glacier_id"] == domain.glacier_id].drop_duplicates("trace_id")
    change = table.set_index("trace_id")["area_change"].reindex(used["trace_id"])
    found = change.to_numpy(dtype=np.float64)
    if not np.isfinite(found).any():
        raise InputError(
            f"{domain.glacier_id}: the observations have the area of none of its fronts; give "
            "those of the same release"
        )
    return found


def seen_fronts(
    domain: GlacierDomain,
    used: gpd.GeoDataFrame,
    rock: BaseGeometry | None,
    observations: pd.DataFrame | None,
    notes: list[str],
) -> tuple[FrontsAt, float]:
    """Observed fronts laid into the fjord; those that do not part it are named.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    used : GeoDataFrame
        Fronts by date, in its projection.
    rock : shapely geometry or None
        What is neither ice nor water.
    observations : DataFrame, optional
        Observations of the release: fronts of which a part was not seen are drawn in
        full, so that the ice has their area.
    notes : list of str
        What was done is added here.

    Returns
    -------
    fronts : FrontsAt
        Two at least.
    zero : float
        True area of the ice where the change of area is 0 in the release, m2; NaN
        without observations.

    Raises
    ------
    InputError
        If fewer than two fronts part the fjord.
    """
    frame = map_frame(domain)
    laid = [lay_front(frame, pieces_of(front)) for front in used.geometry]
    found: dict[int, Parted] = {}
    left_out = {}
    for row, front in enumerate(laid):
        try:
            if front is None:
                raise TraceError(f"{domain.glacier_id}: it does not enter the glacier's fjord")
            found[row] = parted(domain, front.path, frame, rock)
        except (TraceError, InputError) as error:
            left_out[row] = f"{used['trace_id'].iloc[row]} ({error})"
    if left_out:
        notes.append("Fronts left out: " + "; ".join(left_out.values()) + ".")
    if len(found) < 2:
        raise InputError(
            f"{domain.glacier_id}: {len(found)} front(s) part ice from water in the fjord, ISSM "
            "needs two; " + ("; ".join(left_out.values()) or "give more fronts")
        )
    paths = {row: front.path for row, front in enumerate(laid) if front is not None}
    change = observed_changes(domain, used, observations)
    zero = _zero(domain, change, laid, found, notes)
    if np.isfinite(zero):
        _fill(domain, used, change + zero, laid, frame, rock, found, paths, notes)
    rows = sorted(found)
    kept = used.iloc[rows]
    ice, water, lines, area = (list(column) for column in zip(*map(found.get, rows), strict=True))
    return FrontsAt(
        dates=pd.DatetimeIndex(kept["date"]),
        ice=ice,
        water=water,
        lines=lines,
        trace_ids=[str(trace) for trace in kept["trace_id"]],
        sigma=kept["sigma_m"].to_numpy(dtype=np.float64),
        paths=[paths[row] for row in rows],
        area=np.array(area),
        wished=(change + zero)[rows],
    ), zero


def _zero(
    domain: GlacierDomain,
    change: Floats,
    laid: list[LaidFront | None],
    found: dict[int, Parted],
    notes: list[str],
) -> float:
    """Area of the ice where the change of a release is 0, by fronts seen whole."""
    known = [row for row in found if np.isfinite(change[row])]
    if not known:
        return float("nan")
    whole = [row for row in known if (front := laid[row]) is not None and is_whole(front)]
    off = np.array([found[row].area - change[row] for row in whole or known])
    zero = float(np.median(off))
    if not whole:
        notes.append(
            f"No front was seen from wall to wall: {zero / 1e6:.3f} km2, the median over "
            f"{len(off)} fronts of their area less their change in the release, makes areas of "
            "changes."
        )
    apart = np.abs(off - zero) / domain.reference_width
    if whole and (apart > _AGREE_M).any():
        notes.append(
            f"{(apart > _AGREE_M).sum()} of {len(off)} fronts seen from wall to wall enclose "
            f"another area than the release has, by up to {apart.max():.0f} m of length."
        )
    return zero


def _fill(
    domain: GlacierDomain,
    used: gpd.GeoDataFrame,
    wished: Floats,
    laid: list[LaidFront | None],
    frame: Frame,
    rock: BaseGeometry | None,
    found: dict[int, Parted],
    paths: dict[int, Floats],
    notes: list[str],
) -> None:
    """Draw fronts in full of which a part was not seen, so that the ice has its area."""
    near = _CLOSED_SHARE * float(np.ptp(wished[np.isfinite(wished)]))
    rows = [
        row
        for row, front in enumerate(laid)
        if row in found
        and front is not None
        and not is_whole(front)
        and (front.coverage < 1 - _NARROW_SHARE or abs(wished[row] - found[row].area) > near)
        and np.isfinite(wished[row])
    ]
    if not rows:
        return
    flow, plane = flow_of(domain), true_plane(domain)
    years = decimal_year(used["date"])
    telling = np.array(
        [k for k, f in enumerate(laid) if k in found and f and f.coverage >= _TELLING], dtype=int
    )
    at_telling = np.array([flow.positions(found[k].ice) for k in telling])
    moved = []
    for row in rows:
        front = laid[row]
        assert front is not None
        others = telling != row
        around = Around(flow, None, [])
        if others.any():
            course = between(years[telling[others]], at_telling[others], years[[row]])[0]
            around = Around(flow, course, _nearest(years, telling[others], row, laid))
        filled = fill_front(front, around, plane, float(wished[row]))
        try:
            found[row] = parted(domain, filled.path, frame, rock)
        except (TraceError, InputError):
            continue  # as it was seen; its area is said to be missed
        paths[row] = filled.path
        moved.append(abs(filled.step))
    partial = sum(f is not None and not is_whole(f) for f in laid)
    notes.append(
        f"{partial} of {len(laid)} fronts were not seen from wall to wall. "
        f"{partial - len(moved)} are closed straight to it and have the area of the release to "
        f"{_CLOSED_SHARE:.1%} of its range. {len(moved)} are drawn on as the glacier's other "
        f"fronts run, of which {len(telling)} were seen whole, and what is drawn is moved, by "
        f"{np.median(moved):.0f} m in the median and {np.max(moved):.0f} m at most, until the ice "
        "has the area that the release states for the trace."
    )


def _nearest(
    years: Floats, telling: NDArray[np.int64], row: int, laid: list[LaidFront | None]
) -> list[Floats]:
    """Fronts seen whole, the nearest in time first."""
    order = telling[np.argsort(np.abs(years[telling] - years[row]), kind="stable")]
    return [f.path for k in order[:_NEIGHBOURS] if (f := laid[k]) is not None]


__all__ = ["observed_changes", "seen_fronts"]
