"""Units of forcing tables, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from termini.errors import InputError
from termini.issm.smb import mass_balance
from termini.issm.units import absolute_celsius, convert, read_unit, table_units


@pytest.mark.parametrize(
    ("value", "units", "target", "expected"),
    [
        (1.0, "m3 s-1", "m3 d-1", 86400.0),
        (1.0, "m3/s", "m3 d-1", 86400.0),
        (365.0, "Gt a-1", "m3 d-1", 1e9),
        (1.0, "m d-1", "m a-1", 365.0),
        (1000.0, "kg s-1", "m3 d-1", 86400.0),
        (917.0, "kg m-2 a-1", "m ice a-1", 1.0),
        (917.0, "mm w.e. a-1", "m ice a-1", 1.0),
        (0.917, "m w.e. year-1", "m ice a-1", 1.0),
        (917.0, "mmWE yr-1", "m ice a-1", 1.0),
        (86400.0, "m3WE d-1", "m3 d-1", 86400.0),
        (2.0, "°C", "K", 2.0),
    ],
)
def test_conversions_by_hand(value: float, units: str, target: str, expected: float) -> None:
    assert float(convert(value, units, target)) == pytest.approx(expected, rel=1e-12)


def test_mass_flux_is_that_of_the_reference() -> None:
    found = float(mass_balance(2e-5, "kg m-2 s-1"))
    assert found == pytest.approx(2e-5 * 31536000 / 917, rel=1e-12)


def test_a_month_is_as_long_as_it_was() -> None:
    dates = pd.DatetimeIndex(["2015-01-15", "2015-02-15"])
    found = mass_balance([31.0, 28.0], "mm w.e. month-1", dates=dates)
    assert found == pytest.approx([365 / 917] * 2)
    with pytest.raises(InputError, match="per month"):
        mass_balance([31.0], "mm w.e. month-1")


def test_a_basins_total_needs_its_area() -> None:
    found = float(mass_balance(917e3, "m3 w.e. a-1", area=1e6))
    assert found == pytest.approx(1.0)
    flux = float(convert(1.0, "kg m-2 d-1", "m3 d-1", area=1e9))
    assert flux == pytest.approx(1e6)
    with pytest.raises(InputError, match="basin"):
        convert(1.0, "m d-1", "m3 d-1")


@pytest.mark.parametrize("units", ["m a-1", "mm a-1"])
def test_metres_of_what(units: str) -> None:
    with pytest.raises(InputError, match=r"w\.e\."):
        mass_balance(1.0, units)
    assert float(mass_balance(1.0, "m year-1")) == 1.0


def test_refusals_name_the_place_and_the_remedy() -> None:
    with pytest.raises(InputError, match="no units"):
        read_unit("", "x")
    with pytest.raises(InputError, match="'furlong'"):
        read_unit("furlong s-1", "x")
    with pytest.raises(InputError, match="check the units"):
        mass_balance(1.0, "kg m-2 s-1")
    with pytest.raises(InputError, match="sea water"):
        absolute_celsius([275.0], "degC", "x")
    with pytest.raises(InputError, match="no units"):
        table_units(pd.DataFrame({"runoff": [1.0]}), None, "the table")


def test_a_standard_error_has_its_values_units() -> None:
    table = pd.DataFrame({"runoff": [1.0], "runoff_se": [0.1]})
    assert table_units(table, {"runoff": "m3 s-1"}, "t") == dict.fromkeys(table, "m3 s-1")
    assert np.allclose(absolute_celsius([275.15], "K", "x"), 2.0)
