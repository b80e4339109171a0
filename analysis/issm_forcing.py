"""Forcing of real glaciers from published tables: what the melt rates come to.

    python analysis/issm_forcing.py --json PATH

For Jakobshavn, Daugaard-Jensen and three glaciers of north-west Greenland: discharge,
thermal forcing with and without the sill, submerged area of the front, and frontal
melt by Rignot et al. (2016) at the deepest vertex, 2000 to 2013 (mean, 90th percentile
and least of the nodes); and the calving that front and speed of Jakobshavn imply.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from termini.files import data_root
from termini.fronts import read_source
from termini.geometry import domains_for_source
from termini.issm.bed import bed_from_profile
from termini.issm.calving import implied_calving
from termini.issm.forcing import DISCHARGE, MELT, WARMTH
from termini.issm.forcing_build import make_forcings
from termini.issm.forcing_published import published_forcing
from termini.issm.mesh import triangulate
from termini.issm.timeline import time_mean
from termini.variables import is_rejected

#: Parts of names in the table of points.
NORTH_WEST = ("Kong Oscar", "Sverdrup", "Hayes")


def glaciers() -> list[tuple]:
    """Domains and fronts of the five glaciers."""
    found = []
    for source in ("jakobshavn", "daugaard_jensen", "nw_greenland"):
        fronts = read_source(source)
        for domain in domains_for_source(source, None, fronts).values():
            wanted = source != "nw_greenland" or any(n in domain.name for n in NORTH_WEST)
            if source == "daugaard_jensen":
                wanted = "Daugaard" in domain.name or "DAUGAARD" in domain.name
            if wanted:
                found.append((domain, fronts))
    return found


def summary(domain, fronts) -> dict:
    """Numbers of one glacier."""
    known = published_forcing(domain)
    depth = known.bed_depth or 300.0
    mesh = triangulate(domain.fjord, max(400.0, float(np.sqrt(domain.fjord.area / 4000))))
    bed = bed_from_profile(mesh.x, mesh.y, domain, -depth)
    mine = fronts[(fronts["glacier_id"] == domain.glacier_id) & ~is_rejected(fronts["quality"])]
    mine = mine.to_crs(domain.crs)
    result = {"glacier": domain.name, "id": domain.glacier_id, "bed_depth_m": known.bed_depth,
              "sill_depth_m": known.sill_depth, "sector": known.profiles.attrs["sector"],
              "notes": known.notes}  # fmt: skip
    runoff = known.table[["runoff"]].dropna()
    runoff.attrs["units"] = known.table.attrs["units"]
    for label, sill in (("sill", known.sill_depth), ("no_sill", None)):
        forcing = make_forcings(
            mesh, domain, bed, runoff, cadence="summer", fronts=mine,
            profiles=known.profiles, sill_depth=sill, layer="lower", members=8,
            span=("2000-01-01", "2013-12-31"),
        )  # fmt: skip
        deep = np.argmin(bed)
        melt = forcing.series[MELT][deep] / 365
        mean = [time_mean(forcing.years, m[deep]) for m in forcing.members[MELT] / 365]
        result[label] = {
            "thermal_forcing_K": round(float(forcing.series[WARMTH][deep].mean()), 2),
            "melt_mean_m_d": round(time_mean(forcing.years, melt), 2),
            "melt_summer_m_d": round(float(np.percentile(melt, 90)), 2),
            "melt_winter_m_d": round(float(melt.min()), 2),
            "ensemble_sd_m_d": round(float(np.std(mean, ddof=1)), 2),
        }
    flow = forcing.series[DISCHARGE][0]
    result["discharge_mean_m3_s"] = round(time_mean(forcing.years, flow) / 86400, 1)
    result["discharge_summer_m3_s"] = round(float(runoff.loc["2000":"2013", "runoff"].mean()), 1)
    result["assumptions"] = forcing.assumptions
    return result


def calving(domain, fronts) -> dict:
    """Calving of Jakobshavn implied by fronts on the centreline and speed behind the front."""
    mine = fronts[~is_rejected(fronts["quality"])].to_crs(domain.crs).sort_values("date")
    place = {}
    for date, line in zip(mine["date"], mine.geometry, strict=True):
        crossing = shapely.points(shapely.get_coordinates(line.intersection(domain.centreline)))
        if len(crossing):
            place[date] = np.median(shapely.line_locate_point(domain.centreline, crossing))
    speed = pd.read_csv(data_root() / "jakobshavn" / "forcing" / "its_live_sampled_6_12_day.csv")
    speed = speed.set_index(pd.to_datetime(speed["mid_date"]))["POINT_1_VELOCITY"].dropna()
    speed = speed.sort_index().resample("MS").median().interpolate()
    speed.index = speed.index + pd.Timedelta(days=14)
    position = pd.Series(place)[str(speed.index[0]) : str(speed.index[-1])]
    found = implied_calving(
        position.index, position.to_numpy(), speed, units="m a-1", velocity_se=300.0,
        position_se=np.full(len(position), 100.0), melt=700.0, minimum_days=25.0,
        glacier=domain.name,
    )  # fmt: skip
    days = (found["end"] - found["start"]).dt.days
    names = ("velocity", "front_speed", "calving_rate")
    mean = {name: round(float(np.average(found[name], weights=days))) for name in names}
    return {"calving": domain.name, "intervals": len(found), **mean,
            "se_of_an_interval": round(float(found["calving_rate_se"].median())),
            "clipped": int(found["clipped"].sum()),
            "clipping_bias": round(found.attrs["clipping_bias"])}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = glaciers()
    results = [summary(domain, fronts) for domain, fronts in found]
    results.append(calving(*found[0]))
    for row in results:
        print({k: v for k, v in row.items() if k not in ("notes", "assumptions")})
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
