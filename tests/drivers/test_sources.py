"""Readers of published driver tables: on miniatures in the real layout, and on the real files."""

from __future__ import annotations

import miniatures
import miniatures_drivers
import numpy as np
import openpyxl
import pandas as pd
import pytest
from scipy.io import savemat

from termini.drivers import DRIVER_SOURCES, read_drivers
from termini.drivers.sources import (
    front_bed_depth,
    glacier_thermal_forcing,
    ice_front_depth,
    sector_thermal_forcing,
    sill_depth,
    summer_runoff,
)
from termini.drivers.sources.tables import unmangled
from termini.errors import InputError


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return miniatures.write_all(tmp_path_factory.mktemp("published"))


@pytest.mark.parametrize("name", DRIVER_SOURCES)
def test_every_table_has_names_places_and_described_values(root, name):
    table = DRIVER_SOURCES[name](root)
    assert {"name", "x", "y"} <= set(table.data_vars)
    values = set(table.data_vars) - {"name", "x", "y", "outline"}
    assert values
    for variable in values:
        assert table[variable].dims in {("record",), ("record", "time")}
        assert table[variable].attrs["long_name"]
    assert {"source", "citation", "comment"} <= set(table.attrs)


@pytest.mark.parametrize("name", DRIVER_SOURCES)
def test_missing_file_names_it_and_the_remedy(tmp_path, name):
    with pytest.raises(InputError, match=r"docs/data\.md"):
        DRIVER_SOURCES[name](tmp_path)


def test_what_cannot_be_read_is_recorded_and_the_rest_goes_on(root, tmp_path):
    miniatures_drivers.write_glacier_tables(tmp_path)
    tables, failures = read_drivers(tmp_path)
    assert set(tables) == {"front_bed", "bed"}
    assert set(failures["source"]) == set(DRIVER_SOURCES) - set(tables)
    assert failures["reason"].str.contains("docs/data.md").all()
    assert set(read_drivers(root)[0]) == set(DRIVER_SOURCES)
    with pytest.raises(InputError, match="'bathymetry' is unknown"):
        read_drivers(root, ["bathymetry"])


def test_bed_depth_is_positive_down_and_impossible_beds_are_missing(root):
    table = ice_front_depth(root)
    assert table["bed_depth"].values[0] == pytest.approx(814.9)
    assert np.isnan(table["bed_depth"].values[1])  # tidewater, bed above sea level
    assert table["bed_depth"].values[2] == -40.0  # on land
    assert table["marine_terminating"].values.tolist() == [1, 1, 0]


def test_ice_front_position_or_else_that_of_the_glacier(root):
    table = ice_front_depth(root)
    x, y = miniatures.PLACES[3]
    assert (table["x"].values[0], table["y"].values[0]) == (x - 1500, y + 900)
    assert np.hypot(table["x"].values[2], table["y"].values[2]) == pytest.approx(1.44e6, rel=0.02)


def test_front_beds_leave_out_what_is_short_or_dry(root):
    table = front_bed_depth(root)
    assert table["bed_depth"].values.tolist() == [316.0]
    assert table["name"].values.tolist() == [""]


def test_sills_where_no_way_leads_to_sea_are_missing(root):
    table = sill_depth(root)
    depth = table["sill_depth"].values
    assert depth[0] == pytest.approx(260.6)
    assert np.isnan(depth[1:]).all()


def test_sills_refuse_tables_of_another_order(root, tmp_path):
    miniatures_drivers.write_catchments(tmp_path)
    book = openpyxl.Workbook()
    book.active.append(["title"])
    book.active.append(["catchment number", "name"])
    for number, name in enumerate(["Harald Moltke Brae", "Jakobshavn Isbrae", "x"], start=1):
        book.active.append([number, name])
    book.save(tmp_path / "catchments" / "glacier_catchment_names_Mouginot.xlsx")
    with pytest.raises(InputError, match="row 1 is 'HARALD MOLTKE BRAE'"):
        sill_depth(tmp_path)


