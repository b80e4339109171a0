"""Monthly series against their peers, on simulated glaciers with known truth.

True daily lengths of simulated glaciers over 40 years are seen on the days on which
satellites saw them (some 900 times, nine in ten after 1999), with the errors of their
sensors, of which a part is common to all traces of a scene; one in a hundred is a
stray front. Each method makes months of the same observations:

- *termini*: the process of `termini.series`;
- *linear*: straight lines between observations, averaged over the month;
- *median*: the median of the month, straight lines across months without one;
- *STL*: monthly medians, filled, by STL (Cleveland et al. 1990), its trend and season;
- *harmonics*: least squares of yearly knots and two harmonics.

Intervals: of linear, the errors of the observations on both sides; of median, of the
month's median; of STL and harmonics, the scatter of the residual. Errors are about the
truth after the mean difference of a glacier is taken away (changes have no absolute
level). Then dates and range of the mean season, trends, breakpoints, and time.

    python benchmarks/monthly_series.py [--seeds 2] [--glaciers 6] [--strays 0.01] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from monthly_peers import PEERS, bend_by_ruptures
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.files import write_text
from termini.sensors import SENSORS
from termini.series import OBSERVATION_COLUMNS, monthly_series, trends
from termini.series.summary import mean_season
from termini.simulate import acquisitions, simulate_region
from termini.simulate.truth import true_length
from termini.times import decimal_year, month_index

Array = NDArray[np.float64]
START, END = "1984-01-01", "2023-12-31"
LOOKS_A_YEAR = 26.0
STRAY_M = 1500.0
# Digitising error of a whole front, metres: what is left of the medians of AutoTerm
# (14 to 29 m a point) after averaging over some five independent stretches.
DRAWING_M = 10.0
PERIODS = [("1985-01-01", "1999-12-31"), ("2000-01-01", "2023-12-31")]


def seen(daily: pd.Series[float], plan: pd.DataFrame, rng: Any, strays: float) -> pd.DataFrame:
    """Observations of a glacier, as `termini.series.observe` gives them."""
    dates = pd.DatetimeIndex(plan["date"]).as_unit("us")
    shared = np.array([SENSORS[sensor].geolocation for sensor in plan["sensor"]])
    scenes = pd.factorize(plan["scene_id"])[0]
    common = rng.normal(size=scenes.max() + 1)[scenes] * shared
    value = daily[dates.normalize()].to_numpy() + common + rng.normal(0, DRAWING_M, len(dates))
    stray = rng.random(len(dates)) < strays
    value[stray] += rng.normal(0, STRAY_M, stray.sum())
    table = pd.DataFrame(
        {
            "glacier_id": plan["glacier_id"].to_numpy(),
            "trace_id": [f"{k}" for k in range(len(dates))],
            "date": dates,
            "measure": "length_area",
            "length_change": value - value[0],
            "length_change_se": np.hypot(shared, DRAWING_M),
            "sigma_geolocation": shared,
            "reference_date": dates[0],
        }
    )
    for name, dtype in OBSERVATION_COLUMNS.items():
        if name not in table:
            table[name] = np.zeros(len(table), dtype=dtype)
    table["correlation_group"] = plan["scene_id"].to_numpy()
    return table


def figures(error: Array, sigma: Array) -> dict[str, float]:
    ratio = np.abs(error / sigma)
    return {
        "n": len(error),
        "rms_m": float(np.sqrt(np.mean(error**2))),
        "median_abs_m": float(np.median(np.abs(error))),
        "in_68": float(np.mean(ratio < 0.99446)),
        "in_95": float(np.mean(ratio < 1.95996)),
    }


def apart(one: float, two: float) -> float:
    return float((one - two + 182.625) % 365.25 - 182.625)


def day_of_extreme(cycle: Array) -> tuple[float, float]:
    found = mean_season(cycle, np.zeros((12, 12)))
    return found.maximum, found.minimum


def true_dates(daily: pd.Series[float]) -> tuple[float, float]:
    """Days on which the mean season, day by day, is highest and lowest."""
    season = (daily - daily.rolling(365, center=True).mean()).dropna()
    mean = season.groupby(pd.DatetimeIndex(season.index).day_of_year).mean().iloc[:365]
    return float(mean.idxmax()), float(mean.idxmin())


class Ledger:
    """Errors with their stated errors, by name."""

    def __init__(self) -> None:
        self._pairs: dict[str, list[Array]] = {}
        self.tried = 0

    def add(self, name: str, error: Any, sigma: Any) -> None:
        """Enter errors; those that are not known are left out."""
        pairs = np.column_stack([np.atleast_1d(error), np.atleast_1d(sigma)])
        self._pairs.setdefault(name, []).append(pairs[np.isfinite(pairs).all(axis=1)])

    def table(self) -> dict[str, dict[str, float]]:
        """Figures by name."""
        pooled = {name: np.concatenate(pairs) for name, pairs in self._pairs.items()}
        return {name: figures(*pairs.T) for name, pairs in pooled.items() if len(pairs)}


def one_glacier(
    ledger: Ledger, one: Any, rows: pd.DataFrame, daily: pd.Series[float], kind: str
) -> None:
    """Enter one glacier's errors by every method."""
    span = month_index(rows["date"].min(), rows["date"].max())
    monthly = daily.groupby(pd.DatetimeIndex(daily.index).to_period("M")).mean()
    truth = monthly.reindex(span.to_period("M")).to_numpy()
    middle = decimal_year(span)
    one = one.sel(time=span)
    observed = one["observed"].values == 1
    late = middle > 2000
    results = {"termini": (one["length_change"].values, one["length_change_se"].values)}
    results |= {name: peer(rows, span) for name, peer in PEERS.items()}
    for name, (value, sigma) in results.items():
        error = value - truth
        error -= np.median(error)
        for what, take in {
            "all": np.ones(len(span), bool),
            "observed": observed,
            "not observed": ~observed,
            "since 2000": late,
        }.items():
            ledger.add(f"month {what:13s} {name}", error[take], sigma[take])
    running = (
        pd.Series(truth)
        .rolling(13, center=True)
        .apply(lambda w: (w[0] / 2 + w[1:-1].sum() + w[-1] / 2) / 12, raw=True)
    )
    season = pd.Series(truth) - running
    true_cycle = season.groupby(span.month).mean()
    true_cycle = (true_cycle - true_cycle.mean()).to_numpy()
    if kind.startswith("seasonal"):
        true_days = true_dates(daily)
        for what, day in zip(("maximum", "minimum"), true_days, strict=True):
            found = float(one[f"seasonal_{what}"])
            sigma = float(one[f"seasonal_{what}_se"])
            ledger.add(f"day of {what} termini", apart(found, day), sigma)
        for name, (value, _) in results.items():
            if name != "termini":
                filled = pd.Series(value)
                smooth = filled.rolling(13, center=True).mean()
                cycle = (filled - smooth).groupby(span.month).mean().to_numpy()
                for what, got, day in zip(
                    ("maximum", "minimum"), day_of_extreme(cycle), true_days, strict=True
                ):
                    ledger.add(f"day of {what} {name}", apart(got, day), 1.0)
                ledger.add(f"seasonal range {name}", np.ptp(cycle) - np.ptp(true_cycle), 1.0)
    ledger.add(
        "seasonal range termini"
        if kind.startswith("seasonal")
        else "seasonal range, no season planted, termini",
        float(one["seasonal_amplitude"]) - np.ptp(true_cycle),
        float(one["seasonal_amplitude_se"]),
    )


