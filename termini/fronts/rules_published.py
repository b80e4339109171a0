"""The screening rules of published front datasets, with their published numbers.

AutoTerm (Zhang et al. 2023, The Cryosphere 17, 3485), CALFIN (Cheng et al. 2021,
The Cryosphere 15, 1663) and KC (2025: ends extrapolated to the walls, crossings,
velocity and length filters). They are here so that results can be compared; a
large calving event is a jump for some of them, which is why the default rules of
termini are others (`termini.fronts.rules_own`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from termini.fronts.rules import Judgement, Rule
from termini.fronts.rules_traces import GlacierTraces

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

AUTOTERM = "AutoTerm, Zhang et al. 2023"
CALFIN = "CALFIN, Cheng et al. 2021"
KC = "KC 2025"

# Sensor whose quartiles are used for another's.
_BORROWS = {"Sentinel-1": "Sentinel-2"}

# The better sensor of a day first; Sentinel-1 descending before ascending.
_RANK = {"Sentinel-2": 0, "Landsat-8": 1, "Landsat-9": 1}


def quartiles_away(values: Floats, of: Floats, *, both: bool) -> Floats:
    """How many interquartile ranges values lie above the upper quartile of a sample.

    Parameters
    ----------
    values : ndarray
        Values.
    of : ndarray
        Sample that the quartiles are of.
    both : bool
        Also below the lower quartile.

    Returns
    -------
    ndarray
        Negative within the quartiles; nan for a sample of fewer than four or
        without spread.
    """
    if len(of) < 4:
        return np.full(len(values), np.nan)
    low, high = np.percentile(of, [25, 75])
    spread = high - low
    if spread <= 0:
        return np.full(len(values), np.nan)
    above = (values - high) / spread
    below = (low - values) / spread
    return np.asarray(np.maximum(above, below) if both else above, dtype="float64")


def _few_points(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    return Judgement(
        score=numbers["most"] + 1.0 - traces.points.astype("float64"),
        limit=0.0,
        reason=lambda k: f"{traces.points[k]} vertices",
    )


def _in_rounds(measures: tuple[str, ...]) -> Callable[..., Judgement]:
    """Judge of length and curvature against the quartiles of glacier and sensor."""

    def judge(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
        limit = {name: numbers[f"{name}_iqr"] for name in measures}
        worst = np.full(len(traces), np.nan)
        words: dict[int, str] = {}
        flagged = np.zeros(len(traces), dtype=bool)
        sensors = traces.table["sensor"].to_numpy()
        for _ in range(int(numbers["rounds"])):
            here = alive & ~flagged
            new = np.zeros(len(traces), dtype=bool)
            for name in measures:
                away = _away_by_sensor(getattr(traces, name), sensors, here, name == "length")
                # in limits of the rule, so that the two can be compared
                share = np.where(here, away / limit[name], np.nan)
                worst = np.fmax(worst, share)
                for k in np.flatnonzero(share > 1.0):
                    value = getattr(traces, name)[k]
                    words[int(k)] = (
                        f"{name} {value:.3g}, {away[k]:.1f} times the interquartile range "
                        "beyond the quartile"
                    )
                    new[k] = True
            if not new.any():
                break
            flagged |= new
        return Judgement(worst, 1.0, lambda k: words[k], flagged)

    return judge


def _away_by_sensor(values: Floats, sensors: NDArray[np.object_], here: Mask, both: bool) -> Floats:
    away = np.full(len(values), np.nan)
    for sensor in set(sensors[here]):
        rows = here & (sensors == sensor)
        lender = here & (sensors == _BORROWS.get(sensor, sensor))
        sample = lender if lender.sum() >= 4 else rows
        away[rows] = quartiles_away(values[rows], values[sample], both=both)
    return away


def _sensor_rank(traces: GlacierTraces) -> Floats:
    rank = np.array([float(_RANK.get(s, 4)) for s in traces.table["sensor"]])
    radar = (traces.table["sensor"] == "Sentinel-1").to_numpy()
    text = (traces.table["scene_id"] + " " + traces.table["method"]).str.lower()
    ascending = text.str.contains(r"asc(?:ending)?\b", regex=True).to_numpy(dtype=bool)
    return np.where(radar, np.where(ascending, 3.0, 2.0), rank)


def _same_date(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    rank = _sensor_rank(traces)
    day = np.floor(traces.day)
    score = np.full(len(traces), np.nan)
    better: dict[int, int] = {}
    for k in np.flatnonzero(alive):
        same = np.flatnonzero(alive & (day == day[k]))
        best = same[np.argmin(rank[same])]
        score[k] = float(best != k)
        better[int(k)] = int(best)
    ids = traces.table["trace_id"].to_numpy()
    return Judgement(score, 0.5, lambda k: f"the day's better sensor drew {ids[better[k]]}")


def area_between(traces: GlacierTraces, first: NDArray[np.int64]) -> Floats:
    """Signed area between consecutive traces, joined to a polygon at their ends.

    Parameters
    ----------
    traces : GlacierTraces
        Traces of a glacier.
    first : ndarray of int
        Rows of the traces, in order.

    Returns
    -------
    ndarray, one shorter than `first`
        Square metres of the map, advance positive.
    """
    lines = traces.table.geometry.to_numpy()[first]
    points, owner = shapely.get_coordinates(lines, return_index=True)
    points = points - points.mean(axis=0)
    cross = points[:-1, 0] * points[1:, 1] - points[:-1, 1] * points[1:, 0]
    own = owner[:-1] == owner[1:]
    along = np.bincount(owner[:-1][own], weights=cross[own], minlength=len(lines))
    start = np.searchsorted(owner, np.arange(len(lines)))
    end = np.append(start[1:], len(owner)) - 1
    p, q = points[start], points[end]

    def joined(a: Floats, b: Floats) -> Floats:
        return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])

    # ring: along the later trace from left to right, which is clockwise where it is
    # the more advanced one, and back along the earlier one
    ring = along[1:] + joined(q[1:], q[:-1]) - along[:-1] + joined(p[:-1], p[1:])
    return np.asarray(-0.5 * ring)


def _area_jump(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    score = np.full(len(traces), np.nan)
    jumps: dict[int, float] = {}
    flagged = np.zeros(len(traces), dtype=bool)
    radar = (traces.table["sensor"] == "Sentinel-1").to_numpy()
    for _ in range(int(numbers["rounds"])):
        rows = np.flatnonzero(alive & ~flagged)
        if len(rows) < 5:
            break
        jump = np.abs(area_between(traces, rows))
        away = quartiles_away(jump, jump, both=False)
        reach = np.where(radar[rows[1:]], numbers["within_sar"], numbers["within"]).astype(int)
        big = away > numbers["iqr"]
        confirmed = [big[i] and bool(big[i + 1 : i + 1 + reach[i]].any()) for i in range(len(big))]
        score[rows[1:]] = np.fmax(score[rows[1:]], away)
        new = rows[1:][np.array(confirmed, dtype=bool)]
        if not len(new):
            break
        jumps |= dict(zip(rows[1:].tolist(), (jump / 1e6).tolist(), strict=True))
        # the first of each run: the trace that the jump leads to
        flagged[new[np.insert(np.diff(np.searchsorted(rows, new)) > 1, 0, True)]] = True
    words = "km2 from the trace before it, and another such jump follows"
    return Judgement(score, numbers["iqr"], lambda k: f"{jumps[k]:.2f} {words}", flagged)


def _short(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    west, south, east, north = traces.domain.fjord.bounds
    pixel = max(east - west, north - south) / numbers["picture"]
    pixels = traces.length / pixel
    return Judgement(
        score=numbers["least"] - pixels,
        limit=0.0,
        reason=lambda k: f"{pixels[k]:.0f} pixels of {pixel:.0f} m long",
    )


def _unsure(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    given = "confidence" in traces.table
    sure = traces.table["confidence"].to_numpy(float) if given else np.full(len(traces), np.nan)
    return Judgement(
        score=1.0 - sure,
        limit=1.0 - numbers["least"],
        reason=lambda k: f"mean confidence of the edge {sure[k]:.2f}",
    )


def _wall_gap(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    gap = traces.gaps.max(axis=1)
    middle = np.median(gap[alive])
    spread = np.median(np.abs(gap[alive] - middle))
    z = 0.6745 * (gap - middle) / spread if spread > 0 else np.full(len(gap), np.nan)
    return Judgement(z, numbers["z"], lambda k: f"an end {gap[k]:.0f} m from its fjord wall")


def _length_share(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    share = traces.length / traces.length[alive].mean()
    half = (numbers["most"] - numbers["least"]) / 2
    score = np.abs(share - (numbers["most"] + numbers["least"]) / 2)
    return Judgement(score, half, lambda k: f"{share[k]:.2f} times the mean length")


def _velocity(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    rows = np.flatnonzero(alive & np.isfinite(traces.position))
    speed = np.full(len(traces), np.nan)
    days = np.maximum(np.diff(traces.day[rows]), 1.0)
    speed[rows[1:]] = np.abs(np.diff(traces.position[rows])) / days
    share = speed / np.nanmean(speed) if len(rows) > 1 else speed
    return Judgement(
        score=share,
        limit=numbers["times"],
        reason=lambda k: f"moved {speed[k]:.1f} m a day, {share[k]:.1f} times the mean",
    )


def _crossing(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    score = (~shapely.is_simple(traces.table.geometry.to_numpy())).astype(float)
    return Judgement(score, 0.5, lambda _: "crosses itself")


_IN_ROUNDS = {"curvature_iqr": 2.0, "length_iqr": 1.5, "rounds": 3}

#: The published rules by name.
PUBLISHED: dict[str, Rule] = {
    rule.name: rule
    for rule in [
        Rule("autoterm_points", _few_points, "odd_shape", "so few vertices that it is no front",
             AUTOTERM, {"most": 3}),
        Rule("autoterm_shape", _in_rounds(("curvature", "length")), "odd_shape",
             "curvature or length beyond the quartiles of glacier and sensor, in rounds",
             AUTOTERM, _IN_ROUNDS),
        Rule("autoterm_curvature", _in_rounds(("curvature",)), "odd_shape",
             "the curvature part of autoterm_shape", AUTOTERM,
             {"curvature_iqr": 2.0, "rounds": 3}),
        Rule("autoterm_length", _in_rounds(("length",)), "odd_length",
             "the length part of autoterm_shape", AUTOTERM, {"length_iqr": 1.5, "rounds": 3}),
        Rule("autoterm_duplicates", _same_date, "duplicate",
             "another sensor's trace of the same day is preferred", AUTOTERM),
        Rule("autoterm_jump", _area_jump, "odd_move",
             "area between neighbours beyond the quartile, and another such jump soon after",
             AUTOTERM, {"iqr": 2.0, "within": 5, "within_sar": 10, "rounds": 10}),
        Rule("calfin_confidence", _unsure, "odd_shape",
             "the network was unsure of the edge; needs a column confidence", CALFIN,
             {"least": 0.525}),
        Rule("calfin_short", _short, "odd_length",
             "shorter than so many pixels of a picture of the domain", CALFIN,
             {"least": 32, "picture": 224}),
        Rule("calfin_walls", _wall_gap, "odd_length",
             "an end much farther from its wall than the others' (median absolute deviation)",
             CALFIN, {"z": 2.5}),
        Rule("kc_crossing", _crossing, "odd_shape", "line crosses itself", KC, action="mark"),
        Rule("kc_length", _length_share, "odd_length", "length far from the mean length", KC,
             {"least": 0.5, "most": 1.5}),
        Rule("kc_velocity", _velocity, "odd_move", "moves faster than the mean speed", KC,
             {"times": 2.0}, fewest=3),
    ]
}  # fmt: skip
