"""Export of one simulated glacier: every field, the folder, the loader, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import exported_made_up as made_up
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from exported_made_up import DATES
from scipy.interpolate import LinearNDInterpolator

from termini.errors import InputError
from termini.files import sha256
from termini.fronttable import flag
from termini.issm import export_issm, read_exp
from termini.issm.forcing import frontal_melt, submerged_area
from termini.simulate import SimulatedGlacier
from termini.times import decimal_year


@pytest.fixture(scope="module")
def glacier() -> SimulatedGlacier:
    return made_up.glacier()


@pytest.fixture(scope="module")
def fronts() -> gpd.GeoDataFrame:
    return made_up.fronts()


@pytest.fixture(scope="module")
def fields(folder: Path) -> dict[str, np.ndarray]:
    return made_up.read_fields(folder / "model_input.nc")


@pytest.fixture(scope="module")
def rignot(folder: Path) -> dict[str, np.ndarray]:
    return made_up.read_fields(folder / "rignot.nc")


def test_level_set_is_the_distance_to_the_true_front(
    glacier: SimulatedGlacier, fields: dict[str, np.ndarray]
) -> None:
    phi, x, y = fields["levelset.spclevelset"], fields["mesh.x"], fields["mesh.y"]
    assert phi.shape == (len(x) + 1, len(DATES))
    np.testing.assert_allclose(phi[-1], decimal_year(DATES), atol=1e-12)
    for column, date in zip(phi[:-1].T, DATES, strict=True):
        front = glacier.front(date)
        away = shapely.distance(shapely.points(x, y), front)
        # a front that ends a little off its wall is closed along the wall
        assert np.quantile(np.abs(np.abs(column) - away), 0.97) < 1.0
        np.testing.assert_allclose(np.abs(column), away, atol=60.0)
        along = shapely.line_locate_point(glacier.domain.centreline, shapely.points(x, y))
        here = shapely.line_locate_point(
            glacier.domain.centreline, shapely.intersection(front, glacier.domain.centreline)
        )
        assert (column[along < here - 4000] < 0).all(), "ice must be negative"
        assert (column[along > here + 4000] > 0).all(), "water must be positive"


def test_zero_of_the_level_set_is_the_front(
    glacier: SimulatedGlacier, fields: dict[str, np.ndarray]
) -> None:
    at = LinearNDInterpolator(
        np.column_stack([fields["mesh.x"], fields["mesh.y"]]),
        fields["levelset.spclevelset"][:-1, 3],
    )
    front = glacier.front(DATES[3])
    inner = shapely.get_coordinates(front.interpolate(np.linspace(0.1, 0.9, 50), normalized=True))
    assert np.nanmedian(np.abs(at(inner))) < 60.0


def test_forcings_are_in_issms_units(
    glacier: SimulatedGlacier, fields: dict[str, np.ndarray], rignot: dict[str, np.ndarray]
) -> None:
    months = glacier.forcing
    discharge = rignot["frontalforcings.subglacial_discharge"]
    day = 86400.0
    inner = (discharge[-1] >= 2015) & (discharge[-1] <= 2017)
    mean = np.trapezoid(discharge[0, inner], discharge[-1, inner]) / np.ptp(discharge[-1, inner])
    assert mean == pytest.approx(months["runoff"].mean() * day, rel=0.05)
    assert (discharge[:-1] == discharge[0]).all(), "the basin's total at every vertex"
    assert (rignot["frontalforcings.basin_id"] == 1).all()
    warm = rignot["frontalforcings.thermalforcing"]
    at = np.interp(decimal_year(months.index), warm[-1], warm[5])
    np.testing.assert_allclose(at[1:-1], months["thermal_forcing"].iloc[1:-1], rtol=1e-6)
    balance = fields["smb.mass_balance"]
    assert balance[3].mean() == pytest.approx(months["surface_mass_balance"].mean(), abs=1.0)
    bed = fields["geometry.bed"]
    # halfway through the record, with what the files themselves hold
    melt_years = fields["frontalforcings.meltingrate"][-1]
    k = len(melt_years) // 2
    fronts_area = [
        submerged_area(made_up.glacier().front(d), (fields["mesh.x"], fields["mesh.y"], bed))
        for d in DATES
    ]
    area = np.interp(melt_years[k], decimal_year(DATES), fronts_area)
    by_hand = frontal_melt(bed, discharge[0, k] / day, area, warm[0, k])
    melt, grounded = (
        fields["frontalforcings.meltingrate"][:-1, k],
        fields["mask.ocean_levelset"] >= 0,
    )
    np.testing.assert_allclose(melt[grounded], by_hand[grounded], rtol=1e-6)
    assert (melt[~grounded] == 0).all(), "ISSM ignores melt where the ocean level set is negative"
    assert fields["levelset.reinit_frequency"] == 0
    assert fields["transient.ismovingfront"] == 1


def test_contours_agree_with_the_level_set(folder: Path, fields: dict[str, np.ndarray]) -> None:
    outline = shapely.Polygon(read_exp(folder / "domain.exp")[0].xy)
    assert outline.buffer(36).contains(shapely.points(fields["mesh.x"], fields["mesh.y"])).all()
    assert len(read_exp(folder / "fronts.exp")) == len(DATES)
    ice = shapely.union_all(
        [shapely.Polygon(c.xy) for c in read_exp(min(folder.glob("ice_*.exp")))]
    )
    inside = shapely.contains_xy(ice, fields["mesh.x"], fields["mesh.y"])
    phi = fields["levelset.spclevelset"][:-1, 0]
    # the mesh's boundary leaves the fjord walls by up to a tenth of its resolution
    clear = shapely.distance(ice.boundary, shapely.points(fields["mesh.x"], fields["mesh.y"])) > 36
    assert (inside[clear] == (phi[clear] < 0)).all()


def test_fronts_are_drawn_within_the_domain(glacier: SimulatedGlacier, folder: Path) -> None:
    lines = read_exp(folder / "fronts.exp")
    assert not any(contour.closed for contour in lines)
    inside = glacier.domain.fjord.buffer(0.01)
    assert all(inside.contains(shapely.LineString(contour.xy)) for contour in lines)


def test_manifest_names_what_was_used(folder: Path, fronts: gpd.GeoDataFrame) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["release"] == "9.9.9"
    assert manifest["trace_ids"] == list(fronts["trace_id"])
    assert [pd.Timestamp(date) for date in manifest["dates"]] == list(DATES)
    assert {p.name for p in folder.iterdir()} == {*manifest["sha256"], "manifest.json"}
    for name, digest in manifest["sha256"].items():
        assert sha256(folder / name) == digest


def test_another_span_leaves_nothing_of_the_first(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    for span in [("2015-01-01", "2015-12-31"), ("2016-01-01", "2016-12-31")]:
        out = export_issm(
            glacier.domain, fronts, tmp_path / "out", bed=-400.0, span=span, resolution=600.0
        )
    listed = json.loads((out / "manifest.json").read_text())["sha256"]
    assert {path.name for path in out.iterdir()} == {*listed, "manifest.json"}


def test_same_input_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = made_up.export(tmp_path / "again")
    sums = [
        {str(path.relative_to(out)): sha256(path) for path in out.rglob("*") if path.is_file()}
        for out in (folder, again)
    ]
    assert sums[0] == sums[1]
    assert len(sums[0]) == 10


def test_rejected_and_crowded_fronts_are_left_out(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    some = fronts.copy()
    flag(some, np.arange(len(some)) % 2 == 0, "outlier", "made up")
    out = export_issm(glacier.domain, some, tmp_path / "o", bed=-300.0, resolution=600.0)
    assert json.loads((out / "manifest.json").read_text())["fronts"] == len(some) // 2
    out = export_issm(
        glacier.domain, fronts, tmp_path / "p", bed=-300.0, resolution=600.0, spacing_days=100.0
    )
    assert json.loads((out / "manifest.json").read_text())["fronts"] == (len(fronts) + 2) // 3


def test_bad_input_names_the_glacier(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    name, coarse = glacier.glacier_id, {"resolution": 600.0}
    with pytest.raises(InputError, match=f"{name}: 1 usable front"):
        export_issm(glacier.domain, fronts.iloc[:1], tmp_path / "a", bed=-300.0, **coarse)
    with pytest.raises(InputError, match=f"{name}: bed elevation is not known"):
        export_issm(glacier.domain, fronts, tmp_path / "b", bed=float("nan"), **coarse)
    with pytest.raises(InputError, match=r"bed profile lacks the column\(s\) \['elevation'\]"):
        export_issm(glacier.domain, fronts, tmp_path / "c", bed=glacier.bed[["distance"]], **coarse)
    warm = glacier.forcing.assign(thermal_forcing=280.0)
    with pytest.raises(InputError, match="reaches 280 K; it is the excess"):
        export_issm(glacier.domain, fronts, tmp_path / "d", bed=-300.0, forcing=warm, **coarse)
    assert not (tmp_path / "d" / "model_input.nc").exists()
