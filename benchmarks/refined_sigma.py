"""The error of a refined line: fitted on some simulated regions, tested on others.

Fits `termini.fronts.refine_sigma` as `benchmarks/trace_sigma.py` does its own, on scenes of
`benchmarks/simulated_sensors.py` of the regions named first; coverage is given region by region
for those named second, with the errors of the coarse line beside it, which would hold too much.

    python benchmarks/refined_sigma.py FOLDER [--fit 151 152 153 154] [--test 141 142] [--write]
    python benchmarks/refined_sigma.py FOLDER --held-out --test 141 142 143 144 145 146 [--write]

With --held-out each of all these regions is tested on with what the others give, and what all
together give is shipped by --write.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString
from simulated_sensors import SHOWN, Case, made_cases
from trace_sigma import conformal, model_of

import termini.fronts.refine_sigma as refine_sigma
from termini.errors import TerminiError
from termini.files import write_text
from termini.fronts import extract_front
from termini.fronts.refine import draw_strip, error_features, finer
from termini.fronts.sigma import TRACE_NAMES
from termini.fronts.subpixel import normals
from termini.geo import scale_factor
from termini.scenes import read_scene
from termini.segment import load_network

#: Every so many vertices one is taken, those beside it are alike.
EVERY = 5


def signed(xy: np.ndarray, truth: LineString) -> np.ndarray:
    """Distance of vertices from the truth along the line's normals' side, units of the map."""
    points = shapely.points(xy)
    at = shapely.line_interpolate_point(truth, shapely.line_locate_point(truth, points))
    apart = xy - shapely.get_coordinates(at)
    side = np.sign((apart * normals(xy)).sum(axis=1))
    return np.asarray(side * np.hypot(*apart.T))


def line_of(case: Case, network: Any) -> dict[str, Any] | None:
    """Features and errors of one line, coarse and refined, in pixels of the working grid."""
    try:
        scene = read_scene(case.path, domain=case.domain)
        found = extract_front(scene, case.domain, network, refine="off")
    except TerminiError:
        return None
    path, seen = found.path, found.scene
    if path.probably_wrong or path.reasons or not finer("native", scene, seen):
        return None
    drawn, working = draw_strip(path, scene, seen)
    middle = case.domain.fjord.centroid
    unit = float(scale_factor(middle.x, middle.y, case.domain.crs)) * seen.pixel_size
    errors = signed(drawn.xy, case.truth) / unit
    x, y = seen.transform @ (path.xy[:, 0] + 0.5, path.xy[:, 1] + 0.5)
    before = signed(np.column_stack([x, y]), case.truth) / unit
    assert path.errors is not None
    features = error_features(path, drawn, working)
    return {
        "sensor": case.sensor.name, "features": features[::EVERY], "errors": errors[::EVERY],
        "p_wrong": path.p_wrong, "working": working / EVERY, "mean": float(errors.mean()),
        "held_68": np.exp(features[::EVERY, 1]) - 0.05, "held_mean": path.errors.mean,
        "held_mean_95": path.errors.mean_95, "before_mean": float(before.mean()),
    }  # fmt: skip


def lines_of(folder: Path, regions: list[int], scenes: int, sensors: tuple[str, ...]) -> Any:
    network = load_network()
    return pd.DataFrame([
        line | {"region": seed}
        for seed in regions
        for case in made_cases(folder, seed, scenes, sensors)
        if (line := line_of(case, network)) is not None
    ])  # fmt: skip


def whole_features(lines: pd.DataFrame, vertex: Any) -> np.ndarray:
    return np.stack([
        refine_sigma.refined_trace_features(vertex.size(r.features), r.working, r.p_wrong)
        for r in lines.itertuples()
    ])  # fmt: skip


def fit(lines: pd.DataFrame) -> dict[str, Any]:
    """Both models; every line weighs alike."""
    counts = lines["errors"].map(len).to_numpy()
    x, error = np.concatenate(lines["features"].tolist()), np.concatenate(lines["errors"].tolist())
    vertex = conformal(refine_sigma.REFINED_NAMES, x, error, np.repeat(1.0 / counts, counts))
    whole = whole_features(lines, model_of(vertex))
    mean = lines["mean"].to_numpy()
    return {"vertex": vertex, "trace": conformal(TRACE_NAMES, whole, mean, np.ones(len(mean)))}


def coverage(lines: pd.DataFrame, models: dict[str, Any], by: str) -> pd.DataFrame:
    """Share of errors within the intervals, refined; and within those of the coarse line."""
    vertex, trace = model_of(models["vertex"]), model_of(models["trace"])
    rows = []
    for name, part in lines.groupby(by, sort=False):
        whole = trace.size(whole_features(part, vertex))
        sizes = [vertex.size(f) for f in part["features"]]
        off = [np.abs(e) for e in part["errors"]]
        mean = part["mean"].abs().to_numpy()

        def share(factor: float, off: Any = off, sizes: Any = sizes) -> float:
            return float(
                np.mean([np.mean(o <= factor * s) for o, s in zip(off, sizes, strict=True)])
            )

        rows.append({
            by: name, "lines": len(part),
            "vertex 68": share(vertex.factor_68), "vertex 95": share(vertex.factor_95),
            "mean 68": float((mean <= trace.factor_68 * whole).mean()),
            "mean 95": float((mean <= trace.factor_95 * whole).mean()),
            "vertex 68, coarse errors": float(np.mean(
                [np.mean(o <= h) for o, h in zip(off, part["held_68"], strict=True)])),
            "sigma": float(np.median(np.concatenate(sizes)) * vertex.factor_68),
        })  # fmt: skip
    return pd.DataFrame(rows)


def held_out(lines: pd.DataFrame, by: str) -> pd.DataFrame:
    """Coverage where each region is left out in turn of what it is tested with."""
    parts = pd.concat([
        coverage(lines[lines["region"] == seed], fit(lines[lines["region"] != seed]), by)
        for seed in lines["region"].unique()
    ])  # fmt: skip
    shares = parts.columns.drop([by, "lines"])
    parts[shares] = parts[shares].mul(parts["lines"], axis=0)
    found = parts.groupby(by, sort=False).sum()
    return found.assign(**found[shares].div(found["lines"], axis=0)).reset_index()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fit", type=int, nargs="+", default=[151, 152, 153, 154])
    parser.add_argument("--test", type=int, nargs="+", default=[141, 142])
    parser.add_argument("--scenes", type=int, default=4, help="of each sensor in each region")
    parser.add_argument("--test-scenes", type=int, default=3, help="the same of those tested on")
    parser.add_argument("--sensors", nargs="+", default=list(SHOWN))
    parser.add_argument("--held-out", action="store_true", help="every region in turn")
    parser.add_argument("--write", action="store_true", help="ship the fitted numbers")
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    a = parser.parse_args()
    fitted_on = lines_of(a.folder, a.fit, a.scenes, tuple(a.sensors))
    lines = lines_of(a.folder, a.test, a.test_scenes, tuple(a.sensors))
    if a.held_out:
        lines = fitted_on = pd.concat([fitted_on, lines], ignore_index=True).assign(every="all")
        tables = {by: held_out(lines, by) for by in ("region", "sensor", "every")}
    models = fit(fitted_on)
    if not a.held_out:
        tables = {by: coverage(lines, models, by) for by in ("region", "sensor")}
    print(json.dumps(models))
    for table in tables.values():
        print(table.round(3).to_string(index=False))
    if a.write:
        place = Path(refine_sigma.__file__).with_name("refine_sigma.json")
        write_text(place, json.dumps(models, indent=1) + "\n")
    if a.json:
        content = {"models": models} | {k: t.to_dict("records") for k, t in tables.items()}
        write_text(a.json, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
