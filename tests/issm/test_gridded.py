"""Gridded distances and retreat masks: against geometry, and as CF files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import netCDF4
import numpy as np
import pandas as pd
import pytest
import shapely
from made_up_glaciers import fronts_at, straight_domain

from termini.errors import InputError
from termini.issm.gridded import gridded_distances, write_gridded
from termini.issm.retreat_masks import retreat_masks
from termini.series.ice import split_at_front

POSITIONS = [8000.0, 7400.0, 7900.0, 6000.0, 5200.0]
DOMAIN = straight_domain(degrees=33.0)
FRONTS = fronts_at(POSITIONS, degrees=33.0, start="2015-01-05", step_days=300)
ICE = [split_at_front(DOMAIN, line)[0] for line in FRONTS.geometry]
DATES = list(FRONTS["date"])


def test_distances_are_those_to_the_front_and_negative_in_ice() -> None:
    found = gridded_distances(DOMAIN, ICE, DATES, resolution=250.0)
    x, y = np.meshgrid(found["x"], found["y"])
    inside = shapely.contains_xy(DOMAIN.fjord, x, y)
    phi = found["signed_distance"].to_numpy()
    assert (np.isfinite(phi) == inside).all()
    for layer, line, ice in zip(phi, FRONTS.geometry, ICE, strict=True):
        exact = shapely.distance(shapely.points(x[inside], y[inside]), line)
        # the front table's line reaches beyond the walls, the front does not
        np.testing.assert_allclose(np.abs(layer[inside]), exact, atol=25.0)
        assert ((layer[inside] < 0) == shapely.contains_xy(ice, x[inside], y[inside])).all()
    assert (found["x"] % 250 == 0).all()
    wide = gridded_distances(DOMAIN, ICE, DATES, resolution=250.0, beyond_fjord=True)
    assert np.isfinite(wide["signed_distance"]).all()


@pytest.mark.parametrize("resolution", [200.0, 1000.0])
def test_masks_hold_the_area_of_the_ice(resolution: float) -> None:
    dates = pd.to_datetime(["2014-12-20", "2018-01-20"])
    found = retreat_masks(DOMAIN, [ICE[0], ICE[0]], dates, resolution=resolution)
    assert found["time"].dt.year.to_numpy().tolist() == [2015, 2016, 2017]
    ice = found["land_ice_area_fraction_retreat"] * found["fjord_area_fraction"]
    area = ice.sum(["x", "y"]).to_numpy() * resolution**2
    np.testing.assert_allclose(area, ICE[0].area, rtol=0.005)
    fjord = float(found["fjord_area_fraction"].sum()) * resolution**2
    assert fjord == pytest.approx(DOMAIN.fjord.area, rel=0.005)


def test_rock_is_neither_ice_nor_front() -> None:
    rock = DOMAIN.centreline.interpolate(5000.0).buffer(700.0)
    ice = [shapely.difference(polygon, rock) for polygon in ICE]
    x, y = np.meshgrid(*(gridded_distances(DOMAIN, ice, DATES)[n] for n in "xy"))
    found = gridded_distances(DOMAIN, ice, DATES, rock=rock)["signed_distance"].to_numpy()
    bare = gridded_distances(DOMAIN, ICE, DATES)["signed_distance"].to_numpy()
    seen = ~shapely.contains_xy(rock, x, y) & shapely.contains_xy(DOMAIN.fjord, x, y)
    assert (np.isfinite(found[0]) == seen).all()
    np.testing.assert_allclose(found[0][seen], bare[0][seen], atol=1e-6)
    masks = retreat_masks(DOMAIN, ice, DATES, rock=rock, resolution=500.0)
    fjord = float(masks["fjord_area_fraction"].sum()) * 500.0**2
    assert fjord == pytest.approx(DOMAIN.fjord.area - rock.area, rel=0.005)


def test_masks_of_a_steady_retreat() -> None:
    # from 8 to 5 km in three years: the mean of the middle year is the mean of its ends
    lines = fronts_at([8000.0, 5000.0], degrees=33.0).geometry
    ice = [split_at_front(DOMAIN, line)[0] for line in lines]
    dates = ["2015-01-01", "2018-01-01"]
    area = {}
    for statistic in ("mean", "end", "minimum"):
        found = retreat_masks(DOMAIN, ice, dates, resolution=500.0, statistic=statistic)
        share = found["land_ice_area_fraction_retreat"] * found["fjord_area_fraction"]
        area[statistic] = share.sum(["x", "y"]).to_numpy() * 500.0**2 / 4000.0
    np.testing.assert_allclose(area["mean"], [7500, 6500, 5500], atol=40)
    np.testing.assert_allclose(area["end"], [7000, 6000, 5000], atol=40)
    assert (area["minimum"] < area["mean"]).all()
    assert (area["minimum"] >= area["end"] - 1).all()
    whole = retreat_masks(DOMAIN, ice, dates, elsewhere=1.0)
    assert (
        float(
            whole["land_ice_area_fraction_retreat"].where(whole["fjord_area_fraction"] == 0).min()
        )
        == 1.0
    )


@pytest.mark.timeout(900)  # a process of its own, slow on a busy machine
def test_files_are_cf_strictly_and_the_same_twice(tmp_path: Path) -> None:
    made = {
        "distances": gridded_distances(DOMAIN, ICE, DATES, resolution=400.0),
        "masks": retreat_masks(DOMAIN, ICE, DATES),
    }
    paths = []
    for name, dataset in made.items():
        first, second = (
            write_gridded(dataset, tmp_path / f"{name}{i}.nc", title="Made up", date="2026-01-01")
            for i in (1, 2)
        )
        assert first.read_bytes() == second.read_bytes()
        paths.append(str(first))
    checker = Path(sys.executable).with_name("compliance-checker")
    run = subprocess.run(
        [checker, "--test=cf:1.11", "--criteria=strict", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("All tests passed!") == len(paths)
    with netCDF4.Dataset(paths[0]) as file:
        assert file["crs"].grid_mapping_name == "polar_stereographic"
        assert file["signed_distance"].units == "m"
        phi = file["signed_distance"][:]
        np.testing.assert_array_equal(phi.filled(np.nan), made["distances"]["signed_distance"])


def test_bad_input_says_what_to_do() -> None:
    with pytest.raises(InputError, match="test:1: 5 ice polygons for 4 dates"):
        gridded_distances(DOMAIN, ICE, DATES[:4])
    with pytest.raises(InputError, match="dates must increase"):
        gridded_distances(DOMAIN, ICE, DATES[::-1])
    with pytest.raises(InputError, match="above zero"):
        gridded_distances(DOMAIN, ICE, DATES, resolution=0.0)
    with pytest.raises(InputError, match="there are mean, end, minimum"):
        retreat_masks(DOMAIN, ICE, DATES, statistic="median")  # type: ignore[arg-type]
