"""Which glaciers a scene shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.geo import local_plane, reproject, to_plane
from termini.scenes import footprint, read_place
from termini.scenes.place import STATE_CRS

#: A scene is taken to show a glacier if it covers at least this share of its fjord.
COVERED = 0.5


def glaciers_in_scene(
    path: str | Path, domains: Mapping[str, GlacierDomain], crs: str | None = None
) -> tuple[str, ...]:
    """Glaciers that a scene shows.

    Parameters
    ----------
    path : path
        Georeferenced scene.
    domains : mapping
        Glacier id to domain.
    crs : str, optional
        Projection of the scene, if its file states none or a wrong one.

    Returns
    -------
    tuple of str
        Those of whose fjord the scene covers at least half; if there is none,
        the one that it covers most.

    Raises
    ------
    SceneError
        If the scene cannot be read or covers no part of any domain.
    """
    stated, transform, shape = read_place(path, crs)
    outline = footprint(transform, shape)
    shares: dict[str, float] = {}
    for glacier_id, domain in domains.items():
        fjord, plane = _fjord(domain)
        seen = shapely.make_valid(reproject(outline, stated, plane))
        if shapely.is_valid(seen) and seen.intersects(fjord):
            shares[glacier_id] = seen.intersection(fjord).area / fjord.area
    if not shares:
        raise SceneError(
            f"{path}: does not overlap any of the {len(domains)} domain(s); choose domains of its "
            "region, or, if they are, its stated projection is wrong: "
            f"{STATE_CRS}"
        )
    covered = tuple(sorted(g for g, share in shares.items() if share >= COVERED))
    return covered or (max(sorted(shares), key=lambda g: shares[g]),)


@lru_cache(maxsize=4096)
def _fjord_by_wkb(wkb: bytes, crs: str) -> tuple[Any, str]:
    fjord = shapely.from_wkb(wkb)
    plane = local_plane(fjord, crs)
    return to_plane(fjord, crs, plane), plane


def _fjord(domain: GlacierDomain) -> tuple[Any, str]:
    return _fjord_by_wkb(domain.fjord.wkb, domain.crs)
