"""The date part of the standard error, on simulated fronts of uncertain date.

Some fronts of a simulated region are labelled with a day that is off by an error of known
size; all are drawn badly and misplaced, as fronts are. What the day does is the true front
of its own day less that of the day it is labelled with, which is held against the date
part; the whole error, that of the drawn front against the true one of the day on its
label, against the whole.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
from calibration_shares import Errors
from calibration_simulated import SETTINGS
from series_coverage import noisy_fronts

from termini.series import observe
from termini.simulate import acquisitions, simulate_region, truth_fronts

MEASURES = ("length_area", "centreline", "curvilinear_box", "flowlines")
# a mosaic of a few weeks, a month, and a year alone
SIGMA_DAYS = (6.0, 30.0, 105.0)
SHARE = 0.15
_KEYS = ["trace_id", "measure"]


def date_part_errors(seed: int, glaciers: int) -> Iterator[tuple[str, Errors]]:
    """Errors of the date alone, and of all parts, of one region."""
    for table in date_errors_of(seed, glaciers):
        for measure, rows in table.groupby("measure"):
            days = float(rows["date_sigma_days"].iloc[0])
            name = f"date, {days:.0f} days: {measure}"
            whose = rows["glacier_id"].to_numpy(dtype=str)
            error, stated = rows["error"].to_numpy(), rows["sigma_date"].to_numpy()
            yield name, Errors.of_part(error, stated, whose, str(measure), date=1.0, days=days)
            yield f"all and {name}", Errors.of_rows(rows["whole"].to_numpy(), rows)


def date_errors_of(seed: int, glaciers: int) -> Iterator[pd.DataFrame]:
    """Observations of fronts with a wrong day, with their errors, by the error of the day.

    Column ``error`` is that of the date, ``whole`` that of all parts.
    """
    region = simulate_region(seed, n_glaciers=glaciers)
    exact = truth_fronts(region, acquisitions(region))
    exact["method"], exact["analyst"] = "manual", ""
    rng = np.random.default_rng([seed, 33])
    drawn = noisy_fronts(exact, np.random.default_rng([seed, 34]))
    exact["sigma_m"] = drawn["sigma_m"]
    first = exact.groupby("glacier_id")["date"].transform("min")
    last = exact.groupby("glacier_id")["date"].transform("max")
    for sigma in SIGMA_DAYS:
        which = (rng.random(len(exact)) < SHARE) & exact["glacier_id"].duplicated().to_numpy()
        days = pd.to_timedelta(np.round(rng.normal(0.0, sigma, len(exact))), unit="D")
        moved = exact["date"] + days
        which &= ((moved > first) & (moved <= last)).to_numpy()
        label = exact["date"].mask(which, moved)
        lines = exact.geometry.to_numpy().copy()
        for row in np.flatnonzero(which):
            lines[row] = region.glacier(exact["glacier_id"].iloc[row]).front(label.iloc[row])
        right = exact.set_geometry(gpd.GeoSeries(lines, index=exact.index, crs=exact.crs))
        tables = [
            table.assign(date=label, date_sigma_days=np.where(which, sigma, 0.0))
            for table in (drawn, exact, right)
        ]
        both = [observe(table, region.domains, MEASURES, settings=SETTINGS)[0] for table in tables]
        there, true = (table[[*_KEYS, "length_change"]] for table in both[1:])
        merged = (
            both[0]
            .merge(there, on=_KEYS, suffixes=("", "_there"))
            .merge(true, on=_KEYS, suffixes=("", "_true"))
        )
        merged = merged[merged["trace_id"].isin(exact["trace_id"].to_numpy()[which])]
        merged["error"] = merged["length_change_there"] - merged["length_change_true"]
        merged["whole"] = merged["length_change"] - merged["length_change_true"]
        yield merged.assign(date_sigma_days=sigma)
