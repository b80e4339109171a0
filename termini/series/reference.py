"""The date from which changes of a glacier are counted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.series.settings import DEFAULT_MEASURES

_CHANGES = ("length_change", "area_change")


def reference_dates(
    table: pd.DataFrame, domains: Mapping[str, GlacierDomain], wished: pd.Timestamp | None
) -> dict[str, pd.Timestamp]:
    """Date from which each glacier's changes are to be counted.

    Parameters
    ----------
    table : DataFrame
        Observations with ``glacier_id``, ``date`` and ``measure``.
    domains : mapping
        Glacier id to domain.
    wished : Timestamp or None
        For all glaciers, where it is given.

    Returns
    -------
    dict
        Glacier id to the date wished, else that of its domain, else the first on
        which it has a value of every measure of `DEFAULT_MEASURES`, or of most;
        further measures do not change it.
    """
    measure, names = pd.factorize(table["measure"])
    usual = np.isin(names, DEFAULT_MEASURES)[measure]
    glacier, ids = pd.factorize(table["glacier_id"])
    dates, day = np.unique(table["date"].to_numpy(), return_inverse=True)
    part = (glacier >= 0) & ~np.isnat(dates)[day]
    part &= usual if usual.any() else True
    # one number for glacier and date, as often as there are measures
    both = np.unique((glacier * len(dates) + day)[part] * len(names) + measure[part])
    places, counts = np.unique(both // max(len(names), 1), return_counts=True)
    of, days = np.divmod(places, max(len(dates), 1))
    most = np.zeros(len(ids), dtype=np.int64)
    np.maximum.at(most, of, counts)
    first = np.flatnonzero(counts == most[of])[::-1]
    earliest = dict(zip(of[first].tolist(), dates[days[first]], strict=True))
    found = {}
    for number in sorted(earliest, key=lambda number: str(ids[number])):
        given = wished or domains[str(ids[number])].reference_date
        found[str(ids[number])] = pd.Timestamp(earliest[number]) if given is None else given
    return found


def refer(table: pd.DataFrame, dates: Mapping[str, pd.Timestamp]) -> pd.DataFrame:
    """Values counted from the observation nearest to a date, by glacier and measure.

    Parameters
    ----------
    table : DataFrame
        Observations; ``length_change`` and ``area_change`` count from anywhere.
    dates : mapping
        Glacier id to the date.

    Returns
    -------
    DataFrame
        The same with both counted from the nearest observation (from the mean of
        those of that day), and its date in ``reference_date``.
    """
    table = table.copy()
    change: dict[str, NDArray[np.float64]] = {
        name: table[name].to_numpy().copy() for name in _CHANGES
    }
    reference = table["reference_date"].to_numpy().copy()
    days = table["date"].to_numpy()
    glacier, ids = pd.factorize(table["glacier_id"])
    measure, _ = pd.factorize(table["measure"])
    group = glacier * (measure.max(initial=0) + 1) + measure
    order = np.argsort(group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if not len(rows):
            continue
        wished = dates[str(ids[glacier[rows[0]]])].to_datetime64()
        nearest = days[rows][np.argmin(np.abs(days[rows] - wished))]
        there = rows[days[rows] == nearest]
        for values in change.values():
            values[rows] -= values[there].mean()
        reference[rows] = nearest
    return table.assign(**change, reference_date=reference)


def refer_to_what_is_left(table: pd.DataFrame) -> pd.DataFrame:
    """Count from another observation where that of the reference date was taken away.

    Parameters
    ----------
    table : DataFrame
        Observations of which some were left out.

    Returns
    -------
    DataFrame
        Values of the glaciers concerned count from the nearest one that is left.
    """
    there = (table["date"] == table["reference_date"]).groupby(
        [table["glacier_id"], table["measure"]]
    )
    lost = ~there.transform("any").to_numpy(dtype=bool)
    if not lost.any():
        return table
    part = table[lost]
    dates = part.groupby("glacier_id")["reference_date"].first()
    moved = refer(part, {str(k): pd.Timestamp(v) for k, v in dates.items()})
    return pd.concat([table[~lost], moved]).sort_index()
