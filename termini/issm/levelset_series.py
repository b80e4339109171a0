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
from termini.issm.check_area import AREA_SHARE
from termini.issm.front_times import drawn_errors
from termini.issm.levelset import signed_distance, time_series
from termini.issm.levelset_between import Fjord, displaced, fronts_at_dates, misses
from termini.issm.levelset_free import free_vertices
from termini.issm.levelset_parts import FrontsAt, Parted, all_distances, front_errors
from termini.issm.levelset_seen import seen_fronts
from termini.issm.levelset_times import monthly_areas, usable_fronts, wanted_dates
from termini.issm.mesh import Mesh

Floats = NDArray[np.float64]


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
    area : ndarray, shape (T,), optional
        True area of the ice that the release has, m2; NaN where it has none. Zero is
        the ice where its change of area is.
    missed : list of dict
        Dates on which the ice has not that area within half a percent of its range, with
        what is missing and why.
    member_area : ndarray, shape (m, T), optional
        What the area of every member's ice is more than that, m2.
    """

    years: Floats
    dates: pd.DatetimeIndex
    phi: Floats
    ice: list[BaseGeometry]
    lines: list[BaseGeometry]
    trace_ids: list[str]
    members: Floats | None = None
    assumptions: list[str] = field(default_factory=list)
    area: Floats | None = None
    missed: list[dict[str, str | float]] = field(default_factory=list)
    member_area: Floats | None = None

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
    observations: pd.DataFrame | None = None,
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
    observations : DataFrame, optional
        Observations of the same release (`termini.series.observe`); fronts that were not
        seen from wall to wall are drawn in full so that the ice has their area. Without
        them an end is closed straight to its wall.
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
    seen, zero = seen_fronts(domain, used, rock, observations, notes)
    areas = monthly_areas(domain, release_series, seen.years, seen.area, zero, notes)
    dates, which = wanted_dates(domain, seen.dates, times)
    made = fronts_at_dates(domain, seen, dates, which, areas, rock, notes)
    missed = misses(domain, made, AREA_SHARE)
    notes += _about_missed(missed)
    phi = all_distances(mesh, made.ice, made.water, made.lines)
    free_at = free_vertices(mesh, free, notes)
    phi[free_at] = np.nan
    ensemble, errors = None, None
    if members:
        sigma = front_errors(made.years, seen, areas, notes)
        errors = drawn_errors(made.years, sigma, members, memory_days / 365.25, seed)
        ensemble = _ensemble(mesh, domain, made, errors, rock)
        ensemble[:, free_at] = np.nan
        notes.append(_about_members(members, seed, memory_days))
    return LevelSets(
        made.years, made.dates, phi, made.ice, made.lines, made.trace_ids, ensemble, notes,
        made.wished, missed, None if errors is None else errors * domain.reference_width,
    )  # fmt: skip


def _about_missed(missed: list[dict[str, str | float]]) -> list[str]:
    """Sentence on the dates whose ice has not the area of the release."""
    if not missed:
        return []
    worst = max(missed, key=lambda miss: abs(float(miss["missing_m2"])))
    return [
        f"{len(missed)} fronts miss the area of the release by more than {AREA_SHARE:.1%} of "
        f"its range, by up to {abs(float(worst['missing_m2'])) / 1e6:.3f} km2 "
        f"({str(worst['date'])[:10]}): {worst['reason']}."
    ]


def _about_members(members: int, seed: int, memory_days: float) -> str:
    return (
        f"Ensemble of {members} members (seed {seed}): the whole front is displaced along "
        f"flow by one error a date, correlated over {memory_days:.0f} days, so that the area "
        "changes by the error times the reference width."
    )


def _ensemble(
    mesh: Mesh, domain: GlacierDomain, made: FrontsAt, errors: Floats, rock: BaseGeometry | None
) -> Floats:
    """Level sets with every front displaced along flow, the ice by its error of area."""
    fjord = Fjord.of(domain, rock)
    found = np.empty((len(errors), len(mesh.x), len(made.dates)))
    for k, path in enumerate(made.paths):
        parts = Parted(made.ice[k], made.water[k], made.lines[k], float(made.area[k]))
        for m, error in enumerate(errors[:, k]):
            moved = displaced(fjord, path, parts, float(error))
            found[m, :, k] = signed_distance(mesh.x, mesh.y, moved.ice, moved.water, moved.line)
    return found
