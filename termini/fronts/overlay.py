"""Figures of lines over their scenes: truth, prediction and walls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError, MissingExtraError
from termini.files import written_whole

#: Colours of what is drawn.
WALLS, TRUTH, FOUND = "tab:cyan", "tab:orange", "tab:red"


@dataclass(frozen=True)
class Overlay:
    """One scene with its lines, all in its pixel coordinates.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        Brightness; NaN where nothing was seen.
    title : str
        What to write above it.
    found, truth, walls : shapely geometry, optional
        Predicted line, reference, fjord walls or fjord.
    """

    image: NDArray[np.floating]
    title: str = ""
    found: BaseGeometry | None = None
    truth: BaseGeometry | None = None
    walls: BaseGeometry | None = None


def draw_overlays(
    overlays: Sequence[Overlay], path: str | Path, *, columns: int = 6, inches: float = 3.0
) -> Path:
    """Draw scenes side by side with their lines.

    Parameters
    ----------
    overlays : sequence of Overlay
        Scenes, in the order in which they are drawn.
    path : path
        Figure to write; the ending says the format.
    columns : int
        Scenes in a row.
    inches : float
        Width of one scene.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    InputError
        If there is nothing to draw.
    MissingExtraError
        If matplotlib is not installed.
    """
    if not overlays:
        raise InputError("no scene to draw: give at least one")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("report", "drawing figures") from error

    columns = min(columns, len(overlays))
    rows = -(-len(overlays) // columns)
    tall = max(o.image.shape[0] / o.image.shape[1] for o in overlays)
    figure = Figure(figsize=(inches * columns, (inches * tall + 0.4) * rows))
    axes = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    for axis in axes:
        axis.axis("off")
    for axis, overlay in zip(axes, overlays, strict=False):
        axis.imshow(overlay.image, cmap="gray")
        for geometry, colour, width in (
            (overlay.walls, WALLS, 0.6), (overlay.truth, TRUTH, 1.2), (overlay.found, FOUND, 1.0),
        ):  # fmt: skip
            for part in _lines(geometry):
                axis.plot(*part.T, color=colour, lw=width)
        axis.set_xlim(-0.5, overlay.image.shape[1] - 0.5)
        axis.set_ylim(overlay.image.shape[0] - 0.5, -0.5)
        axis.set_title(overlay.title, fontsize=7)
    figure.tight_layout()
    target = Path(path)
    with written_whole(target) as temporary:
        figure.savefig(temporary, dpi=90, format=target.suffix.lstrip(".") or "png")
    return target


def _lines(geometry: BaseGeometry | None) -> list[NDArray[np.float64]]:
    """Vertices of every line that a geometry or its outline consists of."""
    if geometry is None or geometry.is_empty:
        return []
    drawn = geometry.boundary if geometry.geom_type.endswith("Polygon") else geometry
    return [shapely.get_coordinates(part) for part in getattr(drawn, "geoms", [drawn])]
