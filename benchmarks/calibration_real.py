"""Differences of real traces of one front, and of one front a day or a few later.

Daugaard-Jensen (traces of King, Brough, Black and others) and Jakobshavn, where the
traces of two published datasets are laid together. The difference of ``length_area`` (and
of ``curvilinear_box``, which keeps clear of walls and bays) of each pair is compared with
its standard error, in which what both share is cancelled.

A glacier moves in between, and may calve. Ice does not outrun its own flow, though: what
a front gains beyond the steady advance is error and nothing else. Rows ``gains`` are of
those pairs, whose errors should be distributed as the upper half of a normal
distribution. The steady advance, and what near-day pairs say of an analyst on a sensor
(`termini.series.repeat_errors`), come from the even years for pairs of odd years, and the
other way round: no pair is held against what it was itself part of. Pairs of one analyst
four to six days apart are rows of their own, `with repeats` with what those of up to three
days say; of flow that much longer a fifth is taken as an error besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from calibration_shares import Errors

from termini.domain import GlacierDomain
from termini.fronts import duplicate_pairs, read_source, screen
from termini.fronttable import front_table
from termini.geometry import domains_for_source
from termini.series import ObservationSettings, changes, observe
from termini.series.near_days import steady_rate
from termini.series.repeats import near_pairs, repeat_errors, with_repeat_errors
from termini.variables import flag_bits, is_rejected

JAKOBSHAVN = "measures:3"
LENGTHS = ("length_area", "curvilinear_box")
MEASURES = ("length_area", "centreline", "flowlines")
LONGEST_DAYS, LATER_DAYS = 3.0, 6.5
FLOW_SHARE = 0.2


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
    return pd.concat(tables, ignore_index=True)


def _pairs_of(
    fronts: gpd.GeoDataFrame, domains: dict[str, GlacierDomain], settings: ObservationSettings
) -> Iterator[pd.DataFrame]:
    fronts = screen(fronts, domains)
    pairs = duplicate_pairs(fronts, domains, days=LONGEST_DAYS)
    # the second drawing of a scene is flagged, and is what is wanted here
    fronts["quality"] &= ~flag_bits()["duplicate"]
    as_stated = replace(settings, learn_from_near_days=False)
    observed, table = observe(fronts, domains, LENGTHS, settings=as_stated)
    drawn = table.set_index("trace_id")
    for measure, rows in observed.groupby("measure"):
        known = rows.set_index("trace_id")
        both = pairs[pairs["trace_a"].isin(known.index) & pairs["trace_b"].isin(known.index)]
        names = list(zip(both["trace_a"], both["trace_b"], strict=True))
        alike = drawn[["analyst", "sensor"]].apply(tuple, axis=1)
        near = set(near_pairs(rows, str(measure), LONGEST_DAYS + 0.5))
        later = [
            pair
            for pair in near_pairs(rows, str(measure), LATER_DAYS)
            if pair not in near and alike[pair[0]] == alike[pair[1]]
        ]
        for some in (names, later):
            yield _pairs_found(some, rows, table, settings)


def _pairs_found(
    names: list[tuple[str, str]],
    rows: pd.DataFrame,
    table: gpd.GeoDataFrame,
    settings: ObservationSettings,
) -> pd.DataFrame:
    """Differences of pairs with their errors."""
    drawn, known = table.set_index("trace_id"), rows.set_index("trace_id")
    measure = str(rows["measure"].iloc[0])
    found = changes(rows, names, measure, fronts=table, settings=settings)
    one, other = (drawn.loc[found[side]] for side in ("trace_a", "trace_b"))
    found["same_analyst"] = one["analyst"].to_numpy() == other["analyst"].to_numpy()
    found["sensors"] = [
        " and ".join(sorted({a or "unknown", b or "unknown"}))
        for a, b in zip(one["sensor"], other["sensor"], strict=True)
    ]
    found["days"] = found["days"].round()
    gaps = known[["gap_left", "gap_right"]].max(axis=1)
    found["gap"] = np.fmax(*(gaps[found[side]].to_numpy() for side in ("trace_a", "trace_b")))
    return _crosswise(found, rows, table, names, settings)


def _crosswise(
    found: pd.DataFrame,
    rows: pd.DataFrame,
    table: gpd.GeoDataFrame,
    names: list[tuple[str, str]],
    settings: ObservationSettings,
) -> pd.DataFrame:
    """Steady advance, and errors with what the years of the other parity say."""
    odd = (found["date_a"].dt.year % 2 == 1).to_numpy()
    found["rate"], found["learnt_se"], found["learnt"] = 0.0, np.nan, False
    for half in (odd, ~odd):
        other = found[~half & found["same_analyst"].to_numpy()]
        change, days = other["length_change"].to_numpy(), other["days"].to_numpy()
        found.loc[half, "rate"] = steady_rate(change, days)
        there = (rows["date"].dt.year % 2 == 1).to_numpy() != bool(odd[half].any())
        known = repeat_errors(rows[there], table, days=LONGEST_DAYS)
        found.loc[half, "learnt"] = len(known) > 0
        learnt = changes(
            with_repeat_errors(rows, table, known), names, str(rows["measure"].iloc[0]),
            fronts=table, settings=settings,
        )  # fmt: skip
        found.loc[half, "learnt_se"] = learnt["length_change_se"].to_numpy()[half]
    flow = FLOW_SHARE * found["rate"] * found["days"] * (found["days"] > LONGEST_DAYS)
    for column in ("length_change_se", "learnt_se"):
        found[column] = np.hypot(found[column], flow)
    found["error"] = found["length_change"] - found["rate"] * found["days"]
    return found


def several_answers(settings: ObservationSettings) -> dict[str, dict[str, int]]:
    """Traces, and those with answers more than a metre apart, by dataset and measure."""
    found = {}
    for name in ("jakobshavn", "daugaard_jensen", "nw_greenland"):
        fronts = read_source(name)
        domains = domains_for_source(name, None, fronts)
        rows, _ = observe(screen(fronts, domains), domains, MEASURES, settings=settings)
        rows = rows[~is_rejected(rows["quality"])]
        several = rows.assign(several=rows["sigma_definition"] > 1.0)
        counts = several.groupby("measure")["several"].agg(["size", "sum"])
        for measure, count in counts.iterrows():
            found[f"{name}: {measure}"] = {"n": int(count["size"]), "several": int(count["sum"])}
    return found


def same_day(pairs: pd.DataFrame) -> list[dict[str, str | float]]:
    """Pairs of one day: difference, stated error, and the widest gap to a wall, metres."""
    rows = pairs[pairs["days"] == 0].sort_values(["set", "date_a", "measure"])
    return [
        {
            "set": row.set,
            "date": str(row.date_a.date()),
            "measure": row.measure,
            "difference_m": round(row.length_change, 1),
            "stated_m": round(row.length_change_se, 1),
            "gap_m": round(row.gap),
        }
        for row in rows.itertuples()
    ]


def groups_of(pairs: pd.DataFrame) -> list[tuple[str, Errors]]:
    """Name and errors, in groups by the quarter of the year, of each row of the table."""
    pairs = pairs.assign(
        who=np.where(pairs["same_analyst"], "one analyst", "two analysts"),
        when=np.select(
            [pairs["days"] == 0, pairs["days"] <= LONGEST_DAYS],
            ["same day", "1 to 3 days"],
            "4 to 6 days",
        ),
    )
    found = []
    for key, rows in pairs.groupby(["set", "measure", "when", "who"], sort=True):
        name = ", ".join(key)
        if (rows["days"] == 0).all():
            found.append(_row(name, rows, "length_change_se"))
            continue
        found.append(_row(f"{name}, all", rows, "length_change_se"))
        gains = rows[rows["error"] > 0]
        found.append(_row(f"{name}, gains", gains, "length_change_se"))
        if key[-1] == "one analyst":
            if rows["learnt"].any():
                found.append(_row(f"{name}, gains, with repeats", gains, "learnt_se"))
            by = gains.groupby("sensors")
            found += [
                _row(f"{name}, gains, {sensors}", part, "length_change_se")
                for sensors, part in by
                if len(part) >= 10
            ]
    return found


def _row(name: str, rows: pd.DataFrame, stated: str) -> tuple[str, Errors]:
    # pairs of one season share fronts, and what a season does to them
    season = rows["date_a"].dt.to_period("Q").astype(str).to_numpy(dtype=str)
    changes_of = rows.assign(length_change_se=rows[stated])
    return name, Errors.of_rows(rows["error"].to_numpy(), changes_of)._replace(group=season)
