"""North-west Greenland, 1972-2020: a release, types, drivers, figures and ISSM input.

    python analysis/nw_greenland.py --out nw [--json totals.json]

Reads every trace of Black & Joughin (2022) from the published geodatabase, keeps
the rejected ones with their reason, and goes the whole way to a release, glacier
types, a table of drivers, figures, and input for ISSM of Jakobshavn Isbrae
(``measures:3``). Prints the totals.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from termini.catalog import read_netcdf, read_observations
from termini.domain import read_domains
from termini.files import write_text
from termini.fronts import rejected_summary
from termini.fronttable import read_fronts
from termini.pipeline import make_config, run, set_up_logging
from termini.pipeline.parts import DOMAINS, DRIVERS, FRONTS, MECHANISM, OBSERVATIONS, SERIES, TYPES
from termini.report import region_figure, save_figure, write_glacier_figures
from termini.variables import is_rejected

FIRST, LAST = "1985-09-01", "2019-09-01"
#: A record that begins or ends farther than this from the two dates has no change.
REACH_YEARS = 3.0


def change_between(observations: pd.DataFrame, first: str, last: str) -> pd.Series[float]:
    """Length change of each glacier between its observations nearest to two dates."""
    table = observations[observations["measure"] == "length_area"].dropna(subset=["length_change"])
    ends = []
    for moment in (first, last):
        away = (table["date"] - pd.Timestamp(moment)).abs()
        near = table[away <= pd.Timedelta(days=365.25 * REACH_YEARS)]
        order = away[near.index].sort_values(kind="stable").index
        ends.append(near.loc[order].groupby("glacier_id")["length_change"].first())
    return (ends[1] - ends[0]).dropna()


def driver_table(drivers: xr.Dataset) -> pd.DataFrame:
    """Static drivers and means over time, with the distance and doubt of each join."""
    table = pd.DataFrame({"glacier_id": drivers["glacier_id"].to_numpy().astype(str)})
    for name, variable in drivers.data_vars.items():
        values = variable.mean("time") if "time" in variable.dims else variable
        if values.dims == ("glacier",):
            table[str(name)] = values.to_numpy()
    return table


def totals(folder: Path) -> dict[str, Any]:
    """Figures of the whole study."""
    fronts = read_fronts(folder / FRONTS)
    observations = read_observations(folder / OBSERVATIONS)
    types = read_netcdf(folder / TYPES)
    drivers = read_netcdf(folder / DRIVERS)
    mechanism = pd.read_csv(folder / MECHANISM, keep_default_na=False)
    change = change_between(observations, FIRST, LAST)
    summary = rejected_summary(fronts)
    labels = types["interannual_type"].to_numpy()
    joined = {
        name: int(np.isfinite(_per_glacier(drivers[name])).sum())
        for name in ("bed_depth", "sill_depth", "runoff", "thermal_forcing")
        if name in drivers
    }
    return {
        "glaciers": int(fronts["glacier_id"].nunique()),
        "traces": len(fronts),
        "usable": int((~is_rejected(fronts["quality"])).sum()),
        "rejected_by_reason": dict(
            zip(summary.iloc[:, 0].astype(str), summary["traces"].astype(int), strict=True)
        ),
        "glaciers_with_change_1985_2019": len(change),
        "median_length_change_m": float(change.median()),
        "retreating": int((change < 0).sum()),
        "interannual_types": {int(k): int((labels == k).sum()) for k in np.unique(labels)},
        "glaciers_joined": joined,
        "mechanisms": {str(k): int(v) for k, v in mechanism["driver"].value_counts().items()},
    }


def _per_glacier(variable: xr.DataArray) -> np.ndarray:
    values = variable.mean("time") if "time" in variable.dims else variable
    return np.asarray(values.to_numpy(), dtype=np.float64)


def draw(folder: Path) -> list[Path]:
    """Figures of the region, of Jakobshavn and of the six largest changes."""
    fronts, domains = read_fronts(folder / FRONTS), read_domains(folder / DOMAINS)
    observations = read_observations(folder / OBSERVATIONS)
    series, types = read_netcdf(folder / SERIES), read_netcdf(folder / TYPES)
    change = change_between(observations, FIRST, LAST)
    region = region_figure(series, change, "length change 1985-2019", types)
    made = [save_figure(region, folder / "figures" / "region.png")]
    chosen = ["measures:3", *change.abs().nlargest(6).index]
    shown = {name: domains[name] for name in dict.fromkeys(chosen)}
    return made + write_glacier_figures(folder / "figures", shown, fronts, observations, series)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=Path("nw"), help="folder for the results")
    parser.add_argument("--json", type=Path, help="also write the totals here")
    arguments = parser.parse_args()
    set_up_logging()
    document = {
        "run": {"out": arguments.out},
        "fronts": {"source": "nw_greenland"},
        "release": {
            "version": "0.1.0",
            "notes": "North-west Greenland, annual traces of Black & Joughin (2022).",
        },
        "issm": {"glaciers": ["measures:3"]},
    }
    context = run(make_config(document, "nw_greenland"))
    figures = draw(context.folder)
    found = totals(context.folder)
    drivers = driver_table(read_netcdf(context.folder / DRIVERS))
    write_text(context.folder / "drivers.csv", drivers.to_csv(index=False))
    for name, value in found.items():
        print(f"{name:<32} {value}")
    print("figures:", *figures, sep="\n  ")
    if arguments.json:
        write_text(arguments.json, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
