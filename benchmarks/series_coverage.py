"""How often stated standard errors hold, on simulated glaciers with known truth.

True fronts of the simulated region are moved by a geolocation error (one vector a
scene), by a drawing error (smooth along the front, of the stated correlation
length), and some lose a part at one end. They are measured and made into monthly
series as any fronts are. The first front of each glacier is left as it is, so that
the error of the reference does not come in.

    python benchmarks/series_coverage.py [--seeds 3] [--a-year N] [--json PATH]

With `--a-year 1` one front a year, of any month, is kept: no season is resolved.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from shapely.geometry import LineString

from termini.files import write_text
from termini.sensors import SENSORS
from termini.series import ObservationSettings, monthly_series, observe
from termini.simulate import acquisitions, simulate_region, truth_fronts
from termini.simulate.truth import true_length

SPACING_M = 30.0
SHORT_SHARE = 0.15


def displaced(line: LineString, sigma: float, geolocation: float, rng: Any) -> NDArray[np.float64]:
    """Points of a front as someone would draw it on a scene that is slightly misplaced."""
    number = max(int(line.length / SPACING_M), 8)
    xy = shapely.get_coordinates(
        shapely.line_interpolate_point(line, np.linspace(0, line.length, number))
    )
    tangent = np.gradient(xy, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    # A Gaussian kernel of width w gives an integral correlation length of 2 sqrt(pi) w.
    width = ObservationSettings().correlation_length / (2 * np.sqrt(np.pi)) / SPACING_M
    drawn = gaussian_filter1d(rng.normal(size=number + 200), width, mode="wrap")[100:-100]
    drawn *= sigma * np.sqrt(2 * np.sqrt(np.pi) * width)
    return np.asarray(xy + drawn[:, None] * normal + rng.normal(0, geolocation, 2))


def noisy(line: LineString, sigma: float, geolocation: float, rng: Any) -> LineString:
    """A front as drawn, of which a part may be missing."""
    moved = displaced(line, sigma, geolocation, rng)
    if rng.random() < SHORT_SHARE:
        number = len(moved)
        missing = int(number * rng.uniform(0.05, 0.35))
        moved = moved[missing:] if rng.random() < 0.5 else moved[: number - missing]
    return LineString(moved)


def noisy_fronts(fronts: gpd.GeoDataFrame, rng: Any) -> gpd.GeoDataFrame:
    table = fronts.copy()
    first = ~table["glacier_id"].duplicated()
    lines = []
    for line, sensor, exact in zip(table.geometry, table["sensor"], first, strict=True):
        known = SENSORS[sensor]
        lines.append(line if exact else noisy(line, known.prior_sigma, known.geolocation, rng))
    table["method"] = "manual"  # whose errors correlate as drawn above
    table["sigma_m"] = [SENSORS[sensor].prior_sigma for sensor in table["sensor"]]
    return table.set_geometry(gpd.GeoSeries(lines, index=table.index, crs=table.crs))


def shares(error: NDArray[np.float64], sigma: NDArray[np.float64]) -> dict[str, float]:
    good = np.isfinite(error) & np.isfinite(sigma)
    ratio = np.abs(error[good] / sigma[good])
    return {
        "n": int(good.sum()),
        "rms_m": float(np.sqrt(np.mean(error[good] ** 2))),
        "stated_m": float(np.sqrt(np.mean(sigma[good] ** 2))),
        "in_68": float(np.mean(ratio < 0.99446)),
        "in_95": float(np.mean(ratio < 1.95996)),
        "rms_ratio": float(np.sqrt(np.mean(ratio**2))),
    }


def thinned(plan: pd.DataFrame, a_year: int, rng: Any) -> pd.DataFrame:
    """Some scenes of each glacier and year, in the order of the plan."""
    some = plan.iloc[rng.permutation(len(plan))]
    return some.groupby(["glacier_id", some["date"].dt.year]).head(a_year).sort_index()


def one_region(
    seed: int, n_glaciers: int, a_year: int | None
) -> dict[str, list[NDArray[np.float64]]]:
    region = simulate_region(seed, n_glaciers=n_glaciers)
    rng = np.random.default_rng([seed, 99])
    plan = acquisitions(region)
    if a_year:
        plan = thinned(plan, a_year, rng)
    exact = truth_fronts(region, plan)
    domains = {glacier.glacier_id: glacier.domain for glacier in region.glaciers}
    drawn = noisy_fronts(exact, rng)
    truth, _ = observe(exact, domains)
    observed, _ = observe(drawn, domains)
    found: dict[str, list[NDArray[np.float64]]] = {}

    def add(name: str, error: Any, sigma: Any) -> None:
        found.setdefault(name, []).append(np.stack([error, sigma], axis=-1).reshape(-1, 2))

    both = observed.merge(
        truth, on=["trace_id", "measure"], suffixes=("", "_true"), validate="one_to_one"
    )
    both = both[both["date"] != both["reference_date"]]
    for measure, rows in both.groupby("measure"):
        kind = "area" if measure == "area" else "length"
        if kind == "length":
            error = rows["length_change"] - rows["length_change_true"]
            add(f"observation {measure}", error, rows["length_change_se"])
            if measure == "length_area":
                short = rows["coverage"] < 0.97
                add("observation, part missing", error[short], rows["length_change_se"][short])
    series = monthly_series(observed, domains)
    for i, glacier in enumerate(sorted(region.glaciers, key=lambda g: g.glacier_id)):
        daily = true_length(glacier)
        months = daily.groupby(pd.DatetimeIndex(daily.index).to_period("M")).mean()
        reference = pd.Timestamp(series["reference_date"].values[i]).normalize()
        right = months.reindex(pd.DatetimeIndex(series["time"].values).to_period("M"))
        error = series["length_change"].values[i] - (right.to_numpy() - daily[reference])
        sigma = series["length_change_se"].values[i]
        seen = series["observed"].values[i] == 1
        winter = np.isin(series["time"].dt.month.values, [12, 1])
        add("month, all", error, sigma)
        add("month, observed", error[seen], sigma[seen])
        add("month, not observed", error[~seen], sigma[~seen])
        add("month, winter not observed", error[winter & ~seen], sigma[winter & ~seen])
        add(f"month, {glacier.planted_type}", error, sigma)
        # what comes with the seasons is what a running mean over twelve months leaves
        smooth = months.rolling(13, center=True).apply(
            lambda window: (window[0] / 2 + window[1:-1].sum() + window[-1] / 2) / 12, raw=True
        )
        slow = smooth.reindex(right.index).to_numpy() - daily[reference]
        slow_error = series["length_interannual"].values[i] - slow
        add("inter-annual part", slow_error, series["length_interannual_se"].values[i])
        season = (months - smooth).dropna()
        cycle = season.groupby(season.index.month).mean()
        true_cycle = cycle - cycle.mean()
        add(
            "mean season",
            series["seasonal_cycle"].values[i] - true_cycle.to_numpy(),
            series["seasonal_cycle_se"].values[i],
        )
        add(
            "seasonal amplitude",
            np.array([series["seasonal_amplitude"].values[i] - np.ptp(true_cycle)]),
            series["seasonal_amplitude_se"].values[i : i + 1],
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="number of regions")
    parser.add_argument("--glaciers", type=int, default=18, help="glaciers in each")
    parser.add_argument("--a-year", type=int, help="keep so many scenes a year")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    started = time.perf_counter()
    pooled: dict[str, list[NDArray[np.float64]]] = {}
    for seed in range(options.seeds):
        for name, pairs in one_region(100 + seed, options.glaciers, options.a_year).items():
            pooled.setdefault(name, []).extend(pairs)
    # one trace a year shows no season: such rows have nothing to count
    seen = {name: np.concatenate(pairs) for name, pairs in sorted(pooled.items())}
    rows = {n: shares(*pairs.T) for n, pairs in seen.items() if np.isfinite(pairs).all(1).any()}
    print(pd.DataFrame(rows).T.round(3).to_string())
    print(f"\nwanted: in_68 0.68, in_95 0.95, rms_ratio 1; {time.perf_counter() - started:.0f} s")
    if options.json:
        write_text(options.json, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
