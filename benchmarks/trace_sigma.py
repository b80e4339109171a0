"""The error of a line: fitted, conformally calibrated, and tested on glaciers held out.

Fits the sizes of errors of `termini.fronts.sigma` on the same lines as
`benchmarks/failure_detector.py`, of which those that are flagged are left out: what is
flagged carries no interval. The conformal factors are the 68 % and 95 % quantiles of error
over size. Coverage is measured glacier by glacier, each with a model and factors that
did not see it: the three real glaciers, and five parts of the simulated ones.

    python benchmarks/trace_sigma.py FOLDER [--write] [--json PATH] [--figure PATH]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from failure_detector import feature_table
from matplotlib.figure import Figure

import termini.fronts.sigma as sigma
from termini.files import write_text, written_whole
from termini.fronts.failure import detector

#: Errors below this are alike, pixels: the hand-drawn lines are no better.
FLOOR = 0.1
PARTS = 5
RIDGE = 1.0
QUANTILES = (0.68, 0.95)


def lines_of(table: pd.DataFrame) -> pd.DataFrame:
    """Lines that are not flagged, with their features and errors."""
    model = detector()
    found = table[table["lost"] == ""].copy()
    chances, vertices, errors = [], [], []
    for row in found.to_dict("records"):
        chance = model.probability(row)
        held = np.array(row["vertices"], dtype=float).reshape(-1, len(sigma.VERTEX_NAMES) + 1)
        held[:, sigma.VERTEX_NAMES.index("wrong")] = sigma.log_odds(chance)
        chances.append(chance)
        vertices.append(held[:, :-1])
        errors.append(held[:, -1])
    found["p_wrong"], found["features"], found["errors"] = chances, vertices, errors
    found["held"] = [
        g if k == "real" else f"simulated {int(n.split('-')[1]) % PARTS}"
        for g, k, n in zip(found["glacier"], found["kind"], found["name"], strict=True)
    ]
    kept = (found["p_wrong"] <= model.threshold) & ~found["limits"].astype(bool)
    print(f"{kept.sum()} of {len(found)} lines are not flagged")
    return found[kept].reset_index(drop=True)


def fit_size(x: np.ndarray, error: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights of the logarithm of the error's size: ridge least squares."""
    design = np.column_stack([x, np.ones(len(x))])
    target = np.log(np.abs(error) + FLOOR)
    penalty = RIDGE * np.eye(design.shape[1])
    penalty[-1, -1] = 0.0
    left = design.T @ (design * weight[:, None]) + penalty
    return np.asarray(np.linalg.solve(left, design.T @ (weight * target)))


def weighted_quantile(value: np.ndarray, weight: np.ndarray, share: float) -> float:
    order = np.argsort(value)
    total = np.cumsum(weight[order])
    return float(value[order][np.searchsorted(total, share * total[-1])])


def fit_models(lines: pd.DataFrame) -> dict[str, Any]:
    """Both models; every group of glaciers weighs alike, and every line in it."""
    groups = lines["held"].map(lines["held"].value_counts())
    each = 1.0 / groups.to_numpy(float)
    x = np.concatenate(lines["features"].tolist())
    error = np.concatenate(lines["errors"].tolist())
    counts = lines["errors"].map(len).to_numpy()
    weight = np.repeat(each / counts, counts) * len(lines)
    vertex = conformal(sigma.VERTEX_NAMES, x, error, weight)
    model = model_of(vertex)
    whole = np.stack([
        sigma.trace_features(model.size(f), p)
        for f, p in zip(lines["features"], lines["p_wrong"], strict=True)
    ])  # fmt: skip
    mean = np.array([e.mean() for e in lines["errors"]])
    return {
        "vertex": vertex,
        "trace": conformal(sigma.TRACE_NAMES, whole, mean, each * len(lines)),
    }


def conformal(
    names: tuple[str, ...], x: np.ndarray, error: np.ndarray, weight: np.ndarray
) -> dict[str, Any]:
    beta = fit_size(x, error, weight)
    part = {"names": list(names), "weight": np.round(beta, 5).tolist(), "factor_68": 1.0,
            "factor_95": 1.0}  # fmt: skip
    score = np.abs(error) / model_of(part).size(x)
    for share in QUANTILES:
        part[f"factor_{share * 100:.0f}"] = round(weighted_quantile(score, weight, share), 4)
    return part


