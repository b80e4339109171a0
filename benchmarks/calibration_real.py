"""Differences of real traces of one front, and of one front a day or a few later.

Daugaard-Jensen (traces of King, Brough, Black and others) and Jakobshavn, where the
traces of two published datasets are laid together. The difference of ``length_area`` (and
of ``curvilinear_box``, which keeps clear of walls and bays) of each pair is compared with
its standard error, in which what both share is cancelled.

A glacier moves in between. The steady part, the median advance a day over pairs of one
analyst in the years of calibration, is taken off. The rest is not: rows ``with motion``
have, beside the stated error, the standard deviation of the change within so many days of
the part ``weeks`` of the monthly model of the glacier; rows ``no calving`` leave pairs
out between which a step lies that the fronts before and after bear out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.fronts import duplicate_pairs, read_source, screen
from termini.fronttable import front_table
from termini.geometry import domains_for_source
from termini.series import MonthlySettings, ObservationSettings, changes, observe
from termini.series.monthly_fit import model_months
from termini.variables import flag_bits

JAKOBSHAVN = "measures:3"
LENGTHS = ("length_area", "curvilinear_box")
LONGEST_DAYS = 3.0
# a fall or a rise of more than so many of its own errors, borne out by the neighbours
EVENT_ERRORS = 3.0
NEIGHBOUR_DAYS = 30


def real_pairs(settings: ObservationSettings) -> pd.DataFrame:
    """Every pair of both glaciers: difference, standard error, and what it is of."""
    daugaard = read_source("daugaard_jensen")
    north_west, dense = read_source("nw_greenland"), read_source("jakobshavn")
    both = [north_west[north_west["glacier_id"] == JAKOBSHAVN], dense]
    sets = {
        "Daugaard-Jensen": (daugaard, domains_for_source("daugaard_jensen", None, daugaard)),
        "Jakobshavn": (
            front_table(pd.concat(both, ignore_index=True)),
            domains_for_source("jakobshavn", None, dense),
        ),
    }
    tables = []
    for name, (fronts, domains) in sets.items():
        tables += [found.assign(set=name) for found in _pairs_of(fronts, domains, settings)]
    return _without_motion(pd.concat(tables, ignore_index=True))


def _pairs_of(
    fronts: gpd.GeoDataFrame, domains: Mapping[str, GlacierDomain], settings: ObservationSettings
) -> Iterator[pd.DataFrame]:
    fronts = screen(fronts, domains)
    pairs = duplicate_pairs(fronts, domains, days=LONGEST_DAYS)
    # the second drawing of a scene is flagged, and is what is wanted here
    fronts["quality"] &= ~flag_bits()["duplicate"]
    observed, table = observe(fronts, domains, LENGTHS, settings=settings)
    analyst = table.set_index("trace_id")["analyst"]
    for measure, rows in observed.groupby("measure"):
        known = set(rows["trace_id"])
        both = pairs[pairs["trace_a"].isin(known) & pairs["trace_b"].isin(known)]
        names = list(zip(both["trace_a"], both["trace_b"], strict=True))
        found = changes(rows, names, str(measure), fronts=table, settings=settings)
        one, other = (analyst[found[side]].to_numpy() for side in ("trace_a", "trace_b"))
        found["same_analyst"] = one == other
        found["days"] = found["days"].round()
        found["motion"] = _motion(rows, str(measure), found["days"].to_numpy())
        found["event"] = [_borne_out(row, rows) for row in found.itertuples()]
        yield found


def _motion(observed: pd.DataFrame, measure: str, days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation of what the monthly model holds possible within some days, metres."""
    rows = observed.sort_values("date")
    months = model_months(rows, measure, float("nan"), MonthlySettings())
    variance = np.zeros(len(days))
    for process in [] if months is None else months.fit.processes:
        kept = np.exp(-days / 365.25 / process.scales[1])
        variance += process.weight * 2 * process.amplitudes[2] ** 2 * (1 - kept)
    return np.sqrt(variance)


def _borne_out(pair: tuple, observed: pd.DataFrame) -> bool:
    """Whether the fronts before and after a pair show the step that it shows."""
    step, error = pair.length_change, pair.length_change_se
    if pair.days == 0 or abs(step) < EVENT_ERRORS * error:
        return False
    reach = pd.Timedelta(days=NEIGHBOUR_DAYS)
    others = observed[~observed["trace_id"].isin([pair.trace_a, pair.trace_b])]
    before = others[(others["date"] < pair.date_a) & (others["date"] > pair.date_a - reach)]
    after = others[(others["date"] > pair.date_b) & (others["date"] < pair.date_b + reach)]
    if before.empty or after.empty:
        return False
    last = before.sort_values("date")["length_change"].iloc[-1]
    seen = after.sort_values("date")["length_change"].iloc[0] - last
    return bool(seen / step > 0.5)


def _without_motion(pairs: pd.DataFrame) -> pd.DataFrame:
    """Steady advance taken off; which half of the years a pair is of."""
    pairs["half"] = np.where(pairs["date_a"].dt.year % 2 == 0, "even", "odd")
    steady = pairs[pairs["same_analyst"] & (pairs["half"] == "even") & (pairs["days"] > 0)]
    steady = steady[~steady["event"]]
    rate = (steady["length_change"] / steady["days"]).groupby(steady["set"]).median()
    pairs["rate"] = pairs["set"].map(rate).fillna(0.0)
    pairs["error"] = pairs["length_change"] - pairs["rate"] * pairs["days"]
    return pairs


def groups_of(pairs: pd.DataFrame) -> list[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """Name, errors and stated errors of each row of the table."""
    pairs = pairs.assign(who=np.where(pairs["same_analyst"], "one analyst", "two analysts"))
    pairs["when"] = [f"{day:.0f} d" for day in pairs["days"]]
    pairs["half"] += " years"
    groups = [
        (", ".join(key), rows)
        for by in ("when", "half")
        for key, rows in pairs.groupby(["measure", "set", by, "who"], sort=True)
    ]
    found = []
    for name, rows in groups:
        calm = rows[~rows["event"]]
        near = np.hypot(rows["length_change_se"], rows["motion"])
        found.append((name, rows["error"].to_numpy(), rows["length_change_se"].to_numpy()))
        if (rows["days"] > 0).any():
            found.append((f"{name}, with motion", rows["error"].to_numpy(), near.to_numpy()))
        if len(calm) < len(rows):
            stated = calm["length_change_se"].to_numpy()
            found.append((f"{name}, no calving", calm["error"].to_numpy(), stated))
    return found
