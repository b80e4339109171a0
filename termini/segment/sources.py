"""Where a training's scenes come from, and the glacier that is kept from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from termini.errors import ConfigError
from termini.files import data_root, write_text
from termini.segment.config import TrainConfig
from termini.segment.crops import read_crops, read_outlines
from termini.segment.datasets import LabelledScenes, load_scenes
from termini.segment.folder import read_folder
from termini.segment.simulated import simulated_scenes

LEFT_OUT = "left_out.csv"
"""Scenes of a folder that could not be used: ``path``, ``glacier_id``, ``reason``."""


def leave_one_out(config: TrainConfig) -> Iterator[TrainConfig]:
    """One configuration per glacier of the real scenes, with that glacier held out.

    Parameters
    ----------
    config : TrainConfig
        The training.

    Yields
    ------
    TrainConfig
        Named after the glacier as well.
    """
    real = [load_real(config, name) for name in ("crops", "folder", "file")]
    for glacier in sorted({g for scenes in real if scenes is not None for g in scenes.glaciers}):
        name = f"{config.name}_without_{glacier}"
        yield config.model_copy(update={"hold_out": glacier, "name": name})


def load_real(config: TrainConfig, name: str, root: Path | None = None) -> LabelledScenes | None:
    """Labelled real scenes of one section of the data: crops, folder or file.

    Scenes of a folder that could not be used stand in ``left_out.csv`` under `root`,
    with the reason.
    """
    data = config.data
    if name == "crops" and data.crops is not None:
        folder = data.crops.path
        if folder is None:
            found = data_root()
            assert found is not None  # raised otherwise
            folder = found / "images" / "landsat_fronts" / "train"
        outlines = data.crops.outlines
        return read_crops(folder, None if outlines is None else read_outlines(outlines))
    if name == "folder" and data.folder is not None:
        given = data.folder
        scenes, lost = read_folder(
            given.path, given.fronts, given.domains,
            pixel=given.pixel, shape=given.shape, bands=given.bands,
        )  # fmt: skip
        if root is not None and len(lost):
            write_text(root / LEFT_OUT, lost.to_csv(index=False))
        return scenes
    if name == "file" and data.file is not None:
        return load_scenes(data.file)
    return None


def load_sources(
    config: TrainConfig, root: Path, *, progress: bool = True
) -> tuple[dict[str, LabelledScenes], LabelledScenes | None]:
    """Scenes to train on by source, and those of the glacier that is held out.

    Parameters
    ----------
    config : TrainConfig
        The training.
    root : pathlib.Path
        Its folder; holds the simulated scenes where no cache is named.
    progress : bool
        Bars while scenes are rendered.

    Returns
    -------
    dict, LabelledScenes or None
        Training scenes; held-out scenes of the first source that has any.

    Raises
    ------
    ConfigError
        If the glacier to hold out is in no source, or is all that a source has, or a
        source lacks a band that the network asks for.
    """
    wanted = {name for stage in config.stages for name in stage.shares}
    sources: dict[str, LabelledScenes] = {}
    held_out: LabelledScenes | None = None
    glaciers: set[str] = set()
    for name in sorted(wanted):
        section = config.data.simulated
        if name == "simulated" and section is not None:
            cache = section.cache or root / "simulated"
            sources[name] = simulated_scenes(
                cache,
                section.chunks,
                first_chunk=section.first_chunk,
                flanks=section.flanks,
                progress=progress,
            )
            continue
        scenes = load_real(config, name, root)
        assert scenes is not None  # checked with the configuration
        glaciers |= set(scenes.glaciers)
        sources[name] = scenes
        if config.hold_out in scenes.glaciers:
            held_out = held_out or scenes.only(config.hold_out)
            sources[name] = scenes.without(config.hold_out)
    if config.hold_out is not None and held_out is None:
        there = ", ".join(sorted(glaciers)) or "none"
        raise ConfigError(f"hold_out: no scene of {config.hold_out!r}; there are {there}")
    for name, scenes in sources.items():
        _check_bands(config, name, scenes)
    return sources, held_out


def _check_bands(config: TrainConfig, name: str, scenes: LabelledScenes) -> None:
    """Bands that the network asks for must be in every source, before hours of work."""
    held = 1 if scenes.bands is None else 1 + scenes.bands.shape[1]
    asked = [layer for layer in config.settings(0).view.layers if layer.startswith("band")]
    missing = [layer for layer in asked if int(layer.removeprefix("band")) > held]
    if missing:
        raise ConfigError(
            f"network.layers: {', '.join(missing)} is asked for, the scenes of data.{name} have "
            f"{held} band(s): name the bands of a folder's files in data.folder.bands, or give "
            "network.layers without it"
        )
