"""Checks of the level set against the contours that lie beside it.

A level set that is turned inside out, off in time or off in space runs in ISSM
without a word. The contours are an independent witness: points are told inside
from outside by counting crossings, distances are taken to the drawn lines, and
neither uses what the level set was made with.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from termini.issm.check_geometry import Segments, boundary, distances, inside, segments_of
from termini.issm.check_outline import check_outline, within_domain
from termini.issm.check_read import Bundle, Problem
from termini.issm.model import FRONT

# A day and a half: names of contours carry the year to three decimals.
SAME_TIME = 0.004
# Columns that are measured against their lines; all of them is a matter of minutes.
MOST_COLUMNS = 12
_YEAR = re.compile(r"(?<!\d)(\d{4}(?:\.\d+)?)(?=_\d+$|$)")


def check_contours(bundle: Bundle) -> Iterator[Problem]:
    """Check sign, dates and place of the level set against the contours beside it.

    Parameters
    ----------
    bundle : Bundle
        What there is to check; contours named with a year belong to that date, and
        ``domain.exp`` is the outline.

    Yields
    ------
    Problem
        One for each fault.
    """
    phi = bundle.front
    if phi is None:
        return
    lines, rings = dated(bundle, closed=False), dated(bundle, closed=True)
    pairs = yield from _match(bundle, lines, phi[-1])
    ring_pairs = match_years(list(rings), phi[-1])
    yield from _signs(bundle, rings, ring_pairs)
    yield from _leaves(bundle, lines)
    yield from _offset(bundle, lines, pairs)
    yield from check_outline(bundle, _tolerance(bundle))


def dated(bundle: Bundle, *, closed: bool) -> dict[float, Segments]:
    """Contours that carry a year, as segments.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.
    closed : bool
        Rings (ice) or open lines (fronts).

    Returns
    -------
    dict of float to ndarray, shape (n, 2, 2)
        By decimal year, in order.
    """
    found: dict[float, list[Segments]] = {}
    for file, contours in bundle.contours.items():
        if file.startswith(("domain", "rock")):
            continue
        for contour in contours:
            # the file's own name stands in where a contour has none that says a year
            year = _YEAR.search(contour.name) or _YEAR.search(file.removesuffix(".exp"))
            # a front around a block that floats free is closed as well
            ring = contour.closed and not file.startswith("front")
            if year is not None and ring == closed and len(contour.xy) > 1:
                found.setdefault(float(year[1]), []).append(segments_of(contour.xy))
    return {year: np.concatenate(found[year]) for year in sorted(found)}


def match_years(years: list[float], columns: NDArray[np.float64]) -> dict[float, int]:
    """Column of each year that has one.

    Parameters
    ----------
    years : list of float
        Decimal years of contours.
    columns : ndarray, shape (T,)
        Decimal years of the level set.

    Returns
    -------
    dict of float to int
        Year to column.
    """
    found = {}
    for year in years:
        column = int(np.abs(columns - year).argmin())
        if abs(columns[column] - year) <= SAME_TIME:
            found[year] = column
    return found


def _match(
    bundle: Bundle, lines: dict[float, Segments], columns: NDArray[np.float64]
) -> Generator[Problem, None, dict[float, int]]:
    """Dates in the contours' names against the last row."""
    years = np.array(list(lines))
    pairs = match_years(list(lines), columns)
    if len(years) and len(pairs) < 0.5 * len(years):
        apart = _shift(years, columns)
        yield bundle.problem(
            FRONT,
            f"{len(years) - len(pairs)} of {len(years)} dated contours have no column of their "
            f"date; the series lies {apart:+.3f} a from them"
            + (" (a half-year shift)" if 0.4 < abs(apart) < 0.6 else ""),
            "compute decimal years as year + days since 1 January / days of that year, for both",
            "last row",
        )
    return pairs


def _shift(years: NDArray[np.float64], columns: NDArray[np.float64]) -> float:
    """Shift of one time axis from another."""
    if len(years) == len(columns):
        return float(np.median(columns - years))
    return float(columns[0] - years[0])


def _signs(
    bundle: Bundle, rings: dict[float, Segments], pairs: dict[float, int]
) -> Iterator[Problem]:
    """Negative inside the ice polygons, positive outside them."""
    phi = bundle.front
    assert phi is not None
    known = within_domain(bundle, bundle.xy)
    for year, column in pairs.items():
        value = phi[:-1, column]
        away, _ = distances(bundle.xy, rings[year])
        clear = known & (away > _tolerance(bundle)) & np.isfinite(value)
        clear &= np.abs(value) > _tolerance(bundle)
        wrong = clear & (inside(bundle.xy, rings[year]) != (value < 0))
        share = wrong.sum() / max(clear.sum(), 1)
        if share > 0.5:
            yield bundle.problem(
                FRONT,
                f"has a flipped sign: {share:.0%} of the vertices inside the ice polygon are "
                "positive, or negative outside it",
                "turn the sign: negative in ice",
                f"at {year:.3f}",
            )
            return
        if wrong.sum() > max(3, 0.01 * clear.sum()):
            x, y = bundle.xy[wrong].mean(axis=0)
            yield bundle.problem(
                FRONT,
                f"{wrong.sum()} vertices lie on the other side of the ice polygon's edge than "
                "their sign says",
                "look at the ice polygon and the level set there",
                f"at {year:.3f}, around {x:.0f}, {y:.0f}",
            )
            return


