"""What near-day traces of a glacier say of the errors of those who drew them.

Ice does not outrun its own flow: between two traces a day or a few apart a front may lose
any length to calving, but gains no more than flow brings. What it gains beyond that is
error of the traces, and only of them. So the errors of one analyst on one sensor show on
that side of the differences, whatever the glacier did.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.series.differences import changes
from termini.series.near_days import FEWEST_PAIRS, NEAR_DAYS, learnt_from, steady_rate
from termini.series.uncertainty import width_of
from termini.variables import is_rejected

Array = NDArray[np.float64]

#: Columns of `repeat_errors`.
REPEAT_COLUMNS = {
    "glacier_id": "str",
    "measure": "str",
    "analyst": "str",
    "sensor": "str",
    "pairs": "int64",
    "rate": "float64",
    "sigma_m": "float64",
}
_KEY = ["glacier_id", "measure", "analyst", "sensor"]


def near_pairs(observations: pd.DataFrame, measure: str, days: float) -> list[tuple[str, str]]:
    """Pairs of observations of one glacier that are near in time.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them; rejected ones take no part.
    measure : str
        Which measure.
    days : float
        Longest time between the two.

    Returns
    -------
    list of (str, str)
        Trace ids, the earlier first.
    """
    rows = observations[(observations["measure"] == measure).to_numpy(dtype=bool)]
    rows = rows[~is_rejected(rows["quality"])].sort_values(["glacier_id", "date", "trace_id"])
    found = []
    for _, part in rows.groupby("glacier_id", sort=True):
        names, when = part["trace_id"].to_numpy(), part["date"].to_numpy()
        reach = np.timedelta64(round(days * 86400), "s")
        last = np.searchsorted(when, when + reach, side="right")
        found += [(names[a], names[b]) for a in range(len(names)) for b in range(a + 1, last[a])]
    return found


def repeat_errors(
    observations: pd.DataFrame, fronts: pd.DataFrame, *, days: float = NEAR_DAYS
) -> pd.DataFrame:
    """Error of traces beyond the stated one, from near-day pairs of one analyst and sensor.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them.
    fronts : DataFrame
        Front table of these observations, for analyst and sensor.
    days : float
        Longest time between two traces.

    Returns
    -------
    DataFrame
        A row for each glacier, measure, analyst and sensor with at least four pairs:
        how many gained more than steady flow, the steady rate in metres a day, and
        ``sigma_m``, what one trace is to have in quadrature beside its stated error.

    Notes
    -----
    Empirical Bayes, as `termini.series.near_days.learnt_from` has it. `observe` does the
    same unasked, glacier by glacier; then little is left to be found in its table.
    """
    who = _drawn_by(fronts)
    rows = []
    for measure in observations["measure"].unique():
        if measure == "area":
            continue
        found = changes(observations, near_pairs(observations, measure, days), measure)
        one, other = (who.loc[found[side]] for side in ("trace_a", "trace_b"))
        alike = (one.to_numpy() == other.to_numpy()).all(axis=1)
        found[["analyst", "sensor"]] = one.to_numpy()
        found = found[alike]
        change, apart = found["length_change"].to_numpy(), found["days"].to_numpy()
        rate = {
            name: steady_rate(change[part], apart[part])
            for name, part in found.groupby("glacier_id").indices.items()
        }
        found["rate"] = found["glacier_id"].map(rate).astype("float64")
        rows += [
            (*key, *_learnt(part))
            for key, part in found.groupby(_KEY, sort=True)
            if len(part) >= FEWEST_PAIRS
        ]
    return pd.DataFrame(rows, columns=list(REPEAT_COLUMNS)).astype(REPEAT_COLUMNS)


def _learnt(pairs: pd.DataFrame) -> tuple[int, float, float]:
    """How many pairs gained more than flow brings, the rate, and what is not stated."""
    rate = float(pairs["rate"].iloc[0])
    change, days, error = (
        pairs[name].to_numpy() for name in ("length_change", "days", "length_change_se")
    )
    found = learnt_from(change, days, error**2, rate)
    return found.gains, rate, found.sigma


def with_repeat_errors(
    observations: pd.DataFrame, fronts: pd.DataFrame, errors: pd.DataFrame
) -> pd.DataFrame:
    """Observations whose drawing errors are as near-day traces show them.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them.
    fronts : DataFrame
        Front table of these observations.
    errors : DataFrame
        From `repeat_errors`, of these observations or of others.

    Returns
    -------
    DataFrame
        The same rows, ``sigma_m`` added in quadrature to ``sigma_digitising`` and to
        the standard errors; the differences and the monthly model take it from there.
        ``area`` has that of ``length_area``.
    """
    table = observations.copy()
    drawn = _drawn_by(fronts).loc[table["trace_id"]]
    keys = pd.DataFrame(
        {
            "glacier_id": table["glacier_id"].to_numpy(),
            "measure": table["measure"].replace("area", "length_area").to_numpy(),
            "analyst": drawn["analyst"].to_numpy(),
            "sensor": drawn["sensor"].to_numpy(),
        }
    )
    more = keys.merge(errors[[*_KEY, "sigma_m"]], on=_KEY, how="left", validate="many_to_one")
    extra = more["sigma_m"].fillna(0.0).to_numpy()
    width = width_of(table)
    known = table["length_change_se"].notna().to_numpy()
    table["sigma_digitising"] = np.hypot(table["sigma_digitising"].to_numpy(), extra)
    table["length_change_se"] = np.where(
        known, np.hypot(table["length_change_se"].to_numpy(), extra), np.nan
    )
    table["area_change_se"] = np.hypot(table["area_change_se"].to_numpy(), extra * width)
    return table


def _drawn_by(fronts: pd.DataFrame) -> pd.DataFrame:
    """Analyst and sensor by trace."""
    if missing := {"trace_id", "analyst", "sensor"} - set(fronts.columns):
        raise InputError(f"fronts lack the column(s) {sorted(missing)}: give a front table")
    return fronts.set_index("trace_id")[["analyst", "sensor"]].fillna("")
