"""The configuration of a training: YAML in, every key checked.

A configuration that ships is called by its name, with its choices joined on:
``zhang2021_drn54_linear`` is ``configs/zhang2021.yaml`` with the backbone
``drn54`` and the normalisation ``linear``. Choices left out are the first ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from termini.errors import ConfigError
from termini.files import sha256
from termini.segment.augment import ViewSettings
from termini.segment.networks.registry import network_card
from termini.segment.objectives import LossSettings
from termini.segment.optimise import OptimiserSettings, ScheduleSettings
from termini.segment.train import TrainSettings

CONFIGS = Path(__file__).parent / "configs"
"""Configurations that ship with the package."""

NORMALISATIONS = ("equalise", "linear", "none", "clahe")


class Section(BaseModel):
    """Base of all sections: a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkSection(Section):
    """Which network, with other inputs or options than published where asked."""

    name: str = "ours_small"
    layers: tuple[str, ...] | None = None
    options: dict[str, Any] = {}


class CropsSection(Section):
    """The published Landsat crops; without a path those of ``$TERMINI_DATA``."""

    path: Path | None = None
    outlines: Path | None = None


class SimulatedSection(Section):
    """Simulated scenes, in chunks of 250; kept in the cache, by default beside the results."""

    chunks: Annotated[int, Field(ge=1)] = 10
    first_chunk: Annotated[int, Field(ge=0)] = 0
    flanks: Annotated[float, Field(ge=0, le=1)] = 0.0
    cache: Path | None = None


class FolderSection(Section):
    """Any folder of scenes with the front table of their lines."""

    path: Path
    fronts: Path
    domains: Path
    pixel: Annotated[float, Field(gt=0)] = 50.0
    shape: tuple[int, int] = (320, 256)
    bands: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)


class DataSection(Section):
    """Where labelled scenes come from; stages name what they use."""

    crops: CropsSection | None = None
    simulated: SimulatedSection | None = None
    folder: FolderSection | None = None
    file: Path | None = None


class StageSection(Section):
    """One part of the training, going on from the weights of the one before."""

    name: str
    steps: Annotated[int, Field(ge=1)]
    shares: Annotated[dict[str, Annotated[float, Field(gt=0)]], Field(min_length=1)]
    batch: Annotated[int, Field(ge=1)] | None = None
    rate: Annotated[float, Field(gt=0)] | None = None


class TrainConfig(Section):
    """A training from beginning to end."""

    name: str
    paper: str = ""
    notes: str = ""
    network: NetworkSection = NetworkSection()
    data: DataSection
    hold_out: str | None = None
    start: Path | None = None
    stages: Annotated[list[StageSection], Field(min_length=1)]
    batch: Annotated[int, Field(ge=1)] = 16
    average: Annotated[float, Field(ge=0, lt=1)] = 0.995
    every: Annotated[int, Field(ge=1)] = 250
    seed: Annotated[int, Field(ge=0)] = 1
    half: bool = False
    device: str = "cpu"
    workers: Annotated[int, Field(ge=0)] = 0
    processes: Annotated[int, Field(ge=1)] = 1
    view: dict[str, Any] = {}
    loss: dict[str, Any] = {}
    optimiser: dict[str, Any] = {}
    schedule: dict[str, Any] = {}

    def record(self) -> dict[str, Any]:
        """What the header of weights says of the training, without where it ran.

        Returns
        -------
        dict
            JSON values: ``config``, ``normalisation``, ``held_out`` and, where weights were
            gone on from, their checksum, ``started_from``.
        """
        apart = {"device", "workers", "start"}
        held: dict[str, Any] = {
            "config": json.loads(self.model_dump_json(exclude=apart)),
            "normalisation": self.settings(0).view.normalisation,
            "held_out": self.hold_out,
        }
        return held if self.start is None else held | {"started_from": sha256(self.start)}

    def settings(self, number: int) -> TrainSettings:
        """How the stage of that number is trained.

        Raises
        ------
        ConfigError
            If a section holds a key or value that is not known.
        """
        stage = self.stages[number]
        card = network_card(self.network.name)
        view = _settings(ViewSettings, self.view, "view")
        if view.normalisation not in NORMALISATIONS:
            raise ConfigError(
                f"view.normalisation: {view.normalisation!r} is unknown; use one of "
                f"{', '.join(NORMALISATIONS)}"
            )
        optimiser = _settings(OptimiserSettings, self.optimiser, "optimiser")
        return TrainSettings(
            network=self.network.name,
            options=dict(self.network.options),
            steps=stage.steps,
            batch=stage.batch or self.batch,
            average=self.average,
            every=self.every,
            seed=self.seed + number,
            half=self.half,
            view=replace(view, layers=self.network.layers or card.layers),
            loss=_settings(LossSettings, self.loss, "loss"),
            optimiser=replace(optimiser, rate=stage.rate or optimiser.rate),
            schedule=_settings(ScheduleSettings, self.schedule, "schedule"),
        )


