"""The failure detector: fitted on some scenes, tested on others, beside published measures.

Fits the logistic model of `termini.fronts.failure` on simulated scenes and the crops of
Jakobshavn and Sverdrup, and tests it on simulated scenes with other seeds and on
Kangerlussuaq, whose crops no weight, feature or threshold saw. The same lines are judged
by termini's limits (`PathSettings`), by CALFIN's confidence and by AutoTerm's repeated
lines. A line is wrong if what is drawn of it lies farther than four pixels from the truth on
average. A line that is right but stops short is not wrong but incomplete: the mean of the
distances both ways exceeds four pixels.

    python benchmarks/failure_detector.py FOLDER [--fresh] [--write] [--json PATH]

FOLDER holds the probability maps (`benchmarks/probability_maps.py` makes them).
`--write` puts the fitted numbers into the package.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from probability_maps import Case, cases
from scipy.optimize import minimize
from shapely.geometry import LineString
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

import termini.fronts.failure as failure
from termini.errors import TraceError
from termini.files import write_text, written_whole
from termini.fronts import PathSettings, measures
from termini.fronts.confidence import autoterm_uncertainty, calfin_confidence
from termini.fronts.doubt_features import MORE_VIEWS, ONE_VIEW, View, doubt_features
from termini.fronts.sigma import vertex_features
from termini.fronts.vector import take_maps, vectorise
from termini.fronts.vector.polygons import front_sides

#: Weights of the squared coefficients against the mean loss; the best out of fold is taken.
RIDGES = (0.0003, 0.001, 0.003, 0.01, 0.03)
FOLDS = 5
#: Thresholds at which right lines of real glaciers are counted.
LIMITS = (0.05, 0.12, 0.2, 0.35)
#: AutoTerm's repeated lines are taken to fail beyond this, pixels: the limit of `wrong`.
REPEATED = failure.WRONG_PX


def row_of(case: Case) -> dict[str, Any]:
    """Features, verdicts and error of one case."""
    settings = PathSettings()
    maps = take_maps(case.front, case.ice, case.valid, case.walls)
    row: dict[str, Any] = {
        "name": case.name, "group": case.group, "kind": case.kind, "glacier": case.glacier,
        "condition": case.condition, "pixel": case.pixel,
    }  # fmt: skip
    try:
        path = vectorise(case.front, case.ice, case.valid, case.walls, settings=settings)
    except TraceError as error:
        return row | {"lost": str(error)}
    views = [View(front, ice) for front, ice, _ in case.views[1:]]
    row |= doubt_features(maps, path, settings, views)
    row["vertices"] = np.column_stack([
        vertex_features(maps.front, maps.ice, path.xy, 0.5),
        signed_errors(path.xy, case.truth, maps.front.shape),
    ]).astype(np.float32)  # fmt: skip
    line, truth = LineString(path.xy), LineString(case.truth)
    forward, back = measures.nearest_distances(line, truth, 1.0)
    calfin = calfin_confidence(maps, path.xy)
    return row | {
        "lost": "", "error": float(np.concatenate([forward, back]).mean()),
        "off": float(forward.mean()), "wrong": bool(forward.mean() > failure.WRONG_PX),
        "limits": bool(path.reasons), "calfin": not calfin.accepted, "calfin_edge": calfin.edge,
        "autoterm": autoterm_uncertainty(maps, path.xy, views, settings),
    }  # fmt: skip


def signed_errors(xy: np.ndarray, truth: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Distance of each vertex from the truth, pixels, positive up-glacier."""
    side, _ = front_sides(truth, shape)
    row, column = np.rint(xy[:, 1]).astype(int), np.rint(xy[:, 0]).astype(int)
    apart = shapely.distance(shapely.points(xy), LineString(truth))
    return np.where(side[row, column] > 0.5, apart, -apart)