def _leaves(bundle: Bundle, lines: dict[float, Segments]) -> Iterator[Problem]:
    """Fronts that run outside the mesh."""
    edges = boundary(bundle)
    if not lines or not len(edges):
        return
    points = np.concatenate([line.reshape(-1, 2) for line in lines.values()])
    year = np.concatenate([np.full(2 * len(line), y) for y, line in lines.items()])
    points, first = np.unique(points, axis=0, return_index=True)
    outside = ~inside(points, edges)
    outside[outside] = distances(points[outside], edges)[0] > 0.5 * bundle.edge
    if outside.any():
        at = int(np.flatnonzero(outside)[0])
        yield bundle.problem(
            FRONT,
            f"the front leaves the domain: {outside.sum()} points of the drawn fronts lie outside "
            "the mesh",
            "give a larger mesh, or cut the fronts at its edge",
            f"{year[first][at]:.3f} at {points[at, 0]:.0f}, {points[at, 1]:.0f}",
        )


def _tolerance(bundle: Bundle) -> float:
    """Metres within which a level set agrees with a line."""
    return max(5.0, min(0.02 * bundle.edge, 25.0))


def residuals(
    bundle: Bundle, column: int, lines: Segments
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Level set less signed distance to a line, at the vertices near that line.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.
    column : int
        Column of the level set.
    lines : ndarray, shape (m, 2, 2)
        The front as drawn.

    Returns
    -------
    ndarray, shape (n,), and ndarray, shape (n, 2)
        Metres, and the direction in which the level set grows.
    """
    phi = bundle.front
    assert phi is not None
    value = phi[:-1, column]
    low, high = lines.reshape(-1, 2).min(axis=0), lines.reshape(-1, 2).max(axis=0)
    reach = 4 * bundle.edge
    xy = bundle.xy
    near = np.isfinite(value) & (np.abs(value) < reach)
    near &= ((xy > low - reach) & (xy < high + reach)).all(axis=1)
    away, foot = distances(xy[near], lines)
    # beyond its ends a front goes on along the wall, where no line is drawn
    ends = lines.reshape(-1, 2)
    counted, times = np.unique(ends, axis=0, return_counts=True)
    loose = counted[times == 1]
    beside = (np.abs(foot[:, None] - loose[None]) < 1e-6).all(axis=2).any(axis=1)
    keep = ~beside & (away > 0.2 * bundle.edge)
    sign = np.sign(value[near][keep])
    grows = (xy[near][keep] - foot[keep]) / away[keep, None] * sign[:, None]
    return value[near][keep] - sign * away[keep], grows


def say_offset(
    bundle: Bundle, found: list[tuple[NDArray[np.float64], NDArray[np.float64]]], against: str
) -> Iterator[Problem]:
    """Problem of a level set that lies off a line.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.
    found : list of tuple
        What `residuals` gave, a date each.
    against : str
        What the lines are.

    Yields
    ------
    Problem
        If the median distance is beyond tolerance.
    """
    pairs = [pair for pair in found if len(pair[0]) >= 5]
    if not pairs:
        return
    rest = np.concatenate([r for r, _ in pairs])
    middle = float(np.median(np.abs(rest)))
    if middle <= _tolerance(bundle):
        return
    grows = np.concatenate([g for _, g in pairs])
    (dx, dy), *_ = np.linalg.lstsq(-grows, rest, rcond=None)
    yield bundle.problem(
        FRONT,
        f"lies off {against}: the front is displaced by {middle:.0f} m in the median (a shift of "
        f"{dx:.0f}, {dy:.0f} m fits best)",
        "look for an offset in the coordinates of the mesh or in the level set, and for "
        "projections that differ",
    )


def _offset(
    bundle: Bundle, lines: dict[float, Segments], pairs: dict[float, int]
) -> Iterator[Problem]:
    some = list(pairs.items())
    some = some[:: max(len(some) // MOST_COLUMNS, 1)]
    found = [residuals(bundle, column, lines[year]) for year, column in some]
    yield from say_offset(bundle, found, "the fronts drawn in the contours")