def test_runoff_is_a_discharge(root):
    table = summer_runoff(root, model="MIROC5-rcp85")
    assert table["runoff"].values[0] == pytest.approx(100.0)
    assert table["runoff"].attrs["units"] == "m3 s-1"
    mean = summer_runoff(root, years=(1990, 1999))
    assert mean["runoff"].shape == (2, 10)
    assert mean["runoff"].values[1] == pytest.approx(400.0)
    assert pd.DatetimeIndex(mean["time"].values)[0] == pd.Timestamp("1990-07-15")


def test_runoff_names_are_put_right(root):
    assert summer_runoff(root)["name"].values.tolist() == ["Jakobshavn Isbræ", "Harald Moltke Bræ"]
    assert unmangled("KÃ¸ge Bugt") == "Køge Bugt"
    assert unmangled("Køge Bugt") == "Køge Bugt"


def test_runoff_in_other_units_or_years_is_refused(root, tmp_path):
    with pytest.raises(InputError, match="covers 1950 to 2100"):
        summer_runoff(root, years=(1940, 1960))
    with pytest.raises(InputError, match="MIROC9"):
        summer_runoff(root, model="MIROC9")
    folder = miniatures_drivers.write_ocean_forcing(tmp_path) / "runoff"
    kind = [("rignotGlacierName", "O"), ("runoffUnits", "O")]
    table = np.empty((1, 1), dtype=kind)
    table[0, 0] = ("x", "kg")
    for file in folder.glob("*.mat"):
        savemat(file, {"runoff": table})
    with pytest.raises(InputError, match="not m3"):
        summer_runoff(tmp_path)


def test_thermal_forcing_by_sector(root):
    table = sector_thermal_forcing(root, years=(1990, 2017))
    assert table["thermal_forcing"].values[:, 0] == pytest.approx([4.4, 5.4])
    assert table["outline"].values[0].startswith("POLYGON")
    with pytest.raises(InputError, match="covers 1900"):
        sector_thermal_forcing(root, years=(1990, 2020))


def test_thermal_forcing_by_name(root):
    table = glacier_thermal_forcing(root)
    assert table["thermal_forcing_mean"].values.tolist() == [5.18, 0.42, 0.26]
    assert table["thermal_forcing_change"].values[:2] == pytest.approx([2.43, 0.20])
    assert np.isnan(table["x"].values[2])  # Dodge is not in the list of positions


@pytest.mark.parametrize("name", ["sill_depth.mat", "cut.mat"])
def test_a_mat_file_that_is_none(root, tmp_path, name):
    miniatures_drivers.write_catchments(tmp_path)
    file = tmp_path / "catchments" / "sill_depth.mat"
    if name == "cut.mat":
        file.write_bytes(file.read_bytes()[:90])
        with pytest.raises(InputError, match="cannot be read as a MATLAB file"):
            sill_depth(tmp_path)
    else:
        savemat(file, {"depth": np.zeros(3)})
        with pytest.raises(InputError, match="holds no variable 'sill_depth'"):
            sill_depth(tmp_path)


@pytest.mark.data
def test_real_tables(data_root):
    tables, failures = read_drivers()
    assert failures.empty
    assert {name: table.sizes["record"] for name, table in tables.items()} == {
        "front_bed": 521,
        "bed": 243,
        "sill": 260,
        "runoff": 194,
        "thermal_forcing": 7,
        "thermal_forcing_by_glacier": 92,
    }
    runoff = tables["runoff"]
    glacier = list(runoff["name"].values).index("Daugaard-Jensen")
    recent = runoff["runoff"].isel(record=glacier).sel(time=slice("2000", "2020"))
    # MAR and RACMO driven by reanalysis give 193 and 197 (Mankoff et al. 2020).
    assert float(recent.mean()) == pytest.approx(250.0, abs=15.0)
    wood = tables["thermal_forcing_by_glacier"]
    both = np.flatnonzero(wood["name"].values == "Sermeq Avannarleq")
    # Of two glaciers of this name the list has the northern one first.
    assert wood["y"].values[both[0]] > wood["y"].values[both[1]]
    assert int(np.isfinite(wood["x"].values).sum()) == 68