def feature_table(
    folder: Path, simulated: int = 900, test: int = 200, *, fresh: bool = False
) -> pd.DataFrame:
    """One row a case; kept in the folder, as the other benchmarks read it too."""
    path = folder / "features.parquet"
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    if path.is_file() and not fresh:
        held = pd.read_parquet(path).to_dict("records")
        kept = {(row["name"], row["condition"]): row for row in held}
    rows = []
    for case in tqdm(cases(folder, simulated, test), mininterval=20):
        key = (case.name, case.condition)
        row = kept[key] if key in kept else row_of(case)
        row["vertices"] = np.ravel(row.get("vertices", [])).astype(float).tolist()
        rows.append(row)
    table = pd.DataFrame(rows)
    with written_whole(path) as temporary:
        table.to_parquet(temporary)
    table["lost"] = table["lost"].fillna("")
    return table


def fit(x: np.ndarray, wrong: np.ndarray, ridge: float) -> dict[str, list[float] | float]:
    """Ridge logistic regression on standardised features."""
    mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    standard = (x - mean) / scale

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        logit = standard @ beta[1:] + beta[0]
        value = np.logaddexp(0.0, np.where(wrong, -logit, logit)).mean()
        slope = 1 / (1 + np.exp(-logit)) - wrong
        gradient = np.concatenate([[slope.mean()], standard.T @ slope / len(x)])
        gradient[1:] += 2 * ridge * beta[1:]
        return value + ridge * float(beta[1:] @ beta[1:]), gradient

    beta = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return {
        "mean": mean.tolist(), "scale": scale.tolist(), "weight": beta[1:].tolist(),
        "intercept": float(beta[0]),
    }  # fmt: skip


def predict(model: dict[str, Any], x: np.ndarray) -> np.ndarray:
    logit = (x - model["mean"]) / model["scale"] @ model["weight"] + model["intercept"]
    return np.asarray(1 / (1 + np.exp(-logit)))


def best_threshold(probability: np.ndarray, wrong: np.ndarray) -> float:
    """Threshold of the greatest F1, in steps of 0.05."""
    steps = np.arange(0.1, 0.95, 0.05)
    scores = [scored(probability > t, wrong)["f1"] for t in steps]
    return round(float(steps[int(np.argmax(scores))]), 2)


def scored(flagged: np.ndarray, wrong: np.ndarray) -> dict[str, float]:
    """Precision, recall, F1, and what is wrong among the lines that are kept."""
    hit = float((flagged & wrong).sum())
    precision = hit / max(flagged.sum(), 1)
    recall = hit / max(wrong.sum(), 1)
    return {
        "precision": precision, "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
        "flagged": float(flagged.mean()), "wrong_kept": float((wrong & ~flagged).sum()),
        "kept": float((~flagged).sum()),
    }  # fmt: skip


def fitted(
    table: pd.DataFrame, names: tuple[str, ...], label: str
) -> tuple[dict[str, Any], np.ndarray]:
    """Model on all the fitting cases, and their probabilities out of fold."""
    x, wrong = table[list(names)].to_numpy(float), table[label].to_numpy(bool)
    folds = list(GroupKFold(FOLDS).split(x, wrong, table["name"]))
    tried: list[tuple[float, float, np.ndarray]] = []
    for ridge in RIDGES:
        out = np.zeros(len(x))
        for train, held in folds:
            out[held] = predict(fit(x[train], wrong[train], ridge), x[held])
        sure = np.clip(np.where(wrong, out, 1 - out), 1e-6, 1.0)
        tried.append((float(-np.log(sure).mean()), ridge, out))
    loss, ridge, out = min(tried, key=lambda item: item[0])
    print(f"ridge {ridge}, log loss out of fold {loss:.3f}")
    model = fit(x, wrong, ridge)
    rounded = {k: np.round(v, 6).tolist() for k, v in model.items()}
    threshold = best_threshold(out, wrong)
    return {"names": list(names), **rounded, "threshold": threshold}, out


