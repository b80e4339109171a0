"""Model runs that tell what controls a front: each holds all but one thing still.

For each glacier five runs are written. In two the front is given: as observed, and
fixed where it was at the start. In three it is free and ends where flow, calving and
melt put it; frontal melt, surface mass balance or both vary as they did, and what
does not vary keeps its mean of a reference period. Calving keeps one rate through all
free runs, the one that balances flow and the melt of the reference period at the
start, so that the front moves only because of what varies and of how flow answers.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from termini.errors import InputError
from termini.files import make_folder, write_text
from termini.issm.derive import derive_input, read_fields
from termini.issm.experiments_readme import readme_of
from termini.issm.forcing import BALANCE, CALVING, MELT
from termini.issm.model import FRONT

OCEAN = "mask.ocean_levelset"
REINIT = "levelset.reinit_frequency"
LOADERS = ("load_issm.py", "load_issm.m")


@dataclass(frozen=True)
class Control:
    """What one run lets vary.

    Parameters
    ----------
    front : {"observed", "fixed", "free"}
        Given as observed, given as at the start, or left to the model.
    melt, balance : bool
        Whether frontal melt and surface mass balance vary; they keep their mean of
        the reference period otherwise.
    words : str
        The run in words.
    """

    front: Literal["observed", "fixed", "free"]
    melt: bool
    balance: bool
    words: str


CONTROLS: dict[str, Control] = {
    "prescribed": Control("observed", False, False, "front as observed"),
    "melt": Control("free", True, False, "front free, only frontal melt varies"),
    "smb": Control("free", False, True, "front free, only surface mass balance varies"),
    "both": Control("free", True, True, "front free, melt and surface mass balance vary"),
    "fixed": Control("fixed", False, False, "front fixed where it was at the start"),
}


def control_fields(
    fields: Mapping[str, NDArray[Any]],
    control: Control,
    *,
    reference: tuple[float, float],
    speed: float | None = None,
) -> dict[str, NDArray[np.float64] | None]:
    """What a run changes in a glacier's model input.

    Parameters
    ----------
    fields : mapping
        Fields of the export, as `read_fields` gives them.
    control : Control
        What varies.
    reference : pair of float
        Decimal years of the reference period, start and end.
    speed : float, optional
        Flow speed at the front at the start, m a-1. With it the calving rate is written:
        speed less the reference melt, not below 0. Without it the run's script takes
        the model's own speed.

    Returns
    -------
    dict
        Fields to replace, None for those to leave out.

    Raises
    ------
    InputError
        If the run needs melt or mass balance that the export lacks, or none of it
        falls in the reference period.
    """
    for wanted, name in ((control.melt, MELT), (control.balance, BALANCE)):
        if wanted and name not in fields:
            raise InputError(
                f"the export has no {name}, which the run '{control.words}' varies; "
                "export the glacier with its forcing"
            )
    front = fields[FRONT]
    span = front[-1, [0, -1]]
    changes: dict[str, NDArray[np.float64] | None] = {}
    if control.front != "observed":
        held = np.column_stack([front[:-1, 0]] * 2)
        changes[FRONT] = np.vstack([held if control.front == "fixed" else held * np.nan, span])
    given = {name: fields[name] for name in (MELT, BALANCE) if name in fields}
    if MELT in given and control.front == "free":
        given[MELT] = _melt_everywhere(fields)
    steady = {name: _steady(series, reference, span, name) for name, series in given.items()}
    if BALANCE in fields and not control.balance:
        changes[BALANCE] = steady[BALANCE]
    if MELT in fields:
        # a front that is given needs no melt: what melts and calves is what moves it
        changes[MELT] = None if control.front != "free" else steady[MELT]
    if control.front == "free":
        if control.melt:
            changes[MELT] = given[MELT]
        # ISSM ignores melt at vertices that the mask calls ocean, and a front has such
        # vertices on one side: all is called grounded, so that it melts in full
        changes[OCEAN] = np.maximum(np.abs(fields[OCEAN]), 1.0)
        changes[CALVING] = None
        # a field that the model moves does not stay a distance: ISSM's default again
        changes[REINIT] = np.asarray(10, dtype=fields[REINIT].dtype)
        if speed is not None:
            lost = steady[MELT][:-1, 0] if MELT in steady else np.zeros(len(front) - 1)
            rate = np.maximum(speed - lost, 0.0)
            changes[CALVING] = np.vstack([np.column_stack([rate, rate]), span])
    elif CALVING in fields:
        changes[CALVING] = None
    return changes


def write_experiments(
    exports: Mapping[str, Path],
    out: str | Path,
    *,
    types: Mapping[str, str],
    observed: Mapping[str, pd.DataFrame],
    speeds: Mapping[str, float] | None = None,
    reference: tuple[float, float] | None = None,
    controls: Sequence[str] = tuple(CONTROLS),
) -> pd.DataFrame:
    """Write the runs of some glaciers, ready for ISSM.

    Parameters
    ----------
    exports : mapping
        Glacier id to the folder that `export_issm` wrote.
    out : path
        Folder to write: ``<glacier>/<control>/`` with ``model_input.nc`` and loaders,
        ``<glacier>/observed.csv``, ``runs.csv`` with one row a run,
        ``run_experiments.py``, and ``README.md``, which says how to run them.
    types : mapping
        Glacier id to its type in words.
    observed : mapping
        Glacier id to its series: ``date``, ``length_change``, ``length_change_se``.
    speeds : mapping, optional
        Glacier id to the flow speed at its front at the start, m a-1.
    reference : pair of float, optional
        Decimal years; the first two years of the fronts if not given.
    controls : sequence of str
        Which of `CONTROLS`.

    Returns
    -------
    DataFrame
        ``glacier_id``, ``type``, ``control``, ``folder`` (below `out`), the reference
        period, and ``reason``: why a run could not be written, empty otherwise.

    Raises
    ------
    InputError
        If a control is unknown, no glacier is given, or no run at all could be written.
    """
    if unknown := sorted(set(controls) - set(CONTROLS)):
        raise InputError(f"no control {', '.join(unknown)}; there are {', '.join(CONTROLS)}")
    if not exports:
        raise InputError(f"{out}: no glacier was exported, so there is no run to write")
    root = make_folder(out)
    rows = []
    for glacier_id, export in exports.items():
        fields = read_fields(Path(export) / "model_input.nc")
        start = float(fields[FRONT][-1, 0])
        period = reference or (start, start + 2.0)
        about = {"glacier_id": glacier_id, "type": types.get(glacier_id, "none")}
        table = observed[glacier_id][["date", "length_change", "length_change_se"]]
        folder = make_folder(root / glacier_id.replace(":", "_"))
        write_text(folder / "observed.csv", table.to_csv(index=False))
        speed = None if speeds is None else speeds.get(glacier_id)
        rows += [about | _run(Path(export), folder, fields, name, period, speed, glacier_id)
                 for name in controls]  # fmt: skip
    runs = pd.DataFrame(rows)
    if (runs["reason"] != "").all():
        raise InputError(f"{out}: no run could be written: {runs['reason'].iloc[0]}")
    write_text(root / "runs.csv", runs.to_csv(index=False))
    script = resources.files("termini.issm") / "loaders" / "run_experiments.py"
    write_text(root / "run_experiments.py", script.read_text(encoding="utf-8"))
    write_text(root / "README.md", readme_of(runs, CONTROLS))
    return runs


def _run(
    export: Path,
    folder: Path,
    fields: Mapping[str, NDArray[Any]],
    name: str,
    period: tuple[float, float],
    speed: float | None,
    glacier_id: str,
) -> dict[str, Any]:
    """Write one run, and say what was written or why not."""
    row: dict[str, Any] = {"control": name, "folder": f"{folder.name}/{name}"}
    row |= {"reference_start": period[0], "reference_end": period[1], "reason": ""}
    control = CONTROLS[name]
    try:
        changes = control_fields(fields, control, reference=period, speed=speed)
        _write_run(export, folder / name, changes, glacier_id, control)
    except InputError as error:
        row["reason"] = str(error)
    return row


def _write_run(
    export: Path,
    folder: Path,
    changes: Mapping[str, NDArray[np.float64] | None],
    glacier_id: str,
    control: Control,
) -> None:
    make_folder(folder)
    (folder / "results.nc").unlink(missing_ok=True)
    title = f"{glacier_id} for ISSM: {control.words}"
    derive_input(export / "model_input.nc", folder / "model_input.nc", changes, title=title)
    for name in LOADERS:
        shutil.copyfile(export / name, folder / name)


def _melt_everywhere(fields: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Melt with that of the nearest ice where an export has none because the ocean is there."""
    melt = np.array(fields[MELT], dtype=np.float64)
    bare = fields[OCEAN].ravel() < 0
    if bare.all() or not bare.any() or (melt[:-1][bare] > 0).any():
        return melt
    points = shapely.points(fields["mesh.x"], fields["mesh.y"])
    nearest = np.flatnonzero(~bare)[shapely.STRtree(points[~bare]).nearest(points[bare])]
    melt[:-1][bare] = melt[nearest]
    return melt


def _steady(
    series: NDArray[np.float64],
    reference: tuple[float, float],
    span: NDArray[np.float64],
    name: str,
) -> NDArray[np.float64]:
    """Mean of a series over the reference period, as a series that does not change."""
    years = series[-1]
    within = (years >= reference[0]) & (years < reference[1])
    if not within.any():
        raise InputError(
            f"{name} has no value in the reference period {reference[0]:.2f} to "
            f"{reference[1]:.2f}, it spans {years[0]:.2f} to {years[-1]:.2f}; give another period"
        )
    mean = series[:-1, within].mean(axis=1)
    return np.vstack([np.column_stack([mean, mean]), span])
