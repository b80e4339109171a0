"""Figures of an exported folder: its mesh and bed, its fronts, its forcings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError, MissingExtraError
from termini.files import written_whole
from termini.issm.contours import read_exp
from termini.issm.derive import read_fields

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INK, _ICE, _SEA = "#1a1a1a", "#D55E00", "#0072B2"
# Maps whose height is less than this share of their width have their colour bar below.
_WIDE = 0.7
# Field, what its axis says, factor: the largest value of the vertices is drawn, which
# for fields that are equal over the basin is that value.
_FORCINGS = {
    "frontalforcings.meltingrate": ("frontal melt, most\nof any vertex (m d$^{-1}$)", 1 / 365),
    "frontalforcingsrignot.subglacial_discharge": (
        "subglacial discharge\n(m$^3$ s$^{-1}$)",
        1 / 86400,
    ),
    "frontalforcingsrignot.thermalforcing": ("thermal forcing (K)", 1.0),
    "smb.mass_balance": ("surface mass balance\n(m ice a$^{-1}$)", 1.0),
    "calving.calvingrate": ("calving rate, most\nof any vertex (m d$^{-1}$)", 1 / 365),
}


def export_figures(folder: str | Path, out: str | Path | None = None) -> list[Path]:
    """Draw mesh, fronts and forcings of an exported folder.

    Parameters
    ----------
    folder : path
        Folder with ``model_input.nc``; ``fronts.exp`` and ``rignot.nc`` beside it are
        drawn where they are.
    out : path, optional
        Folder for ``mesh.png``, ``fronts.png``, ``level_set.png`` and ``forcing.png``;
        the same folder if not given.

    Returns
    -------
    list of pathlib.Path
        Files written; no ``forcing.png`` where there is no forcing.

    Raises
    ------
    InputError
        If the model input is missing or cannot be read.
    MissingExtraError
        If matplotlib is not installed.
    """
    source, target = Path(folder), Path(folder if out is None else out)
    fields = read_fields(source / "model_input.nc")
    if (source / "rignot.nc").is_file():
        more = read_fields(source / "rignot.nc")
        fields |= {
            n.replace("frontalforcings.", "frontalforcingsrignot."): v for n, v in more.items()
        }
    figures = {"mesh.png": mesh_figure(fields), "level_set.png": level_set_figure(fields)}
    if (source / "fronts.exp").is_file():
        figures["fronts.png"] = fronts_figure(source)
    if set(_FORCINGS) & set(fields):
        figures["forcing.png"] = forcing_figure(fields)
    return [save(figure, target / name) for name, figure in figures.items()]


def mesh_figure(fields: Mapping[str, NDArray[Any]]) -> Figure:
    """Elements over the bed, with the boundary.

    Parameters
    ----------
    fields : mapping
        Fields of a model input, as `termini.issm.derive.read_fields` gives them.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; axes in kilometres of the projection.
    """
    x, y, corners = _plane(fields)
    figure, axes = _map_figure(np.column_stack([x, y]))
    bed = fields.get("geometry.bed")
    if bed is not None:
        drawn = axes.tripcolor(
            x, y, corners, bed, shading="gouraud", cmap="viridis", rasterized=True
        )
        _colour_bar(figure, axes, drawn, "bed elevation (m)")
    axes.triplot(x, y, corners, color=_INK, linewidth=0.25, alpha=0.6)
    edges = fields["mesh.segments"][:, :2].astype(int) - 1
    axes.plot(x[edges].T, y[edges].T, color=_INK, linewidth=1.2)
    axes.set_title(f"{len(x):,} vertices, {len(corners):,} elements", fontsize=10)
    return figure


def level_set_figure(fields: Mapping[str, NDArray[Any]], column: int = 0) -> Figure:
    """Level set of one date, with its zero.

    Parameters
    ----------
    fields : mapping
        Fields of a model input.
    column : int
        Which date; the mask's level set where the front of that date is free.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    x, y, corners = _plane(fields)
    figure, axes = _map_figure(np.column_stack([x, y]))
    series = fields["levelset.spclevelset"]
    phi = series[:-1, column]
    if not np.isfinite(phi).all():
        phi = fields["mask.ice_levelset"]
    most = float(np.abs(phi).max()) / 1000
    how = {"cmap": "RdBu", "vmin": -most, "vmax": most, "rasterized": True}
    drawn = axes.tripcolor(x, y, corners, phi / 1000, shading="gouraud", **how)
    axes.tricontour(x, y, corners, phi, levels=[0.0], colors=_INK, linewidths=1.8)
    _colour_bar(figure, axes, drawn, "signed distance to the front (km), negative in ice")
    axes.set_title(f"level set of {series[-1, column]:.2f}", fontsize=10)
    return figure


