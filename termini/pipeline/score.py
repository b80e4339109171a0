"""The score of a simulated run against its truth."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import adjusted_rand_score

from termini import simulate
from termini.catalog import read_netcdf
from termini.files import write_text
from termini.fronts.measures import nearest_distances
from termini.fronttable import read_fronts
from termini.pipeline.engine import Context, Stage
from termini.pipeline.parts import FRONTS, MECHANISM, SERIES, TYPES
from termini.pipeline.start import PLAN, simulated_region
from termini.simulate import SimulatedRegion
from termini.variables import is_rejected

SCORE = "score.json"
#: A front farther than this from the truth, on average, is grossly wrong.
GROSS_M = 500.0


@dataclass(frozen=True)
class Score:
    """How a simulated run compares with its truth.

    Parameters
    ----------
    scenes : int
        Scenes that were planned.
    fronts : int
        Usable fronts found in them.
    front_median, front_p95 : float
        Median and 95th percentile over the usable fronts of the mean nearest
        distance, both ways, to the true front, metres.
    lost_share : float
        Share of scenes without a usable front.
    gross_share : float
        Share of scenes whose usable front is more than 500 m off.
    sigma_68, sigma_95 : float
        Share of monthly changes since the reference date whose stated 68 % and
        95 % intervals, with the error of the reference, hold the truth.
    length_rms : float
        Root mean square error of the monthly length change, metres.
    ari_interannual, ari_seasonal : float
        Adjusted Rand index of the types against the planted ones.
    drivers : dict
        Planted driver to the number of glaciers that have it and the number at
        which it was recovered.
    """

    scenes: int
    fronts: int
    front_median: float
    front_p95: float
    lost_share: float
    gross_share: float
    length_rms: float
    sigma_68: float
    sigma_95: float
    ari_interannual: float
    ari_seasonal: float
    drivers: dict[str, dict[str, int]]


def front_errors(fronts: gpd.GeoDataFrame, region: SimulatedRegion) -> pd.Series[float]:
    """Distance of each front to the true one.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table of the region.
    region : SimulatedRegion
        The truth.

    Returns
    -------
    pandas.Series
        Mean nearest distance both ways, true metres, by ``trace_id``.
    """
    errors = {}
    for row in fronts.itertuples():
        truth = region.glacier(row.glacier_id).front(row.date)
        there, back = nearest_distances(row.geometry, truth, 30.0)
        errors[row.trace_id] = float((there.mean() + back.mean()) / 2)
    return pd.Series(errors, dtype="float64")


def series_errors(
    series: xr.Dataset, region: SimulatedRegion
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Errors of a monthly series, and the errors that it states.

    Parameters
    ----------
    series : Dataset
        Monthly series of the region.
    region : SimulatedRegion
        The truth.

    Returns
    -------
    error : ndarray, shape (glaciers, months)
        Length change since the glacier's reference date less the true one, metres;
        NaN where either is not given.
    stated : ndarray, shape (glaciers, months)
        Standard error with that of the reference, metres.
    """
    errors = []
    months = pd.DatetimeIndex(series["time"].to_numpy()).to_period("M")
    reference = pd.DatetimeIndex(series["reference_date"].to_numpy()).normalize()
    ids = series["glacier_id"].to_numpy().astype(str)
    for name, day, found in zip(ids, reference, series["length_change"].to_numpy(), strict=True):
        daily = simulate.true_length(region.glacier(name))
        means = daily.groupby(pd.DatetimeIndex(daily.index).to_period("M")).mean()
        start = daily.get(day, np.nan)
        errors.append(found - (means.reindex(months).to_numpy() - start))
    common = series["reference_se"].to_numpy()[:, None]
    return np.array(errors), np.hypot(series["length_change_se"].to_numpy(), common)


def _rand_index(types: xr.Dataset, region: SimulatedRegion, scale: str) -> float:
    ids = types["glacier_id"].to_numpy().astype(str)
    kinds = [simulate.PLANTED_TYPES[region.glacier(i).planted_type] for i in ids]
    planted = [getattr(kind, scale) for kind in kinds]
    return float(adjusted_rand_score(planted, types[f"{scale}_type"].to_numpy()))


