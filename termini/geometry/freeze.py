"""What a domain is frozen with: flowlines, reference width and date, version."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.geometry.assemble import version_of
from termini.geometry.flownet import NUMBER, flowlines_across
from termini.variables import is_rejected

# A front that shows so much of the width serves as reference.
_WHOLE = 0.9


def frozen(
    domain: GlacierDomain,
    *,
    reference_date: pd.Timestamp | str | None = None,
    reference_width: float | None = None,
    flowlines: int | None = None,
) -> GlacierDomain:
    """Domain with some of its fixed quantities set, under a new version.

    Parameters
    ----------
    domain : GlacierDomain
        Domain.
    reference_date : date, optional
        Date at which changes are zero.
    reference_width : float, optional
        Width that turns area into length, true metres.
    flowlines : int, optional
        Number of flowlines to lay across the fjord in place of those it has.

    Returns
    -------
    GlacierDomain
        The domain; what is not given stays. The version changes if, and only if,
        something does.

    Raises
    ------
    DomainError
        If the width is not positive, or the flowlines cannot be laid.
    """
    width = domain.reference_width if reference_width is None else float(reference_width)
    if not (np.isfinite(width) and width > 0):
        raise DomainError(
            f"glacier {domain.glacier_id}: a reference width of {width} m; "
            "give the width of the fjord in metres"
        )
    date = domain.reference_date if reference_date is None else pd.Timestamp(reference_date)
    lines = domain.flowlines if flowlines is None else flowlines_across(domain, flowlines)
    changed = dataclasses.replace(
        domain, reference_width=width, reference_date=date, flowlines=lines
    )
    return dataclasses.replace(changed, geometry_version=domain_version(changed))


def with_flowlines(domain: GlacierDomain, number: int = NUMBER) -> GlacierDomain:
    """Domain with flowlines laid across its whole width.

    Parameters
    ----------
    domain : GlacierDomain
        Domain; flowlines that it has are replaced.
    number : int
        How many.

    Returns
    -------
    GlacierDomain
        The domain under a new version, as `frozen` makes it.
    """
    return frozen(domain, flowlines=number)


def domain_version(domain: GlacierDomain) -> str:
    """Version that a domain should carry.

    Parameters
    ----------
    domain : GlacierDomain
        Domain.

    Returns
    -------
    str
        Eight hexadecimal digits, as `termini.geometry.assemble.version_of` gives
        them; the reference date counts where there is one.
    """
    geometries = [
        domain.fjord,
        domain.gate,
        domain.left_wall,
        domain.right_wall,
        domain.centreline,
        domain.flowlines,
    ]
    return version_of(geometries, domain.reference_width, domain.reference_date)


def first_whole_front(domain: GlacierDomain, fronts: gpd.GeoDataFrame) -> pd.Timestamp | None:
    """Date of the first front that shows the glacier from wall to wall.

    Parameters
    ----------
    domain : GlacierDomain
        Domain.
    fronts : GeoDataFrame
        Front table; rejected traces and other glaciers are left out.

    Returns
    -------
    Timestamp or None
        The date, for `frozen`: a front both ends of which lie outside the fjord or
        within a twentieth of its width of their walls. None if there is none.
    """
    mine = fronts[(fronts["glacier_id"] == domain.glacier_id) & fronts["date"].notna()]
    mine = mine[~is_rejected(mine["quality"]) & mine.geometry.notna() & ~mine.geometry.is_empty]
    near = (1 - _WHOLE) / 2 * domain.reference_width
    for row in mine.sort_values("date", kind="stable").itertuples():
        parts = shapely.get_parts(shapely.intersection(row.geometry, domain.fjord))
        if len(parts) == 0:
            continue
        seen = shapely.geometrycollections(parts)
        if max(seen.distance(domain.left_wall), seen.distance(domain.right_wall)) <= near:
            return pd.Timestamp(row.date)
    return None
