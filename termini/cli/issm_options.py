"""Options of the command that writes ISSM input, as typer reads them."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer


class Forcing(enum.StrEnum):
    """Where the forcings come from."""

    JOINED = "joined"
    PUBLISHED = "published"
    NONE = "none"


Given = Annotated[
    Path | None, typer.Argument(metavar="[RELEASE]", help="catalog/releases/<version>")
]
Release = Annotated[Path | None, typer.Option(help="The same, by name.")]
Glacier = Annotated[str | None, typer.Option(help="Glacier id, as measures:3.")]
Out = Annotated[Path | None, typer.Option(help="Folder to write.")]
Check = Annotated[
    Path | None,
    typer.Option(
        help="Check this folder (or NetCDF file) and write nothing; with --release also "
        "against the release that it is from. Anyone's folder, of ISSM's dialect or pyISSM's."
    ),
]
Bed = Annotated[
    str | None,
    typer.Option(
        help="CSV with distance (m along the centreline from the gate) and elevation, or one "
        "elevation in metres; the joined bed depth by default."
    ),
]
Vertices = Annotated[
    int | None,
    typer.Option(
        min=100,
        help="About how many vertices, densest over the range of the fronts; 10000 by default.",
    ),
]
Resolution = Annotated[
    float | None, typer.Option(min=1, help="Edge of the mesh, m, in place of --vertices.")
]
FrontResolution = Annotated[
    float | None,
    typer.Option(min=1, help="Edge over the range of the fronts, m; with --resolution."),
]
OwnMesh = Annotated[
    Path | None,
    typer.Option(
        help="Your own mesh in the glacier's projection: a model of ISSM or pyISSM as NetCDF, "
        "gmsh, npz, or a format of meshio."
    ),
]
Backend = Annotated[
    str, typer.Option("--mesh-backend", help="What makes the mesh: own, or gmsh if installed.")
]
Rock = Annotated[
    Path | None, typer.Option(help="Polygons of rock and ice-free ground, any vector format.")
]
Free = Annotated[
    Path | None,
    typer.Option(
        help="Polygons within which the model moves the front itself: NaN in the level sets."
    ),
]
ForcingFrom = Annotated[
    Forcing,
    typer.Option(
        help="joined: what the release has joined; published: the tables in TERMINI_DATA, with "
        "profiles and sill depth; none."
    ),
]
Times = Annotated[
    str,
    typer.Option(
        help="observed (every front, drawn in full where a part was not seen), monthly or "
        "annual; the ice has the area of the release."
    ),
]
Members = Annotated[int, typer.Option(min=0, help="Members of the ensemble of fronts and melt.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]
Spacing = Annotated[
    float, typer.Option(min=0, help="Leave out fronts closer in time to the one before.")
]
Start = Annotated[str | None, typer.Option(help="First date.")]
End = Annotated[str | None, typer.Option(help="Last date.")]