T = TypeVar("T")


def _settings(kind: type[T], section: Mapping[str, Any], name: str) -> T:
    """Settings of a section, with every key and type checked."""
    known = {f.name for f in fields(kind)} - {"layers"}  # type: ignore[arg-type]
    for key in section:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
            raise ConfigError(f"{name}.{key}: no such key; {hint}")
    try:
        return TypeAdapter(kind).validate_python(dict(section))
    except ValidationError as error:
        raise ConfigError(_said(error, f"{name}.")) from error


def _said(error: ValidationError, where: str) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{where}{place}: {first['msg']} (given {first.get('input')!r})"


def config_names() -> tuple[str, ...]:
    """Names of the configurations that ship, with all their choices."""
    names: list[str] = []
    for path in sorted(CONFIGS.glob("*.yaml")):
        found = [path.stem]
        for axis in (_read(path).get("choices") or {}).values():
            found = [f"{name}_{choice}" for name in found for choice in axis]
        names += found
    return tuple(names)


def load_config(
    source: str | Path, overrides: Mapping[str, Any] | None = None, *, choose: tuple[str, ...] = ()
) -> TrainConfig:
    """Read a configuration.

    Parameters
    ----------
    source : str or path
        A YAML file, or the name of one that ships.
    overrides : mapping, optional
        Keys to set in their sections, such as ``{"hold_out": "Jakobshavn"}``.
    choose : tuple of str
        Choices of a file of one's own, one per axis.

    Returns
    -------
    TrainConfig
        Checked.

    Raises
    ------
    ConfigError
        If there is no such file or name, or a key is missing, unknown or of
        the wrong kind.
    """
    path, picked = _find(source)
    held = _read(path)
    axes = held.pop("choices", None) or {}
    picked = picked or choose
    wrong = len(picked) > len(axes) or any(
        c not in axis for c, axis in zip(picked, axes.values(), strict=False)
    )
    if wrong:
        there = "; ".join(f"{name}: {', '.join(axis)}" for name, axis in axes.items())
        raise ConfigError(f"{source}: no such choice; {path.name} has {there or 'none'}")
    chosen = []
    for number, axis in enumerate(axes.values()):
        choice = picked[number] if number < len(picked) else next(iter(axis))
        held = _merged(held, axis[choice])
        chosen.append(choice)
    held.setdefault("name", "_".join([path.stem, *chosen]))
    held = _merged(held, overrides or {})
    try:
        config = TrainConfig.model_validate(held)
    except ValidationError as error:
        raise ConfigError(_said(error, f"{path.name}: ")) from error
    _check(config)
    return config


def _check(config: TrainConfig) -> None:
    """Names that point elsewhere must be there, before hours of work."""
    network_card(config.network.name)
    for number, stage in enumerate(config.stages):
        config.settings(number)
        missing = [n for n in stage.shares if getattr(config.data, n, None) is None]
        if missing:
            raise ConfigError(
                f"stages.{number}.shares: data has no section {missing[0]!r}; add it, or leave "
                "it out"
            )


def _find(source: str | Path) -> tuple[Path, tuple[str, ...]]:
    """File of a configuration, and the choices that its name makes."""
    path = Path(source)
    if path.is_file():
        return path, ()
    name = str(source)
    for file in sorted(CONFIGS.glob("*.yaml"), key=lambda f: -len(f.stem)):
        if name == file.stem or name.startswith(f"{file.stem}_"):
            rest = name.removeprefix(file.stem).strip("_")
            return file, tuple(rest.split("_")) if rest else ()
    raise ConfigError(
        f"{source}: neither a YAML file nor a configuration that ships; those are "
        f"{', '.join(file.stem for file in sorted(CONFIGS.glob('*.yaml')))}"
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML ({error})") from error
    if not isinstance(held, dict):
        raise ConfigError(f"{path}: holds no keys; see termini/segment/configs for examples")
    return held


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Sections joined key by key; other values replaced."""
    out = dict(base)
    for key, value in more.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = _merged(out[key], value) if both else value
    return out
