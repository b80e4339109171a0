"""What must hold of a model input before it is written.

Each check is a small function that says its own sentence. They follow what
ISSM's own consistency checks refuse and, more important, what ISSM runs happily
although it is wrong: a mask turned inside out, a time axis that is off.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError
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
        If anything is wrong; the message lists everything that is.
    """
    wrong = [*_mesh(model), *_level_sets(model), *_forcings(model)]
    if wrong:
        raise InputError(f"{model.name}: not fit for ISSM: " + "; ".join(wrong))


def _mesh(model: ModelInput) -> Iterator[str]:
    mesh = model.mesh
    nv = len(mesh.x)
    if not (np.isfinite(mesh.x).all() and np.isfinite(mesh.y).all()):
        yield "mesh.x and mesh.y must be finite"
    if mesh.elements.min() < 1 or mesh.elements.max() > nv:
        yield f"mesh.elements must count vertices from 1 to {nv}"
        return
    if (mesh.areas() <= 0).any():
        yield f"{(mesh.areas() <= 0).sum()} element(s) are not counter-clockwise"
    if len(np.unique(mesh.elements)) != nv:
        yield "mesh holds vertices that belong to no element"


def _series(name: str, values: NDArray[np.float64], nv: int) -> Iterator[str]:
    if values.ndim != 2 or values.shape[0] != nv + 1 or values.shape[1] < 2:
        yield f"{name} must have shape (nv + 1, T) with nv = {nv} and T >= 2, not {values.shape}"
        return
    years = values[-1]
    if not (np.diff(years) > 0).all():
        yield f"{name}: decimal years must increase strictly"
    if not ((years > 1700) & (years < 2500)).all():
        yield f"{name}: last row must hold decimal years"


def _level_sets(model: ModelInput) -> Iterator[str]:
    nv = len(model.mesh.x)
    phi = model.spclevelset
    yield from _series("levelset.spclevelset", phi, nv)
    if np.isinf(phi).any() or np.isnan(phi).any():
        yield "levelset.spclevelset must be finite"
        return
    for column, year in zip(phi[:-1].T, phi[-1], strict=True):
        if not (column < 0).any() or not (column > 0).any():
            yield f"levelset.spclevelset has no front inside the mesh at {year:.3f}"
    gate = model.gate_vertices
    if len(gate) and (phi[gate] >= 0).any():
        yield "levelset.spclevelset must be negative (ice) at the upstream gate"
    # a signed distance changes by no more than the distance between vertices
    edge = np.vstack([model.mesh.elements[:, [0, 1]], model.mesh.elements[:, [1, 2]]]) - 1
    length = np.hypot(
        model.mesh.x[edge[:, 0]] - model.mesh.x[edge[:, 1]],
        model.mesh.y[edge[:, 0]] - model.mesh.y[edge[:, 1]],
    )
    steep = np.abs(phi[edge[:, 0]] - phi[edge[:, 1]]) > length[:, None] + 1.0
    if steep.mean() > 0.01:
        yield "levelset.spclevelset is not a distance: it changes faster than vertices lie apart"
    if np.sign(model.ice_levelset[gate]).max(initial=-1) > 0:
        yield "mask.ice_levelset must be negative in ice"
    if not np.isfinite(model.bed).all() or len(model.bed) != nv:
        yield "geometry.bed must be finite at every vertex"


def _forcings(model: ModelInput) -> Iterator[str]:
    nv = len(model.mesh.x)
    for name, values, low, high in [
        ("frontalforcings.meltingrate", model.meltingrate, 0.0, 2e4),
        ("frontalforcingsrignot.subglacial_discharge", model.discharge, 0.0, 1e9),
        ("frontalforcingsrignot.thermalforcing", model.thermal_forcing, -5.0, 20.0),
        ("smb.mass_balance", model.mass_balance, -50.0, 50.0),
    ]:
        if values is None:
            continue
        yield from _series(name, values, nv)
        body = values[:-1]
        if not np.isfinite(body).all():
            yield f"{name} must hold no missing value"
        elif body.min() < low or body.max() > high:
            yield (
                f"{name} must lie between {low:g} and {high:g}, it spans "
                f"{body.min():g} to {body.max():g}: wrong unit or sign?"
            )
