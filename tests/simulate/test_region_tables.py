"""Truth tables, driver records and the plan of acquisitions."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from termini.domain import read_domains
from termini.errors import InputError
from termini.fronttable import read_fronts
from termini.sensors import SENSORS
from termini.simulate import (
    SimulatedRegion,
    acquisitions,
    driver_records,
    glacier_table,
    simulate_region,
    truth_fronts,
    write_truth,
)
from termini.simulate.acquisitions import _MISSIONS, LOWEST_SUN, sun_elevation
from termini.simulate.records import FARTHEST_M, TABLES


@pytest.fixture(scope="module")
def region() -> SimulatedRegion:
    return simulate_region(4, 18, "2015-01-01", "2018-12-31")


@pytest.fixture(scope="module")
def plan(region: SimulatedRegion) -> pd.DataFrame:
    return acquisitions(region)


def test_plan_holds_ten_to_twelve_scenes_a_year(plan: pd.DataFrame) -> None:
    assert 9.0 < len(plan) / (18 * 4) < 13.0
    assert plan["scene_id"].is_unique
    assert not plan.duplicated(["glacier_id", "date", "sensor"]).any()
    assert plan["melange"].between(0, 1).all()


def test_optical_scenes_need_light_and_sensors_their_satellite(plan: pd.DataFrame) -> None:
    optical = plan["sensor"].map(lambda name: SENSORS[name].kind == "optical")
    assert (plan.loc[optical, "sun_elevation"] >= LOWEST_SUN).all()
    assert (plan.loc[~optical, "sun_elevation"] < 0).any()
    years = plan["date"].dt.year
    for name, rows in plan.groupby("sensor"):
        first, last = SENSORS[str(name)].years
        assert years[rows.index].between(first, last).all()


def test_every_mission_is_a_known_sensor_in_its_years() -> None:
    assert set(_MISSIONS) <= set(SENSORS)
    for name, (first, last, _) in _MISSIONS.items():
        flew = SENSORS[name].years
        assert flew[0] <= pd.Timestamp(first).year
        assert pd.Timestamp(last).year <= flew[1]


def test_a_few_days_are_seen_twice(plan: pd.DataFrame) -> None:
    twice = plan.duplicated(["glacier_id", "date"], keep=False)
    assert 0.01 < twice.mean() < 0.2


def test_early_period_has_early_sensors() -> None:
    early = acquisitions(simulate_region(4, 6, "1988-01-01", "1990-12-31"))
    assert set(early["sensor"]) == {"Landsat-5"}
    # No sun, no radar, no scene.
    assert not early["date"].dt.month.isin([12]).any()
    envisat = acquisitions(simulate_region(4, 6, "2007-01-01", "2009-12-31"))
    assert {"Envisat", "ALOS-1", "Landsat-5", "Landsat-7"} <= set(envisat["sensor"])
    assert not set(envisat["sensor"]) & {"Landsat-8", "Sentinel-1"}


def test_sun_elevation_at_solstices() -> None:
    noon = sun_elevation(70.0, pd.to_datetime(["2016-06-21", "2016-12-21", "2016-03-21"]))
    np.testing.assert_allclose(noon, [43.4, -3.4, 20.0], atol=1.0)


def test_truth_fronts_is_a_front_table(region: SimulatedRegion, plan: pd.DataFrame) -> None:
    fronts = truth_fronts(region, plan.head(60))
    assert isinstance(fronts, gpd.GeoDataFrame)
    assert set(fronts["scene_id"]) == set(plan["scene_id"].head(60))
    assert (fronts["source"] == "simulated truth").all()
    assert fronts["trace_id"].is_unique
    by_date = truth_fronts(region, {"sim:2": ["2016-01-05", "2016-02-05"]})
    assert len(by_date) == 2
    with pytest.raises(InputError, match="nowhere:1"):
        truth_fronts(region, {"nowhere:1": ["2016-01-05"]})


def test_written_truth_is_read_back_and_the_same_when_rewritten(
    region: SimulatedRegion, plan: pd.DataFrame, tmp_path: Path
) -> None:
    first = write_truth(region, tmp_path / "a", plan.head(40))
    second = write_truth(region, tmp_path / "b", plan.head(40))
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    files = {path.name: path for path in first}
    assert read_domains(files["domains.parquet"]).keys() == region.domains.keys()
    assert len(read_fronts(files["fronts.parquet"])) == 40
    again = simulate_region(**json.loads(files["region.json"].read_text()))
    assert again.glaciers[3].position.equals(region.glaciers[3].position)
    position = pd.read_parquet(files["position.parquet"])
    kept = position.loc[position["glacier_id"] == "sim:4", "position"].to_numpy()
    np.testing.assert_array_equal(kept, region.glaciers[3].position.to_numpy())


def test_driver_records_are_near_their_glaciers_and_others_are_far(
    region: SimulatedRegion,
) -> None:
    glaciers = glacier_table(region).set_index("glacier_id")
    names = glaciers["glacier_name"]
    right = empty = wrong = 0
    for table, variables in TABLES.items():
        records = driver_records(region)[table]
        assert set(variables) <= set(records.data_vars)
        xy = np.column_stack([records["x"], records["y"]])
        truly = records["true_glacier_id"].values
        assert (truly == "").sum() >= 3
        for spot, owner, name in zip(xy, truly, records["name"].values, strict=True):
            away = np.hypot(*(glaciers[["x", "y"]].to_numpy() - spot).T)
            if owner == "":
                assert away.min() >= 8e3
                assert name not in set(names)
                continue
            assert away[glaciers.index.get_loc(owner)] <= FARTHEST_M
            right += name == names[owner]
            empty += name == ""
            wrong += name not in ("", names[owner])
    total = right + empty + wrong
    assert right / total > 0.4
    assert empty > 0
    assert wrong > 0


def test_driver_records_carry_the_forcing_with_some_error(region: SimulatedRegion) -> None:
    records = driver_records(region)
    for name in ("runoff", "thermal_forcing", "melange", "surface_mass_balance"):
        table = next(t for t, variables in TABLES.items() if name in variables)
        data = records[table]
        owned = np.flatnonzero(data["true_glacier_id"].values != "")
        for k in owned[:5]:
            glacier = region.glacier(str(data["true_glacier_id"].values[k]))
            true = glacier.forcing[name].to_numpy()
            given = data[name].values[k]
            assert np.corrcoef(true, given)[0, 1] > 0.7
            assert not np.array_equal(true, given)
    bathymetry = records["bathymetry"].to_dataframe().set_index("true_glacier_id")
    kinds = glacier_table(region).set_index("glacier_id")["planted_type"]
    deepening = bathymetry["overdeepening"].drop("").groupby(kinds).median()
    assert deepening.idxmax() == "step_retreat"


def test_driver_records_are_the_same_for_the_same_seed(region: SimulatedRegion) -> None:
    one, other = driver_records(region), driver_records(region)
    for table in TABLES:
        assert one[table].identical(other[table])
