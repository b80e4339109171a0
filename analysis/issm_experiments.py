"""What controls the fronts of each glacier type: model runs, and how far they are off.

    python analysis/issm_experiments.py RELEASE --out experiments [--per-type 2]
    ... ISSM runs experiments/run_experiments.py, see experiments/README.md ...
    python analysis/issm_experiments.py RELEASE --out experiments --compare [--json PATH]

Takes from a release the glaciers that belong most clearly to each inter-annual type and
have forcings (or those of --glacier), exports them for ISSM, and writes five runs of
each that isolate one control: the front as observed, only frontal melt, only surface
mass balance, both, and the front fixed. With --compare it reads what ISSM saved in each
run's folder and prints the misfit of the front to the observed series by type and control.

Forcings are those that the release has joined; --forcings gives others, which no published
table has, as surface mass balance: a CSV with glacier_id, date and columns named and
measured as in variables.yml (runoff, thermal_forcing, surface_mass_balance, melt_rate).

--stand-in does the runs with the flowline model of `standin_flowline.py` instead, which
proves the chain and nothing about glaciers.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.lines import Line2D
from standin_flowline import front_on_centreline, run_standin

from termini.catalog import read_netcdf, read_observations, read_series
from termini.domain import GlacierDomain, read_domains
from termini.drivers import forcing_table
from termini.errors import InputError, TerminiError
from termini.files import write_text
from termini.fronttable import read_fronts
from termini.issm import export_issm
from termini.issm.derive import read_fields
from termini.issm.experiments import CONTROLS, write_experiments
from termini.issm.forcing import with_units
from termini.issm.forcing_parts import COLUMNS
from termini.issm.misfit import compare_runs, misfit_by_type
from termini.issm.results import length_change, read_results
from termini.pipeline.parts import bed_of, read_optional
from termini.report.colours import minus
from termini.report.figures import new_figure, save_figure
from termini.times import decimal_year

SCALE = "interannual"
COLOURS = {
    "prescribed": "#000000",
    "melt": "#0072B2",
    "smb": "#E69F00",
    "both": "#009E73",
    "fixed": "#999999",
}
# Flow at the front where no table of speeds is given, m a-1; only the stand-in takes it.
ASSUMED_SPEED = 2000.0


def by_type(types: xr.Dataset, series: xr.Dataset) -> dict[str, list[str]]:
    """Members of each type in words, those that belong most clearly first."""
    label = types[f"{SCALE}_type"].to_numpy()
    belongs = np.nan_to_num(types[f"{SCALE}_silhouette"].to_numpy(), nan=-1.0)
    words = types[f"{SCALE}_label"].to_numpy().astype(str)
    ids = series["glacier_id"].to_numpy().astype(str)
    found = {}
    for number in sorted(set(label[label >= 0].tolist())):
        members = np.flatnonzero(label == number)
        order = members[np.argsort(-belongs[members], kind="stable")]
        found[f"{number}: {words[number]}"] = ids[order].tolist()
    return found


def observed_of(series: xr.Dataset, glacier_id: str) -> pd.DataFrame:
    """Months of a glacier in which a front was seen."""
    number = series["glacier_id"].to_numpy().astype(str).tolist().index(glacier_id)
    one = series.isel(glacier=number)
    table = pd.DataFrame(
        {
            "date": one["time"].to_numpy(),
            "length_change": one["length_change"].to_numpy(),
            "length_change_se": one["length_change_se"].to_numpy(),
        }
    )
    return table[one["observed"].to_numpy() == 1].dropna()


def chosen(
    types: xr.Dataset, series: xr.Dataset, per_type: int, named: list[str] | None
) -> list[tuple[str, list[str], int]]:
    """Type in words, its glaciers in the order to try, and how many of them to take."""
    kinds = by_type(types, series)
    if named is None:
        return [(kind, members, per_type) for kind, members in kinds.items()]
    ids = set(series["glacier_id"].to_numpy().astype(str).tolist())
    if unknown := [name for name in named if name not in ids]:
        raise InputError(f"--glacier {', '.join(unknown)}: not among those of the release")
    of = {member: kind for kind, members in kinds.items() for member in members}
    return [(of.get(name, "none"), [name], 1) for name in named]


def forcing_of(
    joined: xr.Dataset | None, given: pd.DataFrame | None, glacier_id: str
) -> pd.DataFrame | None:
    """Forcings of a glacier: what the release has joined, and in its place what is given."""
    table = None if joined is None else forcing_table(joined, glacier_id)
    if given is None or glacier_id not in set(given["glacier_id"]):
        return table
    mine = given[given["glacier_id"] == glacier_id].set_index("date")
    mine = mine.drop(columns="glacier_id").dropna(axis="columns", how="all")
    if table is None:
        return with_units(mine)
    rest = table.drop(columns=[name for name in mine if name in table])
    both = rest.join(mine, how="outer")
    both.attrs["units"] = {name: table.attrs["units"][name] for name in rest}
    if "runoff" in rest and "cadence" in table.attrs:
        both.attrs["cadence"] = table.attrs["cadence"]
    return with_units(both)


def read_forcings(path: Path | None) -> pd.DataFrame | None:
    """Table of --forcings."""
    if path is None:
        return None
    table = pd.read_csv(path)
    if missing := {"glacier_id", "date"} - set(table):
        raise InputError(f"--forcings {path}: lacks the column {', '.join(sorted(missing))}")
    if unknown := set(table) - {"glacier_id", "date", *COLUMNS}:
        raise InputError(
            f"--forcings {path}: unknown column {', '.join(sorted(unknown))}; there are "
            f"{', '.join(COLUMNS)}"
        )
    return table.assign(date=pd.to_datetime(table["date"]))


def write(release: Path, out: Path, per_type: int, options: argparse.Namespace) -> None:
    """Export the chosen glaciers and write their runs."""
    series = read_series(release / "terminus_series.nc")
    types = read_netcdf(release / "glacier_types.nc")
    joined = read_optional(release / "drivers.nc")
    domains = read_domains(release / "domains.parquet")
    fronts = read_fronts(release / "fronts.parquet")
    observations = read_observations(release / "terminus_observations.nc")
    given = read_forcings(options.forcings)
    exports: dict[str, Path] = {}
    glaciers: dict[str, str] = {}
    for kind, members, number in chosen(types, series, per_type, options.glacier):
        wanted = len(exports) + number
        for glacier_id in members:
            if len(exports) == wanted:
                break
            try:
                exports[glacier_id] = export_issm(
                    domains[glacier_id],
                    fronts,
                    out / "exports" / glacier_id.replace(":", "_"),
                    bed=bed_of(glacier_id, None, joined),
                    forcing=forcing_of(joined, given, glacier_id),
                    resolution=options.resolution,
                    release=release,
                    observations=observations,
                )
                glaciers[glacier_id] = kind
            except TerminiError as error:
                print(f"{glacier_id} left out: {error}")
    observed = {glacier_id: observed_of(series, glacier_id) for glacier_id in exports}
    runs = write_experiments(
        exports, out, types=glaciers, observed=observed, speeds=speeds_of(options)
    )
    for row in runs[runs["reason"] != ""].itertuples():
        print(f"{row.folder} not written: {row.reason}")
    print(f"{(runs['reason'] == '').sum()} runs of {len(exports)} glaciers in {out}")


def speeds_of(options: argparse.Namespace) -> dict[str, float] | None:
    """Flow speeds at the fronts, m a-1, from a CSV with glacier_id and speed."""
    if options.speeds is None:
        return None
    table = pd.read_csv(options.speeds)
    return dict(zip(table["glacier_id"], table["speed"].astype(float), strict=True))


def run_with_standin(out: Path, domains: dict[str, GlacierDomain], speeds: Any) -> None:
    """Do every run with the stand-in flowline model."""
    runs = pd.read_csv(out / "runs.csv", keep_default_na=False)
    for row in runs[runs["reason"] == ""].itertuples():
        domain = domains[row.glacier_id]
        export = out / "exports" / row.glacier_id.replace(":", "_") / "model_input.nc"
        first = float(front_on_centreline(read_fields(export), domain)[0])
        run_standin(
            out / row.folder,
            domain,
            speed=(speeds or {}).get(row.glacier_id, ASSUMED_SPEED),
            reference=(row.reference_start, row.reference_end),
            first_front=first,
        )
    print("done with the stand-in flowline model, not with ISSM")


def draw_runs(out: Path, domains: dict[str, GlacierDomain], source: str) -> Path:
    """Modelled and observed length change, one panel a glacier."""
    runs = pd.read_csv(out / "runs.csv", keep_default_na=False)
    ids = list(dict.fromkeys(runs["glacier_id"]))
    rows, columns = -(-len(ids) // 2), min(len(ids), 2)
    figure = new_figure(figsize=(11, 2.6 * rows + 0.4 + (columns == 1)))
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
    for axes, glacier_id in zip(panels, ids, strict=False):
        mine = runs[runs["glacier_id"] == glacier_id]
        offset = 0.0
        for row in mine.itertuples():
            path = out / row.folder / "results.nc"
            if not path.is_file():
                continue
            run = read_results(path)
            change = length_change(run, domains[glacier_id])
            axes.plot(run.years, change / 1000, color=COLOURS[row.control], lw=1.3)
            offset = run.years[0]
        seen = pd.read_csv(
            out / mine["folder"].iloc[0].partition("/")[0] / "observed.csv", parse_dates=["date"]
        )
        year = decimal_year(seen["date"])
        start = np.interp(offset, year, seen["length_change"])
        axes.errorbar(
            year, (seen["length_change"] - start) / 1000, seen["length_change_se"] / 1000,
            fmt=".", ms=3, color="#D55E00", elinewidth=0.5, zorder=5,
        )  # fmt: skip
        axes.set_title(minus(f"{glacier_id}   {mine['type'].iloc[0]}"), fontsize=9)
        axes.set_ylabel("length change (km)", fontsize=8)
        axes.grid(alpha=0.25)
        axes.tick_params(labelsize=8, labelbottom=True)
    for axes in panels[len(ids) :]:
        axes.set_axis_off()
    handles = [Line2D([], [], color="#D55E00", marker=".", ls="", label="observed")]
    handles += [Line2D([], [], color=c, label=CONTROLS[n].words) for n, c in COLOURS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)
    figure.suptitle(f"Modelled fronts ({source}) and observed ones, by control", fontsize=11)
    return save_figure(figure, out / "runs.png")


def compare(out: Path, domains: dict[str, GlacierDomain], source: str) -> dict[str, Any]:
    """Misfits of every run, and their medians by type and control."""
    misfits, left_out = compare_runs(out, domains)
    runs = pd.read_csv(out / "runs.csv", keep_default_na=False)
    types = dict(zip(runs["glacier_id"], runs["type"], strict=True))
    for row in left_out.itertuples():
        print(f"{row.glacier_id} {row.control} left out: {row.reason}")
    table = misfit_by_type(misfits, types)
    write_text(out / "misfits.csv", misfits.to_csv(index=False))
    write_text(out / "misfit_by_type.csv", table.to_csv(index=False))
    print(table.round(2).to_string(index=False))
    if len(misfits):
        print(draw_runs(out, domains, source))
    return {
        "model": source,
        "misfits": misfits.to_dict("records"),
        "by_type": table.to_dict("records"),
        "left_out": left_out.to_dict("records"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=Path, help="catalog/releases/<version>")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--per-type", type=int, default=2, help="glaciers of each type")
    parser.add_argument("--glacier", nargs="+", help="these, whatever their types")
    parser.add_argument("--forcings", type=Path, help="CSV: glacier_id, date, forcings")
    parser.add_argument("--resolution", type=float, default=400.0, help="edge of the mesh, m")
    parser.add_argument("--speeds", type=Path, help="CSV: glacier_id, speed at the front (m a-1)")
    parser.add_argument("--compare", action="store_true", help="read results, write nothing new")
    parser.add_argument("--stand-in", action="store_true", help="run the stand-in model, not ISSM")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    try:
        do(options)
    except TerminiError as error:
        sys.exit(f"error: {error}")


def do(options: argparse.Namespace) -> None:
    """Write, run or compare, as the options say."""
    domains = read_domains(options.release / "domains.parquet")
    if not options.compare:
        write(options.release, options.out, options.per_type, options)
    if options.stand_in:
        run_with_standin(options.out, domains, speeds_of(options))
    if options.compare or options.stand_in:
        source = "stand-in flowline model" if options.stand_in else "as saved in results.nc"
        found = compare(options.out, domains, source)
        if options.json:
            write_text(options.json, json.dumps(found, indent=1, allow_nan=True) + "\n")


if __name__ == "__main__":
    main()
