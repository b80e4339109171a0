"""Manifest and README of an export: where everything is from and what was assumed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import termini
from termini.errors import ReleaseError
from termini.files import sha256, write_text
from termini.issm.check_read import MANIFEST
from termini.issm.model import FIELDS, FRONT, ModelInput
from termini.issm.netcdf import DIALECT, READ_BY, RIGNOT

# Files of a release that an export is made from.
_RELEASE_FILES = (
    "fronts.parquet",
    "domains.parquet",
    "terminus_series.nc",
    "terminus_observations.nc",
    "drivers.nc",
)

_FILES = {
    "model_input.nc": f"the model, a group for each field ({DIALECT}, read by {READ_BY})",
    "rignot.nc": "discharge and thermal forcing, for ISSM to work out the melt itself",
    "domain.exp": "outline of the glacier's fjord, closed",
    "rock.exp": "rock that never holds a front, closed",
    "fronts.exp": "front of every date, open, named by its decimal year",
    "load_issm.py": "fills a model of ISSM's Python or of pyISSM, and says what it sets",
    "load_issm.m": "the same for MATLAB",
    MANIFEST: "what this folder was made from, with the checksum of each file",
}


@dataclass(frozen=True)
class Provenance:
    """Where an export comes from.

    Parameters
    ----------
    glacier_id, glacier_name, crs, geometry_version : str
        Of the glacier's domain.
    release : str
        Version of the release.
    release_sha256 : mapping of str to str
        Checksum of each file of the release that was used.
    dates : sequence of str
        Date of each column of the level set.
    trace_ids : sequence of str
        Trace that each column shows; "" where it was reconstructed.
    ice_area_m2 : sequence of float
        Area of the ice polygon of each column, in the mesh's projection.
    assumptions, sources : sequence of str
        Sentences for the README.
    release_area_m2 : sequence of float, optional
        True area of the ice of each column that the release has; NaN where it has none.
    missed : sequence of mapping
        Columns that have not that area, and why.
    member_area_m2 : sequence of sequence of float, optional
        How much more ice each member of an ensemble has at each column.
    """

    glacier_id: str
    glacier_name: str
    crs: str
    geometry_version: str
    release: str
    release_sha256: Mapping[str, str]
    dates: Sequence[str]
    trace_ids: Sequence[str]
    ice_area_m2: Sequence[float]
    assumptions: Sequence[str] = field(default_factory=tuple)
    sources: Sequence[str] = field(default_factory=tuple)
    release_area_m2: Iterable[float] | None = None
    missed: Sequence[Mapping[str, str | float]] = field(default_factory=tuple)
    member_area_m2: Iterable[Iterable[float]] | None = None


def release_of(release: str | Path) -> tuple[str, dict[str, str]]:
    """Version of a release and the checksums of its files.

    Parameters
    ----------
    release : str or path
        Folder of a release, or only its version.

    Returns
    -------
    str, dict of str to str
        Version, and checksum of each file; none where only the version is known.

    Raises
    ------
    ReleaseError
        If a path is given that holds no release.
    """
    if not str(release) or (isinstance(release, str) and not Path(release).is_dir()):
        if "/" in str(release):
            raise ReleaseError(
                f"{release}: no release here; give a folder catalog/releases/<version>"
            )
        return str(release), {}
    folder = Path(release)
    sums = {n: sha256(folder / n) for n in _RELEASE_FILES if (folder / n).is_file()}
    if "fronts.parquet" not in sums:
        raise ReleaseError(f"{folder}: no release here; give a folder catalog/releases/<version>")
    return folder.name, sums


def write_manifest(out: Path, model: ModelInput, made: Provenance, written: list[Path]) -> None:
    """Write the README and, last of all, the manifest.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the export.
    model : ModelInput
        What was exported.
    made : Provenance
        Where it comes from.
    written : list of pathlib.Path
        Every file written before.
    """
    names = [path.relative_to(out).as_posix() for path in written]
    readme = write_text(out / "README.md", _readme(model, made, names))
    members = 0 if model.front_members is None else len(model.front_members)
    manifest: dict[str, Any] = {
        "termini": termini.__version__,
        "glacier_id": made.glacier_id,
        "glacier_name": made.glacier_name,
        "crs": made.crs,
        "geometry_version": made.geometry_version,
        "release": made.release,
        "release_sha256": dict(made.release_sha256),
        "vertices": len(model.mesh.x),
        "elements": len(model.mesh.elements),
        "fronts": len(made.dates),
        "first_front": made.dates[0],
        "last_front": made.dates[-1],
        "dates": list(made.dates),
        "trace_ids": list(made.trace_ids),
        "ice_area_m2": [round(float(area), 1) for area in made.ice_area_m2],
        **_areas(made),
        "forcings": sorted(model.forcings),
        "members": max([members, *map(len, model.forcing_members.values())]),
        "assumptions": list(made.assumptions),
        "sources": list(made.sources),
        "sha256": {path.relative_to(out).as_posix(): sha256(path) for path in [*written, readme]},
    }
    write_text(out / MANIFEST, json.dumps(manifest, indent=1) + "\n")


def _areas(made: Provenance) -> dict[str, Any]:
    """What the release has, what was missed, and what the members have besides."""
    found: dict[str, Any] = {}
    if made.release_area_m2 is not None:
        area = [float(value) for value in made.release_area_m2]
        found["release_area_m2"] = [round(a, 1) if np.isfinite(a) else None for a in area]
        found["area_missed"] = [dict(miss) for miss in made.missed]
    if made.member_area_m2 is not None:
        found["member_area_m2"] = [[round(float(a), 1) for a in row] for row in made.member_area_m2]
    return found


def _readme(model: ModelInput, made: Provenance, names: list[str]) -> str:
    years = model.spclevelset[-1]
    files = [f"| `{name}` | {_what(name)} |" for name in [*names, MANIFEST]]
    sums = [f"| `{name}` | `{digest}` |" for name, digest in made.release_sha256.items()]
    release = f"release {made.release}" if made.release else "an unnamed release"
    lines = [
        f"# Input for ISSM: {made.glacier_name or made.glacier_id}",
        "",
        f"Fronts and forcings of {made.glacier_id}, {len(years)} dates from {made.dates[0][:10]} "
        f"to {made.dates[-1][:10]}, on a mesh of {len(model.mesh.x)} vertices and "
        f"{len(model.mesh.elements)} elements ({made.crs}). Made by termini "
        f"{termini.__version__} from {release}.",
        "",
        "```python",
        "from model import model              # ISSM's Python; or: import pyissm",
        "from load_issm import load_issm",
        "md = load_issm(model())              # or load_issm(pyissm.model.Model())",
        "```",
        "",
        "In MATLAB: `md = load_issm(model());`. Both say aloud what they set. Ice geometry, "
        "friction, rheology and stress-balance boundary conditions remain yours. "
        "`termini export issm --check FOLDER` checks this folder, also after you changed it.",
        "",
        "## Files",
        "",
        "| file | what |",
        "| --- | --- |",
        *files,
        "",
        "## Fields and units",
        "",
        "A series has a row a vertex and a last row of decimal years: year + days since 1 January "
        "over the days of that year, float64.",
        "",
        "| field | unit | shape | range | what |",
        "| --- | --- | --- | --- | --- |",
        *_field_rows(model),
        "",
        "## What was assumed",
        "",
        *(f"- {sentence}" for sentence in made.assumptions),
        "",
        "## Where it is from",
        "",
        *(f"- {sentence}" for sentence in made.sources),
        "",
    ]
    if sums:
        lines += ["| file of the release | SHA-256 |", "| --- | --- |", *sums, ""]
    return "\n".join(lines)


def _what(name: str) -> str:
    if name.startswith("ice_"):
        return "ice of that date, closed; positive inside for ISSM's ExpToLevelSet"
    if name.startswith("members/"):
        return "a member of the ensemble: the fields that differ"
    return _FILES.get(name, "")


def _field_rows(model: ModelInput) -> list[str]:
    rows = []
    for name, values in model.fields().items():
        spec = FIELDS[name]
        own = values[:-1] if spec.is_series else values
        known = own[~np.isnan(own)]
        low, high = (known.min(), known.max()) if known.size else (np.nan, np.nan)
        span = f"{low:.10g}" if low == high else f"{low:.4g} to {high:.4g}"
        span = span if known.size else "NaN"
        shape = " x ".join(map(str, values.shape)) or "one"
        note = spec.long_name + (
            "; NaN where free" if name == FRONT and np.isnan(own).any() else ""
        )
        file = " (`rignot.nc`)" if name.startswith(RIGNOT) else ""
        rows.append(f"| `{name}`{file} | {spec.units} | {shape} | {span} | {note} |")
    return rows
