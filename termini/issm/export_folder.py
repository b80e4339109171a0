"""Files of an export: what is written, in which order, and what is removed first."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.files import make_folder, write_text
from termini.issm.check_read import MANIFEST
from termini.issm.contours import Contour, contours_of, write_exp
from termini.issm.manifest import Provenance, write_manifest
from termini.issm.model import ModelInput
from termini.issm.netcdf import write_members, write_model, write_rignot


def write_folder(
    out: Path,
    model: ModelInput,
    made: Provenance,
    domain: GlacierDomain,
    lines: Sequence[BaseGeometry],
    ice: Sequence[BaseGeometry],
    rock: BaseGeometry | None = None,
) -> Path:
    """Write the folder of an export; its manifest comes last.

    Parameters
    ----------
    out : pathlib.Path
        Folder; what an earlier export left in it is removed.
    model : ModelInput
        A model that `check_model` accepts.
    made : Provenance
        Where it comes from.
    domain : GlacierDomain
        The glacier.
    lines, ice : sequence of shapely geometry, length T
        Front and ice of each date.
    rock : shapely geometry, optional
        Rock that was cut out of ice and water.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    make_folder(out)
    _remove_earlier(out)
    about = {
        "title": f"Fronts and forcings of {domain.name or domain.glacier_id} for ISSM",
        "history": f"exported by termini from release {made.release or 'unnamed'}",
    }
    written = [write_model(model, out / "model_input.nc", **about)]
    if model.parameterised:
        written.append(write_rignot(model, out / "rignot.nc", **about))
    written += write_members(model, out / "members", **about)
    written.append(write_exp(contours_of(domain.fjord, "domain"), out / "domain.exp"))
    if rock is not None and not rock.is_empty:
        written.append(write_exp(contours_of(rock, "rock"), out / "rock.exp"))
    years = model.spclevelset[-1]
    drawn: list[Contour] = []
    for year, line in zip(years, lines, strict=True):
        drawn += contours_of(shapely.line_merge(line), f"front_{year:.3f}")
    written.append(write_exp(drawn, out / "fronts.exp"))
    for year, polygon in [(years[0], ice[0]), (years[-1], ice[-1])]:
        # a closed ring of the ice, positive inside for ExpToLevelSet
        contours = contours_of(polygon, f"ice_{year:.3f}")
        written.append(write_exp(contours, out / f"ice_{year:.3f}.exp"))
    for name in ("load_issm.py", "load_issm.m"):
        text = (resources.files("termini.issm") / "loaders" / name).read_text(encoding="utf-8")
        written.append(write_text(out / name, text))
    write_manifest(out, model, made, written)
    return out


def _remove_earlier(out: Path) -> None:
    """Remove what an earlier export wrote: its manifest first, then what may not come again."""
    (out / MANIFEST).unlink(missing_ok=True)
    for path in [*out.glob("ice_*.exp"), out / "rignot.nc", out / "rock.exp"]:
        path.unlink(missing_ok=True)
    shutil.rmtree(out / "members", ignore_errors=True)
