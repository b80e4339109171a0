"""The log of a training: JSON lines while it runs, a table and a plot afterwards."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pandas as pd

from termini.errors import InputError, MissingExtraError
from termini.files import write_text, written_whole


class Log:
    """Means of numbers between checkpoints, one line each.

    Lines of steps that a resumed run does again are dropped, so that every
    step stands once.

    Parameters
    ----------
    path : pathlib.Path
        JSON lines.
    step : int
        Step that the run goes on from.
    leading : bool
        False for processes that only help: they write nothing.
    """

    def __init__(self, path: Path, step: int, *, leading: bool = True) -> None:
        self.path, self.leading = path, leading
        self.began, self.sums, self.count = time.time(), dict[str, float](), 0
        if leading and path.is_file():
            kept = [line for line in _records(path) if line["step"] <= step]
            write_text(path, "".join(json.dumps(line) + "\n" for line in kept))

    def add(self, numbers: dict[str, float]) -> None:
        """Numbers of one step."""
        self.count += 1
        for name, value in numbers.items():
            self.sums[name] = self.sums.get(name, 0.0) + value

    def write(self, step: int, more: dict[str, float]) -> None:
        """Means since the last line, and numbers of the validation."""
        record: dict[str, Any] = {n: v / max(self.count, 1) for n, v in self.sums.items()}
        record |= {"step": step, "seconds": round(time.time() - self.began, 1)} | more
        if self.leading:
            with open(self.path, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(record) + "\n")
        self.sums, self.count = {}, 0


def _records(path: Path) -> list[dict[str, Any]]:
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            records.append(json.loads(line))
        except ValueError:
            continue  # cut off when the run was killed; its step is done again
    return records


def read_log(path: str | Path) -> pd.DataFrame:
    """Log of a training as a table.

    Parameters
    ----------
    path : path
        ``log.jsonl``, or a folder with ``stage-*`` folders that hold one each.

    Returns
    -------
    DataFrame
        One row per checkpoint: ``stage``, ``step``, ``seconds``, mean losses by
        name, learning ``rate``, and what the validation gave (``val_...``).

    Raises
    ------
    InputError
        If there is no log.
    """
    root = Path(path)
    files = [root] if root.is_file() else sorted(root.glob("stage-*/log.jsonl"))
    if not files and (root / "log.jsonl").is_file():
        files = [root / "log.jsonl"]
    if not files:
        raise InputError(f"{root}: no log.jsonl of a training; give the folder it wrote to")
    parts = [pd.DataFrame(_records(file)).assign(stage=number) for number, file in enumerate(files)]
    table = pd.concat(parts, ignore_index=True)
    first = ["stage", "step", "seconds"]
    return table[first + [c for c in table.columns if c not in first]]


def plot_log(path: str | Path, out: str | Path) -> Path:
    """Plot losses and validation against steps.

    Parameters
    ----------
    path : path
        As for `read_log`.
    out : path
        Picture, such as ``log.png``.

    Returns
    -------
    pathlib.Path
        The picture.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("report", "plotting a training") from error
    table = read_log(path)
    ends = table.groupby("stage")["step"].max().cumsum().shift(fill_value=0)
    steps = table["step"] + table["stage"].map(ends)
    left_out = {"stage", "step", "seconds", "rate"}
    names = [c for c in table.columns if c not in left_out]
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    both = figure.subplots(1, 2, sharex=True)
    for axis, validation in zip(both, (False, True), strict=True):
        for name in names:
            if name.startswith("val_") is validation:
                axis.plot(steps, table[name], label=name.removeprefix("val_"), marker=".")
        axis.set_xlabel("step")
        axis.set_title("held out" if validation else "training")
        if axis.lines:
            axis.legend(fontsize=8)
        for end in ends[1:]:
            axis.axvline(end, color="0.7", linewidth=0.8)
    both[0].set_ylabel("loss")
    with written_whole(out) as temporary:
        figure.savefig(temporary, dpi=120)
    return Path(out)
