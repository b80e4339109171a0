"""Forcings of an export, from whatever is known of a glacier."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.fronttable import crs_text
from termini.issm.forcing import Forcings, with_units
from termini.issm.forcing_build import make_forcings
from termini.issm.forcing_parts import COLUMNS
from termini.issm.forcing_published import PublishedForcing
from termini.issm.mesh import Mesh


def forcings_of(
    mesh: Mesh,
    domain: GlacierDomain,
    bed: NDArray[np.float64],
    fronts: gpd.GeoDataFrame,
    given: pd.DataFrame | PublishedForcing | Forcings | None,
    *,
    cadence: str | None = None,
    members: int = 0,
    seed: int = 0,
) -> Forcings | None:
    """Forcings of a mesh from what is given.

    Parameters
    ----------
    mesh, domain : Mesh, GlacierDomain
        The mesh in the domain's projection; the glacier.
    bed : ndarray, shape (nv,)
        Bed elevation at the vertices, metres.
    fronts : GeoDataFrame
        Front table, for the submerged area of the front.
    given : DataFrame, PublishedForcing, Forcings or None
        Table of forcings, published ones, or forcings of this mesh as they are.
    cadence : str, optional
        What a value of runoff stands for; see `termini.issm.discharge.basin_discharge`.
        By default what the table says (``attrs["cadence"]``), as those of
        `termini.drivers.forcing_table` do.
    members, seed : int
        Size and seed of the ensemble, where melt is worked out.

    Returns
    -------
    Forcings or None
        None if nothing is known for two times. Columns with less are named in its
        assumptions.
    """
    if given is None or isinstance(given, Forcings):
        return given
    options: dict[str, Any] = {}
    if isinstance(given, PublishedForcing):
        table = given.table
        options = {"profiles": given.profiles, "sill_depth": given.sill_depth}
        sources, notes = given.sources, given.notes
    else:
        table, notes = given, []
        sources = [f"{n}: table of forcings" for n in COLUMNS if n in given]
    known = [n for n in COLUMNS if n in table and table[n].notna().sum() >= 2]
    left = [n for n in COLUMNS if n in table and n not in known]
    if not known:
        return None
    whole = table[[*known, *(f"{n}_se" for n in known if f"{n}_se" in table)]].copy()
    whole.attrs = dict(table.attrs)
    melts = "runoff" in known and ("thermal_forcing" in known or "profiles" in options)
    made = make_forcings(
        mesh,
        domain,
        bed,
        with_units(whole),
        fronts=fronts if crs_text(fronts) == domain.crs else fronts.to_crs(domain.crs),
        cadence=cadence or table.attrs.get("cadence"),
        members=members if melts and "melt_rate" not in known else 0,
        seed=seed,
        sources=sources,
        **options,
    )
    made.assumptions.extend(notes)
    if left:
        made.assumptions.append(f"{', '.join(left)}: fewer than two values, left out.")
    return made
