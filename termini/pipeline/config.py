"""The configuration of a run: read from TOML or YAML, every key checked.

A run starts from one of three places: a simulated region, satellite scenes, or
a published set of fronts. The other sections have defaults and may be left out.
"""

from __future__ import annotations

import datetime
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from termini.errors import ConfigError


class Section(BaseModel):
    """Base of all sections: a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RunSection(Section):
    """Where results go and how much of the machine to use."""

    out: Path = Path("termini-run")
    seed: Annotated[int, Field(ge=0)] = 0
    workers: Annotated[int, Field(ge=1)] = 2


class SimulateSection(Section):
    """Start from a simulated region and scenes of it."""

    glaciers: Annotated[int, Field(ge=1, le=500)] = 18
    start: datetime.date = datetime.date(2013, 1, 1)
    end: datetime.date = datetime.date(2020, 12, 31)
    scenes_per_year: Annotated[float, Field(gt=0)] = 10.0
    pixel: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> SimulateSection:
        if self.end <= self.start:
            raise ValueError("end must come after start")
        return self


class ScenesSection(Section):
    """Start from satellite scenes on disk."""

    paths: Annotated[list[str], Field(min_length=1)]
    domains: Path


class FrontsSection(Section):
    """Start from fronts: a published dataset, or front tables that termini wrote."""

    source: str
    path: Path | None = None
    domains: Path | None = None


def _listed(value: Any) -> Any:
    """One file as a list of one."""
    return [value] if isinstance(value, str | Path) else value or []


class ExtractSection(Section):
    """How fronts are found in scenes."""

    weights: Annotated[list[Path], BeforeValidator(_listed)] = []
    flips: bool = False
    scales: Annotated[list[Annotated[float, Field(ge=0.25, le=4)]], Field(min_length=1)] = [1.0]
    passes: Annotated[int, Field(ge=0)] = 0
    refine: Literal["native", "off"] = "native"
    crs: str | None = None


class SeriesSection(Section):
    """How fronts become series."""

    measure: Literal["area", "length_area", "centreline", "curvilinear_box"] = "length_area"
    start: datetime.date | None = None
    end: datetime.date | None = None
    minimum_coverage: Annotated[float, Field(ge=0, le=1)] = 0.5
    near_days: bool = True

    @model_validator(mode="after")
    def _ordered(self) -> SeriesSection:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("end must not come before start")
        return self


class ReleaseSection(Section):
    """The release that is written."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] = "0.1.0"
    root: Path | None = None
    date: datetime.date | None = None
    notes: str = ""


class TypesSection(Section):
    """How series are clustered."""

    k: Annotated[int, Field(ge=2)] | None = None
    k_min: Annotated[int, Field(ge=2)] = 2
    k_max: Annotated[int, Field(ge=2)] = 6

    @model_validator(mode="after")
    def _ordered(self) -> TypesSection:
        if self.k_max < self.k_min:
            raise ValueError("k_max must not be less than k_min")
        return self


class DriversSection(Section):
    """Which published tables are joined to the glaciers; all that are found by default."""

    sources: list[str] | None = None
    path: Path | None = None


class IssmSection(Section):
    """Which glaciers are exported for ISSM, and on which mesh; none if the list is empty."""

    glaciers: list[str] = []
    vertices: Annotated[int, Field(gt=0)] | None = None
    resolution: Annotated[float, Field(gt=0)] | None = None


class Config(Section):
    """A whole run."""

    run: RunSection = RunSection()
    simulate: SimulateSection | None = None
    scenes: ScenesSection | None = None
    fronts: FrontsSection | None = None
    extract: ExtractSection = ExtractSection()
    series: SeriesSection = SeriesSection()
    release: ReleaseSection = ReleaseSection()
    types: TypesSection = TypesSection()
    drivers: DriversSection = DriversSection()
    issm: IssmSection = IssmSection()

    @model_validator(mode="after")
    def _one_start(self) -> Config:
        starts = [n for n in ("simulate", "scenes", "fronts") if getattr(self, n) is not None]
        if len(starts) != 1:
            raise ValueError(
                "give exactly one of the sections [simulate], [scenes] and [fronts]"
                + (f" (there are {', '.join(starts)})" if starts else "")
            )
        return self


def read_config(path: str | Path) -> Config:
    """Read and check a configuration file.

    Parameters
    ----------
    path : path
        TOML (``.toml``) or YAML (``.yaml``, ``.yml``) file. Relative paths inside
        it count from the folder of the file.

    Returns
    -------
    Config
        The configuration with its defaults filled in.

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML or YAML, or holds a key that is
        misspelt, of the wrong type or out of range; the message names the key.
    """
    path = Path(path)
    if not path.is_file():
        raise ConfigError(f"{path}: no such configuration file; give a .toml or .yaml file")
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            document = tomllib.loads(text)
        elif path.suffix in (".yaml", ".yml"):
            document = yaml.safe_load(text) or {}
        else:
            raise ConfigError(f"{path}: a configuration ends in .toml, .yaml or .yml")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}; mend the file") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path}: must hold sections such as [run] and [simulate]")
    return _rooted(make_config(document, str(path)), path.parent)


def make_config(document: dict[str, Any], origin: str = "configuration") -> Config:
    """Check a configuration given as nested dictionaries.

    Parameters
    ----------
    document : dict
        Section to its keys and values.
    origin : str
        What to call it in errors.

    Returns
    -------
    Config
        The configuration.

    Raises
    ------
    ConfigError
        If a key is misspelt, of the wrong type or out of range.
    """
    try:
        return Config.model_validate(document)
    except ValidationError as error:
        lines = [_sentence(dict(problem)) for problem in error.errors()]
        raise ConfigError(f"{origin}: " + "; ".join(lines)) from error


def _sentence(problem: dict[str, Any]) -> str:
    """One problem in words, with the nearest known key for one that is misspelt."""
    where = ".".join(str(part) for part in problem["loc"]) or "whole file"
    if problem["type"] != "extra_forbidden":
        return f"{where}: {problem['msg'].removeprefix('Value error, ')}"
    section = Config
    known = list(Config.model_fields)
    if len(problem["loc"]) > 1:
        field = Config.model_fields[str(problem["loc"][0])]
        section = _section_of(field.annotation)
        known = list(section.model_fields)
    near = get_close_matches(str(problem["loc"][-1]), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"{where}: no such key; {hint}"


def _section_of(annotation: Any) -> Any:
    """Section class of a field that may be optional."""
    options = getattr(annotation, "__args__", (annotation,))
    return next(option for option in options if option is not type(None))


def _rooted(config: Config, folder: Path) -> Config:
    """Configuration whose relative paths count from the file's folder."""

    def rooted(section: Section) -> Section:
        moved = {name: folder / value for name, value in section if isinstance(value, Path)}
        if isinstance(section, ExtractSection):
            moved["weights"] = [folder / path for path in section.weights]  # type: ignore[assignment]
        if isinstance(section, ScenesSection):
            moved["paths"] = [  # type: ignore[assignment]
                text if Path(text).is_absolute() else str(folder / text) for text in section.paths
            ]
        return section.model_copy(update=moved)

    return config.model_copy(
        update={name: rooted(value) for name, value in config if isinstance(value, Section)}
    )
