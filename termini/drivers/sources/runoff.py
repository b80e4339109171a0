"""Summer subglacial runoff of each tidewater glacier, from the ISMIP6 forcing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from termini.drivers.sources.tables import (
    column,
    mid_year,
    read_mat,
    records,
    table_file,
    unmangled,
)
from termini.errors import InputError
from termini.files import data_root

_FOLDER = ("ocean_forcing", "runoff")
_PATTERN = "MAR3.9-{}-JJA_mean-tidewaterbasins_rignotid_withGlacierIDs.mat"

#: Years read by default: those of the traces.
YEARS = (1950, 2020)


def summer_runoff(
    path: str | Path | None = None, *, model: str | None = None, years: tuple[int, int] = YEARS
) -> xr.Dataset:
    """Mean summer runoff of 194 tidewater glaciers (Slater et al. 2019, 2020).

    Parameters
    ----------
    path : path, optional
        Root folder of the published data.
    model : str, optional
        One run, like ``MIROC5-rcp85``; by default the mean of all runs there.
    years : tuple of int
        First and last year.

    Returns
    -------
    xarray.Dataset
        ``runoff`` (m3 s-1), mean of June to August, by record and year.

    Raises
    ------
    InputError
        If there is no such run, or the runs do not agree on their glaciers.

    Notes
    -----
    The files hold the mean monthly volume of the three summer months, in m3, as
    the ISMIP6 processing uses them: discharge is three times that over the seconds
    of the summer. For Daugaard-Jensen that gives 250 m3 s-1 for 2000 to 2021, where
    MAR and RACMO give 193 and 197 (Mankoff et al. 2020).

    The regional model is forced by global models, whose weather is not that of the
    calendar year: the series have the right mean and trend, but no single warm
    summer is where it was. They must not be correlated with fronts year by year.
    """
    if model is not None:
        files = [table_file(path, *_FOLDER, _PATTERN.format(model))]
    else:
        root = data_root() if path is None else Path(path)
        assert root is not None  # data_root raises where there is none
        files = sorted(root.joinpath(*_FOLDER).glob(_PATTERN.format("*")))
        if not files:
            raise InputError(
                f"{root.joinpath(*_FOLDER)}: holds no file like {_PATTERN.format('MIROC5-rcp85')}; "
                "docs/data.md says where to get it"
            )
    runs = [_run(file, years) for file in files]
    name, x, y, _ = runs[0]
    for file, run in zip(files, runs, strict=True):
        if run[0] != name:
            raise InputError(f"{file}: lists other glaciers than {files[0].name}; use one release")
    mean = np.mean([run[3] for run in runs], axis=0)
    label = model or f"mean of {len(files)} runs"
    return records(
        name,
        x,
        y,
        {"runoff": mean},
        time=mid_year(np.arange(years[0], years[1] + 1)),
        source=f"ISMIP6 summer runoff, MAR 3.9, {label}",
        citation="Slater, D. A. et al. (2019): Estimating Greenland tidewater glacier retreat "
        "driven by submarine melting. The Cryosphere 13, doi:10.5194/tc-13-2489-2019; Slater, "
        "D. A. et al. (2020): Twenty-first century ocean forcing of the Greenland ice sheet. The "
        "Cryosphere 14, doi:10.5194/tc-14-985-2020",
        comment="mean of June to August, stamped 15 July; forced by climate models, so mean and "
        "trend are right and single years are not",
    )


def _run(
    file: Path, years: tuple[int, int]
) -> tuple[list[str], list[float], list[float], NDArray[np.float64]]:
    """Names, positions and discharge (record, year) of one run."""
    struct = read_mat(file, "runoff")
    units = {str(u) for u in column(struct, "runoffUnits")}
    if units != {"m3"}:
        raise InputError(f"{file}: runoff is in {sorted(units)}, not m3; is it the published file?")
    wanted = np.arange(years[0], years[1] + 1)
    # June to August have 92 days in every year.
    seconds = 92 * 86400.0
    rows = []
    for time, volume in zip(column(struct, "time"), column(struct, "runoff"), strict=True):
        at = np.searchsorted(np.asarray(time), wanted)
        if at[-1] >= len(time) or (np.asarray(time)[at] != wanted).any():
            raise InputError(
                f"{file}: covers {np.min(time)} to {np.max(time)}, not {years[0]} to {years[1]}"
            )
        rows.append(3.0 * np.asarray(volume, dtype=np.float64)[at] / seconds)
    names = [unmangled(str(name)) for name in column(struct, "rignotGlacierName")]
    x, y = ([float(v) for v in column(struct, f"glacier{axis}")] for axis in "XY")
    return names, x, y, np.array(rows)
