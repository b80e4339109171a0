"""Forcings of one model: every ISSM field at every vertex and time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.issm.melt import frontal_melt, melt_rate, submerged_area
from termini.issm.units import DAYS_PER_YEAR, SECONDS_PER_DAY
from termini.variables import attributes

__all__ = [
    "DAYS_PER_YEAR", "FIELDS", "SECONDS_PER_DAY", "Forcings", "frontal_melt", "melt_rate",
    "submerged_area", "with_units",
]  # fmt: skip

Array = NDArray[np.float64]

MELT = "frontalforcings.meltingrate"
DISCHARGE = "frontalforcingsrignot.subglacial_discharge"
WARMTH = "frontalforcingsrignot.thermalforcing"
BALANCE = "smb.mass_balance"
CALVING = "calving.calvingrate"

#: ISSM field to its units and the lowest value that it may hold.
FIELDS: dict[str, tuple[str, float]] = {
    MELT: ("m ice a-1", 0.0),
    DISCHARGE: ("m3 d-1", 0.0),
    WARMTH: ("K", 0.0),
    BALANCE: ("m ice a-1", -np.inf),
    CALVING: ("m ice a-1", 0.0),
}


@dataclass(frozen=True)
class Forcings:
    """Forcing series of a mesh, in ISSM's units and layout.

    Parameters
    ----------
    years : ndarray, shape (T,)
        Decimal years of all series, strictly increasing, T at least 2.
    series : dict
        ISSM field (see `FIELDS`) to an array of shape (nv + 1, T), the last row `years`.
    members : dict
        ISSM field to an array of shape (m, nv + 1, T), for fields with an ensemble.
    basin_id : ndarray of int, shape (ne,)
        Basin of each element, from 1.
    num_basins : int
        Number of basins.
    assumptions, sources : list of str
        What was assumed, and where the numbers come from.

    Raises
    ------
    InputError
        If a field is unknown, not finite, below what it may be, or of another shape.
    """

    years: Array
    series: dict[str, Array]
    basin_id: NDArray[np.int64]
    num_basins: int = 1
    members: dict[str, Array] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.years) < 2 or not (np.diff(self.years) > 0).all():
            raise InputError("forcings need two times at least, strictly increasing")
        if self.basin_id.min() < 1 or self.basin_id.max() > self.num_basins:
            raise InputError(
                f"basin ids run from {self.basin_id.min()} to {self.basin_id.max()}; ISSM needs 1 "
                f"to {self.num_basins}"
            )
        sizes = {array.shape[-2] for array in (*self.series.values(), *self.members.values())}
        if len(sizes) > 1:
            raise InputError(f"forcings are of different meshes: {sorted(sizes)} rows")
        for name, array in [*self.series.items(), *self.members.items()]:
            self._check(name, array)

    def _check(self, name: str, array: Array) -> None:
        if name not in FIELDS:
            raise InputError(f"{name}: no field of forcing; known are {', '.join(FIELDS)}")
        if array.dtype != np.float64 or array.shape[-1] != len(self.years):
            raise InputError(
                f"{name}: is {array.dtype} with {array.shape[-1]} times; needed are float64 and "
                f"{len(self.years)}"
            )
        if not (array[..., -1, :] == self.years).all():
            raise InputError(f"{name}: its last row is not the decimal years")
        values = array[..., :-1, :]
        bad = ~np.isfinite(values)
        if bad.any():
            place = np.argwhere(bad)[0]
            raise InputError(
                f"{name}: is not finite at vertex {place[-2] + 1} in {self.years[place[-1]]:.3f}; "
                "ISSM takes no NaN here"
            )
        units, lowest = FIELDS[name]
        if values.min() < lowest:
            raise InputError(f"{name}: falls to {values.min():.4g} {units}, below {lowest:g}")


def with_units(table: pd.DataFrame) -> pd.DataFrame:
    """Table of termini's own columns, with their units of ``variables.yml`` attached.

    Parameters
    ----------
    table : DataFrame
        Columns named and measured as in ``variables.yml``, such as that of
        `termini.drivers.forcing_table` or of a simulated glacier.

    Returns
    -------
    DataFrame
        A copy whose ``attrs["units"]`` states the unit of each described column.
    """
    stated = table.copy()
    known: dict[str, str] = {}
    for column in map(str, table.columns):
        try:
            known[column] = str(attributes(column).get("units", ""))
        except InputError:
            continue
    stated.attrs["units"] = {**known, **table.attrs.get("units", {})}
    return stated
