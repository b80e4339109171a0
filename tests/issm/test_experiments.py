"""Experiments: what each run changes, and the chain through the stand-in model."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from termini.errors import InputError
from termini.files import sha256
from termini.fronttable import front_table
from termini.issm import export_issm
from termini.issm.check import check_folder
from termini.issm.derive import derive_input, read_fields
from termini.issm.experiments import (
    CONTROLS,
    OCEAN,
    REINIT,
    control_fields,
    write_experiments,
)
from termini.issm.figures import export_figures
from termini.issm.forcing import BALANCE, CALVING, MELT
from termini.issm.misfit import compare_runs, misfit_by_type
from termini.issm.model import FRONT
from termini.issm.results import length_change, read_results
from termini.simulate import SimulatedGlacier, simulate_region

sys.path.insert(0, str(Path(__file__).parents[2] / "analysis"))

import issm_experiments as experiments
import standin_flowline as standin

DATES = pd.date_range("2013-01-15", "2016-12-15", freq="30D")
SPEED = 1600.0


@pytest.fixture(scope="module")
def glacier() -> SimulatedGlacier:
    region = simulate_region(11, 6, start="2013-01-01", end="2016-12-31")
    return next(g for g in region.glaciers if g.planted_type == "steady_retreat")


@pytest.fixture(scope="module")
def export(glacier: SimulatedGlacier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        {"glacier_id": glacier.glacier_id, "date": date, "sigma_m": 20.0,
         "source": "simulated truth", "geometry": glacier.front(date)}
        for date in DATES
    ]  # fmt: skip
    out = tmp_path_factory.mktemp("export") / "one"
    return export_issm(
        glacier.domain, front_table(rows), out, bed=glacier.bed, forcing=glacier.forcing,
        resolution=450.0,
    )  # fmt: skip


def observed(glacier: SimulatedGlacier) -> pd.DataFrame:
    position = glacier.position.loc[DATES].to_numpy()
    return pd.DataFrame(
        {"date": DATES, "length_change": position - position[0], "length_change_se": 30.0}
    )


@pytest.fixture(scope="module")
def done(
    glacier: SimulatedGlacier, export: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, pd.DataFrame]:
    """All runs of one glacier, done by the stand-in model."""
    out = tmp_path_factory.mktemp("experiments")
    one = glacier.glacier_id
    runs = write_experiments(
        {one: export}, out, types={one: "steady retreat"}, observed={one: observed(glacier)}
    )
    first = float(
        standin.front_on_centreline(read_fields(export / "model_input.nc"), glacier.domain)[0]
    )
    for row in runs.itertuples():
        standin.run_standin(
            out / str(row.folder), glacier.domain, speed=SPEED,
            reference=(row.reference_start, row.reference_end), first_front=first,
        )  # fmt: skip
    return out, runs


def test_each_run_changes_only_its_control(export: Path) -> None:
    fields = read_fields(export / "model_input.nc")
    start = fields[FRONT][-1, 0]
    changed = {
        name: control_fields(fields, control, reference=(start, start + 2), speed=SPEED)
        for name, control in CONTROLS.items()
    }
    assert FRONT not in changed["prescribed"]
    assert (changed["fixed"][FRONT][:-1] == fields[FRONT][:-1, [0]]).all()
    for name in ("melt", "smb", "both"):
        assert np.isnan(changed[name][FRONT][:-1]).all()
        assert (changed[name][OCEAN] > 0).all()
        assert (changed[name][CALVING] >= 0).all()
    for name, (melt, balance) in {"melt": (1, 0), "smb": (0, 1), "both": (1, 1)}.items():
        given = changed[name].get(MELT, fields[MELT])
        assert (np.ptp(given[:-1], axis=1).max() > 1.0) == bool(melt)
        given = changed[name].get(BALANCE, fields[BALANCE])
        assert (np.ptp(given[:-1], axis=1).max() > 1.0) == bool(balance)
    years = fields[MELT][-1]
    mean = changed["melt"][MELT][:-1, (years >= start) & (years < start + 2)].mean(axis=1)
    np.testing.assert_allclose(changed["smb"][MELT][:-1, 0], mean)
    # what the export leaves out in the ocean melts in a run whose front is free
    ice = fields[OCEAN] >= 0
    assert (fields[MELT][:-1][~ice] == 0).all()
    np.testing.assert_array_equal(changed["melt"][MELT][:-1][ice], fields[MELT][:-1][ice])
    assert (changed["melt"][MELT][:-1] > 0).all()
    np.testing.assert_allclose(changed["both"][CALVING][:-1, 0], np.maximum(SPEED - mean, 0.0))
    assert (changed["prescribed"][MELT], changed["fixed"][MELT]) == (None, None)
    # a front that the model moves is distanced anew, one that is given is not
    assert [n for n in CONTROLS if REINIT in changed[n]] == ["melt", "smb", "both"]
    assert changed["melt"][REINIT] == 10


def test_a_derived_file_is_the_old_one_but_for_the_change(export: Path, tmp_path: Path) -> None:
    source = export / "model_input.nc"
    fields = read_fields(source)
    new = np.vstack([np.zeros((len(fields["mesh.x"]), 2)), [2013.0, 2014.0]])
    copies = [
        derive_input(
            source, tmp_path / f"{k}.nc", {BALANCE: new, CALVING: new, MELT: None}, title="t"
        )
        for k in range(2)
    ]
    assert sha256(copies[0]) == sha256(copies[1])
    found = read_fields(copies[0])
    np.testing.assert_array_equal(found[BALANCE], new)
    np.testing.assert_array_equal(found[CALVING], new)
    assert MELT not in found
    for name in set(fields) - {BALANCE, MELT}:
        np.testing.assert_array_equal(found[name], fields[name])
    with pytest.raises(InputError, match=r"has no mesh\.z to change"):
        derive_input(source, tmp_path / "x.nc", {"mesh.z": new}, title="t")


def test_every_run_passes_the_checks_of_a_folder(done: tuple[Path, pd.DataFrame]) -> None:
    out, runs = done
    for folder in runs["folder"]:
        assert check_folder(out / folder / "model_input.nc") == []
        assert {"load_issm.py", "load_issm.m"} <= {p.name for p in (out / folder).iterdir()}


def test_standin_keeps_a_given_front_where_it_was_given(
    done: tuple[Path, pd.DataFrame], glacier: SimulatedGlacier
) -> None:
    out, runs = done
    folder = out / runs.loc[runs["control"] == "prescribed", "folder"].iloc[0]
    run = read_results(folder / "results.nc")
    spc = read_fields(folder / "model_input.nc")[FRONT]
    by_hand = np.array([np.interp(run.years[40], spc[-1], row) for row in spc[:5]])
    np.testing.assert_allclose(run.ice_levelset[40, :5], by_hand, rtol=1e-9)
    fixed = out / runs.loc[runs["control"] == "fixed", "folder"].iloc[0]
    still = length_change(read_results(fixed / "results.nc"), glacier.domain)
    assert np.abs(still).max() < 1e-6


def test_standin_keeps_its_mass(export: Path, glacier: SimulatedGlacier) -> None:
    channel = standin.channel_of(read_fields(export / "model_input.nc"), glacier.domain)
    front = 0.5 * glacier.domain.centreline.length
    state, setting = standin.first_state(channel, front, SPEED, 0.0)

    def volume(of: standin.State) -> float:
        faces = np.linspace(0.0, of.front, len(of.thickness) + 1)
        _, width = channel.at((faces[1:] + faces[:-1]) / 2)
        return float((of.thickness * width * np.diff(faces)).sum())

    rate, step = -300.0, standin.STEP
    after = standin.move(state, setting, 2.0, rate, step)
    faces = np.linspace(0.0, after.front, len(after.thickness) + 1)
    _, width = channel.at((faces[1:] + faces[:-1]) / 2)
    _, end_width = channel.at(faces[-1:])
    gained = setting.inflow + 2.0 * float((width * np.diff(faces)).sum())
    lost = float((state.speed[-1] - rate) * after.thickness[-1] * end_width[0])
    assert volume(after) - volume(state) == pytest.approx((gained - lost) * step, rel=1e-6)


def test_chain_from_export_to_misfit(
    done: tuple[Path, pd.DataFrame], glacier: SimulatedGlacier
) -> None:
    out, _ = done
    misfits, left_out = compare_runs(out, {glacier.glacier_id: glacier.domain})
    assert left_out.empty
    assert set(misfits["control"]) == set(CONTROLS)
    by_control = misfits.set_index("control")
    assert by_control.loc["prescribed", "skill"] > 0.98
    assert by_control.loc["prescribed", "rmse"] < 50.0
    assert by_control.loc["fixed", "skill"] == pytest.approx(0.0, abs=1e-6)
    # the glacier retreats because melt grows: of the free runs those with melt come closer
    assert by_control.loc["melt", "correlation"] > 0.5
    assert by_control.loc["melt", "rmse"] < by_control.loc["smb", "rmse"]
    table = misfit_by_type(misfits, {glacier.glacier_id: "steady retreat"})
    assert table["best"].sum() == 1
    assert set(table["type"]) == {"steady retreat"}


def test_runs_that_are_not_done_are_named(
    export: Path, glacier: SimulatedGlacier, tmp_path: Path
) -> None:
    bare = derive_input(
        export / "model_input.nc", tmp_path / "bare" / "model_input.nc", {BALANCE: None}, title="t"
    ).parent
    for name in ("load_issm.py", "load_issm.m"):
        (bare / name).write_bytes((export / name).read_bytes())
    one = glacier.glacier_id
    runs = write_experiments(
        {one: bare}, tmp_path / "out", types={}, observed={one: observed(glacier)}
    )
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    slug = one.replace(":", "_")
    assert f"- `{slug}/smb`: the export has no smb.mass_balance" in text
    assert "| `prescribed`, `melt`, `fixed` |" in text
    assert "python run_experiments.py base_models" in text
    refused = runs[runs["reason"] != ""]
    assert set(refused["control"]) == {"smb", "both"}
    assert refused["reason"].str.contains("has no smb.mass_balance").all()
    misfits, left_out = compare_runs(tmp_path / "out", {one: glacier.domain})
    assert misfits.empty
    assert len(left_out) == 5
    assert left_out["reason"].str.contains("save the model with its results").sum() == 3
    with pytest.raises(InputError, match="no control wind"):
        write_experiments({one: bare}, tmp_path / "o", types={}, observed={}, controls=["wind"])
    with pytest.raises(InputError, match="no glacier was exported"):
        write_experiments({}, tmp_path / "o", types={}, observed={})


def test_given_forcings_take_the_place_of_the_joined_ones(tmp_path: Path) -> None:
    months = pd.date_range("2014-01-15", periods=24, freq="30D")
    joined = xr.Dataset(
        {"runoff": (("glacier", "time"), np.full((1, 24), 5.0), {"units": "m3 s-1"}),
         "thermal_forcing": (("glacier", "time"), np.full((1, 24), 3.0), {"units": "K"}),
         "runoff_match_source": ("glacier", ["summer means"])},
        coords={"glacier_id": ("glacier", ["sim:1"]), "time": months},
    )  # fmt: skip
    path = tmp_path / "given.csv"
    pd.DataFrame(
        {"glacier_id": "sim:1", "date": months[:3] + pd.Timedelta(days=2), "thermal_forcing": 4.0,
         "surface_mass_balance": [1.0, np.nan, 2.0]}
    ).to_csv(path, index=False)  # fmt: skip
    given = experiments.read_forcings(path)
    table = experiments.forcing_of(joined, given, "sim:1")
    assert table.attrs["cadence"] == "summer"
    assert table.attrs["units"]["surface_mass_balance"] == "m year-1"
    assert table["runoff"].count() == 24
    assert table["thermal_forcing"].dropna().tolist() == [4.0] * 3
    assert table["surface_mass_balance"].dropna().tolist() == [1.0, 2.0]
    assert experiments.forcing_of(None, given, "sim:2") is None
    path.write_text("glacier_id,date,wind\nsim:1,2014-01-01,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="unknown column wind"):
        experiments.read_forcings(path)


def test_figures_of_a_folder_are_the_same_twice(export: Path, tmp_path: Path) -> None:
    one, two = (export_figures(export, tmp_path / name) for name in "ab")
    assert [p.name for p in one] == ["mesh.png", "level_set.png", "fronts.png", "forcing.png"]
    assert [sha256(p) for p in one] == [sha256(p) for p in two]
    assert all(p.stat().st_size > 10_000 for p in one)
