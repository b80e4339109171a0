"""The date part of the standard error, on simulated fronts of uncertain date.

Some fronts of a simulated region are labelled with a day that is off by an error of known
size. They are compared with the true fronts of the days that they are labelled with.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from calibration_simulated import SETTINGS
from numpy.typing import NDArray

from termini.series import observe
from termini.simulate import acquisitions, simulate_region, truth_fronts

Array = NDArray[np.float64]
MEASURES = ("length_area", "centreline")
# a mosaic of a few weeks, a month, and a year alone
SIGMA_DAYS = (6.0, 30.0, 105.0)
SHARE = 0.15


def date_part_errors(seed: int, glaciers: int) -> list[tuple[str, Array, Array, NDArray[np.str_]]]:
    """Name, errors, stated date parts and glaciers, of one region."""
    region = simulate_region(seed, n_glaciers=glaciers)
    exact = truth_fronts(region, acquisitions(region))
    exact["method"], exact["analyst"] = "manual", ""
    rng = np.random.default_rng([seed, 33])
    first = exact.groupby("glacier_id")["date"].transform("min")
    last = exact.groupby("glacier_id")["date"].transform("max")
    found = []
    for sigma in SIGMA_DAYS:
        which = (rng.random(len(exact)) < SHARE) & exact["glacier_id"].duplicated().to_numpy()
        days = pd.to_timedelta(np.round(rng.normal(0.0, sigma, len(exact))), unit="D")
        moved = exact["date"] + days
        which &= ((moved > first) & (moved <= last)).to_numpy()
        labelled = exact.copy()
        labelled["date"] = exact["date"].mask(which, moved)
        labelled["date_sigma_days"] = np.where(which, sigma, 0.0)
        lines = exact.geometry.to_numpy().copy()
        for row in np.flatnonzero(which):
            name = exact["glacier_id"].iloc[row]
            lines[row] = region.glacier(name).front(labelled["date"].iloc[row])
        right = labelled.set_geometry(gpd.GeoSeries(lines, index=exact.index, crs=exact.crs))
        both = [
            observe(table, region.domains, MEASURES, settings=SETTINGS)[0]
            for table in (labelled, right)
        ]
        merged = both[0].merge(both[1], on=["trace_id", "measure"], suffixes=("", "_true"))
        merged = merged[merged["trace_id"].isin(exact["trace_id"].to_numpy()[which])]
        for measure, rows in merged.groupby("measure"):
            error = (rows["length_change"] - rows["length_change_true"]).to_numpy()
            name, stated = f"date, {sigma:.0f} days: {measure}", rows["sigma_date"].to_numpy()
            found.append((name, error, stated, rows["glacier_id"].to_numpy(dtype=str)))
    return found
