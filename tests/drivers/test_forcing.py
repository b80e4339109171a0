"""Forcing of one glacier as a table, and what its runoff stands for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from termini.drivers import forcing_table
from termini.errors import InputError


def drivers(source: str) -> xr.Dataset:
    times = pd.date_range("2000-07-15", periods=5, freq="YS-JUL") + pd.Timedelta(days=14)
    runoff = np.array([[1.0, 2.0, 3.0, 4.0, np.nan], [np.nan] * 5])
    return xr.Dataset(
        {
            "runoff": (("glacier", "time"), runoff),
            "runoff_match_source": ("glacier", np.array([source, ""])),
            "bed_depth": ("glacier", [300.0, 400.0]),
        },
        coords={"glacier_id": ("glacier", np.array(["a:1", "a:2"])), "time": times},
    )


def test_runoff_of_summers_is_named_as_such() -> None:
    table = forcing_table(drivers("ISMIP6 summer runoff, MAR 3.9"), "a:1")
    assert table["runoff"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert list(table.columns) == ["runoff"]
    assert table.attrs["cadence"] == "summer"
    assert "cadence" not in forcing_table(drivers("monthly runoff"), "a:1").attrs
    assert "cadence" not in forcing_table(drivers("ISMIP6 summer runoff"), "a:2").attrs
    with pytest.raises(InputError, match="'a:3' is not among the drivers"):
        forcing_table(drivers(""), "a:3")
