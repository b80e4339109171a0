"""Series of five published sets of calving fronts, and where they are worst.

    python analysis/real_series.py --out real_series [--json PATH] [--figures 20]

Reads Jakobshavn, Daugaard-Jensen, Harald Moltke, north-west Greenland (87 glaciers)
and Svalbard (19) under TERMINI_DATA, screens and measures every trace, and makes
monthly series. Prints what was kept of each set and why the rest was not, and the
seasons of Jakobshavn and Daugaard-Jensen. Writes front tables, domains, observations
and series of each set, and a figure of each of the worst glaciers by coverage,
rejected and flagged traces, for a person to look at.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from real_worst import MEASURE, Made, coverage, worst

from termini.catalog import observations_dataset, write_netcdf
from termini.domain import GlacierDomain, write_domains
from termini.files import write_text
from termini.fronts import read_source, rejected_summary, screen
from termini.fronttable import write_fronts
from termini.geometry import branch_domains, branch_fronts, domains_for_source, pinned_places
from termini.report import glacier_figure, save_figure
from termini.series import MEASURES, flag_outliers, monthly_series, observe
from termini.series.compat import COMPAT_MODES, compat_series
from termini.variables import flag_bits, flag_table, is_rejected

SETS = ("jakobshavn", "daugaard_jensen", "harald_moltke", "nw_greenland", "svalbard")
SEASONAL = {"jakobshavn": "measures:3", "daugaard_jensen": "king:DJ"}
#: Sets of one glacier with many fronts a year, in which measures are compared.
DENSE = {**SEASONAL, "harald_moltke": "measures:75"}
#: From here on Jakobshavn was seen nearly every week.
WEEKLY = "2015-01-01"
COVERAGES = (0.0, 0.1, 0.5)
# The same day for every run, so that the same traces are in the future.
TODAY = "2026-01-01"
DATE = "2026-01-01T00:00:00Z"


def measured(fronts: gpd.GeoDataFrame, domains: dict[str, GlacierDomain]) -> Made:
    """Front table screened and measured, with monthly series."""
    observations, table = observe(screen(fronts, domains, TODAY), domains)
    observations, table = flag_outliers(observations, table)
    return Made(
        table, domains, {}, observations, monthly_series(observations, domains, fronts=table)
    )


def one_set(name: str) -> Made:
    """Everything of one published set."""
    fronts = read_source(name)
    failures: dict[str, str] = {}
    domains = domains_for_source(name, None, fronts, failures=failures)
    return measured(fronts, domains)._replace(failures=failures)


def summary(name: str, made: Made) -> dict[str, Any]:
    """One row of the table."""
    quality = made.fronts["quality"].to_numpy()
    usable = ~is_rejected(quality)
    seen = coverage(made)
    reasons = rejected_summary(made.fronts)
    flags = {
        flag: int(((quality[usable] & flag_bits()[flag]) != 0).sum())
        for flag, entry in flag_table().items()
        if not entry["rejects"]
    }
    return {
        "set": name,
        "glaciers": made.fronts["glacier_id"].nunique(),
        "domains": len(made.domains),
        "no_domain": made.failures,
        "traces": len(made.fronts),
        "usable": int(usable.sum()),
        "rejected": {
            str(row.reason): int(row.traces_first) for row in reasons.itertuples(index=False)
        },
        "flags": {flag: count for flag, count in flags.items() if count},
        "coverage": {f"{share:.0%}": float(seen.quantile(share)) for share in COVERAGES},
        "glaciers_with_series": int(np.isfinite(made.series["trend"]).sum()),
        "glaciers_with_season": int(np.isfinite(made.series["seasonal_amplitude"]).sum()),
    }


def season(one: xr.Dataset, name: str) -> dict[str, Any]:
    """Seasonal numbers of one glacier."""
    found: dict[str, Any] = {"set": name, "glacier_id": str(one["glacier_id"].item())}
    for quantity in ("amplitude", "maximum", "minimum"):
        for suffix in ("", "_se"):
            found[f"{quantity}{suffix}"] = float(one[f"seasonal_{quantity}{suffix}"])
    for quantity in ("maximum", "minimum"):
        found[f"{quantity}_date"] = day_of_year(found[quantity])
    return found | {"trend": float(one["trend"]), "trend_se": float(one["trend_se"])}


def day_of_year(day: float) -> str:
    """Day and month of a day of the year."""
    if not np.isfinite(day):
        return "-"
    return f"{pd.Timestamp('2001-01-01') + pd.Timedelta(days=day - 1):%d %b}"


def seasons_of(all_made: Mapping[str, Made]) -> list[dict[str, Any]]:
    """Seasons of the whole records, and of Jakobshavn where it was seen all year round."""
    found = []
    for name, glacier_id in SEASONAL.items():
        series = all_made[name].series
        number = list(series["glacier_id"].values).index(glacier_id)
        found.append(season(series.isel(glacier=number), name))
    made = all_made["jakobshavn"]
    late = made.observations[made.observations["date"] >= WEEKLY]
    since = monthly_series(late, made.domains, fronts=made.fronts).isel(glacier=0)
    return [*found, season(since, f"jakobshavn, {WEEKLY[:4]} on")]


def compared(all_made: Mapping[str, Made]) -> list[dict[str, Any]]:
    """Other measures and other tools' numbers against `length_area`, since the first front."""
    found = []
    for name, glacier_id in DENSE.items():
        made = all_made[name]
        domain = made.domains[glacier_id]
        table = observe(made.fronts, made.domains, MEASURES)[0]
        wide = table.pivot_table(index="trace_id", columns="measure", values="length_change")
        date = table.drop_duplicates("trace_id").set_index("trace_id")["date"].sort_values()
        others = {other: wide[other] for other in MEASURES if other not in ("area", MEASURE)}
        for mode in COMPAT_MODES:
            rows = compat_series(mode, made.fronts, domain)
            others[mode] = rows.set_index("trace_id")["length_change"]
        for other, value in others.items():
            off = (value - wide[MEASURE]).reindex(date.index).dropna()
            off -= off.iloc[0]
            found.append(
                {
                    "set": name,
                    "measure": other,
                    "fronts": len(off),
                    "mean_m": float(off.mean()),
                    "scatter_m": float(off.std()),
                    "last_m": float(off.iloc[-10:].mean()),
                }
            )
    return found


