"""The release as a STAC item (stacspec.org, 1.1.0), for catalogs of Earth observation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry import box, mapping

from termini.catalog.dictionary import FILES, MEDIA_TYPES, data_files
from termini.domain import GlacierDomain
from termini.files import sha256
from termini.geo import LONLAT, to_plane

_EXTENSIONS = [
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/version/v1.2.0/schema.json",
]


def stac_item(
    folder: str | Path,
    version: str,
    date: Any,
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    license_name: str,
) -> str:
    """Text of ``stac-item.json``.

    Parameters
    ----------
    folder : path
        Release whose data files are already there.
    version : str
        Its version.
    date : date-like
        Its date.
    fronts : GeoDataFrame
        Its front table, for the span of time.
    domains : mapping of str to GlacierDomain
        Its domains, for the extent.
    license_name : str
        SPDX name of the licence of the data.

    Returns
    -------
    str
        JSON; file references are relative to the item.
    """
    stamp = pd.Timestamp(date).strftime("%Y-%m-%dT%H:%M:%SZ")
    days = pd.DatetimeIndex(fronts["date"]).dropna()
    first, last = (days.min(), days.max()) if len(days) else (pd.Timestamp(date),) * 2
    bounds = _bounds(domains)
    document = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": _EXTENSIONS,
        "id": f"termini-{version}",
        "bbox": bounds,
        "geometry": None if bounds is None else mapping(box(*bounds)),
        "properties": {
            "title": f"termini {version}",
            "description": "Fronts, length and area change of marine-terminating glaciers",
            "datetime": None,
            "start_datetime": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "end_datetime": last.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "created": stamp,
            "updated": stamp,
            "version": version,
            "license": license_name,
        },
        "links": [],
        "assets": {Path(name).stem: _asset(Path(folder, name)) for name in data_files(folder)},
    }
    if bounds is None:
        document.pop("bbox")
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _bounds(domains: Mapping[str, GlacierDomain]) -> list[float] | None:
    """West, south, east and north of all fjords, degrees."""
    if not domains:
        return None
    fjords = [to_plane(domain.fjord, domain.crs, LONLAT) for domain in domains.values()]
    return [round(float(value), 6) for value in shapely.total_bounds(fjords)]


def _asset(path: Path) -> dict[str, Any]:
    """One file; its checksum is a multihash: 12 is SHA-256, 20 its length in bytes, both hex."""
    return {
        "href": f"./{path.name}",
        "title": FILES[path.name],
        "type": MEDIA_TYPES[path.suffix],
        "roles": ["data"],
        "file:size": path.stat().st_size,
        "file:checksum": f"1220{sha256(path)}",
    }
