"""Each fault of Rignot's forcing that ISSM runs or dies of is refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from exported_made_up import Fields, Spoil, said, spoil

DISCHARGE = "frontalforcings.subglacial_discharge"
BASIN = "frontalforcings.basin_id"


def metres_a_day(fields: Fields) -> None:
    fields[DISCHARGE][:-1] /= 2.5e6


def cubic_metres_a_second(fields: Fields) -> None:
    fields[DISCHARGE][:-1] /= 86400


def basin_nought(fields: Fields) -> None:
    fields[BASIN][11] = 0


def basins_from_nought(fields: Fields) -> None:
    fields[BASIN][:] = 0


def winter_floods(fields: Fields) -> None:
    fields[DISCHARGE][-1] += 0.5


def kelvin(fields: Fields) -> None:
    fields["frontalforcings.thermalforcing"][:-1] += 273.15


def shared_out(fields: Fields) -> None:
    fields[DISCHARGE][:-1] *= np.linspace(0.5, 1, len(fields[DISCHARGE]) - 1)[:, None]


def no_basin(fields: Fields) -> None:
    del fields[BASIN]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (metres_a_day, "m/d or m3/s, not m3/d"),
        (cubic_metres_a_second, "m/d or m3/s, not m3/d"),
        (basin_nought, "basin id 0 in 1 elements"),
        (basins_from_nought, "basin id 0"),
        (winter_floods, "half-year shift"),
        (kelvin, "must lie between -5 and 20 K"),
        (shared_out, "differs between the vertices of one basin"),
        (no_basin, "basin_id .*is missing"),
    ],
)
def test_fault_of_rignots_forcing_is_refused(
    folder: Path, tmp_path: Path, change: Spoil, words: str
) -> None:
    bad = spoil(folder, tmp_path / "bad", change, "rignot.nc")
    assert re.search(words, said(bad)), said(bad)
