"""Intervals from standard errors: how many of them hold a share of the errors.

The parts of an observation's error are not all distributed alike. A front stands still
for months and then calves, so that a wrong day does nothing or much; a network's front is
near the true one for the most part and now and then far from it; what was not seen is
mostly as it was in other fronts. Such errors are those of Student's t with few degrees of
freedom. A measure with two answers is off by nothing or by all that lies between them. All
else is normal. An interval is that of the sum of the parts, each with its share of the
variance.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr, ndtri, roots_legendre, stdtrit

from termini.errors import InputError
from termini.series.settings import MEASURES

Array = NDArray[np.float64]

# Degrees of freedom and scale, in standard errors, of errors of which most are small and a
# few large: those of dates, and of dates known to a month or two in means over a width, where
# the front mostly stands and seldom calves (both chosen on the simulated regions 400 to 402);
# and of a network's fronts (on the simulated runs of seeds 7 and 21) and of what was filled
# (on the regions), of variance one. All in `benchmarks/calibration.py`.
_DATES = (2.5, 0.58)
_SHORT_DATES = (2.0, 0.48)
_SHORT_DAYS = 60.0
_OTHERS = (3.5, float(np.sqrt(1.5 / 3.5)))
_KINDS = (_DATES, _SHORT_DATES, _OTHERS)
# Share of the variance of a network's drawing error that is so distributed: all of it on a
# line or in a strip, less in a mean over the whole width.
_ON_LINES, _OVER_WIDTH = 1.0, 0.5
_WHOLE_WIDTH = ("area", "length_area", "variable_box")
_STRIPS = ("box", "curvilinear_box")
# The same of what was not seen, where it is filled or corrected from other fronts of the
# glacier (on the regions 400 to 402).
_FILLED = 0.6
_FROM_OTHERS = ("area", "length_area", "flowlines")
_NODES, _HALVINGS = 20, 40
_ROWS = 4_000
_PARTS = ("sigma_digitising", "sigma_coverage", "sigma_date", "sigma_definition")


def interval_factor(
    level: float,
    measure: str,
    method: str,
    *,
    coverage: float = 0.0,
    date: float = 0.0,
    definition: float = 0.0,
    days: float | None = None,
) -> float:
    """Standard errors to either side that an interval reaches.

    Parameters
    ----------
    level : float
        Share of the errors that it is to hold, between 0 and 1.
    measure : str
        Measure, as in the observations.
    method : str
        How the front was found, as in the front table.
    coverage, date, definition : float
        Shares of the variance that come from what was not seen, from the date and from
        the definition of the measure, from 0 to 1.
    days : float, optional
        Standard error of the date: known to less than 60 days, means over a width are
        mostly right and seldom far off.

    Returns
    -------
    float
        The interval is the value plus and minus so many times its standard error: 0.99
        for 68 % and 1.96 for 95 % of drawn fronts of known date; 0.72 and 2.07 where the
        date makes all of the error; 0.76 and 1.92 on lines and in strips across a network's
        front; 1.41, the way to the other answer, where the definition does.

    Raises
    ------
    InputError
        For a level or a share outside 0 to 1 and an unknown measure.
    """
    _check(level, measure)
    rest = 1.0 - coverage - date - definition
    if not min(coverage, date, definition, rest) >= -1e-12:
        raise InputError(
            f"coverage {coverage}, date {date}, definition {definition}: shares of the variance "
            "are not below 0 and their sum is not above 1"
        )
    shares = np.array([[rest, coverage, date, definition]])
    known = np.array([np.nan if days is None else days])
    return float(_reach(level, shares, np.array([measure]), np.array([method]), known)[0])


def half_widths(
    observations: pd.DataFrame, level: float, *, fronts: pd.DataFrame | None = None
) -> Array:
    """How far intervals reach to either side of observations.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe`, `termini.series.since_reference` or
        `termini.series.changes` give them. What the standard error has beyond its parts
        is normal; so are parts that the table does not have.
    level : float
        Share of the errors that each is to hold, between 0 and 1.
    fronts : DataFrame, optional
        Front table of these observations, for how each front was found and how well its
        day is known (of changes, the second); without it all are taken to be drawn by hand,
        unless the observations have a column ``method``, and errors of dates to be long ones,
        unless they have ``date_sigma_days``.

    Returns
    -------
    ndarray, shape (n,)
        Metres; NaN where there is no standard error. `interval_factor` times that.

    Raises
    ------
    InputError
        For a level outside 0 to 1, an unknown measure, and traces that are not in the
        front table.
    """
    for measure in observations["measure"].unique():
        _check(level, str(measure))
    error = observations["length_change_se"].to_numpy(dtype=np.float64)
    known = observations.reindex(columns=list(_PARTS)).fillna(0.0).to_numpy(dtype=np.float64)
    total = error**2
    # what a change shares cancels in its standard error: then the parts shrink alike
    whole = np.maximum(total, np.sum(known**2, axis=1))
    share = np.divide(known**2, whole[:, None], out=np.zeros_like(known), where=whole[:, None] > 0)
    measures = observations["measure"].to_numpy(dtype=object)
    method, days = (
        _of_fronts(observations, fronts, name) for name in ("method", "date_sigma_days")
    )
    return np.asarray(_reach(level, share, measures, method, days.astype(np.float64)) * error)


def _reach(
    level: float,
    share: Array,
    measure: NDArray[np.object_],
    method: NDArray[np.object_],
    days: Array,
) -> Array:
    """Standard errors that intervals reach, shape (n,), from shares of `_PARTS`."""
    network = method != "manual"
    wide = np.isin(measure.astype(str), _WHOLE_WIDTH)
    others = np.isin(measure.astype(str), _FROM_OTHERS)
    heavy = share[:, 0] * np.where(network, np.where(wide, _OVER_WIDTH, _ON_LINES), 0.0)
    heavy += share[:, 1] * np.where(others, _FILLED, 0.0)
    short = (days < _SHORT_DAYS) & (wide | np.isin(measure.astype(str), _STRIPS))
    dates = [np.where(short, 0.0, share[:, 2]), np.where(short, share[:, 2], 0.0)]
    return _factors(level, np.column_stack([*dates, heavy, share[:, 3]]))


def _of_fronts(
    observations: pd.DataFrame, fronts: pd.DataFrame | None, column: str
) -> NDArray[np.object_]:
    """How each front was found, or the error of its date, NaN where it is not told."""
    if column in observations.columns:
        return observations[column].to_numpy(dtype=object)
    unknown = "manual" if column == "method" else np.nan
    if fronts is None or column not in fronts.columns:
        return np.full(len(observations), unknown, dtype=object)
    names = "trace_id" if "trace_id" in observations.columns else "trace_b"
    at = pd.Index(fronts["trace_id"]).get_indexer(pd.Index(observations[names]))
    if (at < 0).any():
        raise InputError(
            f"trace {observations[names][at < 0].iloc[0]!r} is not in the front table: give "
            "that of these observations"
        )
    return np.asarray(fronts[column].to_numpy(dtype=object)[at])


def _check(level: float, measure: str) -> None:
    if not 0.0 < level < 1.0:
        raise InputError(f"level {level}: the share of errors within lies between 0 and 1")
    if measure not in MEASURES:
        raise InputError(f"measure {measure!r} is unknown: one of {', '.join(MEASURES)}")


def _factors(level: float, parts: Array) -> Array:
    """Half widths of intervals of errors of variance one, shape (n,).

    `parts`, shape (n, 4): shares of the variance of the `_KINDS`, and of the definition;
    what they leave is normal.
    """
    found = np.full(len(parts), float(ndtri(0.5 + level / 2)))
    some = parts > 0
    several = some.sum(axis=1) > 1
    for kind in range(len(_KINDS)):
        alone = some[:, kind] & ~several
        found[alone] = np.interp(parts[alone, kind], *_of_kind(level, kind))
    mixed = several | some[:, -1]
    # rows of the same kinds together
    which = some[:, :-1] @ (1 << np.arange(len(_KINDS)))
    for one in np.unique(which[mixed]):
        rows = np.flatnonzero(mixed & (which == one))
        for start in range(0, len(rows), _ROWS):
            few = rows[start : start + _ROWS]
            found[few] = _quantiles(level, parts[few])
    return found


@lru_cache(maxsize=12)
def _of_kind(level: float, kind: int) -> tuple[Array, Array]:
    """Half widths at shares of one heavy-tailed part, without any other."""
    at = np.linspace(0.0, 1.0, 129)
    parts = np.zeros((len(at), len(_KINDS) + 1))
    parts[:, kind] = at
    found = _quantiles(level, parts)
    found[0] = ndtri(0.5 + level / 2)
    freedom, scale = _KINDS[kind]
    found[-1] = scale * stdtrit(freedom, 0.5 + level / 2)
    return at, found


def _quantiles(level: float, parts: Array) -> Array:
    """Quantiles of the absolute error of a sum of normal, t and two-answer parts.

    A t variable is a normal one whose variance is drawn: its degrees of freedom over
    twice a gamma variable of half of them. The sum is therefore normal given the draws,
    over which is integrated. The two-answer part is nothing or, either way, the root of
    two of its standard error, each half of the time.
    """
    # the few large draws matter: their quantiles go with the cube of the nodes of Gauss
    at, chance = roots_legendre(_NODES)
    at, chance = (at + 1) / 2, chance / 2
    variance = np.maximum(1.0 - parts.sum(axis=1), 0.0)[:, None]
    weights = np.ones(1)
    for kind, (freedom, scale) in enumerate(_KINDS):
        if parts[:, kind].any():
            draws = gammaincinv(freedom / 2, at**3)
            drawn = parts[:, kind, None] * (scale**2 * freedom / (2 * draws))
            variance = (variance[:, :, None] + drawn[:, None, :]).reshape(len(parts), -1)
            weights = (weights[:, None] * chance * 3 * at**2).ravel()
    spread = np.maximum(np.sqrt(variance), 1e-9)
    way = np.sqrt(2 * parts[:, -1])[:, None]
    low, high = np.zeros(len(parts)), np.full(len(parts), 100.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        far = middle[:, None]
        none = 2 * ndtr(far / spread) - 1
        other = ndtr((far - way) / spread) - ndtr((-far - way) / spread) if way.any() else none
        enough = (0.5 * (none + other)) @ weights >= level
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(high)
