"""Table of `partial_fronts`: rms errors, and how well stated variances hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

# stated over true variance: wanted within this of 1; intervals from so many resamplings
NEAR = 0.15
REDRAWN = 4000
NORMAL_MEDIAN = 0.67449
TARGETS = {0.1: 0.35, 0.2: 0.5, 0.3: 0.6, 0.5: 0.7}


def variance_held(group: pd.DataFrame) -> dict[str, Any]:
    """How well the ratio of stated to true variance is known, and whether it is near 1.

    Glaciers are drawn again with replacement, or the quarters of the years of a single
    one: fronts of neighbouring weeks are near copies, and their errors too.
    """
    many = group["glacier_id"].nunique() > 5
    quarter = pd.to_datetime(group["date"]).dt.to_period("Q").astype(str)
    by = group["glacier_id"] if many else quarter
    squares = group[["sigma", "ours"]].pow(2).groupby(by).sum().to_numpy()
    rng = np.random.default_rng(11)
    drawn = squares[rng.integers(len(squares), size=(REDRAWN, len(squares)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    ratio = squares[:, 0].sum() / squares[:, 1].sum()
    held = "yes" if abs(ratio - 1) <= NEAR else "no"
    if held == "no" and low <= 1 + NEAR and high >= 1 - NEAR:
        held = "open"
    return {"variance_low": low, "variance_high": high, "variance_held": held}


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Table of rms errors and of what was predicted."""
    out = []
    for key, group in rows.groupby(["set", "apart", "ends", "missing"], sort=True):
        rms = np.sqrt((group[["plain", "constant", "ours"]] ** 2).mean())
        predicted = float((group["sigma"] ** 2).mean())
        ratio = np.abs(group["ours"] / group["sigma"])
        out.append(
            {
                **dict(zip(["set", "apart", "ends", "missing"], key, strict=True)),
                "fronts": len(group),
                "plain_m": rms["plain"],
                "constant_m": rms["constant"],
                "ours_m": rms["ours"],
                "predicted_m": predicted**0.5,
                "of_plain": rms["ours"] / rms["plain"],
                "target": TARGETS[key[3]],
                "variance_ratio": predicted / rms["ours"] ** 2,
                **variance_held(group),
                "worst_m": float(group["ours"].abs().max()),
                # stated over true for the typical front, whatever the tails
                "typical_ratio": float((NORMAL_MEDIAN / ratio.median()) ** 2),
                "in_68": float((ratio < 0.99446).mean()),
                "in_95": float((ratio < 1.95996).mean()),
            }
        )
    return pd.DataFrame(out)


NAMES = {
    "simulated": "simulated",
    "nw_greenland_a": "NW Greenland, rules",
    "nw_greenland_b": "NW Greenland, test",
    "harald_moltke": "Harald Moltke",
    "jakobshavn": "Jakobshavn",
    "daugaard_jensen": "Daugaard-Jensen",
}
HEAD = ["fronts", "ends", "missing", "cuts", "plain, m", "constant, m"]
OF_GAP = ["filled, m", "of plain (wanted)", "variance", "near 1", "typical", "in 68 %", "in 95 %"]


def markdown(result: pd.DataFrame) -> str:
    """Table of the docs: both gaps of a kind of cut in one line."""
    head = [*HEAD, *OF_GAP, *(OF_GAP[:1] + OF_GAP[2:])]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for name, label in NAMES.items():
        group = result[result["set"] == name]
        for (ends, missing), both in group.sort_values(
            ["ends", "missing", "apart"], ascending=[False, True, True]
        ).groupby(["ends", "missing"], sort=False):
            first = both.iloc[0]
            cells = [label, "both" if ends == "both" else "one", f"{100 * missing:.0f} %"]
            cells += [str(first["fronts"]), _metres(first["plain_m"]), _metres(first["constant_m"])]
            for number, (_, row) in enumerate(both.iterrows()):
                cells.append(_metres(row["ours_m"]))
                cells += [] if number else [f"{row['of_plain']:.2f} ({row['target']:g})"]
                low, high = row["variance_low"], row["variance_high"]
                cells.append(f"{row['variance_ratio']:.2f} ({low:.2f}-{high:.2f})")
                cells += [row["variance_held"], f"{row['typical_ratio']:.2f}"]
                cells += [f"{100 * row[share]:.0f}" for share in ("in_68", "in_95")]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _metres(value: float) -> str:
    return f"{value:.1f}" if value < 20 else f"{value:.0f}"
