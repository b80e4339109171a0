"""Forcings of a mesh: shapes, refusals, regridding, real tables."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from shapely.geometry import Polygon

from termini.drivers.sources import sector_thermal_forcing, summer_runoff
from termini.drivers.sources.profiles import sector_profiles
from termini.drivers.sources.tables import read_mat
from termini.errors import InputError
from termini.geometry import domains_for_source
from termini.issm.bed import bed_from_grid, bed_from_profile
from termini.issm.forcing import BALANCE, DISCHARGE, MELT, WARMTH, Forcings, with_units
from termini.issm.forcing_build import make_forcings
from termini.issm.forcing_published import published_forcing
from termini.issm.melt import melt_rate
from termini.issm.mesh import triangulate
from termini.issm.regrid import overlap_areas, regrid, vertex_areas
from termini.issm.retreat import kappa_members, kappa_sample, parameterised_retreat, sector_retreat
from termini.issm.smb import gridded_mass_balance
from termini.issm.thermal import thermal_forcing
from termini.simulate.region import simulate_region

GLACIER = simulate_region(3, n_glaciers=2).glaciers[0]
DOMAIN = GLACIER.domain
MESH = triangulate(DOMAIN.fjord, 600.0)
BED = bed_from_profile(MESH.x, MESH.y, DOMAIN, GLACIER.bed)
TABLE = with_units(GLACIER.forcing[["runoff", "thermal_forcing", "surface_mass_balance"]])


def test_series_have_issms_layout_and_rignots_melt() -> None:
    found = make_forcings(MESH, DOMAIN, BED, TABLE, front_area=2e6, members=3, seed=1)
    nv = len(MESH.x)
    assert set(found.series) == {MELT, DISCHARGE, WARMTH, BALANCE}
    for array in found.series.values():
        assert array.shape == (nv + 1, len(found.years))
        assert (array[-1] == found.years).all()
    discharge = found.series[DISCHARGE][:-1]
    assert (discharge == discharge[:1]).all()  # the basin's total at every vertex
    warm = found.series[WARMTH][:-1]
    melt = melt_rate(-BED[:, None], discharge, 2e6, warm)
    assert np.allclose(found.series[MELT][:-1], melt, rtol=1e-12)
    assert found.members[MELT].shape == (3, nv + 1, len(found.years))
    again = make_forcings(MESH, DOMAIN, BED, TABLE, front_area=2e6, members=3, seed=1)
    assert (again.members[MELT] == found.members[MELT]).all()
    assert any("2e+06 m2" in note for note in found.assumptions)


def test_refusals() -> None:
    bare = GLACIER.forcing[["runoff", "thermal_forcing"]]
    with pytest.raises(InputError, match="no units"):
        make_forcings(MESH, DOMAIN, BED, bare, front_area=2e6)
    wrong = {"runoff": "m d-1", "thermal_forcing": "K"}
    with pytest.raises(InputError, match="basin's total"):
        make_forcings(MESH, DOMAIN, BED, bare, units=wrong, front_area=2e6)
    with pytest.raises(InputError, match="front_area"):
        make_forcings(MESH, DOMAIN, BED, TABLE)
    with pytest.raises(InputError, match="unknown column"):
        make_forcings(MESH, DOMAIN, BED, bare.rename(columns={"runoff": "run_off"}))
    with pytest.raises(InputError, match="share no time"):
        make_forcings(MESH, DOMAIN, BED, TABLE, front_area=2e6, span=("1990-01-01", "1991-01-01"))
    with pytest.raises(InputError, match="fewer members"):
        make_forcings(MESH, DOMAIN, BED, TABLE, front_area=2e6, members=10**6)
    absolute = with_units(bare.assign(thermal_forcing=275.0))
    with pytest.raises(InputError, match="freezing"):
        make_forcings(MESH, DOMAIN, BED, absolute, front_area=2e6)


def test_a_nan_or_a_negative_melt_is_refused_by_place() -> None:
    years = np.array([2000.0, 2001.0])
    series = np.vstack([np.ones((3, 2)), years])
    basin = np.ones(1, dtype=np.int64)
    bad = series.copy()
    bad[1, 0] = np.nan
    with pytest.raises(InputError, match="vertex 2 in 2000"):
        Forcings(years, {MELT: bad}, basin)
    bad[1, 0] = -1.0
    with pytest.raises(InputError, match="falls to -1"):
        Forcings(years, {MELT: bad}, basin)
    with pytest.raises(InputError, match="basin ids"):
        Forcings(years, {MELT: series}, basin - 1)


def test_prescribed_rates_and_profiles() -> None:
    dates = pd.DatetimeIndex(["2015-01-01", "2016-01-01"])
    table = pd.DataFrame({"melt_rate": [1.0, 2.0]}, dates)
    profiles = xr.Dataset(
        {"temperature": (("time", "depth"), np.full((2, 2), 2.0), {"units": "degC"})},
        coords={"time": dates, "depth": [0.0, 600.0]},
    )
    found = make_forcings(
        MESH, DOMAIN, BED, table, units={"melt_rate": "m d-1"}, profiles=profiles, sill_depth=200.0
    )
    assert found.series[MELT][0].tolist() == [365.0, 730.0]
    warm = found.series[WARMTH][:-1, 0]
    assert np.argmax(warm) == np.argmin(BED)
    assert any("no salinity" in note for note in found.assumptions)


def _grid(function, step: float = 350.0) -> xr.DataArray:
    left, bottom, right, top = DOMAIN.fjord.buffer(2000).bounds
    x, y = np.arange(left, right, step), np.arange(top, bottom, -step)
    return xr.DataArray(function(*np.meshgrid(x, y)), coords={"y": y, "x": x}, dims=("y", "x"))


def test_regridding_keeps_the_integral() -> None:
    grid = _grid(lambda x, y: np.sin(x / 900) + np.cos(y / 700))
    values, notes = regrid(MESH, grid)
    weights = overlap_areas(MESH, grid["x"].to_numpy(), grid["y"].to_numpy())
    assert np.allclose(weights.sum(axis=1), vertex_areas(MESH), rtol=1e-6)
    on_mesh = (values * vertex_areas(MESH)).sum()
    on_grid = (weights.sum(axis=0) * grid.values.ravel()).sum()
    assert on_mesh == pytest.approx(on_grid, rel=1e-9)
    assert weights.sum() == pytest.approx(MESH.areas().sum(), rel=1e-9)
    assert notes == []


def test_a_gridded_bed_is_linear_and_has_units() -> None:
    grid = _grid(lambda x, y: x / 1e3 - y / 2e3)
    grid.attrs["units"] = "m"
    found = bed_from_grid(MESH.x, MESH.y, grid)
    assert found == pytest.approx(MESH.x / 1e3 - MESH.y / 2e3)
    with pytest.raises(InputError, match="units"):
        bed_from_grid(MESH.x, MESH.y, grid.drop_attrs())
    with pytest.raises(InputError, match="projection"):
        bed_from_grid(MESH.x + 1e6, MESH.y, grid)


def test_gaps_are_filled_aloud_and_a_far_grid_is_refused() -> None:
    middle = float(np.median(MESH.x))
    grid = _grid(lambda x, y: np.where(x < middle, 1e-5, np.nan))
    grid.attrs["units"] = "kg m-2 s-1"
    values, notes = gridded_mass_balance(MESH, grid)
    assert np.allclose(values, 1e-5 * 31536000 / 917)
    assert "nearest" in notes[0]
    with pytest.raises(InputError, match="projection"):
        regrid(MESH, grid.assign_coords(x=grid["x"] + 1e6))
    with pytest.raises(InputError, match="no units"):
        gridded_mass_balance(MESH, grid.drop_attrs())


def test_one_triangle_square_grid_by_hand() -> None:
    mesh = triangulate(Polygon([(0, 0), (4000, 0), (4000, 4000), (0, 4000)]), 500.0)
    grid = xr.DataArray(
        [[1.0, 3.0]], coords={"y": [2000.0], "x": [1000.0, 3000.0]}, dims=("y", "x")
    )
    with pytest.raises(InputError, match="evenly"):
        regrid(mesh, grid)
    tall = xr.concat([grid, grid.assign_coords(y=[6000.0])], "y")
    tall = tall.assign_coords(y=[2000.0, 6000.0])
    values, _ = regrid(mesh, tall)
    assert (values * vertex_areas(mesh)).sum() == pytest.approx(2.0 * 16e6, rel=1e-9)


@pytest.mark.data
def test_kappa_is_slaters(data_root: Path) -> None:
    sample = kappa_sample(data_root)
    assert len(sample) == 191
    assert np.quantile(sample, [0.25, 0.5, 0.75]) == pytest.approx([-0.37, -0.17, -0.06], abs=0.006)
    members = kappa_members(40, 0, data_root)
    assert np.median(members) == pytest.approx(-0.17, abs=0.01)


@pytest.mark.data
def test_retreat_follows_that_of_ismip6(data_root: Path) -> None:
    published = sector_retreat("SW", "MIROC5", "RCP85", data_root)
    assert published.loc[2014].tolist() == [0.0, 0.0, 0.0]
    assert (published.loc[2100].diff().dropna() < 0).all()
    runoff = summer_runoff(data_root, model="MIROC5-rcp85", years=(1950, 2100))
    table = read_mat(
        data_root / "ocean_forcing" / "projections" / "projected_retreat.mat", "retreat"
    )
    warm = table["MIROC5"].item()["RCP85"].item()["TF"].item()[1]
    forcing = pd.Series(warm.astype(float), runoff["time"].to_index())
    sectors = sector_thermal_forcing(data_root)
    outline = shapely.from_wkt(str(sectors["outline"].values[1]))
    inside = np.flatnonzero(shapely.contains_xy(outline, runoff["x"].values, runoff["y"].values))
    assert len(inside) == 9
    kappa = kappa_sample(data_root).mean()
    changes = [
        parameterised_retreat(
            runoff["runoff"][k].to_series(), forcing, reference="2014", kappa=kappa
        )
        for k in inside
    ]
    ours = np.mean([change[0].loc[2014:2100] for change in changes], axis=0)
    theirs = published["medium"].loc[2014:2100].to_numpy()
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99
    assert ours[-1] == pytest.approx(theirs[-1], rel=0.25)  # theirs is weighted by ice flux


@pytest.mark.data
def test_melt_of_jakobshavn_is_of_the_published_size(data_root: Path) -> None:
    profiles = sector_profiles(-185315.0, -2274445.0, data_root)
    assert profiles.attrs["sector"] == "CW"
    mean = profiles.mean("time")
    warm = thermal_forcing(
        mean["temperature"], mean["salinity"], profiles["depth"], [800.0], sill_depth=260.0,
        layer="lower",
    )  # fmt: skip
    assert 4.0 < warm[0, 0] < 6.0
    summer = melt_rate(800.0, 800 * 86400.0, 8.6e6, warm[0, 0]) / 365
    # 0.7 to 3.9 m/d at shallower glaciers of the same coast: Rignot et al. (2010)
    assert 1.0 < summer < 6.0
    with pytest.raises(InputError, match="km from the nearest sector"):
        sector_profiles(5e6, 5e6, data_root)


@pytest.mark.data
def test_published_tables_alone_force_real_glaciers(
    data_root: Path, north_west: gpd.GeoDataFrame
) -> None:
    fronts = north_west[north_west["glacier_id"].isin(["measures:40", "measures:51"])]
    others: dict[str, str] = {}  # the glaciers whose fronts were left out
    domains = domains_for_source("nw_greenland", None, fronts, failures=others)
    for name, doubted in (("Kong Oscar", False), ("Hayes", True)):
        domain = next(d for d in domains.values() if name in d.name)
        known = published_forcing(domain, data_root)
        assert any("is little" in note for note in known.notes) is doubted
        assert known.bed_depth is not None
        mesh = triangulate(domain.fjord, 800.0)
        bed = bed_from_profile(mesh.x, mesh.y, domain, -known.bed_depth)
        found = make_forcings(
            mesh, domain, bed, known.table, cadence="summer", front_area=5e3 * known.bed_depth,
            profiles=known.profiles, sill_depth=known.sill_depth, span=("2000-01-01", "2005-01-01"),
        )  # fmt: skip
        deepest = found.series[MELT][np.argmin(bed)] / 365
        assert 0.1 < deepest.min() < deepest.max() < 10.0
