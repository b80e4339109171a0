"""What must hold of a model input, before it is written and of a folder that is there.

Each check is a small function that says its own sentence. They follow what
ISSM's own consistency checks refuse and, more important, what ISSM runs happily
although it is wrong: a mask turned inside out, a time axis that is off.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from termini.errors import InputError
from termini.issm.check_contours import check_contours
from termini.issm.check_forcing import check_forcings
from termini.issm.check_mesh import check_mesh
from termini.issm.check_read import Bundle, Problem, bundle_of, read_bundles, read_members
from termini.issm.check_series import check_level_set, check_shapes
from termini.issm.check_source import check_manifest, check_member, check_release
from termini.issm.check_switches import check_switches
from termini.issm.model import ModelInput


def check_model(model: ModelInput) -> None:
    """Check every field against the shape, unit range and sign that ISSM takes.

    Parameters
    ----------
    model : ModelInput
        What is about to be written.

    Raises
    ------
    InputError
        If anything is wrong; the message lists everything that is, with its remedy.
    """
    refuse(model.name, list(_fields(bundle_of(model))))


def check_folder(path: str | Path, *, release: str | Path | None = None) -> list[Problem]:
    """Check a folder of ISSM input, whoever wrote it.

    Parameters
    ----------
    path : path
        Folder with a model as NetCDF, of ISSM's dialect or pyISSM's, or such a file.
        What lies beside it is checked with it: ``.exp`` contours, Rignot's forcing,
        members of an ensemble, the manifest of an export.
    release : path, optional
        Release that the fronts are from, to compare dates, places and areas with.

    Returns
    -------
    list of Problem
        Each says field, place, fault and remedy; empty if all is well.

    Raises
    ------
    InputError
        If there is no model.
    ReleaseError
        If there is no release at `release`.
    """
    problems: list[Problem] = []
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    for bundle in read_bundles(path):
        problems += bundle.found
        numbering = list(check_mesh(bundle))
        if any("must be from 1" in p.fault or "finite" in p.fault for p in numbering):
            problems += numbering
            continue
        problems += _fields(bundle)
        problems += check_contours(bundle)
        problems += check_manifest(bundle, folder)
        if release is not None:
            problems += check_release(bundle, release)
        for member in read_members(folder, bundle):
            problems += member.found
            problems += _values(member)
            problems += check_member(member, bundle)
    return list(dict.fromkeys(problems))


def refuse(name: str, problems: list[Problem]) -> None:
    """Raise what is wrong as one error.

    Parameters
    ----------
    name : str
        Glacier or folder.
    problems : list of Problem
        What is wrong.

    Raises
    ------
    InputError
        If there is any.
    """
    if problems:
        raise InputError(f"{name}: not fit for ISSM: " + "\n  ".join(str(p) for p in problems))


def _fields(bundle: Bundle) -> Iterator[Problem]:
    """Checks that need nothing but the fields."""
    yield from check_mesh(bundle)
    yield from _values(bundle)


def _values(bundle: Bundle) -> Iterator[Problem]:
    yield from check_shapes(bundle)
    yield from check_level_set(bundle)
    yield from check_forcings(bundle)
    yield from check_switches(bundle)