def domains_of(region: Any) -> dict[str, GlacierDomain]:
    return {glacier.glacier_id: glacier.domain for glacier in region.glaciers}


def one_region(ledger: Ledger, seed: int, number: int, strays: float) -> list[pd.DataFrame]:
    """Enter the errors of a region; its observations."""
    region = simulate_region(seed, n_glaciers=number, start=START, end=END)
    plan = acquisitions(region, per_year=LOOKS_A_YEAR)
    rng = np.random.default_rng([seed, 7])
    domains = domains_of(region)
    daily = {glacier.glacier_id: true_length(glacier) for glacier in region.glaciers}
    tables, bent, years = [], [], {}
    for glacier in region.glaciers:
        name = glacier.glacier_id
        looks = plan[plan["glacier_id"] == name]
        tables.append(seen(daily[name], looks, rng, strays))
        if glacier.planted_type.startswith(("seasonal", "stable")):
            years[name] = rng.uniform(1992, 2015)
            change = rng.choice([-1, 1]) * rng.uniform(40, 160)
            curve = daily[name] + change * np.maximum(
                decimal_year(pd.DatetimeIndex(daily[name].index)) - years[name], 0
            )
            bent.append(seen(curve, looks, rng, strays))
    table = pd.concat(tables, ignore_index=True)
    series = monthly_series(table, domains)
    slopes = trends(table, domains, PERIODS).set_index("glacier_id")
    for i, glacier in enumerate(sorted(region.glaciers, key=lambda g: g.glacier_id)):
        name = glacier.glacier_id
        rows = table[table["glacier_id"] == name].reset_index(drop=True)
        one_glacier(ledger, series.isel(glacier=i), rows, daily[name], glacier.planted_type)
        at = decimal_year(pd.DatetimeIndex(daily[name].index))
        for _, slope in slopes.loc[[name]].iterrows():
            inside = (daily[name].index >= slope["start"]) & (daily[name].index <= slope["end"])
            true = np.polyfit(at[inside] - 2000, daily[name].to_numpy()[inside], 1)[0]
            ledger.add("trend, m a-1, termini", slope["trend"] - true, slope["trend_se"])
        if name in years:
            ledger.add("bend where none, termini", series["breakpoint"].values[i] - 0.0, 1.0)
    again = monthly_series(pd.concat(bent, ignore_index=True), domains)
    for rows in bent:
        name = rows["glacier_id"].iloc[0]
        i = list(again["glacier_id"].values).index(name)
        months = month_index(rows["date"].min(), rows["date"].max())
        ledger.add("bend, years, termini", again["breakpoint"].values[i] - years[name], 1.0)
        ledger.add("bend, years, ruptures", bend_by_ruptures(rows, months) - years[name], 1.0)
    ledger.tried += len(bent)
    return tables