def branches(all_made: Mapping[str, Made]) -> tuple[tuple[GlacierDomain, ...], Made]:
    """Branches of Jakobshavn: parted in the published box, seen by the dense traces.

    The walls made from the dense traces follow the northern bay, and no flowline parts
    the branches in them; the box of the annual traces is wide enough.
    """
    glacier_id = "measures:3"
    wide, dense = all_made["nw_greenland"], all_made["jakobshavn"]
    places = pinned_places(wide.domains[glacier_id], wide.fronts)
    found = branch_domains(wide.domains[glacier_id], [float(p) for p in places], wide.fronts)
    usable = dense.fronts[~is_rejected(dense.fronts["quality"])]
    raw = branch_fronts(usable, found, glacier_id)
    return found, measured(raw, {branch.glacier_id: branch for branch in found})


def write(folder: Path, made: Made) -> None:
    """Tables of one set."""
    write_fronts(made.fronts, folder / "fronts.parquet")
    write_domains(list(made.domains.values()), folder / "domains.parquet")
    ragged = observations_dataset(made.observations, made.fronts, made.domains)
    about = {"date": DATE, "history": "analysis/real_series.py"}
    write_netcdf(ragged, folder / "observations.nc", title="Front observations", **about)
    write_netcdf(made.series, folder / "series.nc", title="Monthly series", **about)


def draw(folder: Path, made: Made, glacier_id: str, name: str) -> Path:
    """Figure of one glacier."""
    figure = glacier_figure(made.domains[glacier_id], made.fronts, made.observations, made.series)
    return save_figure(figure, folder / f"{name}_{glacier_id.replace(':', '_')}.png")


def print_sets(rows: list[dict[str, Any]]) -> None:
    """The table of the sets."""
    flat = pd.DataFrame(rows).drop(columns=["no_domain", "rejected", "flags", "coverage"])
    shares = pd.DataFrame([row["coverage"] for row in rows]).add_prefix("coverage ")
    print(pd.concat([flat, shares], axis=1).round(2).to_string(index=False))
    for row in rows:
        for what in ("rejected", "flags", "no_domain"):
            found = ", ".join(f"{key} {value}" for key, value in row[what].items())
            print(f"{row['set']:<16} {what:<9} {found or '-'}")


def parted(all_made: Mapping[str, Made], out: Path) -> list[dict[str, Any]]:
    """Series, figures and seasons of the branches of Jakobshavn."""
    domains, made = branches(all_made)
    write(out / "jakobshavn_branches", made)
    rows = made.observations[made.observations["measure"] == MEASURE]
    ids = list(made.series["glacier_id"].values)
    found = []
    for domain in domains:
        draw(out / "figures", made, domain.glacier_id, "branch")
        one = season(made.series.isel(glacier=ids.index(domain.glacier_id)), "jakobshavn")
        one["width_km"] = domain.reference_width / 1e3
        one["observations"] = int((rows["glacier_id"] == domain.glacier_id).sum())
        found.append(one)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=Path("real_series"), help="folder for results")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    parser.add_argument("--figures", type=int, default=20, help="how many of the worst to draw")
    options = parser.parse_args()
    all_made = {name: one_set(name) for name in SETS}
    for name, made in all_made.items():
        write(options.out / name, made)
    rows = [summary(name, made) for name, made in all_made.items()]
    print_sets(rows)
    seasons, others = seasons_of(all_made), compared(all_made)
    print("\nseasons\n" + pd.DataFrame(seasons).round(1).to_string(index=False))
    print(f"\nless {MEASURE}\n" + pd.DataFrame(others).round(0).to_string(index=False))
    ranked = pd.concat([worst(name, made) for name, made in all_made.items()])
    ranked = ranked.sort_values("in_question", ascending=False, kind="stable", ignore_index=True)
    figures = options.out / "figures"
    drawn = ranked[: options.figures]
    print("\nworst\n" + drawn.round(2).to_string(index=False))
    # the sets with domains from fronts alone fill the list; boxes are looked at as well
    north_west = ranked[ranked["set"] == "nw_greenland"][: options.figures // 3]
    for row in pd.concat([drawn, north_west]).itertuples():
        if row.glacier_id in all_made[row.set].domains:
            draw(figures, all_made[row.set], row.glacier_id, row.set)
    for name in ("jakobshavn", "daugaard_jensen", "harald_moltke"):
        for glacier_id in all_made[name].domains:
            draw(figures, all_made[name], glacier_id, name)
    parts = parted(all_made, options.out)
    print("\nbranches of Jakobshavn\n" + pd.DataFrame(parts).round(1).to_string(index=False))
    if options.json:
        result = {"sets": rows, "seasons": seasons, "branches": parts, "measures": others}
        result["worst"] = json.loads(ranked.to_json(orient="records"))
        write_text(options.json, json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
