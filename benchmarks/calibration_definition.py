"""The definition part of the standard error, on traces that weave.

A measure of a tangled trace has more than one defensible answer. Of the centreline and
the flowlines any of the crossings may be meant; of the area it is open whether a loop
belongs to it. `sigma_definition` is the rms error if either of the outermost answers
may be meant. True fronts of a simulated region get a loop, forward or backward, that is
not there on the ground: of the answers the one without it is right. Such errors are
nothing or the whole range, which is the interval that is stated of them.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from calibration_shares import Errors
from calibration_simulated import LENGTHS, SETTINGS
from shapely.geometry import LineString

from termini.series import observe
from termini.simulate import acquisitions, simulate_region, truth_fronts

Rows = list[tuple[str, Errors]]
LOOP_M = (150.0, 600.0)
_BELOW_M = 2.0


def looped(line: LineString, rng: np.random.Generator) -> LineString:
    """A front with a loop in its middle, where the line runs back over itself."""
    reach = min(float(rng.uniform(*LOOP_M)), 0.2 * line.length)
    start, end = 0.5 * (line.length - reach), 0.5 * (line.length + reach)
    ends = shapely.get_coordinates(shapely.line_interpolate_point(line, [start, end]))
    tangent = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
    out = float(rng.choice([-1.0, 1.0])) * np.array([-tangent[1], tangent[0]])
    turn = np.linspace(0.0, np.pi, 13)[:, None]
    arc = ends.mean(axis=0) + 0.5 * reach * np.cos(turn) * tangent + reach * np.sin(turn) * out
    middle = shapely.get_coordinates(shapely.ops.substring(line, start, end))
    head = shapely.get_coordinates(shapely.ops.substring(line, 0.0, end))
    tail = shapely.get_coordinates(shapely.ops.substring(line, end, line.length))
    below = middle - _BELOW_M * out
    return LineString(np.vstack([head, arc[1:-1], below, tail[1:]]))


def definition_errors(seed: int, glaciers: int) -> Rows:
    """Measure, with errors against the true front and stated parts, of one region."""
    region = simulate_region(seed, n_glaciers=glaciers)
    exact = truth_fronts(region, acquisitions(region))
    exact["method"], exact["analyst"] = "manual", ""
    rng = np.random.default_rng([seed, 55])
    which = (rng.random(len(exact)) < 0.2) & exact["glacier_id"].duplicated().to_numpy()
    lines = exact.geometry.to_numpy().copy()
    for row in np.flatnonzero(which):
        lines[row] = looped(lines[row], rng)
    table = exact.set_geometry(gpd.GeoSeries(lines, index=exact.index, crs=exact.crs))
    both = [
        observe(fronts, region.domains, LENGTHS, settings=SETTINGS)[0] for fronts in (exact, table)
    ]
    merged = both[1].merge(
        both[0], on=["trace_id", "measure"], suffixes=("", "_true"), validate="one_to_one"
    )
    merged = merged[merged["trace_id"].isin(exact["trace_id"].to_numpy()[which])]
    return [row for measure in LENGTHS for row in _rows(merged, measure)]


def _rows(merged: pd.DataFrame, measure: str) -> Rows:
    rows = merged[merged["measure"] == measure]
    error = (rows["length_change"] - rows["length_change_true"]).to_numpy()
    stated = rows["sigma_definition"].to_numpy()
    several = stated > 1.0
    whose = rows["glacier_id"].to_numpy(dtype=str)
    return [(f"loop: {measure}", Errors.normal(error[several], stated[several], whose[several]))]
