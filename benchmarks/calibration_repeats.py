"""Errors learnt from near-day traces, on simulated fronts whose errors are known.

Glaciers of a simulated region are seen often, and half of the times again one to three
days later by the same sensor. Fronts are drawn badly and misplaced: all as stated, or those
of one sensor three times as badly as stated. What near-day pairs say
(`termini.series.repeat_errors`) comes from the even years for fronts of odd years, and the
other way round: no front is held against what was learnt from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from calibration_shares import Errors
from calibration_simulated import SETTINGS
from series_coverage import displaced
from shapely.geometry import LineString

from termini.sensors import SENSORS
from termini.series import observe, repeat_errors, with_repeat_errors
from termini.simulate import SimulatedRegion, acquisitions, simulate_region, truth_fronts

MEASURES = ("length_area", "curvilinear_box")
SEEN = ("Landsat-7", "Landsat-8", "Sentinel-1")
WORSE, TIMES = "Landsat-7", 3.0
LOOKS_A_YEAR, AGAIN = 40.0, 0.5
AS_STATED = replace(SETTINGS, learn_from_near_days=False)


def often_seen(region: SimulatedRegion, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """True fronts of a region, of which half are seen again some days later."""
    plan = acquisitions(region, per_year=LOOKS_A_YEAR, doubled=0.0)
    plan = plan[plan["sensor"].isin(SEEN)]
    again = plan[rng.random(len(plan)) < AGAIN].copy()
    again["date"] += pd.to_timedelta(rng.integers(1, 4, len(again)), unit="D")
    again["scene_id"] += "_again"
    both = pd.concat([plan, again[again["date"] <= region.end]])
    fronts = truth_fronts(region, both.sort_values(["glacier_id", "date"], ignore_index=True))
    fronts["method"], fronts["analyst"] = "manual", "one"
    fronts["sigma_m"] = [SENSORS[name].prior_sigma for name in fronts["sensor"]]
    return fronts


def repeat_part_errors(seed: int, glaciers: int) -> Iterator[tuple[str, Errors]]:
    """Errors of all parts, as stated and with what near days say, of one region."""
    region = simulate_region(seed, n_glaciers=glaciers)
    rng = np.random.default_rng([seed, 66])
    exact = often_seen(region, rng)
    first = ~exact["glacier_id"].duplicated()
    truth, _ = observe(exact, region.domains, MEASURES, settings=AS_STATED)
    for name, times in (("all as stated", 1.0), ("one sensor three times worse", TIMES)):
        lines = []
        for line, sensor, is_first in zip(exact.geometry, exact["sensor"], first, strict=True):
            known = SENSORS[sensor]
            sigma = known.prior_sigma * (times if sensor == WORSE else 1.0)
            drawn = displaced(line, sigma, known.geolocation, rng)
            lines.append(line if is_first else LineString(drawn))
        table = exact.set_geometry(gpd.GeoSeries(lines, index=exact.index, crs=exact.crs))
        observed, table = observe(table, region.domains, MEASURES, settings=AS_STATED)
        for how, rows in (("as stated", observed), ("learnt", crosswise(observed, table))):
            both = rows.merge(truth, on=["trace_id", "measure"], suffixes=("", "_true"))
            both = both[both["date"] != both["reference_date"]]
            both["sensor"] = both["trace_id"].map(exact.set_index("trace_id")["sensor"])
            both["kind"] = np.where(both["sensor"] == WORSE, WORSE, "others")
            for (measure, kind), part in both.groupby(["measure", "kind"]):
                error = (part["length_change"] - part["length_change_true"]).to_numpy()
                yield f"near days, {name}, {kind}, {how}: {measure}", Errors.of_rows(error, part)


def crosswise(rows: pd.DataFrame, fronts: pd.DataFrame) -> pd.DataFrame:
    """Observations with what near days of the years of the other parity say."""
    odd = (rows["date"].dt.year % 2 == 1).to_numpy()
    parts = []
    for half in (odd, ~odd):
        known = repeat_errors(rows[~half], fronts)
        parts.append(with_repeat_errors(rows[half], fronts, known))
    return pd.concat(parts).loc[rows.index]
