"""Checks of shapes, of the time axis, and of the level set by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from termini.issm.check_read import Bundle, Problem
from termini.issm.model import FIELDS, FRONT

FIRST_YEAR, LAST_YEAR = 1700.0, 2500.0
# Share of edges along which a distance may jump: on a mesh that reaches beyond the
# fjord, land on both sides of a front's end has the sign of the nearer side.
STEEP = 0.1


def check_shapes(bundle: Bundle) -> Iterator[Problem]:
    """Check the shape and unit of every field that is known, and its decimal years.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.

    Yields
    ------
    Problem
        One for each fault.
    """
    sizes = {"vertex": bundle.vertices, "element": len(bundle.corners), "three": 3}
    for name, spec in FIELDS.items():
        values = bundle.fields.get(name)
        if values is None or name in {"mesh.elements", "mesh.segments"}:
            continue
        unit = bundle.units.get(name, "")
        if unit and spec.units != "1" and _plain(unit) != _plain(spec.units):
            yield bundle.problem(
                name, f"is in {unit!r}, ISSM takes {spec.units!r}", "convert it and say the unit"
            )
        if spec.is_series:
            yield from _series(bundle, name, values)
        elif spec.dims and spec.dims[0] in sizes and values.size != sizes[spec.dims[0]]:
            yield bundle.problem(
                name,
                f"has {values.size} values, the mesh has {sizes[spec.dims[0]]} of {spec.dims[0]}",
                "interpolate it to this mesh",
            )


def is_series(bundle: Bundle, name: str) -> bool:
    """Whether a field is there as a time series of the right shape.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.
    name : str
        Name of the field.

    Returns
    -------
    bool
        Whether its shape is (nv + 1, T) with T of two or more.
    """
    values = bundle.fields.get(name)
    if values is None or values.ndim != 2:
        return False
    return bool(values.shape[0] == bundle.vertices + 1 and values.shape[1] >= 2)


def _series(bundle: Bundle, name: str, values: NDArray[np.generic]) -> Iterator[Problem]:
    nv = bundle.vertices
    if values.shape in {(nv,), (nv, 1), ()}:
        return  # held for all time: ISSM takes that as well
    if values.shape in {(nv + 1,), (nv + 1, 1)}:
        yield bundle.problem(
            name,
            "is a series of a single column: ISSM needs two dates at least",
            "give two dates, or drop the last row to hold the values for all time",
        )
        return
    if not is_series(bundle, name):
        yield bundle.problem(
            name,
            f"has shape {values.shape}, must be ({nv + 1}, T): a value a vertex, then a last row "
            "of decimal years",
            "interpolate it to this mesh, dates in columns",
        )
        return
    years = np.asarray(values[-1], dtype=np.float64)
    if not np.isfinite(years).all() or years.min() < FIRST_YEAR or years.max() > LAST_YEAR:
        yield bundle.problem(
            name,
            f"the last row spans {np.min(years):g} to {np.max(years):g}, no decimal years",
            "write the decimal year of each date into the last row",
        )
        return
    back = np.flatnonzero(np.diff(years) <= 0)
    if len(back):
        yield bundle.problem(
            name,
            "the decimal years do not increase strictly",
            "sort the columns by date and keep one of each date",
            f"column {back[0] + 2}, {years[back[0] + 1]:.4f} after {years[back[0]]:.4f}",
        )
    if values.dtype == np.float32 or _rounded(years):
        yield bundle.problem(
            name,
            "time is float32: good to an hour only, which moves a fast front",
            "write the series as float64, the years computed in float64",
        )


def _rounded(years: NDArray[np.float64]) -> bool:
    """Whether years went through float32, told by days that are none."""
    whole = years * 16 == np.round(years * 16)
    return bool((years == years.astype(np.float32)).all() and not whole.all())


def _plain(unit: str) -> str:
    """Unit in one spelling of the many."""
    text = unit.strip().lower().replace("**", "").replace("^", "").replace("³", "3")
    for given, plain in (
        ("degc", "k"), ("°c", "k"), ("celsius", "k"), ("kelvin", "k"), ("degree_c", "k"),
        ("metres", "m"), ("meters", "m"), ("yr", "year"), ("/day", " day-1"), ("/year", " year-1"),
        ("/d", " day-1"), ("/a", " year-1"), ("/y", " year-1"), (" a-1", " year-1"),
        (" d-1", " day-1"), (" y-1", " year-1"), (" ice", ""), (".", " "),
    ):  # fmt: skip
        text = text.replace(given, plain)
    return " ".join(text.split())


def check_level_set(bundle: Bundle) -> Iterator[Problem]:
    """Check the level set by itself: finite, both signs, a distance, ice at the gate.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.

    Yields
    ------
    Problem
        One for each fault.
    """
    held = bundle.fields.get(FRONT)
    if held is not None and np.isinf(held).any():
        yield bundle.problem(
            FRONT,
            f"{np.isinf(held).sum()} values are infinite",
            "write NaN where the front is to be free",
        )
    phi = bundle.front
    if phi is None or np.isinf(phi).any():
        return
    body, years = phi[:-1], phi[-1]
    with np.errstate(invalid="ignore"):
        gone = ~(body < 0).any(axis=0) | ~(body > 0).any(axis=0)
    gone &= ~np.isnan(body).all(axis=0)
    if gone.any():
        first = int(np.flatnonzero(gone)[0])
        side = "water" if (body[:, first] > 0).any() else "ice"
        yield bundle.problem(
            FRONT,
            f"the front leaves the domain on {gone.sum()} of {len(years)} dates: all is {side}",
            "give a larger mesh or leave the date out",
            f"first at {years[first]:.3f}",
        )
    yield from _gate(bundle, body)
    yield from _distance(bundle, body, years)
    yield from _start(bundle, body)


def _gate(bundle: Bundle, body: NDArray[np.float64]) -> Iterator[Problem]:
    # a front that runs along a wall may end in the corner of the gate, at a distance of 0
    if len(bundle.gate) and (body[bundle.gate] > 0).any():
        x, y = bundle.xy[bundle.gate].mean(axis=0)
        yield bundle.problem(
            FRONT,
            "must be negative (ice) at the upstream gate and is not",
            "turn the sign, or look at the fronts that reach the gate",
            f"gate at {x:.0f}, {y:.0f}",
        )


def _distance(
    bundle: Bundle, body: NDArray[np.float64], years: NDArray[np.float64]
) -> Iterator[Problem]:
    # a distance changes by no more than vertices lie apart
    corner = bundle.corners
    ends = np.vstack([corner[:, [0, 1]], corner[:, [1, 2]], corner[:, [2, 0]]])
    apart = np.linalg.norm(bundle.xy[ends[:, 0]] - bundle.xy[ends[:, 1]], axis=1)
    for column, year in zip(body.T, years, strict=True):
        with np.errstate(invalid="ignore"):
            steep = np.abs(column[ends[:, 0]] - column[ends[:, 1]]) > 1.05 * apart + 1.0
        if steep.mean() > STEEP:
            yield bundle.problem(
                FRONT,
                f"is not a distance: along {steep.mean():.0%} of the edges it changes faster than "
                "vertices lie apart",
                "give the signed distance to the front in metres",
                f"at {year:.3f}",
            )
            return


def _start(bundle: Bundle, body: NDArray[np.float64]) -> Iterator[Problem]:
    """Masks against the first column, and against each other."""
    mask = bundle.fields.get("mask.ice_levelset")
    if mask is None or mask.size != len(body):
        return
    mask = mask.ravel()
    first = body[:, 0]
    clear = np.isfinite(first) & (np.abs(first) > bundle.edge) & (mask != 0)
    wrong = clear & (np.sign(mask) != np.sign(first))
    if clear.any() and wrong.sum() > 0.5 * clear.sum():
        yield bundle.problem(
            "mask.ice_levelset",
            "has the sign opposite to levelset.spclevelset: one of the two is flipped",
            "both are negative in ice; turn the one that is not",
        )
    ocean = bundle.fields.get("mask.ocean_levelset")
    if ocean is not None and ocean.size == len(mask) and (ocean < 0).all():
        yield bundle.problem(
            "mask.ocean_levelset",
            "nothing is grounded: ISSM would remove all ice as icebergs",
            "give positive values where ice is grounded",
        )