def _recovered(mechanism: pd.DataFrame, region: SimulatedRegion) -> dict[str, dict[str, int]]:
    found = mechanism.set_index("glacier_id")["driver"]
    counts: dict[str, dict[str, int]] = {}
    for glacier in region.glaciers:
        entry = counts.setdefault(glacier.driver, {"planted": 0, "recovered": 0})
        entry["planted"] += 1
        entry["recovered"] += int(found.get(glacier.domain.glacier_id) == glacier.driver)
    return dict(sorted(counts.items()))


def score_run(context: Context) -> Score:
    """Compare a finished simulated run with its truth.

    Parameters
    ----------
    context : Context
        A run that started from a simulated region.

    Returns
    -------
    Score
        The score.
    """
    section = context.config.simulate
    assert section is not None
    region = simulated_region(context.config.run.seed, section)
    fronts = read_fronts(context.path(FRONTS))
    usable = fronts[~is_rejected(fronts["quality"])]
    scenes = len(pd.read_csv(context.path(*PLAN)))
    errors = front_errors(usable, region)
    types = read_netcdf(context.path(TYPES))
    error, stated = series_errors(read_netcdf(context.path(SERIES)), region)
    error, stated = error[np.isfinite(error)], stated[np.isfinite(error)]
    ratio = np.abs(error) / stated
    return Score(
        scenes=scenes,
        fronts=len(usable),
        front_median=float(errors.median()),
        front_p95=float(errors.quantile(0.95)),
        lost_share=1.0 - len(usable) / scenes,
        gross_share=float((errors > GROSS_M).sum()) / scenes,
        length_rms=float(np.sqrt(np.mean(error**2))),
        sigma_68=float(np.mean(ratio < norm.ppf(0.84))),
        sigma_95=float(np.mean(ratio < norm.ppf(0.975))),
        ari_interannual=_rand_index(types, region, "interannual"),
        ari_seasonal=_rand_index(types, region, "seasonal"),
        drivers=_recovered(pd.read_csv(context.path(MECHANISM), keep_default_na=False), region),
    )


def score_text(score: Score) -> str:
    """Score as a table.

    Parameters
    ----------
    score : Score
        The score.

    Returns
    -------
    str
        One line a figure.
    """
    lines = [
        ("fronts from scenes", f"{score.fronts} of {score.scenes}"),
        ("front error, median", f"{score.front_median:.0f} m"),
        ("front error, 95th percentile", f"{score.front_p95:.0f} m"),
        ("scenes lost", f"{score.lost_share:.1%}"),
        (f"scenes grossly wrong (> {GROSS_M:.0f} m)", f"{score.gross_share:.1%}"),
        ("monthly length change, rms error", f"{score.length_rms:.0f} m"),
        ("months with truth in the 68 % interval", f"{score.sigma_68:.0%}"),
        ("months with truth in the 95 % interval", f"{score.sigma_95:.0%}"),
        ("inter-annual types, adjusted Rand index", f"{score.ari_interannual:.2f}"),
        ("seasonal types, adjusted Rand index", f"{score.ari_seasonal:.2f}"),
        *(
            (f"driver {name} recovered", f"{entry['recovered']} of {entry['planted']} glaciers")
            for name, entry in score.drivers.items()
        ),
    ]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)


def _score(context: Context) -> str:
    score = score_run(context)
    write_text(context.path(SCORE), json.dumps(asdict(score), indent=1) + "\n")
    return f"median front error {score.front_median:.0f} m"


def score_stage() -> Stage:
    """Last stage of a simulated run.

    Returns
    -------
    Stage
        Writes ``score.json``.
    """
    return Stage("score", ("drivers",), lambda c: None, _score)


def read_score(context: Context) -> Score:
    """Score that the last stage wrote.

    Parameters
    ----------
    context : Context
        A finished simulated run.

    Returns
    -------
    Score
        The score.
    """
    return Score(**json.loads(context.path(SCORE).read_text(encoding="utf-8")))