def fronts_figure(folder: str | Path) -> Figure:
    """All fronts of an exported folder, coloured by time.

    Parameters
    ----------
    folder : path
        Folder with ``fronts.exp`` and ``domain.exp``.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If a contour file is missing or no front bears its year in its name.
    """
    lines = read_exp(Path(folder) / "fronts.exp")
    dated = [(_year_of(line.name), line.xy / 1000) for line in lines]
    known = [(year, xy) for year, xy in dated if year is not None]
    if not known:
        raise InputError(f"{folder}/fronts.exp: no front is named by its year, as front_2015.504")
    from matplotlib.collections import LineCollection

    outlines = [contour.xy / 1000 for contour in read_exp(Path(folder) / "domain.exp")]
    figure, axes = _map_figure(np.vstack(outlines))
    for xy in outlines:
        axes.fill(*xy.T, facecolor="#e3edf5", edgecolor=_INK, linewidth=1.0)
    drawn = LineCollection([xy for _, xy in known], cmap="viridis", linewidths=0.9)
    drawn.set_array(np.array([year for year, _ in known]))
    axes.add_collection(drawn)
    _colour_bar(figure, axes, drawn, "year", format="%.0f" if _span(known) > 3 else "%.1f")
    axes.set_title(f"{len({year for year, _ in known})} fronts", fontsize=10)
    return figure


def forcing_figure(fields: Mapping[str, NDArray[Any]]) -> Figure:
    """Series of every forcing that a model input holds.

    Parameters
    ----------
    fields : mapping
        Fields of a model input, and of ``rignot.nc``.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a forcing over one axis of time.

    Raises
    ------
    InputError
        If there is no forcing.
    """
    present = [name for name in _FORCINGS if name in fields and np.ndim(fields[name]) == 2]
    if not present:
        raise InputError("the model input holds no forcing; export the glacier with its drivers")
    figure = _new_figure(figsize=(8.5, 0.6 + 1.7 * len(present)))
    panels = np.atleast_1d(figure.subplots(len(present), 1, sharex=True))
    for axes, name in zip(panels, present, strict=True):
        label, factor = _FORCINGS[name]
        values = fields[name]
        pick = values[:-1].min(axis=0) if name == "smb.mass_balance" else values[:-1].max(axis=0)
        axes.plot(values[-1], pick * factor, color=_SEA, linewidth=1.1)
        axes.set_ylabel(label, fontsize=8)
        axes.grid(alpha=0.25)
        axes.tick_params(labelsize=8)
    front = fields["levelset.spclevelset"][-1]
    for axes in panels:
        axes.axvspan(front[0], front[-1], color="#00000008")
    panels[0].set_title("forcings; shaded: time of the fronts", fontsize=10)
    panels[-1].set_xlabel("year")
    panels[-1].ticklabel_format(axis="x", useOffset=False)
    figure.align_ylabels(list(panels))
    return figure


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure whole, without the time of writing in it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path : path
        PNG file.

    Returns
    -------
    pathlib.Path
        The path.
    """
    with written_whole(path) as temporary:
        figure.savefig(os.fspath(temporary), format="png", dpi=100, metadata={"Software": None})
    return Path(path)


def _new_figure(**options: Any) -> Figure:
    try:
        from matplotlib.figure import Figure as New
    except ImportError as error:
        raise MissingExtraError("report", "a figure") from error
    return New(layout="constrained", **options)


def _map_figure(xy: NDArray[np.float64]) -> tuple[Figure, Any]:
    """Figure in the shape of what it shows, points in kilometres."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    shape = float((high - low)[1] / (high - low)[0])
    size = (8.5, 8.5 * shape + 1.8) if shape < _WIDE else (6.5 / min(shape, 2.0) + 2.0, 6.8)
    figure = _new_figure(figsize=size)
    axes = figure.subplots()
    room = 0.03 * (high - low)
    axes.set_xlim(low[0] - room[0], high[0] + room[0])
    axes.set_ylim(low[1] - room[1], high[1] + room[1])
    axes.set_aspect("equal")
    axes.set_xlabel("x (km)")
    axes.set_ylabel("y (km)")
    axes.ticklabel_format(useOffset=False)
    return figure, axes


def _colour_bar(figure: Figure, axes: Any, drawn: Any, label: str, **options: Any) -> None:
    """Colour bar along the longer side."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    where = "bottom" if high - low < _WIDE * (right - left) else "right"
    figure.colorbar(drawn, ax=axes, label=label, location=where, shrink=0.8, **options)


def _plane(
    fields: Mapping[str, NDArray[Any]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Vertices in kilometres and corners counted from 0."""
    corners = fields["mesh.elements"].astype(np.int64) - 1
    return fields["mesh.x"] / 1000, fields["mesh.y"] / 1000, corners


def _year_of(name: str) -> float | None:
    """Year in the name of a contour, as ``front_2015.504`` or ``front_2015.504_2``."""
    for part in name.split("_")[1:2]:
        try:
            return float(part)
        except ValueError:
            return None
    return None


def _span(known: list[tuple[float, Any]]) -> float:
    years = [year for year, _ in known]
    return max(years) - min(years)
