"""From a configuration to weights: keys, splits, stages, resuming, several processes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
import yaml
from test_training import straight

from termini.errors import ConfigError, InputError
from termini.files import sha256
from termini.segment import load_network, predict, stack_inputs
from termini.segment.config import NORMALISATIONS, config_names, load_config
from termini.segment.datasets import join_scenes, save_scenes
from termini.segment.metrics_log import plot_log, read_log
from termini.segment.networks import build
from termini.segment.run import train
from termini.segment.sources import LEFT_OUT, leave_one_out, load_sources
from termini.segment.weights_file import read_weights


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """Four labelled scenes of four glaciers."""
    first, second = straight(40, n=2), straight(48, n=2)
    names = tuple(f"t{k}" for k in range(2))
    second = replace(second, names=names, glaciers=names)
    return save_scenes(join_scenes([first, second]), tmp_path / "scenes.npz")


def tiny(scenes: Path, **more: object) -> dict[str, object]:
    """A configuration that takes a second."""
    return {
        "name": "tiny",
        "network": {"name": "ours_small", "options": {"widths": [4, 8], "full": 4}},
        "data": {"file": str(scenes)},
        "hold_out": "t1",
        "stages": [
            {"name": "one", "steps": 4, "shares": {"file": 1.0}},
            {"name": "two", "steps": 2, "shares": {"file": 1.0}, "rate": 0.0001},
        ],
        "batch": 4,
        "every": 2,
        "view": {"rows": 48, "columns": 32, "normalisation": "linear"},
        **more,
    }


def written(path: Path, held: dict[str, object]) -> Path:
    path.write_text(yaml.safe_dump(held), encoding="utf-8")
    return path


def test_every_configuration_that_ships_is_sound() -> None:
    names = config_names()
    assert {"zhang2019", "calfin", "baumhoer", "loebel", "hed_unet", "ours_small"} <= set(names)
    grid = [n for n in names if n.startswith("zhang2021_")]
    assert len(grid) == 4 * len(NORMALISATIONS)
    for name in names:
        config = load_config(name)
        assert config.name == name
        assert config.paper or "ours" in name
        for number in range(len(config.stages)):
            settings = config.settings(number)
            assert settings.optimiser.rate > 0
    best = load_config("zhang2021_drn54_equalise").settings(0)
    assert best.network == "deeplab_drn54"
    assert (best.optimiser.momentum, best.optimiser.decay) == (0.9, 5e-4)
    assert best.optimiser.decoder_factor == 10.0
    assert best.schedule.name == "poly"
    assert load_config("mohajerani").settings(0).loss.positive == 241.0
    assert load_config("zhang2021").name == "zhang2021_drn54_equalise"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"view": {"zom": [1, 1]}}, r"view\.zom: no such key; did you mean zoom"),
        ({"view": {"normalisation": "gamma"}}, "equalise, linear, none, clahe"),
        ({"optimiser": {"rate": "fast"}}, r"optimiser\.rate"),
        ({"stages": []}, "stages"),
        ({"network": {"name": "u_net"}}, "no network is called"),
        ({"bach": 3}, "bach"),
        ({"data": {}}, r"stages\.0\.shares: data has no section 'file'"),
    ],
)
def test_wrong_keys_say_so(tmp_path, scenes, change, message) -> None:
    path = written(tmp_path / "c.yaml", tiny(scenes) | change)
    with pytest.raises(InputError, match=message):
        load_config(path)


def test_configurations_that_are_not_there_say_so(tmp_path) -> None:
    with pytest.raises(ConfigError, match="neither a YAML file nor"):
        load_config("nonsense")
    with pytest.raises(ConfigError, match="no such choice"):
        load_config("zhang2021_vgg16")
    (tmp_path / "x.yaml").write_text("- 1\n")
    with pytest.raises(ConfigError, match="holds no keys"):
        load_config(tmp_path / "x.yaml")


def test_the_glacier_held_out_is_never_trained_on(tmp_path, scenes) -> None:
    config = load_config(written(tmp_path / "c.yaml", tiny(scenes)))
    sources, held_out = load_sources(config, tmp_path)
    assert held_out is not None
    assert set(held_out.glaciers) == {"t1"}
    assert "t1" not in sources["file"].glaciers
    splits = list(leave_one_out(config))
    assert [c.hold_out for c in splits] == ["s0", "s1", "t0", "t1"]
    assert len({c.name for c in splits}) == 4
    with pytest.raises(ConfigError, match="no scene of 'Narnia'; there are s0"):
        load_sources(config.model_copy(update={"hold_out": "Narnia"}), tmp_path)


def test_a_training_goes_on_from_weights(tmp_path, scenes) -> None:
    first = train(written(tmp_path / "c.yaml", tiny(scenes)), tmp_path / "first")
    slow = {"name": "on", "steps": 1, "shares": {"file": 1.0}, "rate": 1e-9}
    more = tiny(scenes, start=str(first), stages=[slow])
    second = train(written(tmp_path / "d.yaml", more), tmp_path / "second")
    (begun, _), (ended, held) = read_weights(first), read_weights(second)
    assert held["training"]["started_from"] == sha256(first)
    before, after = dict(begun.named_parameters()), dict(ended.named_parameters())
    for name, value in before.items():
        assert torch.allclose(value, after[name], atol=1e-3), name

    with pytest.raises(InputError, match=r"began from .*first.*, not from fresh weights"):
        train(written(tmp_path / "g.yaml", more | {"start": None}), tmp_path / "second")
    other = more | {"network": {"name": "ours_small", "options": {"widths": [4, 12], "full": 4}}}
    with pytest.raises(ConfigError, match="holds another network than ours_small"):
        train(written(tmp_path / "e.yaml", other), tmp_path / "third")
    with pytest.raises(InputError, match="no network weights at"):
        train(written(tmp_path / "f.yaml", more | {"start": "none.safetensors"}), tmp_path / "x")


def test_training_from_a_configuration_resumes_to_the_same_weights(tmp_path, scenes) -> None:
    path = written(tmp_path / "c.yaml", tiny(scenes))
    whole = train(path, tmp_path / "whole")
    train(path, tmp_path / "parts", hours=0.0)
    assert len(read_log(tmp_path / "parts")) == 1
    parts = train(path, tmp_path / "parts")
    assert whole.read_bytes() == parts.read_bytes()
    log = read_log(tmp_path / "parts")
    assert log["stage"].tolist() == [0, 0, 1]
    assert log["step"].tolist() == [2, 4, 2]
    assert log["val_loss"].notna().all()
    assert (tmp_path / "whole" / "log.csv").is_file()
    assert (tmp_path / "whole" / "log.png").stat().st_size > 5000
    assert plot_log(tmp_path / "whole" / "stage-0" / "log.jsonl", tmp_path / "p.png").is_file()
    again = load_config(tmp_path / "whole" / "config.yaml")
    assert again == load_config(path)
    network = load_network(whole)
    assert network.normalisation == "linear"
    assert network.metadata["training"]["held_out"] == "t1"
    image = np.random.default_rng(0).random((40, 32), dtype=np.float32)
    assert predict(network, stack_inputs(image)).derived == ()
    with pytest.raises(InputError, match="other settings"):
        train(path, tmp_path / "whole", overrides={"batch": 2})


def test_scores_of_the_caller_go_into_the_log(tmp_path, scenes) -> None:
    seen = []

    def score(network: torch.nn.Module, step: int, folder: Path) -> dict[str, float]:
        seen.append((step, folder.name, network.training))
        return {"metres": float(step)}

    train(written(tmp_path / "c.yaml", tiny(scenes)), tmp_path / "out", score=score)
    assert seen == [(2, "stage-0", False), (4, "stage-0", False), (2, "stage-1", False)]
    assert read_log(tmp_path / "out")["metres"].tolist() == [2.0, 4.0, 2.0]


@pytest.mark.timeout(900)  # each process loads everything afresh
@pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without distributed")
def test_two_processes_learn_what_one_does(tmp_path, scenes) -> None:
    """Without normalisation and dropout, and all of every view known, to rounding."""
    more: dict[str, Any] = {
        "network": {"name": "mohajerani2019", "options": {"widths": [4, 8], "dropout": 0.0}},
        "loss": {"name": "bce"},
        "view": {"rows": 32, "columns": 32, "strength": 0.0, "zoom": [0.5, 0.6]},
        "optimiser": {"name": "sgd", "rate": 0.1, "clip": 0.0},
        "average": 0.0,
    }
    held = tiny(scenes) | more
    alone = train(written(tmp_path / "a.yaml", held), tmp_path / "alone")
    shared = train(written(tmp_path / "b.yaml", held | {"processes": 2}), tmp_path / "shared")
    assert len(read_log(tmp_path / "shared")) == 3
    first, second = read_weights(alone)[0].state_dict(), read_weights(shared)[0].state_dict()
    options = more["network"]["options"]
    start = build("mohajerani2019", seed=1, **options).state_dict()
    moved = sum(float((first[k] - start[k]).square().sum()) for k in first) ** 0.5
    apart = sum(float((first[k] - second[k]).square().sum()) for k in first) ** 0.5
    assert apart < 0.05 * moved
    with pytest.raises(ConfigError, match="processes: 1"):
        train(tmp_path / "b.yaml", tmp_path / "x", score=lambda *_: {})


def test_batches_must_be_shared_evenly(tmp_path) -> None:
    from termini.segment.train import Machine, TrainSettings, fit

    with pytest.raises(InputError, match="cannot be shared by 2 processes"):
        fit([(straight(), 1.0)], TrainSettings(batch=3), tmp_path, machine=Machine(world=2))


def drawn_scene(tmp_path: Path) -> Path:
    """Folder with one scene, a file that is none, and beside it front table and domain."""
    from termini.domain import write_domains
    from termini.fronttable import front_table, write_fronts
    from termini.sensors import SENSORS
    from termini.simulate import render_scene, simulate_region, write_rendered

    region = simulate_region(5, n_glaciers=1, start="2016-01-01", end="2016-12-31")
    glacier = region.glaciers[0]
    date = glacier.position.index[180]
    front = glacier.front(date)
    scene = render_scene(glacier.domain, front, date, SENSORS["Landsat-8"], seed=1, pixel=60.0)
    path = write_rendered(scene, tmp_path / "scenes")
    (tmp_path / "scenes" / "unknown.tif").write_bytes(b"not a picture")
    row = {
        "glacier_id": glacier.domain.glacier_id, "date": date, "sensor": "Landsat-8",
        "scene_id": path.stem, "source": "drawn", "method": "manual", "geometry": front,
    }  # fmt: skip
    write_fronts(front_table([row], glacier.domain.crs), tmp_path / "fronts.parquet")
    write_domains([glacier.domain], tmp_path / "domains.parquet")
    return path


def test_a_folder_of_scenes_with_lines(tmp_path) -> None:
    from termini.segment.datasets import ICE, SURFACE_BITS, WATER
    from termini.segment.folder import read_folder

    path = drawn_scene(tmp_path)
    tables = (tmp_path / "fronts.parquet", tmp_path / "domains.parquet")
    held, lost = read_folder(path.parent, *tables, pixel=60.0)
    assert held.names == (path.stem,)
    assert held.image.shape == (1, 320, 256)
    assert held.bands is None
    assert lost["reason"].tolist() == ["no front has the scene_id 'unknown'"]
    near = (held.distance[0] < 100) & (held.distance[0] > 20)
    sides = held.flags[0] & SURFACE_BITS
    water, ice = np.nonzero(near & (sides == WATER))[0], np.nonzero(near & (sides == ICE))[0]
    assert water.mean() < ice.mean() - 2  # the ocean lies at row 0
    with pytest.raises(InputError, match="no scene with a front"):
        read_folder(tmp_path, *tables)


def test_several_bands_of_a_folder_and_files_that_lack_one(tmp_path) -> None:
    path = drawn_scene(tmp_path)
    with rasterio.open(path) as source:
        profile, one, tags = source.profile, source.read(1), source.tags()
    folder = {
        "path": str(path.parent), "fronts": str(tmp_path / "fronts.parquet"),
        "domains": str(tmp_path / "domains.parquet"), "pixel": 60.0,
    }  # fmt: skip
    held: dict[str, object] = {
        "name": "bands", "data": {"folder": folder}, "batch": 2, "every": 1,
        "network": {"name": "mohajerani2019", "layers": ["image", "band2", "band3"]},
        "stages": [{"name": "one", "steps": 1, "shares": {"folder": 1.0}}],
        "view": {"rows": 32, "columns": 32},
    }  # fmt: skip
    config = load_config(written(tmp_path / "c.yaml", held))
    with pytest.raises(ConfigError, match=r"band2, band3 is asked for.*data\.folder have 1 band"):
        train(config, tmp_path / "out")
    three = load_config(tmp_path / "c.yaml", {"data": {"folder": {"bands": [1, 2, 3]}}})
    with pytest.raises(InputError, match=r"has no band 2, only 1; 3 bands .* are needed"):
        train(three, tmp_path / "out")
    with rasterio.open(path, "w", **(profile | {"count": 3})) as out:
        out.write(np.stack([one, one[::-1], one]))
        out.update_tags(**tags)
    sources, _ = load_sources(three, tmp_path / "out")
    assert sources["folder"].bands is not None
    assert sources["folder"].bands.shape == (1, 2, 320, 256)
    np.testing.assert_array_equal(sources["folder"].bands[0, 1], sources["folder"].image[0])
    assert (sources["folder"].bands[0, 0] != sources["folder"].image[0]).any()
    assert "unknown" in (tmp_path / "out" / LEFT_OUT).read_text()
    assert train(three, tmp_path / "out").is_file()
