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
    icon, value : str
        What stands after ``## Icon:`` and after the count of points, kept so that a
        file that was read is written as it was.
    decimals : int
        Digits after the point of a coordinate; 4 are a tenth of a millimetre.
    """

    name: str
    xy: NDArray[np.float64]
    icon: str = "0"
    value: str = "1."
    decimals: int = 4

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
        places = contour.decimals
        rows = "\n".join(f"{x:.{places}f} {y:.{places}f}" for x, y in contour.xy)
        blocks.append(
            f"## Name:{contour.name}\n## Icon:{contour.icon}\n# Points Count Value\n"
            f"{len(contour.xy)} {contour.value}\n# X pos Y pos\n{rows}\n\n"
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
        The contours in their order. Written again with `write_exp` they give the
        same bytes where `exp_faults` finds nothing.

    Raises
    ------
    InputError
        If the file is missing, is not text, a contour has fewer points than it says,
        or a line is not two numbers.
    """
    found: list[Contour] = []
    name, icon = "", "0"
    lines = enumerate(_lines(path), start=1)
    for number, raw in lines:
        line = raw.strip()
        if line.startswith("## Name:"):
            name = line.removeprefix("## Name:")
        elif line.startswith("## Icon:"):
            icon = line.removeprefix("## Icon:")
        if not line or line.startswith("#"):
            continue
        name = name or f"contour_{len(found) + 1}"
        count, value = _count(path, number, line)
        rows: list[str] = []
        for number, row in lines:
            if row.startswith("## Name:"):
                break
            if row.strip() and not row.startswith("#"):
                rows.append(_point(path, number, row))
            if len(rows) == count:
                break
        if len(rows) < count:
            raise InputError(
                f"{path}: contour {name} says {count} points and has {len(rows)}; "
                "the file is truncated"
            )
        xy = np.array([row.split()[:2] for row in rows], dtype=np.float64).reshape(-1, 2)
        places = max((len(t.partition(".")[2]) for row in rows for t in row.split()), default=4)
        found.append(Contour(name, xy, icon, value, min(places, 12)))
        name, icon = "", "0"
    return found


def _lines(path: str | Path) -> list[str]:
    """Lines of a text file."""
    if not Path(path).is_file():
        raise InputError(f"{path}: no such contour file")
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text file, so no Argus contour; give an .exp") from error


def _count(path: str | Path, number: int, line: str) -> tuple[int, str]:
    """Number of points and density of the line that says them."""
    try:
        return int(float(line.split()[0])), [*line.split(), "1."][1]
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{path}: line {number} holds {line[:40]!r} where the number of points should stand; "
            "mend the file"
        ) from error


def _point(path: str | Path, number: int, row: str) -> str:
    """Line of a point, checked to be two finite numbers."""
    try:
        x, y = (float(text) for text in row.split()[:2])
        good = bool(np.isfinite(x) and np.isfinite(y))
    except ValueError:
        good = False
    if not good:
        raise InputError(
            f"{path}: line {number} holds {row.strip()[:40]!r} where x and y of a point should "
            "stand; mend the file"
        )
    return row


_BLOCK = re.compile(
    r"## Name:(?P<name>[^\n]*)\n## Icon:[^\n]*\n# Points Count Value\n(?P<count>\d+) \S+\n"
    r"# X pos Y pos\n(?P<rows>(?:-?[\d.]+ -?[\d.]+\n)*)\n"
)


def exp_faults(path: str | Path) -> list[str]:
    """Say where an ``.exp`` file leaves the layout that ISSM's core reads.

    Parameters
    ----------
    path : path
        Contour file.

    Returns
    -------
    list of str
        One sentence a fault; empty for a well-formed file, which `read_exp` and
        `write_exp` give back byte for byte.

    Raises
    ------
    InputError
        If the file is missing or not text.
    """
    _lines(path)
    text = Path(path).read_bytes().decode("utf-8")
    faults: list[str] = []
    at = 0
    while at < len(text):
        block = _BLOCK.match(text, at)
        if block is None:
            line = text.count("\n", 0, at) + 1
            faults.append(
                f"the contour from line {line} on is not laid out as name, icon, count, points "
                "and an empty line" + (" (lines end in CR LF)" if "\r" in text else "")
            )
            break
        name, rows = block["name"], block["rows"].splitlines()
        if not name or re.search(r"\s", name):
            faults.append(f"the name {name!r} is empty or holds a space: ISSM's core stops at it")
        if int(block["count"]) != len(rows):
            faults.append(f"contour {name} says {block['count']} points and has {len(rows)}")
        if len({len(part.partition(".")[2]) for row in rows for part in row.split()}) > 1:
            faults.append(f"contour {name} writes its coordinates with differing decimals")
        at = block.end()
    return faults
