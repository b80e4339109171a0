"""Units of forcing tables, read from their text and turned into ISSM's.

ISSM's year has 365 days and its ice 917 kg/m3. Metres of ice, of water and plain
metres are three different things here, so that none is taken for another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError

SECONDS_PER_DAY = 86400.0
DAYS_PER_YEAR = 365.0
ICE_DENSITY = 917.0
WATER_DENSITY = 1000.0

#: Field of a forcing table to the unit in which `make_forcings` works.
WORKING_UNITS = {
    "runoff": "m3 d-1",
    "thermal_forcing": "K",
    "surface_mass_balance": "m ice a-1",
    "melt_rate": "m a-1",
    "calving_rate": "m a-1",
}

# Symbol to (factor, exponents of kg, m, s, K, month).
_YEAR = (SECONDS_PER_DAY * DAYS_PER_YEAR, (0, 0, 1, 0, 0))
_DAY = (SECONDS_PER_DAY, (0, 0, 1, 0, 0))
_KELVIN = (1.0, (0, 0, 0, 1, 0))
_MASS_OF_WATER = (WATER_DENSITY, (1, -3, 0, 0, 0))
_SYMBOLS: dict[str, tuple[float, tuple[int, ...]]] = {
    "1": (1.0, (0, 0, 0, 0, 0)),
    "kg": (1.0, (1, 0, 0, 0, 0)),
    "Gt": (1e12, (1, 0, 0, 0, 0)),
    "m": (1.0, (0, 1, 0, 0, 0)),
    "km": (1e3, (0, 1, 0, 0, 0)),
    "cm": (1e-2, (0, 1, 0, 0, 0)),
    "mm": (1e-3, (0, 1, 0, 0, 0)),
    "s": (1.0, (0, 0, 1, 0, 0)),
    "h": (3600.0, (0, 0, 1, 0, 0)),
    **dict.fromkeys(("d", "day", "days"), _DAY),
    **dict.fromkeys(("a", "yr", "year", "years"), _YEAR),
    **dict.fromkeys(("month", "months", "mon"), (1.0, (0, 0, 0, 0, 1))),
    **dict.fromkeys(("K", "degC", "degree_C", "degrees_C", "degrees_celsius", "Celsius"), _KELVIN),
    "w.e.": _MASS_OF_WATER,
    "ice": (ICE_DENSITY, (1, -3, 0, 0, 0)),
}
_TOKEN = re.compile(r"^(?P<symbol>[A-Za-z_.]+|1)(?P<power>[-+]?\d+)?$")


@dataclass(frozen=True)
class Unit:
    """A unit read from its text.

    Parameters
    ----------
    text : str
        As written.
    factor : float
        What one of it is in kg, m, s and K.
    powers : tuple of int
        Exponents of kg, m, s, K and of the calendar month.
    """

    text: str
    factor: float = field(compare=False)
    powers: tuple[int, ...]


def read_unit(text: str, where: str = "unit") -> Unit:
    """Unit from text such as ``kg m-2 s-1``, ``mm w.e. a-1``, ``m3/d`` or ``m ice a-1``.

    Parameters
    ----------
    text : str
        Symbols with exponents, separated by blanks or stars; what follows a slash
        divides.
    where : str
        Table and column, for the error.

    Returns
    -------
    Unit
        The unit.

    Raises
    ------
    InputError
        If the text is empty or has an unknown symbol.
    """
    # metres and cubic metres of water as they are written: mm w.e., mmWE, m3WE, m weq
    plain = re.sub(r"(?<=[m3])\s*(w\.?e\.?q?\.?|WE)(?=$|[\s/*])", " w.e. ", str(text).strip())
    plain = plain.replace("°C", "degC").replace("**", "").replace("^", "").replace("*", " ")
    if not plain:
        raise InputError(f"{where}: has no units; state them, like units={{'runoff': 'm3 s-1'}}")
    factor, powers = 1.0, np.zeros(5, dtype=int)
    for part, side in enumerate(plain.split("/")):
        for token in side.split():
            found = _TOKEN.match(token)
            symbol = found["symbol"] if found else token
            if found is None or symbol not in _SYMBOLS:
                raise InputError(
                    f"{where}: units {text!r} have the unknown part {token!r}; write them like "
                    "'kg m-2 s-1', 'mm w.e. a-1', 'm3 d-1'"
                )
            power = int(found["power"] or 1) * (-1 if part else 1)
            factor *= _SYMBOLS[symbol][0] ** power
            powers += power * np.array(_SYMBOLS[symbol][1])
    return Unit(str(text), float(factor), tuple(int(p) for p in powers))


def convert(
    values: ArrayLike,
    units: str,
    target: str,
    *,
    where: str = "values",
    dates: pd.DatetimeIndex | None = None,
    area: float | None = None,
) -> NDArray[np.float64]:
    """Values in other units.

    Parameters
    ----------
    values : array_like
        Numbers; along the first axis lie the dates where units are per month.
    units, target : str
        From and to, as `read_unit` takes them.
    where : str
        Table and column, for the error.
    dates : DatetimeIndex, optional
        Date of each value: a month is as long as that month was.
    area : float, optional
        Area in m2 over which a flux a square metre is summed up.

    Returns
    -------
    ndarray
        The values in `target`.

    Raises
    ------
    InputError
        If the units do not measure the same thing.
    """
    data = np.asarray(values, dtype=np.float64)
    source, wanted = read_unit(units, where), read_unit(target, where)
    factor = source.factor / wanted.factor
    powers = np.array(source.powers) - np.array(wanted.powers)
    if area is not None and powers[1] + 3 * powers[0] == -2:
        factor, powers[1] = factor * area, powers[1] + 2
    if powers[0] == 1 and powers[1] == -3 and wanted.powers[0] == 0:
        # a volume of meltwater given by its mass
        factor, powers[0], powers[1] = factor / WATER_DENSITY, 0, 0
    if powers[4]:
        if dates is None:
            raise InputError(f"{where}: units {units!r} are per month, but no dates are known")
        seconds = np.asarray(dates.days_in_month, dtype=np.float64) * SECONDS_PER_DAY
        seconds = seconds.reshape((-1,) + (1,) * (data.ndim - 1))
        data, powers[2] = data * seconds ** float(powers[4]), powers[2] + powers[4]
        powers[4] = 0
    if powers.any():
        raise InputError(f"{where}: {units!r} is no {target!r}. {_remedy(source, wanted)}")
    return np.asarray(data * factor)


def _remedy(source: Unit, wanted: Unit) -> str:
    """What to do about units that do not fit."""
    if wanted.powers[0] == 1 and source.powers[0] == 0:
        return f"Say of what: '{source.text.split()[0]} ice a-1' or '... w.e. a-1'"
    if wanted.powers[1] == 3 and source.powers[1] in (1, -2):
        return "Discharge is a basin's total: give the area of the basin, or m3 s-1"
    return "Give the units in which the numbers really are"


def absolute_celsius(values: ArrayLike, units: str, where: str) -> NDArray[np.float64]:
    """Temperatures, not differences, in degrees Celsius.

    Parameters
    ----------
    values : array_like
        Temperatures.
    units : str
        ``degC`` or ``K``.
    where : str
        Table and column, for the error.

    Returns
    -------
    ndarray
        Degrees Celsius.

    Raises
    ------
    InputError
        If the unit is none of temperature, or the sea would be frozen or boiling.
    """
    if read_unit(units, where).powers != (0, 0, 0, 1, 0):
        raise InputError(f"{where}: {units!r} is no temperature; give degC or K")
    celsius = np.asarray(values, dtype=np.float64) - (273.15 if units.strip() == "K" else 0.0)
    known = celsius[np.isfinite(celsius)]
    if known.size and (known.min() < -5 or known.max() > 40):
        raise InputError(
            f"{where}: {known.min():.1f} to {known.max():.1f} degC is no sea water; check whether "
            f"the units are {units!r}"
        )
    return celsius


def table_units(table: pd.DataFrame, units: dict[str, str] | None, where: str) -> dict[str, str]:
    """Unit of each column of a forcing table, refused where one lacks.

    Parameters
    ----------
    table : DataFrame
        Its ``attrs["units"]`` may hold units by column.
    units : dict, optional
        Units by column; they win.
    where : str
        What the table is, for the error.

    Returns
    -------
    dict
        Column to unit; a column that ends in ``_se`` has that of what stands before.

    Raises
    ------
    InputError
        If a column has none.
    """
    stated = {**table.attrs.get("units", {}), **(units or {})}
    found: dict[str, str] = {}
    for column in map(str, table.columns):
        unit = stated.get(column) or stated.get(column.removesuffix("_se"))
        if not unit:
            raise InputError(
                f"{where}: column {column!r} has no units; pass units={{{column!r}: ...}} or set "
                "table.attrs['units']. Tables of termini's own get them by with_units(table)"
            )
        found[column] = str(unit)
    return found
