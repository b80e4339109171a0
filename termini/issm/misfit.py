"""How far modelled fronts are from the observed series, by glacier type and control."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.issm.results import length_change, read_results
from termini.times import decimal_year

#: Columns of `misfit_of` that `misfit_by_type` takes the median of.
NUMBERS = (
    "rmse",
    "bias",
    "standardised",
    "skill",
    "trend",
    "trend_observed",
    "season",
    "season_observed",
    "correlation",
)


def misfit_of(
    years: ArrayLike, modelled: ArrayLike, observed: pd.DataFrame, *, name: str = "run"
) -> dict[str, float]:
    """Misfit of one modelled length series.

    Parameters
    ----------
    years, modelled : array_like, shape (T,)
        Decimal years, strictly increasing, and change of length since the first of
        them, metres.
    observed : DataFrame
        Columns ``date``, ``length_change`` (m) and ``length_change_se`` (m); the monthly
        series, or its observed months.
    name : str
        For messages.

    Returns
    -------
    dict
        ``months`` compared; ``rmse`` and ``bias`` (m) of the change since the start of
        the run; ``standardised``, the root mean square in standard errors of the
        difference between a month and the start; ``skill``, 1 - sum of squares over that
        of a front that stands still, so that 0 is no better than nothing; ``trend`` and
        ``trend_observed`` (m a-1); ``season`` and ``season_observed``, the range of the
        mean year about the trend (m); ``correlation``.

    Raises
    ------
    InputError
        If fewer than three observed months lie within the run.
    """
    at, values = np.asarray(years, dtype=np.float64), np.asarray(modelled, dtype=np.float64)
    table = observed.dropna(subset=["length_change"]).sort_values("date")
    when = decimal_year(table["date"])
    within = (when >= at[0] - 1e-9) & (when <= at[-1] + 1e-9)
    if within.sum() < 3:
        raise InputError(
            f"{name}: {int(within.sum())} observed months lie within the run, {at[0]:.2f} to "
            f"{at[-1]:.2f}; at least three are needed, run it over the time of the observations"
        )
    change = table["length_change"].to_numpy(dtype=np.float64)
    error = table["length_change_se"].to_numpy(dtype=np.float64)
    start, start_error = (float(np.interp(at[0], when, column)) for column in (change, error))
    when, seen, error = when[within], change[within] - start, error[within]
    model = np.interp(when, at, values)
    away = model - seen
    still = float((seen**2).sum())
    found = {
        "months": float(len(when)),
        "rmse": float(np.sqrt((away**2).mean())),
        "bias": float(away.mean()),
        "standardised": float(np.sqrt((away**2 / (error**2 + start_error**2)).mean())),
        "skill": 1 - float((away**2).sum()) / still if still > 0 else np.nan,
        "correlation": _correlation(model, seen),
    }
    for ending, series in (("", model), ("_observed", seen)):
        found[f"trend{ending}"], found[f"season{ending}"] = _trend_and_season(when, series)
    return found


def compare_runs(
    folder: str | Path, domains: Mapping[str, GlacierDomain]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Misfits of all runs that `write_experiments` wrote and a model has done.

    Parameters
    ----------
    folder : path
        Folder with ``runs.csv``; each run's results lie in ``results.nc`` of its folder.
    domains : mapping
        Glacier id to its domain.

    Returns
    -------
    misfits : DataFrame
        ``glacier_id``, ``type``, ``control``, and the numbers of `misfit_of`.
    left_out : DataFrame
        ``glacier_id``, ``control``, ``reason`` of the runs without a misfit.

    Raises
    ------
    InputError
        If the folder holds no ``runs.csv``.
    """
    root = Path(folder)
    if not (root / "runs.csv").is_file():
        raise InputError(f"{root}: holds no runs.csv; write the experiments first")
    runs = pd.read_csv(root / "runs.csv", keep_default_na=False)
    misfits, left_out = [], []
    for row in runs.itertuples():
        name = {"glacier_id": row.glacier_id, "control": row.control}
        try:
            if row.reason:
                raise InputError(str(row.reason))
            if row.glacier_id not in domains:
                raise InputError(f"{row.glacier_id}: no domain; give that of the release")
            run = read_results(root / str(row.folder) / "results.nc")
            table = root / str(row.folder).partition("/")[0] / "observed.csv"
            observed = pd.read_csv(table, parse_dates=["date"])
            modelled = length_change(run, domains[str(row.glacier_id)])
            numbers = misfit_of(run.years, modelled, observed, name=f"{root}/{row.folder}")
        except InputError as error:
            left_out.append({**name, "reason": str(error)})
        else:
            misfits.append({**name, "type": row.type, **numbers})
    columns = ["glacier_id", "control"]
    return (
        pd.DataFrame(misfits, columns=[*columns, "type", "months", *NUMBERS]),
        pd.DataFrame(left_out, columns=[*columns, "reason"]),
    )


def misfit_by_type(misfits: pd.DataFrame, types: Mapping[str, str]) -> pd.DataFrame:
    """Median misfit of each glacier type under each control.

    Parameters
    ----------
    misfits : DataFrame
        One row a run: ``glacier_id``, ``control``, and the numbers of `misfit_of`.
    types : mapping
        Glacier id to its type in words; a glacier without one is of type ``none``.

    Returns
    -------
    DataFrame
        Columns ``type``, ``control``, ``glaciers``, the medians, and ``best``: for how
        many glaciers of the type the control has the smallest ``rmse`` of those whose
        front is free, where it is better than a front that stands still.
    """
    table = misfits.assign(type=[types.get(g, "none") for g in misfits["glacier_id"]])
    free = table[~table["control"].isin(["prescribed", "fixed"]) & (table["skill"] > 0)]
    best = free.loc[free.groupby("glacier_id")["rmse"].idxmin()] if len(free) else free
    wins = best.groupby(["type", "control"]).size()
    grouped = table.groupby(["type", "control"], sort=True)
    found = grouped[list(NUMBERS)].median()
    found.insert(0, "glaciers", grouped.size())
    found["best"] = wins.reindex(found.index).fillna(0).astype(int)
    return found.reset_index()


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    if np.ptp(one) < 1e-6 or np.ptp(other) < 1e-6:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def _trend_and_season(
    years: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[float, float]:
    """Linear trend, and range of a yearly sine about it; none where the year is not seen round."""
    columns = [np.ones_like(years), years - years.mean()]
    whole = len(years) >= 8 and np.ptp(years) >= 1.0 and len(np.unique((years % 1 * 12) // 1)) >= 6
    if whole:
        columns += [np.cos(2 * np.pi * years), np.sin(2 * np.pi * years)]
    fit = np.linalg.lstsq(np.column_stack(columns), values, rcond=None)[0]
    season = 2 * float(np.hypot(fit[2], fit[3])) if whole else float("nan")
    return float(fit[1]), season
