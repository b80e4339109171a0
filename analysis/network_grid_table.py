"""Tables of `network_grid.py`: one row a network and normalisation, and what they choose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from termini.files import write_text
from termini.fronts.evaluate import GROSS

#: What a front that was not found counts in the score that chooses, and the most that
#: any front counts, metres.
LOST = 1000.0
GLACIER_COUNT = 3

#: Marks in a page between which the tables go.
BEGINS, ENDS = "<!-- grid begins -->", "<!-- grid ends -->"


def read_cells(work: Path) -> list[dict[str, Any]]:
    """All cells that are done, failed ones included."""
    return [json.loads(p.read_text()) for p in sorted(work.glob("*/*/result.json"))]


def images_of(cells: list[dict[str, Any]]) -> pd.DataFrame:
    """One row a scene of every cell."""
    keys = ("budget", "network", "normalisation", "held_out")
    rows = [
        {key: cell[key] for key in keys} | {"image": name} | values
        for cell in cells
        for name, values in cell.get("images", {}).items()
    ]
    return pd.DataFrame(rows)


def table_of(cells: list[dict[str, Any]]) -> pd.DataFrame:
    """One row per budget, network and normalisation, best first.

    ``score`` is the mean over glaciers of the mean nearest distance, of which no scene
    counts more than `LOST`, and a lost front that; it is not given before all glaciers
    are done. Means and medians are over the scenes with a front, metres; gross counts
    lost fronts and those farther off than `GROSS`.
    """
    images = images_of(cells)
    rows: list[dict[str, Any]] = []
    for key, part in images.groupby(["budget", "network", "normalisation"]):
        mine = [c for c in cells if (c["budget"], c["network"], c["normalisation"]) == key]
        done = [c for c in mine if "images" in c]
        nearest, lost = part["nearest_mean"], part["nearest_mean"].isna()
        whole = nearest.fillna(LOST).clip(upper=LOST).groupby(part["held_out"]).mean()
        row: dict[str, Any] = dict(zip(("budget", "network", "normalisation"), key, strict=True))
        row |= {
            "glaciers": len(done), "scenes": len(part),
            "score": whole.mean() if len(whole) == GLACIER_COUNT else float("nan"),
            "mean": nearest.mean(), "median": nearest.median(),
            "cut_mean": part["nearest_cut"].mean(), "cut_median": part["nearest_cut"].median(),
            "same_index": part["same_index"].mean(),
            "gross": int((nearest > GROSS).sum() + lost.sum()), "lost": int(lost.sum()),
            "examples": max(c["examples"] + c["simulated"] for c in done),
            "train_s": sum(c["processor_seconds"] for c in done) / len(done),
            "scene_s": part["seconds"].median(),
        }  # fmt: skip
        rows.append(row | dict(whole.items()))
    table = pd.DataFrame(rows)
    first = table["budget"].str.startswith("seconds").map({True: 0, False: 1})
    return (
        table.assign(first=first)
        .sort_values(["first", "budget", "score", "mean"], ignore_index=True)
        .drop(columns="first")
    )


def markdown(table: pd.DataFrame) -> str:
    """Rows for the documentation."""
    names = {
        "network": "network", "normalisation": "normalisation", "score": "score",
        "Jakobshavn": "Jakobshavn", "Kangerlussuaq": "Kangerlussuaq", "Sverdrup": "Sverdrup",
        "mean": "mean", "median": "median", "cut_mean": "off the walls", "same_index": "same index",
        "gross": "gross", "lost": "lost", "examples": "views", "train_s": "training, s",
        "scene_s": "scene, s",
    }  # fmt: skip
    lines = [f"| {' | '.join(names.values())} |", "| --- " * len(names) + "|"]
    for row in table.to_dict("records"):
        said = []
        for name in names:
            value = row.get(name)
            if name == "network":
                said.append(f"`{value}`")
            elif isinstance(value, float) and pd.isna(value):
                said.append("")
            elif name == "scene_s":
                said.append(f"{value:.2f}")
            else:
                said.append(f"{value:.0f}" if isinstance(value, float) else f"{value}")
        lines.append(f"| {' | '.join(said)} |")
    return "\n".join(lines)


BUDGETS = {
    "seconds": "{} processor seconds of training",
    "examples": "{} views of crops",
}


def title_of(budget: str) -> str:
    """A budget in words; names of its folder otherwise."""
    kind, amount, *more = budget.split("-")
    said = BUDGETS.get(kind, kind + " {}").format(amount)
    return said + (f", after {more[1]} views of simulated scenes" if more else "")


def told(cells: list[dict[str, Any]], table: pd.DataFrame) -> str:
    """Tables of all budgets with what is missing, what failed and what is best."""
    parts = []
    for budget, part in table.groupby("budget", sort=False):
        done = int(part["glaciers"].sum())
        rest = GLACIER_COUNT * len(part) - done
        missing = f", {rest} not done yet in rows without a score" if rest else ""
        parts.append(f"**{title_of(str(budget))}**; {done} trainings{missing}.")
        parts.append(markdown(part))
        ranked = part.dropna(subset="score")
        if len(ranked):
            best = ranked.iloc[0]
            parts.append(f"Smallest score: `{best['network']}`, {best['normalisation']}.")
    for cell in (c for c in cells if "reason" in c):
        where = f"{cell['network']}, {cell['normalisation']}, without {cell['held_out']}"
        parts.append(f"Failed ({title_of(cell['budget'])}): {where}: {cell['reason']}")
    return "\n\n".join(parts)


def write_between(path: Path, text: str, marks: tuple[str, str]) -> None:
    """Put tables between two marks of a page."""
    begins, ends = marks
    page = path.read_text(encoding="utf-8")
    if page.count(begins) != 1 or page.count(ends) != 1:
        raise SystemExit(f"{path}: needs {begins} and {ends} once each, to put the tables between")
    head, tail = page.split(begins)[0], page.split(ends)[1]
    write_text(path, f"{head}{begins}\n\n{text}\n\n{ends}{tail}")


def write_docs(path: Path, text: str) -> None:
    """Put the tables between the marks of a page."""
    write_between(path, text, (BEGINS, ENDS))


def print_tables(work: Path, path: Path | None = None, docs: Path | None = None) -> None:
    """Print all tables; as JSON and into a page where asked."""
    cells = read_cells(work)
    if not any("images" in cell for cell in cells):
        raise SystemExit(f"no cell is done under {work}: run first")
    table = table_of(cells)
    text = told(cells, table)
    print(text)
    if docs is not None:
        write_docs(docs, text)
    if path is not None:
        failed = [cell for cell in cells if "reason" in cell]
        content = {
            "rows": json.loads(table.round(3).to_json(orient="records")),
            "failed": [{k: v for k, v in cell.items() if k != "images"} for cell in failed],
            "settings": {k: cells[0][k] for k in ("view", "optimiser", "batch")},
        }
        write_text(path, json.dumps(content, indent=1) + "\n")
