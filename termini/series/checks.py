"""What a front table, domains and observations must be to be measured or modelled.

A table that termini read or made is whole. One that somebody put together is checked
here, so that what is wrong with it is said by name and not by an array that is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from termini.errors import InputError
from termini.series.settings import MEASURES

# What the monthly model reads of an observation besides its value and error.
_NEEDED = ("glacier_id", "date", "measure", "sigma_geolocation")


def checked_measures(measures: str | Iterable[str]) -> tuple[str, ...]:
    """Names of measures, in the order given.

    Parameters
    ----------
    measures : str or iterable of str
        One or several of `termini.series.MEASURES`.

    Returns
    -------
    tuple of str
        The names.

    Raises
    ------
    InputError
        If one is unknown.
    """
    wanted = (measures,) if isinstance(measures, str) else tuple(measures)
    if unknown := set(wanted) - set(MEASURES):
        raise InputError(f"measure(s) {sorted(unknown)} unknown; known are {', '.join(MEASURES)}")
    return wanted


def check_fronts(fronts: pd.DataFrame, domains: Any) -> None:
    """Refuse domains without ids, and traces that share one.

    Parameters
    ----------
    fronts : DataFrame
        Front table.
    domains : mapping
        Glacier id to domain.

    Raises
    ------
    InputError
        If `domains` is no mapping, or a ``trace_id`` stands on several rows.
    """
    if not isinstance(domains, Mapping):
        raise InputError(
            f"domains are a {type(domains).__name__}; give a mapping of glacier id to domain, as "
            "{domain.glacier_id: domain for domain in domains}"
        )
    if (doubled := fronts["trace_id"].duplicated()).any():
        raise InputError(
            f"front table has {int(doubled.sum())} row(s) with the trace_id of another (as "
            f"{fronts['trace_id'][doubled].iloc[0]!r}); give each trace an id of its own"
        )


def checked_observations(observations: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Observations by one measure, in the order of time.

    Parameters
    ----------
    observations : DataFrame
        From `termini.series.observe`.
    measure : str
        Which measure.

    Returns
    -------
    DataFrame
        Its rows.

    Raises
    ------
    InputError
        If the measure is unknown, a column lacks, or a row has no date, value or
        error, or an error below zero; the message names glacier and trace.
    """
    checked_measures([measure])
    kind = "area" if measure == "area" else "length"
    value, error = f"{kind}_change", f"{kind}_change_se"
    if missing := [n for n in (*_NEEDED, value, error) if n not in observations.columns]:
        raise InputError(
            f"observations lack the column(s) {', '.join(missing)}; give the table that observe() "
            "returns first"
        )
    chosen = observations[observations["measure"] == measure]
    chosen = chosen.sort_values("date", kind="stable")
    for name, wrong in (
        ("date", chosen["date"].isna().to_numpy()),
        (value, ~np.isfinite(chosen[value].to_numpy(dtype=float))),
        (error, ~(chosen[error].to_numpy(dtype=float) >= 0)),
    ):
        if wrong.any():
            first = chosen[wrong].iloc[0]
            raise InputError(
                f"glacier {first['glacier_id']}, trace {first.get('trace_id', '?')}: {name} is "
                f"{first[name]} ({int(wrong.sum())} row(s) by {measure!r}); leave such rows out"
            )
    return chosen
