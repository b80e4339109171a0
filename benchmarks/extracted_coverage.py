"""How often stated standard errors hold for fronts that the network found.

Takes finished simulated runs (of ``termini demo`` or ``termini run``), measures the
fronts found and the true fronts of the same days in the same domains, from one
exact front, and compares. Unlike ``series_coverage.py`` nothing is assumed about the
errors of fronts: they are what the network makes of the scenes.

    python benchmarks/extracted_coverage.py RUN... [--json PATH]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.catalog import read_netcdf
from termini.domain import read_domains
from termini.files import write_text
from termini.fronttable import read_fronts
from termini.pipeline.parts import DOMAINS, FRONTS, SERIES
from termini.pipeline.score import series_errors
from termini.series import observe
from termini.simulate import SimulatedRegion, simulate_region
from termini.variables import is_rejected

LENGTHS = ("length_area", "centreline", "curvilinear_box")


def region_of(folder: Path) -> SimulatedRegion:
    told = json.loads((folder / "truth" / "region.json").read_text(encoding="utf-8"))
    return simulate_region(told["seed"], told["n_glaciers"], start=told["start"], end=told["end"])


def anchored(fronts: gpd.GeoDataFrame, region: SimulatedRegion) -> gpd.GeoDataFrame:
    """The fronts and, some days before all of them, one exact front of each glacier."""
    first = fronts.drop_duplicates("glacier_id").copy()
    day = pd.Timestamp(region.start)
    lines = [region.glacier(name).front(day) for name in first["glacier_id"]]
    first = first.set_geometry(gpd.GeoSeries(lines, index=first.index, crs=first.crs))
    first["date"] = day - pd.Timedelta(days=30)
    first["trace_id"] = [f"exact {name}" for name in first["glacier_id"]]
    return pd.concat([first, fronts], ignore_index=True)


def observation_errors(folder: Path, region: SimulatedRegion) -> pd.DataFrame:
    """Error and stated error of each usable front, by measure."""
    fronts = read_fronts(folder / FRONTS)
    found = fronts[~is_rejected(fronts["quality"])].reset_index(drop=True)
    lines = [region.glacier(row.glacier_id).front(row.date) for row in found.itertuples()]
    true = found.set_geometry(gpd.GeoSeries(lines, index=found.index, crs=found.crs))
    domains = read_domains(folder / DOMAINS)
    day = pd.Timestamp(region.start) - pd.Timedelta(days=30)
    both = [
        observe(anchored(table, region), domains, LENGTHS, reference_date=day)[0]
        for table in (found, true)
    ]
    merged = both[0].merge(
        both[1], on=["trace_id", "measure"], suffixes=("", "_true"), validate="one_to_one"
    )
    merged = merged[merged["date"] != day]
    merged["error"] = merged["length_change"] - merged["length_change_true"]
    return merged


def shares(error: NDArray[np.float64], sigma: NDArray[np.float64]) -> dict[str, float]:
    good = np.isfinite(error) & np.isfinite(sigma)
    error, ratio = error[good], np.abs(error[good] / sigma[good])
    return {
        "n": int(good.sum()),
        "median_error_m": float(np.median(error)),
        "median_abs_m": float(np.median(np.abs(error))),
        "rms_m": float(np.sqrt(np.mean(error**2))),
        "stated_m": float(np.median(sigma[good])),
        "in_68": float(np.mean(ratio < 0.99446)),
        "in_95": float(np.mean(ratio < 1.95996)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("runs", nargs="+", type=Path, help="folders of finished simulated runs")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    for folder in arguments.runs:
        region = region_of(folder)
        table = observation_errors(folder, region)
        for measure, part in table.groupby("measure"):
            error, sigma = part["error"].to_numpy(), part["length_change_se"].to_numpy()
            rows[f"{folder.name}: {measure}"] = shares(error, sigma)
        rows[f"{folder.name}: months since reference"] = shares(
            *(part.ravel() for part in series_errors(read_netcdf(folder / SERIES), region))
        )
    print(pd.DataFrame(rows).T.round(3).to_string())
    print("\nwanted: in_68 0.68, in_95 0.95")
    if arguments.json:
        write_text(arguments.json, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
