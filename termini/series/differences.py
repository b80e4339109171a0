"""Change between two observations of a glacier, with what they share taken out.

All traces of one scene (``correlation_group``) are misplaced by the same vector: it does
not show in their difference. Nor does the error of the reference observation, which every
value of a glacier has in common. What an analyst takes to be the front is the same in all
of an analyst's traces and shows only between those of two.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.series.settings import ObservationSettings
from termini.series.uncertainty import (
    ERROR_PARTS,
    SHARED_PARTS,
    of_several_analysts,
    width_of,
)
from termini.variables import is_rejected

Array = NDArray[np.float64]

#: Columns of the tables of changes.
CHANGE_COLUMNS: dict[str, str] = {
    "glacier_id": "str",
    "measure": "str",
    "trace_a": "str",
    "trace_b": "str",
    "date_a": "datetime64[us]",
    "date_b": "datetime64[us]",
    "days": "float64",
    "length_change": "float64",
    "length_change_se": "float64",
    "area_change": "float64",
    "area_change_se": "float64",
    "shared_m": "float64",
    **dict.fromkeys(ERROR_PARTS, "float64"),
}
_NEEDED = ["glacier_id", "trace_id", "date", "measure", "length_change", "area_change"]
_NEEDED += ["area_change_se", "correlation_group", "reference_date", "quality"]
_DAY = np.timedelta64(1, "D")


class Change(NamedTuple):
    """Change from one observation to another, advance positive.

    Attributes
    ----------
    length, length_se : float
        Metres; NaN for the measure ``area``.
    area, area_se : float
        Square metres; NaN for ``centreline``.
    """

    length: float
    length_se: float
    area: float
    area_se: float


def change_between(
    observations: pd.DataFrame,
    first: str,
    second: str,
    measure: str = "length_area",
    *,
    fronts: pd.DataFrame | None = None,
    settings: ObservationSettings | None = None,
) -> Change:
    """Change from one trace to another of the same glacier.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them.
    first, second : str
        Trace ids; the change is the second minus the first.
    measure : str
        Which measure.
    fronts, settings : optional
        As `changes` takes them.

    Returns
    -------
    Change
        With standard errors, in which what both share cancels.
    """
    row = changes(observations, [(first, second)], measure, fronts=fronts, settings=settings)
    names = ["length_change", "length_change_se", "area_change", "area_change_se"]
    return Change(*map(float, row[names].to_numpy()[0]))


def consecutive_changes(
    observations: pd.DataFrame,
    measure: str = "length_area",
    *,
    fronts: pd.DataFrame | None = None,
    settings: ObservationSettings | None = None,
) -> pd.DataFrame:
    """Change from each observation of a glacier to the next.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them, in any order. Rejected ones take no part.
    measure : str
        Which measure.
    fronts, settings : optional
        As `changes` takes them.

    Returns
    -------
    DataFrame
        As `changes` gives it, by glacier, date and trace id.
    """
    rows = observations[(observations["measure"] == measure).to_numpy(dtype=bool)]
    rows = rows[~is_rejected(rows["quality"])].sort_values(["glacier_id", "date", "trace_id"])
    glacier, trace = rows["glacier_id"].to_numpy(), rows["trace_id"].to_numpy()
    follows = glacier[1:] == glacier[:-1]
    pairs = zip(trace[:-1][follows], trace[1:][follows], strict=True)
    return changes(observations, pairs, measure, fronts=fronts, settings=settings)


def changes(
    observations: pd.DataFrame,
    pairs: Iterable[tuple[str, str]],
    measure: str = "length_area",
    *,
    fronts: pd.DataFrame | None = None,
    settings: ObservationSettings | None = None,
) -> pd.DataFrame:
    """Change between pairs of observations.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them.
    pairs : iterable of (str, str)
        Trace ids; a change is the second minus the first.
    measure : str
        Which measure.
    fronts : DataFrame, optional
        Front table of these observations. It names the analysts; without it all are
        taken to be of one.
    settings : ObservationSettings, optional
        Those of `observe`, for the analyst's part.

    Returns
    -------
    DataFrame
        One row per pair, columns as in `CHANGE_COLUMNS`; ``shared_m`` is what the error
        would have more, in quadrature, were nothing shared, metres. The parts are those
        of both observations without what they share; that of two analysts is in the
        standard error alone.

    Raises
    ------
    InputError
        If a trace has no value of that measure, if a pair is of two glaciers, or if
        its values count from different dates.

    Notes
    -----
    With standard errors of the parts that traces of a scene share (geolocation and date),
    g, and of the rest, r, the variance of a change is r_a² + r_b² + (g_a - g_b)², or with
    g_a² + g_b² last where nothing is shared. Two analysts add each the square of
    `ObservationSettings.analyst_sigma_of`. The reference's error always cancels.
    """
    rows = observations[(observations["measure"] == measure).to_numpy(dtype=bool)]
    check_columns(rows)
    rows = rows.reset_index(drop=True)
    wanted = np.array([*pairs], dtype=object).reshape(-1, 2)
    at = pd.Index(rows["trace_id"]).get_indexer(pd.Index(wanted.ravel())).reshape(-1, 2)
    if (at < 0).any():
        raise InputError(
            f"trace {wanted[at < 0][0]!r} has no value of {measure!r}: it was rejected, or "
            "observe() was not asked for that measure"
        )
    a, b = (rows.iloc[at[:, side]].reset_index(drop=True) for side in (0, 1))
    _check_pairs(a, b)
    one, other = (rows["correlation_group"].to_numpy(dtype=object) for rows in (a, b))
    parts, shared = _parts(a, b, (one == other) & (one != ""))
    who, style = analysts_of(rows, fronts, settings)
    apart = np.where(who[at[:, 0]] == who[at[:, 1]], 0.0, np.square(style[at]).sum(axis=1))
    variance = np.sum(parts**2, axis=1) + apart
    same = at[:, 0] == at[:, 1]
    error = np.where(same, 0.0, np.sqrt(variance))
    found = pd.DataFrame({"glacier_id": a["glacier_id"], "measure": measure})
    found["trace_a"], found["trace_b"] = a["trace_id"], b["trace_id"]
    found["date_a"], found["date_b"] = a["date"], b["date"]
    found["days"] = ((b["date"] - a["date"]) / _DAY).to_numpy()
    found["length_change"] = b["length_change"] - a["length_change"]
    found["length_change_se"] = np.where(found["length_change"].isna(), np.nan, error)
    found["area_change"] = b["area_change"] - a["area_change"]
    found["area_change_se"] = error * width_of(a)
    found["shared_m"] = np.sqrt(shared)
    found[list(ERROR_PARTS)] = np.where(same[:, None], 0.0, parts)
    return found[list(CHANGE_COLUMNS)].astype(CHANGE_COLUMNS)


def _parts(a: pd.DataFrame, b: pd.DataFrame, together: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Parts of the errors of changes, shape (n, parts), and the variance that is shared."""
    one, other = (
        rows.reindex(columns=list(ERROR_PARTS), fill_value=0.0).to_numpy(dtype=np.float64)
        for rows in (a, b)
    )
    of_scene = np.array([name in SHARED_PARTS for name in ERROR_PARTS])
    shared = np.where(together[:, None] & of_scene, 2.0 * one * other, 0.0)
    return np.sqrt(np.maximum(one**2 + other**2 - shared, 0.0)), shared.sum(axis=1)


