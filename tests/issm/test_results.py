"""Results of runs: both ways of saving, areas of level sets, misfits."""

from __future__ import annotations

from pathlib import Path

import h5netcdf
import numpy as np
import pandas as pd
import pytest
import shapely
from made_up_glaciers import straight_domain

from termini.errors import InputError
from termini.issm.mesh import triangulate
from termini.issm.misfit import misfit_by_type, misfit_of
from termini.issm.results import length_change, read_results

DOMAIN = straight_domain(degrees=20.0)
MESH = triangulate(DOMAIN.fjord, 800.0)
ALONG = shapely.line_locate_point(DOMAIN.centreline, shapely.points(MESH.x, MESH.y))
FRONTS = np.array([8000.0, 7000.0, 7500.0])
PHI = ALONG - FRONTS[:, None]
YEARS = np.array([2015.0, 2015.5, 2016.0])


def save(path: Path, dialect: str, *, level_set: bool = True) -> Path:
    """A saved model as ISSM's or as pyISSM's writer lays it out."""
    with h5netcdf.File(path, "w") as file:
        file.dimensions = {"t": 3, "v": len(MESH.x), "e": len(MESH.elements), "c": 3, "one": 1}
        mesh = file.create_group("mesh")
        mesh.attrs["classtype"] = "mesh2d.mesh2d" if dialect == "issm" else "mesh.mesh2d"
        mesh.create_variable("x", ("v",), data=MESH.x)
        mesh.create_variable("y", ("v",), data=MESH.y)
        mesh.create_variable("elements", ("e", "c"), data=MESH.elements)
        steps = file.create_group("results").create_group("TransientSolution")
        steps.create_variable("time", ("t",), data=YEARS)
        if dialect == "issm":
            steps.create_variable("SolutionType", ("t",), data=np.array([b"T"] * 3))
        else:
            steps.attrs["SolutionType"] = "TransientSolution"
        dims, shape = (("t", "v"), PHI.shape)
        if dialect == "columns":  # one column a step, as MATLAB keeps a vector
            dims, shape = ("t", "v", "one"), (*PHI.shape, 1)
        if level_set:
            steps.create_variable("MaskIceLevelset", dims, data=PHI.reshape(shape))
        steps.create_variable("Thickness", dims, data=np.full(shape, 400.0))
        steps.create_variable("IceVolume", ("t",), data=np.arange(3.0))
    return path


@pytest.mark.parametrize("dialect", ["issm", "pyissm", "columns"])
def test_both_ways_of_saving_give_the_same_steps(dialect: str, tmp_path: Path) -> None:
    run = read_results(save(tmp_path / "r.nc", dialect))
    np.testing.assert_array_equal(run.ice_levelset, PHI)
    np.testing.assert_array_equal(run.years, YEARS)
    np.testing.assert_array_equal(run.mesh.elements, MESH.elements)
    assert set(run.fields) == {"Thickness"}
    assert run.fields["Thickness"].shape == PHI.shape


def test_length_change_is_that_of_the_front(tmp_path: Path) -> None:
    change = length_change(read_results(save(tmp_path / "r.nc", "issm")), DOMAIN)
    # true area over true width: the width of the made-up domain is that of the plane
    scale = change[1] / -1000.0
    assert 0.9 < scale < 1.1
    np.testing.assert_allclose(change, (FRONTS - FRONTS[0]) * scale, atol=5.0)


def test_bad_results_say_what_to_ask_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_results(tmp_path / "none.nc")
    with pytest.raises(InputError, match=r"add it to md\.transient\.requested_outputs"):
        read_results(save(tmp_path / "a.nc", "issm", level_set=False))
    with pytest.raises(InputError, match="holds no results/StressbalanceSolution"):
        read_results(save(tmp_path / "b.nc", "issm"), solution="StressbalanceSolution")
    other = triangulate(DOMAIN.fjord, 1200.0)
    with pytest.raises(InputError, match="is this the mesh of the run"):
        read_results(save(tmp_path / "c.nc", "issm"), mesh=other)
    (tmp_path / "d.nc").write_text("text")
    with pytest.raises(InputError, match="cannot be read as NetCDF"):
        read_results(tmp_path / "d.nc")


def observed(values: np.ndarray) -> pd.DataFrame:
    dates = pd.date_range("2015-01-01", periods=len(values), freq="MS") + pd.Timedelta(days=14)
    return pd.DataFrame({"date": dates, "length_change": values, "length_change_se": 20.0})


def test_misfit_of_a_perfect_a_still_and_a_wrong_model() -> None:
    months = np.arange(36) / 12
    seen = observed(-200.0 * months + 150.0 * np.sin(2 * np.pi * months))
    years = 2015 + (months + 0.5 / 12)
    truth = seen["length_change"].to_numpy()
    start = np.interp(years[2], years, truth)
    perfect = misfit_of(years[2:], truth[2:] - start, seen)
    assert perfect["rmse"] < 10.0
    assert perfect["skill"] > 0.99
    assert perfect["trend"] == pytest.approx(-200.0, abs=15.0)
    assert perfect["season"] == pytest.approx(300.0, rel=0.1)
    still = misfit_of(years[2:], 0 * years[2:], seen)
    assert still["skill"] == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(still["correlation"])
    wrong = misfit_of(years[2:], -(truth[2:] - start), seen)
    assert wrong["skill"] < -1
    assert wrong["standardised"] > still["standardised"] > perfect["standardised"]
    with pytest.raises(InputError, match="observed months lie within the run"):
        misfit_of([1990.0, 1991.0], [0.0, 1.0], seen)


def test_types_and_controls_in_one_table() -> None:
    numbers = dict.fromkeys(["bias", "standardised", "trend", "trend_observed", "season"], 0.0)
    rows = [
        {"glacier_id": g, "control": c, "rmse": r, "skill": s, **numbers,
         "season_observed": 0.0, "correlation": 0.0}
        for g, c, r, s in [
            ("a:1", "melt", 10.0, 0.9), ("a:1", "smb", 50.0, 0.1), ("a:1", "prescribed", 1.0, 1.0),
            ("a:2", "melt", 30.0, 0.5), ("a:2", "smb", 20.0, 0.6),
            ("b:1", "melt", 99.0, -0.5), ("b:1", "smb", 98.0, -0.4),
        ]
    ]  # fmt: skip
    table = misfit_by_type(pd.DataFrame(rows), {"a:1": "retreat", "a:2": "retreat"})
    found = table.set_index(["type", "control"])
    assert found.loc[("retreat", "melt"), "rmse"] == 20.0
    assert found.loc[("retreat", "melt"), "best"] == 1
    assert found.loc[("retreat", "smb"), "best"] == 1
    assert found.loc[("retreat", "prescribed"), "best"] == 0
    # no better than a front that stands still: nothing is best
    assert (found.loc["none", "best"] == 0).all()
