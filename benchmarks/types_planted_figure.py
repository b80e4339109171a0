"""The figure of `types_planted.py`: fall with noise and gaps, and the calibration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from termini.report import new_figure, save_figure

TITLES = {"interannual": "Inter-annual types", "seasonal": "Seasonal types"}
WORDS = {"noise": "errors, times the reference", "gaps": "share of the record missing"}
#: Colour, line and words of each method.
STYLES = {
    "termini": ("#0072B2", "o-", "termini, number chosen by the rule"),
    "termini told": ("#56B4E9", "o--", "termini, told the number"),
    "termini typed": ("#009E73", ":", "termini, of the glaciers with a type"),
    "tslearn metres": ("#D55E00", "s--", "tslearn, interpolated, told the number"),
    "tslearn scaled": ("#999999", "^:", "the same, each series at unit variance"),
}


def draw(scores: pd.DataFrame, calibration: pd.DataFrame, path: Path) -> Path:
    """Fall with noise and gaps by scale (mean, least and most), and the calibration.

    Parameters
    ----------
    scores : DataFrame
        ``test``, ``value``, ``scale``, ``method`` and ``index``, a row a region.
    calibration : DataFrame
        ``scale``, ``n``, ``stated`` and ``true``, a row a bin of stated probability.
    path : path
        The figure.
    """
    figure = new_figure(figsize=(11, 6.6))
    panels = figure.subplots(2, 3)
    for row, scale in zip(panels, TITLES, strict=True):
        for panel, test in zip(row, WORDS, strict=False):
            _fall(panel, scores[(scores["test"] == test) & (scores["scale"] == scale)])
            panel.set_ylabel("adjusted Rand index")
            panel.set_xlabel(WORDS[test])
            panel.set_title(TITLES[scale], fontsize=10)
        _calibrated(row[2], calibration[calibration["scale"] == scale])
        row[2].set_title(TITLES[scale], fontsize=10)
    handles, words = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, words, fontsize=8, loc="outside lower center", ncols=2)
    return save_figure(figure, path)


def _fall(panel: Any, part: pd.DataFrame) -> None:
    for method, (colour, line, words) in STYLES.items():
        one = part[part["method"] == method].groupby("value")["index"].agg(["mean", "min", "max"])
        panel.plot(one.index, one["mean"], line, color=colour, label=words, markersize=4)
        panel.fill_between(one.index, one["min"], one["max"], color=colour, alpha=0.12)
    panel.set_ylim(-0.25, 1.05)


def _calibrated(panel: Any, table: pd.DataFrame) -> None:
    panel.plot([0, 1], [0, 1], color="black", linewidth=0.5)
    below, above = wilson(table["true"].to_numpy(), table["n"].to_numpy())
    true = table["true"].to_numpy()
    error = [true - below, above - true]
    panel.errorbar(table["stated"], true, error, fmt="o", color="#0072B2", markersize=4)
    for row, (_, one) in enumerate(table.iterrows()):
        panel.annotate(
            f"{one['n']:.0f}",
            (one["stated"], one["true"]),
            xytext=(4, 3 if one["true"] < 0.5 and row % 2 == 0 else -9),
            textcoords="offset points",
            fontsize=7,
        )
    panel.set_xlim(-0.05, 1.15)
    panel.set_ylim(-0.08, 1.05)
    panel.set_xlabel("stated probability of a type")
    panel.set_ylabel("share that is right")


def wilson(share: Any, n: Any, z: float = 2.0) -> tuple[Any, Any]:
    """Interval of a share of `n` at `z` standard errors, which stays between 0 and 1.

    Wilson 1927 (J. Am. Stat. Assoc. 22, 209).
    """
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    return middle - half, middle + half
