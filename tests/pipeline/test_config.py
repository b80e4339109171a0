"""Configurations: defaults, paths, and errors that name the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from termini.errors import ConfigError
from termini.pipeline import make_config, read_config
from termini.pipeline.config import ScenesSection
from termini.pipeline.start import scene_files


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, r"exactly one of the sections \[simulate\], \[scenes\] and \[fronts\]"),
        ({"simulate": {}, "fronts": {"source": "x"}}, r"there are simulate, fronts"),
        ({"simulate": {"glacers": 3}}, r"simulate\.glacers: no such key; did you mean 'glaciers'"),
        ({"simulat": {}}, r"simulat: no such key; did you mean 'simulate'"),
        ({"simulate": {}, "types": {"q": 1}}, r"types\.q: no such key; known are k, k_min, k_max"),
        ({"simulate": {"glaciers": "many"}}, r"simulate\.glaciers: Input should be a valid int"),
        ({"simulate": {"glaciers": 0}}, r"simulate\.glaciers: Input should be greater than"),
        ({"simulate": {"start": "2020-01-01", "end": "2019-01-01"}}, "end must come after start"),
        ({"simulate": {}, "release": {"version": "one"}}, r"release\.version: String should match"),
        ({"simulate": {}, "types": {"k_min": 5, "k_max": 3}}, "k_max must not be less than k_min"),
        ({"simulate": {}, "run": {"seed": -1}}, r"run\.seed: Input should be greater"),
        (
            {"simulate": {}, "series": {"start": "2019-01-01", "end": "2016-01-01"}},
            "end must not come before start",
        ),
        ({"simulate": {}, "series": {"measure": "guess"}}, r"series\.measure: Input should be"),
        (
            {"simulate": {}, "extract": {"scales": []}},
            r"extract\.scales: List should have at least",
        ),
        ({"simulate": {}, "extract": {"scales": [9]}}, r"extract\.scales.*less than or equal to 4"),
        ({"simulate": {}, "extract": {"passes": -1}}, r"extract\.passes: Input should be greater"),
    ],
)
def test_errors_name_the_key(document: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_config(document)


def test_toml_and_yaml_say_the_same(tmp_path: Path) -> None:
    toml = tmp_path / "a.toml"
    toml.write_text('[run]\nout = "results"\n[fronts]\nsource = "nw_greenland"\n')
    yml = tmp_path / "a.yaml"
    yml.write_text("run: {out: results}\nfronts: {source: nw_greenland}\n")
    first, second = read_config(toml), read_config(yml)
    assert first == second
    assert first.run.out == tmp_path / "results", "relative paths count from the file's folder"


def test_scene_patterns_count_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[scenes]\npaths = ["s/*.tif", "/abs/*.tif"]\ndomains = "d.parquet"\n')
    section = read_config(path).scenes
    assert section is not None
    assert section.paths == [str(tmp_path / "s/*.tif"), "/abs/*.tif"]
    assert section.domains == tmp_path / "d.parquet"


def test_weights_are_one_file_or_several_and_count_from_the_configuration(tmp_path: Path) -> None:
    here = tmp_path / "a.safetensors"
    for given, files in (("a.safetensors", [here]), (["a.safetensors", "/b.onnx"],
                         [here, Path("/b.onnx")]), (None, [])):  # fmt: skip
        path = tmp_path / "run.yaml"
        path.write_text(f"simulate: {{}}\nextract: {{weights: {json.dumps(given)}}}\n")
        assert read_config(path).extract.weights == files


def test_errors_of_near_days_are_learnt_unless_it_is_said_otherwise() -> None:
    assert make_config({"simulate": {}}).series.near_days
    assert not make_config({"simulate": {}, "series": {"near_days": False}}).series.near_days


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: no such configuration file"):
        read_config(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[run\n")
    with pytest.raises(ConfigError, match=r"broken\.toml: cannot be read"):
        read_config(broken)
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"broken\.toml: cannot be read"):
        read_config(broken)
    other = tmp_path / "a.ini"
    other.write_text("")
    with pytest.raises(ConfigError, match=r"ends in \.toml, \.yaml or \.yml"):
        read_config(other)


def test_a_named_scene_that_is_missing_is_not_dropped(tmp_path: Path) -> None:
    (tmp_path / "a_1.tif").touch()
    domains = Path("d.parquet")
    patterns = [str(tmp_path / "a_*.tif"), str(tmp_path / "gone.tif")]
    found = scene_files(ScenesSection(paths=patterns, domains=domains))
    assert [p.name for p in found] == ["a_1.tif", "gone.tif"]
    with pytest.raises(ConfigError, match=r"no file matches '.*b_\*\.tif'; correct or remove it"):
        scene_files(ScenesSection(paths=[str(tmp_path / "b_*.tif")], domains=domains))