def comparison(table: pd.DataFrame, models: dict[str, dict[str, Any]], label: str) -> pd.DataFrame:
    """Precision and recall of every judge on every set of test cases."""
    sets = {
        "simulated, other seeds": table["kind"] == "simulated",
        "Kangerlussuaq": (table["kind"] == "real") & ~table["condition"].str.contains("disturbed"),
        "Kangerlussuaq disturbed": table["condition"].str.contains("disturbed")
        & (table["kind"] == "real"),
        "all": table["kind"] != "",
    }
    rows = []
    for name, chosen in sets.items():
        part = table[chosen]
        wrong = part[label].to_numpy(bool)
        judges = {
            f"detector of {key}": predict(m, part[m["names"]].to_numpy(float)) > m["threshold"]
            for key, m in models.items()
        }
        judges["termini's limits"] = part["limits"].to_numpy(bool)
        judges["CALFIN's confidence"] = part["calfin"].to_numpy(bool)
        judges["AutoTerm's repeated lines"] = part["autoterm"].to_numpy(float) > REPEATED
        for judge, flagged in judges.items():
            rows.append(
                {"question": label, "set": name, "judge": judge, "traces": len(part)}
                | {"true": int(wrong.sum())}
                | scored(np.asarray(flagged), wrong)
            )
    return pd.DataFrame(rows)


def right_flagged(table: pd.DataFrame, model: dict[str, Any]) -> pd.DataFrame:
    """Right lines of undisturbed real crops, fjord known, and how many thresholds would flag."""
    right = table[(table["kind"] == "real") & (table["condition"] == "fjord") & ~table["wrong"]]
    chance = pd.Series(predict(model, right[model["names"]].to_numpy(float)), right.index)
    counts = {"right lines": right["glacier"].value_counts()} | {
        f"over {limit:g}": (chance > limit).groupby(right["glacier"]).sum() for limit in LIMITS
    }
    return pd.DataFrame(counts).rename_axis("glacier").reset_index()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--simulated", type=int, default=900)
    parser.add_argument("--test", type=int, default=200)
    parser.add_argument("--fresh", action="store_true", help="compute kept features again")
    parser.add_argument("--write", action="store_true", help="ship the fitted numbers")
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    a = parser.parse_args()
    table = feature_table(a.folder, a.simulated, a.test, fresh=a.fresh)
    lost = table["lost"] != ""
    found = table[~lost].reset_index(drop=True)
    found["wrong"] = found["wrong"].astype(bool)
    found["incomplete"] = found["error"] > failure.WRONG_PX
    train, test = found[found["group"] == "fit"], found[found["group"] == "test"]
    models: dict[str, dict[str, Any]] = {}
    results = []
    for key, label, names in (
        ("wrong", "wrong", ONE_VIEW), ("incomplete", "incomplete", ONE_VIEW),
        ("wrong, more views", "wrong", ONE_VIEW + MORE_VIEWS),
    ):  # fmt: skip
        models[key], out = fitted(train, names, label)
        inner = scored(out > models[key]["threshold"], train[label].to_numpy(bool))
        print(f"{key}: threshold {models[key]['threshold']}, out of fold "
              + ", ".join(f"{k} {v:.2f}" for k, v in inner.items()))  # fmt: skip
        order = np.argsort(-np.abs(models[key]["weight"]))
        print("  " + ", ".join(f"{names[i]} {models[key]['weight'][i]:+.2f}" for i in order))
    for label in ("wrong", "incomplete"):
        part = {k: m for k, m in models.items() if k.startswith(label)}
        results.append(comparison(test, part, label))
    result = pd.concat(results)
    counts = found.groupby(["group", "kind"])[["wrong", "incomplete"]].agg(["size", "sum"])
    print(counts.to_string(), f"\nlost: {int(lost.sum())} of {len(table)}")
    print(result.round(3).to_string(index=False))
    flagged = right_flagged(found, models["wrong"])
    print(flagged.to_string(index=False))
    if a.write:
        place = Path(failure.__file__).with_name("failure.json")
        shipped = {key: models[key] for key in ("wrong", "incomplete")}
        write_text(place, json.dumps(shipped, indent=1) + "\n")
    if a.json:
        content = {
            "models": models, "lost": int(lost.sum()), "cases": len(table),
            "comparison": result.round(4).to_dict("records"),
            "right_flagged": flagged.to_dict("records"),
        }  # fmt: skip
        write_text(a.json, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
