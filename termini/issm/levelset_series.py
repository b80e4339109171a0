"""Level sets of a glacier at all dates, from its front table and its monthly series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError, TraceError
from termini.geo import true_area
from termini.issm.front_times import Flow, between, drawn_errors, flow_of, front_line
from termini.issm.levelset import signed_distance, time_series
from termini.issm.levelset_free import free_vertices
from termini.issm.levelset_parts import FrontsAt, all_distances, front_errors, parted
from termini.issm.levelset_times import MonthlyAreas, monthly_areas, usable_fronts, wanted_dates
from termini.issm.mesh import Mesh
from termini.series.frame import Frame
from termini.series.ice import map_frame, split_at_front

Floats = NDArray[np.float64]

# areas are met to this much times the width, in a few tries
_AREA_NEAR_M = 0.1
_TRIES = 4


@dataclass(frozen=True)
class LevelSets:
    """Level sets of one glacier.

    Parameters
    ----------
    years : ndarray, shape (T,)
        Decimal years, increasing.
    dates : DatetimeIndex, length T
        The same as dates.
    phi : ndarray, shape (nv, T)
        Signed distance to the front, metres, negative in ice; NaN where it is free.
    ice : list of Polygon or MultiPolygon, length T
        Ice within the fjord, without rock.
    lines : list of LineString or MultiLineString, length T
        The front itself: where ice meets water; neither walls nor rock.
    trace_ids : list of str, length T
        Trace that was seen on the date, empty where the front is reconstructed.
    members : ndarray, shape (m, nv, T), optional
        The same as `phi` with the front displaced by its error.
    assumptions : list of str
        What was assumed, for whoever runs the model.
    """

    years: Floats
    dates: pd.DatetimeIndex
    phi: Floats
    ice: list[BaseGeometry]
    lines: list[BaseGeometry]
    trace_ids: list[str]
    members: Floats | None = None
    assumptions: list[str] = field(default_factory=list)

    def series(self, member: int | None = None) -> Floats:
        """Series as ISSM takes it.

        Parameters
        ----------
        member : int, optional
            Member of the ensemble; by default the level sets themselves.

        Returns
        -------
        ndarray, shape (nv + 1, T)
            Level sets, then a row of decimal years.
        """
        values = self.phi if member is None or self.members is None else self.members[member]
        return time_series(list(values.T), list(self.dates))


def level_sets(
    mesh: Mesh,
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame,
    *,
    times: str | Sequence[Any] = "observed",
    spacing_days: float = 7.0,
    span: tuple[Any, Any] | None = None,
    rock: BaseGeometry | None = None,
    free: BaseGeometry | NDArray[np.bool_] | None = None,
    members: int = 0,
    seed: int = 0,
    release_series: xr.Dataset | None = None,
    memory_days: float = 90.0,
) -> LevelSets:
    """Signed distance to the front at every vertex and date.

    Parameters
    ----------
    mesh : Mesh
        Mesh in the domain's projection.
    domain : GlacierDomain
        The glacier; its walls say where a front ends.
    fronts : GeoDataFrame
        Front table; the usable traces of this glacier are taken.
    times : str or sequence of dates
        ``observed`` (every front), ``monthly`` (the 15th), ``annual`` (1 January) or
        dates of one's own, between the first and the last front.
    spacing_days : float
        Fronts closer in time than this to the one before are left out.
    span : pair of dates, optional
        Fronts outside it are left out.
    rock : shapely geometry, optional
        Rock and ice-free ground in the projection of the domain: neither ice nor
        water, its edge is no front.
    free : shapely Polygon or ndarray of bool, shape (nv,), optional
        Where the model shall move the front itself: NaN there at all dates.
    members : int
        Size of an ensemble in which fronts are displaced by their errors.
    seed : int
        Seed of the ensemble.
    release_series : Dataset, optional
        Monthly series (`termini.series.monthly_series`); reconstructed fronts are
        moved along flow until the ice has its area, members take its errors.
    memory_days : float
        Time over which the errors of an ensemble resemble each other.

    Returns
    -------
    LevelSets
        At least two dates.

    Raises
    ------
    InputError
        If fewer than two dates remain, or a date has no front on either side.
    """
    used, notes = usable_fronts(domain, fronts, span, spacing_days)
    seen = _seen(domain, used, rock, notes)
    areas = monthly_areas(domain, release_series, seen.years, seen.ice, notes)
    dates, which = wanted_dates(domain, seen.dates, times)
    made = _at_dates(domain, seen, dates, which, areas, rock, notes)
    phi = all_distances(mesh, made.ice, made.water, made.lines)
    free_at = free_vertices(mesh, free, notes)
    phi[free_at] = np.nan
    ensemble = None
    if members:
        sigma = front_errors(made.years, seen, areas, notes)
        memory = memory_days / 365.25
        errors = drawn_errors(made.years, sigma, members, memory, seed)
        ensemble = _ensemble(mesh, domain, made, errors, rock)
        ensemble[:, free_at] = np.nan
        notes.append(
            f"Ensemble of {members} members (seed {seed}): the whole front is displaced along "
            f"flow by one error a date, correlated over {memory_days:.0f} days."
        )
    return LevelSets(
        made.years, made.dates, phi, made.ice, made.lines, made.trace_ids, ensemble, notes
    )


def _seen(
    domain: GlacierDomain, used: gpd.GeoDataFrame, rock: BaseGeometry | None, notes: list[str]
) -> FrontsAt:
    """Observed fronts laid into the fjord; those that do not part it are named."""
    frame = map_frame(domain)
    rows, parts = [], []
    left_out = []
    for row, geometry in enumerate(used.geometry):
        try:
            parts.append(parted(domain, geometry, frame, rock))
            rows.append(row)
        except (TraceError, InputError) as error:
            left_out.append(f"{used['trace_id'].iloc[row]} ({error})")
    if left_out:
        notes.append("Fronts left out: " + "; ".join(left_out) + ".")
    if len(rows) < 2:
        raise InputError(
            f"{domain.glacier_id}: {len(rows)} front(s) part ice from water in the fjord, ISSM "
            "needs two; " + ("; ".join(left_out) or "give more fronts")
        )
    kept = used.iloc[rows]
    ice, water, lines = (list(column) for column in zip(*parts, strict=True))
    dates = pd.DatetimeIndex(kept["date"])
    ids = [str(trace) for trace in kept["trace_id"]]
    return FrontsAt(dates, ice, water, lines, ids, kept["sigma_m"].to_numpy(dtype=np.float64))


def _at_dates(
    domain: GlacierDomain,
    seen: FrontsAt,
    dates: pd.DatetimeIndex,
    which: NDArray[np.int64],
    areas: MonthlyAreas | None,
    rock: BaseGeometry | None,
    notes: list[str],
) -> FrontsAt:
    """Fronts at the dates wanted: seen where `which` names one, else reconstructed."""
    made = FrontsAt(dates, [], [], [], [], np.zeros(len(dates)))
    gaps = np.flatnonzero(which < 0)
    flow, positions = None, np.empty((0, 0))
    if len(gaps):
        flow = flow_of(domain)
        frame = map_frame(domain)
        at_seen = np.array([flow.positions(ice) for ice in seen.ice])
        positions = between(seen.years, at_seen, made.years)
        notes.append(
            f"{len(gaps)} of {len(dates)} fronts are reconstructed: linear in time along "
            f"{len(flow.drawn) - 2} flowlines and both walls between the fronts seen before and "
            "after" + ("." if areas is None else ", then moved along flow to the monthly area.")
        )
    for k, row in enumerate(which):
        if row >= 0 or flow is None:
            for mine, theirs in (
                (made.ice, seen.ice), (made.water, seen.water), (made.lines, seen.lines),
            ):  # fmt: skip
                mine.append(theirs[row])
            made.trace_ids.append(seen.trace_ids[row])
            continue
        ice, water, line = _reconstructed(
            domain, flow, positions[k], made.years[k], areas, rock, frame
        )
        made.ice.append(ice)
        made.water.append(water)
        made.lines.append(line)
        made.trace_ids.append("")
    made.sigma = np.interp(made.years, seen.years, seen.sigma)
    if areas is not None and rock is None:
        _name_misses(domain, made, areas, notes)
    return made


def _name_misses(
    domain: GlacierDomain, made: FrontsAt, areas: MonthlyAreas, notes: list[str]
) -> None:
    """Say where a reconstructed front does not give the monthly area."""
    rows = [k for k, trace in enumerate(made.trace_ids) if not trace]
    off = np.array([true_area(made.ice[k], domain.crs) - areas.at(made.years[k]) for k in rows])
    off = off / domain.reference_width
    missed = np.abs(off) > 2 * _AREA_NEAR_M
    if missed.any():
        worst = int(np.nanargmax(np.abs(off)))
        notes.append(
            f"{missed.sum()} reconstructed fronts miss the monthly area, by up to "
            f"{abs(off[worst]):.0f} m of length ({made.dates[rows[worst]]:%Y-%m-%d}): no front of "
            "the shape seen before and after has it."
        )


def _reconstructed(
    domain: GlacierDomain,
    flow: Flow,
    positions: Floats,
    year: float,
    areas: MonthlyAreas | None,
    rock: BaseGeometry | None,
    frame: Frame,
) -> tuple[BaseGeometry, BaseGeometry, BaseGeometry]:
    front = front_line(flow, positions)
    area = np.nan if areas is None else areas.at(year)
    if np.isfinite(area):
        wished = area
        for _ in range(_TRIES):
            front = front_line(flow, flow.moved_to(positions, wished))
            missing = area - true_area(split_at_front(domain, front, frame)[0], domain.crs)
            if abs(missing) < _AREA_NEAR_M * domain.reference_width:
                break
            # the fjord's walls cut the front a little otherwise than its flowlines
            wished += missing
    return parted(domain, front, frame, rock)


def _ensemble(
    mesh: Mesh, domain: GlacierDomain, made: FrontsAt, errors: Floats, rock: BaseGeometry | None
) -> Floats:
    """Level sets with every front displaced along flow."""
    flow, frame = flow_of(domain), map_frame(domain)
    found = np.empty((len(errors), len(mesh.x), len(made.dates)))
    for m, row in enumerate(errors):
        for k, error in enumerate(row):
            try:
                moved = flow.shifted(made.lines[k], float(error))
                ice, water, line = parted(domain, moved, frame, rock)
            except (TraceError, InputError):
                # displaced out of the fjord: as far as the fjord goes
                positions = flow.kept(flow.positions(made.ice[k]) + error)
                ice, water, line = parted(domain, front_line(flow, positions), frame, rock)
            found[m, :, k] = signed_distance(mesh.x, mesh.y, ice, water, line)
    return found
