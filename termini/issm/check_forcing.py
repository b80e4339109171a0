"""Checks of the forcings: missing values, units by their size, basins, season."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from termini.geo import LONLAT, transformer
from termini.issm.check_read import Bundle, Problem
from termini.issm.check_series import is_series
from termini.issm.forcing import BALANCE, CALVING, DISCHARGE, MELT, WARMTH
from termini.issm.model import FIELDS

# A basin that feeds a fjord gives cubic metres a second in summer, hundreds of
# thousands of cubic metres a day. Below this the number is m3 a second, or metres a day
# (discharge over the front's area), as ISSM's help has it.
LEAST_DISCHARGE = 2e4
# Surface mass balance of kg m-2 s-1 never reaches this, one of m a year always does.
LEAST_BALANCE = 2e-3
NONE_NAN = (MELT, DISCHARGE, WARMTH, BALANCE, CALVING)


def check_forcings(bundle: Bundle) -> Iterator[Problem]:
    """Check melt, discharge, thermal forcing, mass balance and calving.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.

    Yields
    ------
    Problem
        One for each fault.
    """
    for name in (*NONE_NAN, "geometry.bed"):
        if name in bundle.fields:
            yield from _range(bundle, name)
    yield from _ignored_melt(bundle)
    yield from _basins(bundle)
    yield from _discharge(bundle)
    values = body(bundle, BALANCE)
    if values is not None and 0 < np.nanmax(np.abs(values), initial=0) < LEAST_BALANCE:
        yield bundle.problem(
            BALANCE,
            f"is never larger than {np.nanmax(np.abs(values)):.2g}: kg m-2 s-1?",
            "ISSM takes metres of ice a year: multiply by 31536000 / 917",
        )


def body(bundle: Bundle, name: str) -> NDArray[np.float64] | None:
    """Values of a field without its row of years.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.
    name : str
        Name of the field.

    Returns
    -------
    ndarray or None
        None where the field is missing or too small to be one.
    """
    values = bundle.fields.get(name)
    if values is None or values.ndim == 0:
        return None
    cut = values.shape[0] == bundle.vertices + 1
    return np.asarray(values[:-1] if cut else values, dtype=np.float64)


def _range(bundle: Bundle, name: str) -> Iterator[Problem]:
    values, spec = body(bundle, name), FIELDS[name]
    if values is None:
        return
    missing = ~np.isfinite(values)
    if missing.any():
        row = np.flatnonzero(missing.reshape(len(values), -1).any(axis=1))
        yield bundle.problem(
            name,
            f"holds {missing.sum()} value(s) that are NaN or infinite: ISSM stops at them",
            "fill the gaps, or write 0 where nothing is known",
            f"first at vertex {row[0] + 1}",
        )
        return
    if values.size and (values.min() < spec.low or values.max() > spec.high):
        yield bundle.problem(
            name,
            f"must lie between {spec.low:g} and {spec.high:g} {spec.units}, it spans "
            f"{values.min():g} to {values.max():g}",
            "look for a wrong unit or sign",
        )


def _ignored_melt(bundle: Bundle) -> Iterator[Problem]:
    melt, ocean = body(bundle, MELT), bundle.fields.get("mask.ocean_levelset")
    if melt is None or ocean is None or ocean.size != len(melt):
        return
    lost = (ocean.ravel() < 0) & (melt.reshape(len(melt), -1) > 0).any(axis=1)
    if lost.any():
        yield bundle.problem(
            MELT,
            f"is not 0 at {lost.sum()} vertices where mask.ocean_levelset < 0: ISSM ignores it "
            "there",
            "set it to 0 there, so that what is written is what is used",
            f"first at vertex {np.flatnonzero(lost)[0] + 1}",
        )


def _basins(bundle: Bundle) -> Iterator[Problem]:
    name = "frontalforcingsrignot.basin_id"
    basin, count = bundle.fields.get(name), bundle.fields.get("frontalforcingsrignot.num_basins")
    if basin is None:
        if DISCHARGE in bundle.fields:
            yield bundle.problem(name, "is missing", "give each element its basin, from 1")
        return
    most = int(count) if count is not None and count.ndim == 0 else int(np.max(basin, initial=1))
    wrong = ~np.isfinite(basin) | (basin < 1) | (basin > most) | (basin != np.round(basin))
    if wrong.any():
        first = int(np.flatnonzero(wrong.ravel())[0])
        yield bundle.problem(
            name,
            f"basin id {basin.ravel()[first]:g} in {wrong.sum()} elements, must be from 1 to "
            f"{most}: 0 passes ISSM's check and fails in its core",
            "count basins from 1 and give every element one",
            f"element {first + 1}",
        )


def _discharge(bundle: Bundle) -> Iterator[Problem]:
    values = body(bundle, DISCHARGE)
    if values is None or not np.isfinite(values).all():
        return
    values = values.reshape(len(values), -1)
    largest = values.max(initial=0.0)
    if 0 < largest < LEAST_DISCHARGE:
        yield bundle.problem(
            DISCHARGE,
            f"is at most {largest:.3g}: m/d or m3/s, not m3/d",
            "give the whole basin's cubic metres a day: m3/s times 86400, or m/d times the "
            "submerged area of the front",
        )
    basin = bundle.fields.get("frontalforcingsrignot.basin_id")
    single = basin is None or np.ptp(basin) == 0
    if single and len(values) == bundle.vertices:
        uneven = np.ptp(values, axis=0) > 1e-6 * np.maximum(values.max(axis=0), 1)
        if uneven.any():
            yield bundle.problem(
                DISCHARGE,
                f"differs between the vertices of one basin on {uneven.sum()} dates",
                "write the basin's total at every vertex of it",
            )
    yield from _season(bundle)


def _season(bundle: Bundle) -> Iterator[Problem]:
    """Discharge peaks in summer; months that say otherwise are shifted."""
    if not is_series(bundle, DISCHARGE):
        return
    series = np.asarray(bundle.fields[DISCHARGE], dtype=np.float64)
    years, flow = series[-1], series[:-1].max(axis=0)
    if len(years) < 12 or np.ptp(years) < 1 or np.median(np.diff(years)) > 0.2 or flow.max() <= 0:
        return
    angle = 2 * np.pi * years
    # first harmonic, in whole years only, so that none weighs more than another
    whole = years < years[0] + np.floor(np.ptp(years) + np.median(np.diff(years)) + 1e-6)
    wave = complex((flow * np.exp(1j * angle))[whole].mean())
    if abs(wave) < 0.1 * flow[whole].mean():
        return
    peak = (np.angle(wave) / (2 * np.pi)) % 1
    late = (peak - (0.56 if _northern(bundle) else 0.06) + 0.5) % 1 - 0.5
    if abs(late) > 0.25:
        yield bundle.problem(
            DISCHARGE,
            f"peaks in month {int(peak * 12) + 1}, in winter: the time axis is shifted by about "
            f"{abs(late):.1f} a (a half-year shift?)",
            "compute decimal years as year + days since 1 January / days of that year",
        )


def _northern(bundle: Bundle) -> bool:
    epsg = bundle.fields.get("mesh.epsg")
    code = 3413 if epsg is None or int(epsg) <= 0 else int(epsg)
    try:
        CRS(code)
    except CRSError:
        return True
    x, y = bundle.xy.mean(axis=0)
    return bool(transformer(f"EPSG:{code}", LONLAT).transform(x, y)[1] > 0)
