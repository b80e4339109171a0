"""What an ISSM run gave: level set and thickness of each step, read from NetCDF.

Both ways of saving a model are read: ISSM's own ``export_netCDF`` and pyISSM's
``save_model``. Both keep a group ``results/TransientSolution`` whose variables have
the steps in front; ISSM's names the class `results.solutionstep`, pyISSM writes what
is one number as an attribute.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.issm.levelset_area import ice_area
from termini.issm.mesh import Mesh

LEVEL_SET = "MaskIceLevelset"


@dataclass(frozen=True)
class RunResults:
    """Steps of a transient run.

    Parameters
    ----------
    name : str
        Where it was read, for messages.
    mesh : Mesh
        Mesh of the run.
    years : ndarray, shape (T,)
        Decimal years of the steps, strictly increasing.
    ice_levelset : ndarray, shape (T, nv)
        Metres, negative in ice.
    fields : dict of str to ndarray, shape (T, nv)
        Other results at vertices, by ISSM's names, as ``Thickness``.
    """

    name: str
    mesh: Mesh
    years: NDArray[np.float64]
    ice_levelset: NDArray[np.float64]
    fields: dict[str, NDArray[np.float64]]


def read_results(
    path: str | Path, *, mesh: Mesh | None = None, solution: str = "TransientSolution"
) -> RunResults:
    """Read the steps of a run from a saved model.

    Parameters
    ----------
    path : path
        NetCDF file that ISSM's ``export_netCDF`` or pyISSM's ``save_model`` wrote.
    mesh : Mesh, optional
        Mesh of the run, where the file holds none.
    solution : str
        Group of the results.

    Returns
    -------
    RunResults
        The steps that have a level set, in order of time.

    Raises
    ------
    InputError
        If the file is missing or is not NetCDF, or holds no such results, no mesh, or
        no level set; the message says what to ask ISSM for.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; save the model with its results after the run")
    try:
        with h5netcdf.File(path, "r") as file:
            groups = {name: _content(file, name) for name in ("mesh", f"results/{solution}")}
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as NetCDF ({error}); save the model again") from (
            error
        )
    found = groups[f"results/{solution}"]
    if not found:
        raise InputError(
            f"{path}: holds no results/{solution}; save the model after 'solve(md, \"Transient\")'"
        )
    mesh = mesh or _mesh(groups["mesh"], path)
    return _steps(found, mesh, path)


def length_change(run: RunResults, domain: GlacierDomain) -> NDArray[np.float64]:
    """Change of the glacier's length since the first step of a run.

    Parameters
    ----------
    run : RunResults
        The run, on a mesh in the domain's projection.
    domain : GlacierDomain
        Gives projection and reference width.

    Returns
    -------
    ndarray, shape (T,)
        Change of true ice area over the reference width, metres, advance positive: the
        measure ``length_area`` of the observed series.
    """
    area = np.array([ice_area(run.mesh, phi, domain.crs) for phi in run.ice_levelset])
    return np.asarray((area - area[0]) / domain.reference_width)


def _content(file: Any, group: str) -> dict[str, NDArray[Any]]:
    """Variables of a group, and its attributes that are numbers."""
    parts = group.split("/")
    here = file
    for part in parts:
        if part not in here.groups:
            return {}
        here = here.groups[part]
    found = {name: np.asarray(variable[...]) for name, variable in here.variables.items()}
    for name, value in here.attrs.items():
        if name not in found and np.asarray(value).dtype.kind in "if":
            found[name] = np.asarray(value)
    return found


def _mesh(group: dict[str, NDArray[Any]], path: str | Path) -> Mesh:
    if missing := {"x", "y", "elements"} - set(group):
        raise InputError(
            f"{path}: its mesh lacks {', '.join(sorted(missing))}; save the whole model, "
            "or give the mesh of the run"
        )
    elements = _upright(group["elements"].astype(np.int64), 3)
    segments = group.get("segments", np.empty((0, 3)))
    return Mesh(
        x=group["x"].astype(np.float64).ravel(),
        y=group["y"].astype(np.float64).ravel(),
        elements=elements,
        segments=_upright(np.asarray(segments, dtype=np.int64), 3),
    )


def _upright(values: NDArray[Any], columns: int) -> NDArray[Any]:
    """Table with its columns behind, which MATLAB writes in front."""
    if values.ndim == 2 and values.shape[1] != columns and values.shape[0] == columns:
        return values.T
    return values


def _steps(found: dict[str, NDArray[Any]], mesh: Mesh, path: str | Path) -> RunResults:
    """Fields at vertices of the steps that have a level set."""
    if LEVEL_SET not in found:
        raise InputError(
            f"{path}: the run saved no {LEVEL_SET}; add it to md.transient.requested_outputs"
        )
    years = np.atleast_1d(found.get("time", np.empty(0))).astype(np.float64).ravel()
    nv = len(mesh.x)
    fields = {name: _by_step(values, nv) for name, values in found.items()}
    phi = fields.pop(LEVEL_SET)
    if phi is None or phi.shape[0] > len(years):
        raise InputError(
            f"{path}: {LEVEL_SET} has shape {found[LEVEL_SET].shape}, but there are {len(years)} "
            f"steps and {nv} vertices; is this the mesh of the run?"
        )
    # results of ISSM's first step may lack what the later ones have, never the reverse
    steps = len(phi)
    years = years[-steps:]
    if not np.isfinite(phi).all() or not (np.diff(years) > 0).all():
        raise InputError(
            f"{path}: {LEVEL_SET} or time of its steps is not finite and increasing; "
            "the run broke off, or steps were saved twice"
        )
    whole = {k: v for k, v in fields.items() if v is not None and len(v) == steps}
    return RunResults(str(path), mesh, years, phi, whole)


def _by_step(values: NDArray[Any], nv: int) -> NDArray[np.float64] | None:
    """Values as (steps, nv), or None if they are not at vertices."""
    if values.dtype.kind not in "fiu":
        return None
    squeezed = np.squeeze(values)
    if squeezed.ndim == 1 and squeezed.size == nv:
        return squeezed[None].astype(np.float64)
    if squeezed.ndim != 2:
        return None
    if squeezed.shape[1] != nv:
        squeezed = squeezed.T
    return squeezed.astype(np.float64) if squeezed.shape[1] == nv else None
