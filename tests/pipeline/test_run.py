"""A whole run on the simulated region: what it leaves, its score, resuming, the same bytes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_run_made_up import SMALL_RUN

from termini import simulate
from termini.catalog import read_netcdf, verify_release
from termini.errors import ReleaseError, TerminiError
from termini.files import sha256
from termini.fronttable import read_fronts
from termini.pipeline import Score, make_config, run, score_text
from termini.pipeline.score import front_errors
from termini.variables import is_rejected


def test_every_product_is_there(small_run: Path) -> None:
    for name in [
        "fronts.parquet",
        "domains.parquet",
        "terminus_observations.nc",
        "terminus_series.nc",
        "glacier_types.nc",
        "drivers.nc",
        "attribution.csv",
        "mechanism.csv",
        "catalog/catalog.yaml",
        "catalog/releases/0.1.0/SHA256SUMS",
        "issm/sim_2/model_input.nc",
        "report.html",
        "score.json",
    ]:
        assert (small_run / name).is_file(), name
    assert verify_release(small_run / "catalog" / "releases" / "0.1.0") == []


def test_no_scene_is_lost_silently(small_run: Path) -> None:
    plan = pd.read_csv(small_run / "truth" / "acquisitions.csv")
    fronts = read_fronts(small_run / "fronts.parquet")
    failures = pd.read_csv(small_run / "fronts" / "failures.csv")
    failed = {Path(path).stem for path in failures["path"]}
    assert set(plan["scene_id"]) == set(fronts["scene_id"]) | failed
    assert failures["reason"].str.len().gt(0).all()
    rejected = fronts[is_rejected(fronts["quality"])]
    assert rejected["note"].str.len().gt(0).all(), "a rejected trace says why"


def test_fronts_come_from_the_scenes_and_not_from_the_truth(small_run: Path) -> None:
    fronts = read_fronts(small_run / "fronts.parquet")
    assert set(fronts["method"]) == {"termini-unet"}
    usable = fronts[~is_rejected(fronts["quality"])]
    section = SMALL_RUN["simulate"]
    region = simulate.simulate_region(5, 3, start=section["start"], end=section["end"])
    errors = front_errors(usable, region)
    assert errors.min() > 0.0
    assert errors.median() < 300.0


def test_score_is_complete(small_run: Path) -> None:
    score = Score(**json.loads((small_run / "score.json").read_text()))
    assert 0 < score.fronts <= score.scenes
    assert 0 <= score.lost_share <= 1
    assert np.isfinite(score.length_rms)
    text = score_text(score)
    for words in ("95th percentile", "scenes lost", "adjusted Rand index", "recovered"):
        assert words in text


def test_series_carry_their_errors(small_run: Path) -> None:
    series = read_netcdf(small_run / "terminus_series.nc")
    value, error = series["length_change"], series["length_change_se"]
    assert np.isfinite(value).any()
    assert (error.to_numpy()[np.isfinite(value)] > 0).all()


def test_a_killed_run_ends_with_the_same_bytes(small_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(small_run, folder)
    names = ["fronts.parquet", "terminus_series.nc", "glacier_types.nc", "drivers.nc"]
    before = {name: sha256(folder / name) for name in names}
    # as if it had been killed during the extraction: marks, results and some scenes are gone
    for mark in (folder / ".stages").glob("*.json"):
        if mark.stem != "simulate":
            mark.unlink()
    for name in names:
        (folder / name).unlink()
    for path in sorted((folder / "scenes").glob("*.tif"))[::7]:
        path.unlink()
    run(make_config({**SMALL_RUN, "run": {**SMALL_RUN["run"], "out": folder}}), quiet=True)
    assert {name: sha256(folder / name) for name in names} == before


def test_a_release_is_not_overwritten(small_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(small_run, folder)
    changed = {
        **SMALL_RUN,
        "run": {**SMALL_RUN["run"], "out": folder},
        "series": {"measure": "centreline"},
    }
    with pytest.raises(ReleaseError, match=r"written once; raise release\.version"):
        run(make_config(changed), quiet=True)


def test_unknown_glacier_for_issm(small_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(small_run, folder)
    changed = {
        **SMALL_RUN,
        "run": {**SMALL_RUN["run"], "out": folder},
        "issm": {"glaciers": ["sim:99"]},
    }
    with pytest.raises(
        TerminiError, match=r"issm\.glaciers: 'sim:99' is not a glacier of this run"
    ):
        run(make_config(changed), quiet=True)
