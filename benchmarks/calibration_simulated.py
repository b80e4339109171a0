"""Errors of simulated fronts, each part of the standard error by itself.

True fronts of a simulated region get one kind of error whose size is known: moved as a
whole (geolocation), drawn badly (digitising, smooth along the front), a part of the width
taken away (coverage), moved by what its analyst takes to be the front. Each is compared
with its own column of the observations, that of the analysts with the change from one
front to the next; then all of them together with the whole standard error. The first
front of each glacier stays exact: changes count from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from calibration_shares import Errors
from numpy.typing import NDArray
from series_coverage import displaced, noisy_fronts
from shapely.geometry import LineString

from termini.sensors import SENSORS
from termini.series import ObservationSettings, consecutive_changes, observe
from termini.series.uncertainty import ERROR_PARTS
from termini.simulate import SimulatedRegion, acquisitions, simulate_region, truth_fronts

Array = NDArray[np.float64]
Rows = Iterator[tuple[str, Errors]]
LENGTHS = ("length_area", "curvilinear_box", "box", "centreline", "flowlines")
CUTS = (0.1, 0.2, 0.3, 0.5)
CUT_SHARE = 0.2
ANALYSTS = tuple("ABCDEFGH")
# half the width missing is below the usual limit
SETTINGS = ObservationSettings(coverage_limit=0.4)
# simulated analysts differ by as much in all measures
ALIKE = replace(SETTINGS, analyst_sigma_middle=SETTINGS.analyst_sigma)


def simulated_errors(seed: int, glaciers: int) -> Rows:
    """Part and measure (or sensor), with the errors, of one region."""
    region = simulate_region(seed, n_glaciers=glaciers)
    exact = truth_fronts(region, acquisitions(region))
    exact["method"], exact["analyst"] = "manual", ""
    exact["sigma_m"] = [SENSORS[name].prior_sigma for name in exact["sensor"]]
    truth, _ = observe(exact, region.domains, LENGTHS, settings=SETTINGS)
    rng = np.random.default_rng([seed, 77])
    kinds: dict[str, tuple[Callable[[LineString, str], LineString], str]] = {
        "geolocation": (
            lambda line, sensor: LineString(displaced(line, 0.0, SENSORS[sensor].geolocation, rng)),
            "sigma_geolocation",
        ),
        "digitising": (
            lambda line, sensor: LineString(displaced(line, SENSORS[sensor].prior_sigma, 0.0, rng)),
            "sigma_digitising",
        ),
    }
    for name, (change, column) in kinds.items():
        both = _measured(_changed(exact, change), truth, region)
        yield from _by_measure(name, both, column)
    for share in CUTS:
        cut, which = _cut(exact, share, rng)
        both = _measured(cut, truth, region)
        both = both[both["trace_id"].isin(which)]
        for measure in (name for name in LENGTHS if name != "centreline"):
            part = both[both["measure"] == measure]
            yield f"coverage, {share:.0%} missing: {measure}", _errors(part, "sigma_coverage")
    drawn = exact.assign(analyst=rng.choice(ANALYSTS, len(exact)))
    drawn = moved_by_analysts(drawn, region, rng)
    observed, table = observe(drawn, region.domains, LENGTHS, settings=SETTINGS)
    for measure in LENGTHS:
        # the exact traces have no error but the analysts', so only that is stated
        rows = observed[observed["measure"] == measure].assign(**dict.fromkeys(ERROR_PARTS, 0.0))
        found = consecutive_changes(rows, measure, fronts=table, settings=ALIKE)
        yield f"analysts, to the next front: {measure}", _to_the_next(found, truth, measure)
    both = _measured(noisy_fronts(exact, rng), truth, region)
    yield from _by_measure("all", both, "length_change_se")
    both = both[both["measure"] == "length_area"]
    for sensor, rows in both.merge(exact[["trace_id", "sensor"]]).groupby("sensor"):
        yield f"all, length_area: {sensor}", _errors(rows, "length_change_se")
    names = [name for name in both.columns if not name.endswith("_true")]
    found = consecutive_changes(both[names])
    yield "all, to the next front: length_area", _to_the_next(found, truth, "length_area")


def _to_the_next(found: pd.DataFrame, truth: pd.DataFrame, measure: str) -> Errors:
    """Errors of changes; those that are none, of one analyst's exact traces, left out."""
    right = truth[truth["measure"] == measure].set_index("trace_id")["length_change"]
    true = right[found["trace_b"]].to_numpy() - right[found["trace_a"]].to_numpy()
    return Errors.of_rows(found["length_change"].to_numpy() - true, found)