def model_of(part: dict[str, Any]) -> sigma.SizeModel:
    return sigma.SizeModel(tuple(part["weight"]), part["factor_68"], part["factor_95"])


def clustered_error(inside: list[np.ndarray], pictures: list[str]) -> float:
    """Standard error of a mean, where the looks at one picture are not independent."""
    off = pd.Series(np.asarray(inside, dtype=float)) - float(np.mean(inside))
    sums = off.groupby(pictures).sum()
    count = len(sums)
    return float(np.sqrt((sums**2).sum() * count / max(count - 1, 1)) / len(off))


def coverage(lines: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Share of errors within the intervals, each group held out in turn."""
    rows = []
    points: dict[str, list[np.ndarray]] = {"sigma": [], "error": []}
    for name in sorted(lines["held"].unique()):
        models = fit_models(lines[lines["held"] != name])
        vertex, trace = model_of(models["vertex"]), model_of(models["trace"])
        inside: dict[str, list[np.ndarray]] = {k: [] for k in ("v68", "v95", "t68", "t95")}
        pictures = []
        for row in lines[lines["held"] == name].itertuples():
            size = vertex.size(row.features)
            whole = trace.size(sigma.trace_features(size, row.p_wrong)[None, :])
            pictures.append(row.name)
            off, mean = np.abs(row.errors), np.abs(row.errors.mean())
            inside["v68"].append(np.mean(off <= vertex.factor_68 * size))
            inside["v95"].append(np.mean(off <= vertex.factor_95 * size))
            inside["t68"].append(mean <= trace.factor_68 * whole[0])
            inside["t95"].append(mean <= trace.factor_95 * whole[0])
            points["sigma"].append(vertex.factor_68 * size)
            points["error"].append(off)
        rows.append({"held out": name, "lines": len(inside["v68"])}
                    | {key: float(np.mean(value)) for key, value in inside.items()}
                    | {f"{key}_se": clustered_error(inside[key], pictures)
                       for key in ("v68", "t68")})  # fmt: skip
    return pd.DataFrame(rows), {k: np.concatenate(v) for k, v in points.items()}


def reliability(points: dict[str, np.ndarray], bins: int = 8) -> pd.DataFrame:
    """Error against stated sigma, vertices in bins of equal number."""
    edges = np.quantile(points["sigma"], np.linspace(0, 1, bins + 1))
    place = np.clip(np.searchsorted(edges, points["sigma"], side="right") - 1, 0, bins - 1)
    rows = []
    for k in range(bins):
        chosen = place == k
        rows.append({
            "stated sigma, pixels": points["sigma"][chosen].mean(),
            "68 % quantile of error, pixels": np.quantile(points["error"][chosen], 0.68),
        })  # fmt: skip
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame, path: Path) -> None:
    figure = Figure(figsize=(4.5, 4))
    axis = figure.subplots()
    x, y = table.iloc[:, 0], table.iloc[:, 1]
    axis.loglog(x, y, "o-", color="tab:red")
    axis.loglog(x, x, color="0.6", lw=0.8)
    axis.set_xlabel("stated sigma of a vertex, pixels")
    axis.set_ylabel("68 % quantile of the error, pixels")
    figure.tight_layout()
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=120, format="png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="ship the fitted numbers")
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    parser.add_argument("--figure", type=Path, help="reliability figure, PNG")
    a = parser.parse_args()
    lines = lines_of(feature_table(a.folder))
    models = fit_models(lines)
    table, points = coverage(lines)
    curve = reliability(points)
    print(json.dumps(models))
    print(table.round(3).to_string(index=False))
    print(curve.round(2).to_string(index=False))
    if a.write:
        place = Path(sigma.__file__).with_name("sigma.json")
        write_text(place, json.dumps(models, indent=1) + "\n")
    if a.figure:
        draw(curve, a.figure)
    if a.json:
        content = {"models": models, "coverage": table.to_dict("records"),
                   "reliability": curve.to_dict("records")}  # fmt: skip
        write_text(a.json, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
