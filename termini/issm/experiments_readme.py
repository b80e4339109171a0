"""README of a folder of experiments: which runs there are, and how to do them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

#: What is done where there is no Python interface of ISSM; `load_issm.m` does the rest.
MATLAB = """\
`run_experiments.py` is for ISSM's Python. In MATLAB, for each folder of `runs.csv`:

```matlab
addpath(folder)                       % load_issm.m of the run
md = load_issm(md, folder);           % md: your model on the mesh of the run
if all(isnan(md.levelset.spclevelset(1:end-1, 1)))   % melt, smb, both: the front is free
    md.levelset.reinit_frequency = 10;
    % md.calving.calvingrate is in the file where a speed was given; else your model's
    % speed at the start less the mean melt of the reference period, not below 0
end
md.transient.isgroundingline = 0;     % all is called grounded
md.transient.requested_outputs = {'default', 'MaskIceLevelset'};
md.timestepping.time_step = 0.01;
md = solve(md, 'Transient');
export_netCDF(md, fullfile(folder, 'results.nc'));
```
"""

PYTHON = """\
Write a file `base_models.py` beside this one:

```python
def base_model(glacier_id, folder):
    # on the mesh of folder/model_input.nc; yours: geometry, rheology, friction,
    # stress-balance boundary conditions (flow through the gate), flow equation
    return md
```

Then, with ISSM on the path:

```console
python run_experiments.py base_models
python run_experiments.py base_models --only GLACIER --step 0.005
```

Each run loads its `model_input.nc` with the `load_issm.py` beside it, sets the switches (it
says which), and saves `results.nc` into its folder; a run that has one is left out, so
the script can be started again. A front that is free is distanced anew every 10 steps, and
calves at the rate in the file or, where no speed was given, at the model's own speed
at the start less the melt of the reference period. All vertices of those runs are called
grounded, because ISSM ignores melt where the mask calls a vertex ocean; the grounding
line stays where it is.
"""

BACK = """\
```console
python analysis/issm_experiments.py RELEASE --out THIS_FOLDER --compare
```

or `termini.issm.compare_runs(THIS_FOLDER, domains)`. It reads the level set of every step and
gives the misfit to `observed.csv` (months in which a front was seen) by type and control.
Results that pyISSM's `save_model` wrote as `results.nc` are read as well.
"""


class Words(Protocol):
    """Anything that says what it is."""

    @property
    def words(self) -> str:
        """What it is, in words."""


def readme_of(runs: pd.DataFrame, controls: Mapping[str, Words]) -> str:
    """Text of the README.

    Parameters
    ----------
    runs : DataFrame
        What `termini.issm.write_experiments` gives.
    controls : mapping
        Name of each control to what is known of it.

    Returns
    -------
    str
        Markdown.
    """
    used = [name for name in controls if name in set(runs["control"])]
    lines = [
        "# Experiments for ISSM: what controls the front",
        "",
        f"{(runs['reason'] == '').sum()} runs of {runs['glacier_id'].nunique()} glaciers, each of "
        "which lets one thing vary. What does not vary keeps its mean of the reference period.",
        "",
        "| run | what |",
        "| --- | --- |",
        *[f"| `{name}` | {controls[name].words} |" for name in used],
        "",
        "| glacier | type | reference period | runs |",
        "| --- | --- | --- | --- |",
    ]
    for glacier_id, mine in runs.groupby("glacier_id", sort=False):
        first = mine.iloc[0]
        ready = ", ".join(f"`{c}`" for c in mine.loc[mine["reason"] == "", "control"])
        period = f"{first['reference_start']:.2f} to {first['reference_end']:.2f}"
        lines.append(f"| {glacier_id} | {first['type']} | {period} | {ready or 'none'} |")
    missing = runs[runs["reason"] != ""]
    if len(missing):
        lines += ["", "Not written:", ""]
        lines += [f"- `{row.folder}`: {row.reason}" for row in missing.itertuples()]
    lines += ["", "## Run them", "", PYTHON, MATLAB, "## Read the results back", "", BACK]
    return "\n".join(lines).rstrip() + "\n"