def _measured(
    fronts: gpd.GeoDataFrame, truth: pd.DataFrame, region: SimulatedRegion
) -> pd.DataFrame:
    return _joined(observe(fronts, region.domains, LENGTHS, settings=SETTINGS)[0], truth)


def _joined(observed: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    both = observed.merge(
        truth, on=["trace_id", "measure"], suffixes=("", "_true"), validate="one_to_one"
    )
    return both[both["date"] != both["reference_date"]]


def _errors(rows: pd.DataFrame, column: str) -> Errors:
    error = (rows["length_change"] - rows["length_change_true"]).to_numpy()
    if column == "length_change_se":
        return Errors.of_rows(error, rows)
    stated, whose = rows[column].to_numpy(), rows["glacier_id"].to_numpy(dtype=str)
    if column == "sigma_coverage" and len(rows):
        return Errors.of_part(error, stated, whose, rows["measure"].iloc[0], coverage=1.0)
    return Errors.normal(error, stated, whose)


def _by_measure(name: str, both: pd.DataFrame, column: str) -> Rows:
    for measure in LENGTHS:
        yield f"{name}: {measure}", _errors(both[both["measure"] == measure], column)


def _changed(
    fronts: gpd.GeoDataFrame, change: Callable[[LineString, str], LineString]
) -> gpd.GeoDataFrame:
    first = ~fronts["glacier_id"].duplicated()
    lines = [
        line if exact else change(line, sensor)
        for line, sensor, exact in zip(fronts.geometry, fronts["sensor"], first, strict=True)
    ]
    return fronts.set_geometry(gpd.GeoSeries(lines, index=fronts.index, crs=fronts.crs))


def _cut(
    fronts: gpd.GeoDataFrame, share: float, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, set[str]]:
    """Some fronts without a share of their length, at one end or in equal parts at both."""
    which = rng.random(len(fronts)) < CUT_SHARE
    which &= fronts["glacier_id"].duplicated().to_numpy()
    lines = fronts.geometry.to_numpy().copy()
    for row in np.flatnonzero(which):
        at = float(rng.choice([0.0, 0.5, 1.0])) * share
        line = lines[row]
        lines[row] = shapely.ops.substring(line, at, 1.0 - share + at, normalized=True)
    table = fronts.set_geometry(gpd.GeoSeries(lines, index=fronts.index, crs=fronts.crs))
    return table, set(fronts["trace_id"].to_numpy()[which])


def moved_by_analysts(
    table: gpd.GeoDataFrame, region: SimulatedRegion, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Fronts of which each analyst draws all those of a glacier too far up or down."""
    analysts = sorted(table["analyst"].unique())
    off = {
        (name, who): rng.normal(0.0, SETTINGS.analyst_sigma)
        for name in region.domains
        for who in analysts
    }
    lines = []
    for line, name, who in zip(table.geometry, table["glacier_id"], table["analyst"], strict=True):
        centre = region.domains[name].centreline
        at = centre.project(line.interpolate(0.5, normalized=True))
        ends = shapely.get_coordinates(shapely.line_interpolate_point(centre, [at - 50, at + 50]))
        flow = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
        lines.append(shapely.transform(line, lambda xy, d=off[(name, who)] * flow: xy + d))
    return table.set_geometry(gpd.GeoSeries(lines, index=table.index, crs=table.crs))