def analysts_of(
    rows: pd.DataFrame, fronts: pd.DataFrame | None, settings: ObservationSettings | None
) -> tuple[NDArray[np.object_], Array]:
    """Analyst of each observation, and the standard error of what they take to be the front.

    Parameters
    ----------
    rows : DataFrame, n rows
        Observations.
    fronts, settings : optional
        As `changes` takes them.

    Returns
    -------
    who : ndarray of str, shape (n,)
        Empty without a front table.
    style : ndarray, shape (n,)
        Metres; zero where one analyst alone drew the glacier.

    Raises
    ------
    InputError
        If a trace is not in the front table.
    """
    if fronts is None:
        return np.full(len(rows), "", dtype=object), np.zeros(len(rows))
    at = pd.Index(fronts["trace_id"]).get_indexer(pd.Index(rows["trace_id"]))
    if (at < 0).any():
        raise InputError(f"trace {rows['trace_id'][at < 0].iloc[0]!r} is not in the front table")
    known = settings or ObservationSettings()
    style = rows["measure"].map(known.analyst_sigma_of).to_numpy(dtype=np.float64)
    several = of_several_analysts(fronts)[at]
    return fronts["analyst"].to_numpy(dtype=object)[at], np.where(several, style, 0.0)


def check_columns(rows: pd.DataFrame) -> None:
    """Say which columns observations lack for their changes.

    Parameters
    ----------
    rows : DataFrame
        Observations.

    Raises
    ------
    InputError
        Naming the columns.
    """
    missing = {*_NEEDED, *ERROR_PARTS} - {"sigma_date"} - set(rows.columns)
    if missing:
        raise InputError(f"observations lack the column(s) {sorted(missing)}: use observe()")


def _check_pairs(a: pd.DataFrame, b: pd.DataFrame) -> None:
    other = (a["glacier_id"] != b["glacier_id"]).to_numpy()
    if other.any():
        row = int(np.flatnonzero(other)[0])
        raise InputError(
            f"traces {a['trace_id'].iloc[row]!r} and {b['trace_id'].iloc[row]!r} are of two "
            f"glaciers, {a['glacier_id'].iloc[row]} and {b['glacier_id'].iloc[row]}"
        )
    moved = (a["reference_date"] != b["reference_date"]).to_numpy()
    if moved.any():
        name = a["glacier_id"].iloc[int(np.flatnonzero(moved)[0])]
        raise InputError(
            f"values of {name} count from different dates: measure its traces in one call of "
            "observe()"
        )