def speed(tables: list[pd.DataFrame], number: int, threads: int) -> dict[str, float]:
    """Time for many glaciers, each as one that was simulated but with other noise."""
    region = simulate_region(1, n_glaciers=1, start="2000-01-01", end="2000-12-31")
    rng = np.random.default_rng(1)
    copies, domains = [], {}
    for k in range(number):
        copy = tables[k % len(tables)].assign(glacier_id=f"sim:{k + 1}")
        copy["length_change"] += rng.normal(0, 10, len(copy))
        copies.append(copy)
        domains[f"sim:{k + 1}"] = region.glaciers[0].domain
    table = pd.concat(copies, ignore_index=True)
    monthly_series(tables[0], {str(tables[0]["glacier_id"].iloc[0]): region.glaciers[0].domain})
    started, used = time.perf_counter(), time.process_time()
    monthly_series(table, domains, threads=threads)
    return {
        "glaciers": number,
        "traces": len(table),
        "threads": threads,
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - used,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=2, help="number of regions")
    parser.add_argument("--glaciers", type=int, default=6, help="glaciers in each")
    parser.add_argument("--strays", type=float, default=0.01, help="share of stray fronts")
    parser.add_argument("--many", type=int, default=295, help="glaciers of the speed test")
    parser.add_argument("--threads", type=int, default=2, help="cores of the speed test")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    ledger, tables = Ledger(), []
    for seed in range(options.seeds):
        tables += one_region(ledger, 400 + seed, options.glaciers, options.strays)
    rows = ledger.table()
    names = ("bend, years, termini", "bend, years, ruptures", "bend where none, termini")
    found = {name: rows.get(name, {"n": 0})["n"] / ledger.tried for name in names}
    print(pd.DataFrame(rows).T.sort_index().round(3).to_string())
    print("\nwanted: in_68 0.68, in_95 0.95 (days, range and bend of peers have no interval)")
    told = {name: round(share, 2) for name, share in found.items()}
    print(f"share of {ledger.tried} glaciers at which a bend is reported:", told)
    result: dict[str, Any] = {"errors": rows, "bends": found}
    if options.many:
        result["speed"] = speed(tables, options.many, options.threads)
        print("speed:", {name: round(value, 1) for name, value in result["speed"].items()})
    if options.json:
        write_text(options.json, json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
