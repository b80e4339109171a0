"""Errors of fronts that the network found in finished simulated runs.

The fronts found and the true fronts of the same days are measured in the same domains,
from one exact front, and compared. Nothing is assumed about the errors: they are what
the network makes of the scenes.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from calibration_shares import Errors

from termini.catalog import read_netcdf
from termini.domain import read_domains
from termini.fronttable import read_fronts
from termini.pipeline.parts import DOMAINS, FRONTS, SERIES
from termini.pipeline.score import series_errors
from termini.series import observe
from termini.simulate import SimulatedRegion, simulate_region
from termini.variables import is_rejected

Rows = list[tuple[str, Errors]]
LENGTHS = ("length_area", "centreline", "curvilinear_box", "flowlines")


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
    merged["method"] = merged["trace_id"].map(found.set_index("trace_id")["method"])
    merged["error"] = merged["length_change"] - merged["length_change_true"]
    return merged


def found_errors(folder: Path) -> Rows:
    """Each measure of a run's fronts, and its months, with their errors."""
    region = region_of(folder)
    found = observation_errors(folder, region)
    rows = [
        (str(measure), Errors.of_rows(part["error"].to_numpy(), part))
        for measure, part in found.groupby("measure")
    ]
    if not (folder / SERIES).is_file():
        return rows
    error, stated = series_errors(read_netcdf(folder / SERIES), region)
    whose = np.repeat(np.arange(len(error)).astype(str), error.shape[1])
    months = Errors.normal(error.ravel(), stated.ravel(), whose)
    return [*rows, ("months since reference", months)]
