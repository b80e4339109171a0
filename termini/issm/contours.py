"""Argus contours (``.exp``), the form in which ISSM keeps outlines and fronts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError
from termini.files import write_text


@dataclass(frozen=True)
class Contour:
    """One line of an ``.exp`` file.

    Parameters
    ----------
    name : str
        Name without spaces: ISSM's reader breaks on them.
    xy : ndarray of float64, shape (n, 2)
        Points, metres; a closed ring repeats its first point.
    """

    name: str
    xy: NDArray[np.float64]

    @property
    def closed(self) -> bool:
        """Whether the last point is the first."""
        return bool(len(self.xy) > 3 and np.array_equal(self.xy[0], self.xy[-1]))


def contours_of(geometry: BaseGeometry, name: str) -> list[Contour]:
    """Contours of a line, of a polygon's rings, or of a collection of them.

    Parameters
    ----------
    geometry : shapely geometry
        Lines or polygons.
    name : str
        Name of the contour; what ISSM's reader cannot take is replaced by ``_``,
        and several contours are numbered.

    Returns
    -------
    list of Contour
        At least one.

    Raises
    ------
    InputError
        If the geometry holds no line.
    """
    lines = []
    for part in shapely.get_parts(geometry):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        lines += [shapely.get_coordinates(ring) for ring in rings if ring.length > 0]
    if not lines:
        raise InputError(f"{name}: no line to write as a contour")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    names = [safe] if len(lines) == 1 else [f"{safe}_{i + 1}" for i in range(len(lines))]
    return [Contour(n, xy) for n, xy in zip(names, lines, strict=True)]


def write_exp(contours: Sequence[Contour], path: str | Path) -> Path:
    """Write contours as an ``.exp`` file.

    Parameters
    ----------
    contours : sequence of Contour
        What to write.
    path : path
        Where to.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    InputError
        If a name holds a space or a coordinate is not finite.
    """
    blocks = []
    for contour in contours:
        if re.search(r"\s", contour.name) or not contour.name:
            raise InputError(f"{path}: contour name {contour.name!r} must not hold spaces")
        if len(contour.xy) < 2 or not np.isfinite(contour.xy).all():
            raise InputError(f"{path}: contour {contour.name} needs two or more finite points")
        rows = "\n".join(f"{x:.4f} {y:.4f}" for x, y in contour.xy)
        blocks.append(
            f"## Name:{contour.name}\n## Icon:0\n# Points Count Value\n{len(contour.xy)} 1.\n"
            f"# X pos Y pos\n{rows}\n\n"
        )
    return write_text(path, "".join(blocks))


def read_exp(path: str | Path) -> list[Contour]:
    """Read an ``.exp`` file.

    Parameters
    ----------
    path : path
        File as ISSM, Argus or `write_exp` wrote it.

    Returns
    -------
    list of Contour
        The contours in their order.

    Raises
    ------
    InputError
        If the file is missing or a contour has fewer points than it says.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such contour file")
    found: list[Contour] = []
    name = f"contour_{len(found) + 1}"
    lines = iter(Path(path).read_text(encoding="utf-8").splitlines())
    for raw in lines:
        line = raw.strip()
        if line.startswith("## Name:"):
            name = line.removeprefix("## Name:").strip()
        if not line or line.startswith("#"):
            continue
        count = int(float(line.split()[0]))
        points = []
        for row in lines:
            if row.strip() and not row.startswith("#"):
                points.append([float(value) for value in row.split()[:2]])
            if len(points) == count:
                break
        if len(points) < count:
            raise InputError(
                f"{path}: contour {name} says {count} points and has {len(points)}; "
                "the file is truncated"
            )
        found.append(Contour(name, np.array(points)))
        name = f"contour_{len(found) + 1}"
    return found
