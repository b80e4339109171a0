"""Scenes from STAC catalogues: items to scenes.

An item says where its files lie, when they were taken, by what, in what
projection and under how much cloud. Which asset fronts are seen on follows from
the sensor table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.scenes.masks import mask_kind
from termini.scenes.metadata import find_sensor_name
from termini.scenes.read import read_scene
from termini.scenes.scene import Scene
from termini.sensors import SENSORS

if TYPE_CHECKING:
    import pystac

#: Assets that hold cloud and quality masks, in the spelling of the large catalogues.
MASK_ASSETS = ("qa_pixel", "scl", "scl_20m", "qa60", "udm2", "udm")


def item_date(item: pystac.Item) -> pd.Timestamp:
    """Acquisition of an item.

    Parameters
    ----------
    item : pystac.Item
        The item.

    Returns
    -------
    pandas.Timestamp
        UTC, without zone; the middle where only begin and end are stated.

    Raises
    ------
    SceneError
        If the item states none.
    """
    first = item.datetime or item.common_metadata.start_datetime
    last = item.datetime or item.common_metadata.end_datetime
    if first is None or last is None:
        raise SceneError(f"{item.id}: the item states no date; leave it out or correct it")
    middle = pd.Timestamp(first + (last - first) / 2)
    return middle.tz_convert("UTC").tz_localize(None).as_unit("us") if middle.tz else middle


def item_sensor(item: pystac.Item) -> str:
    """Sensor of an item, from its platform, constellation, collection or id.

    Parameters
    ----------
    item : pystac.Item
        The item.

    Returns
    -------
    str
        Name as in `termini.sensors.SENSORS`, or empty.
    """
    properties = item.properties
    for text in (
        properties.get("platform"),
        item.id,
        properties.get("constellation"),
        item.collection_id,
    ):
        if text and (name := find_sensor_name(str(text), item_date(item))):
            return name
    return ""


def item_asset(item: pystac.Item, sensor: str = "", asset: str | None = None) -> str:
    """Key of the asset that fronts are seen on.

    Parameters
    ----------
    item : pystac.Item
        The item.
    sensor : str
        Its sensor; found by `item_sensor` by default.
    asset : str, optional
        Key that is wanted.

    Returns
    -------
    str
        Key in ``item.assets``.

    Raises
    ------
    SceneError
        If there is none that fits; the message lists those there are.
    """
    there = ", ".join(sorted(item.assets)) or "none"
    if asset is not None:
        if asset in item.assets:
            return asset
        raise SceneError(f"{item.id}: has no asset {asset!r}; there are {there}")
    which = sensor or item_sensor(item)
    wanted = SENSORS[which].assets if which in SENSORS else ()
    keys = {key.casefold(): key for key in item.assets}
    for name in wanted:
        if name.casefold() in keys:
            return keys[name.casefold()]
    for name in wanted:  # a name of the band that stands in the asset and not in its key
        for key, found in item.assets.items():
            if name.casefold() in _band_names(found.extra_fields):
                return key
    if len(item.assets) == 1:
        return next(iter(item.assets))
    raise SceneError(
        f"{item.id}: none of its assets is a band that fronts are seen on "
        f"({which or 'unknown sensor'}: {', '.join(wanted) or 'name one'}); there are {there}; "
        "name one with asset= (--asset)"
    )


def _band_names(fields: Mapping[str, Any]) -> set[str]:
    """Names of an asset's bands, if it holds one band."""
    bands = fields.get("bands") or fields.get("eo:bands") or []
    if len(bands) > 1:
        return set()
    names = {str(band.get(key, "")).casefold() for band in bands for key in _BAND_KEYS}
    polarisations = fields.get("sar:polarizations") or []
    if len(polarisations) == 1:
        names.add(str(polarisations[0]).casefold())
    return names - {""}


_BAND_KEYS = ("name", "common_name", "eo:common_name")


def item_orbit(item: pystac.Item) -> str:
    """Direction of the pass.

    Parameters
    ----------
    item : pystac.Item
        The item.

    Returns
    -------
    str
        ``ascending``, ``descending``, or empty.
    """
    stated = str(item.properties.get("sat:orbit_state", "")).lower()
    return stated if stated in ("ascending", "descending") else ""


def item_cloud(item: pystac.Item) -> float:
    """Share of the scene under cloud.

    Parameters
    ----------
    item : pystac.Item
        The item.

    Returns
    -------
    float
        0 to 1; NaN where it is not stated.
    """
    stated = item.properties.get("eo:cloud_cover")
    if not isinstance(stated, (int, float)) or not 0 <= stated <= 100:
        return math.nan
    return float(stated) / 100.0


def item_masks(item: pystac.Item) -> list[str]:
    """Keys of the assets that hold cloud and quality masks.

    Parameters
    ----------
    item : pystac.Item
        The item.

    Returns
    -------
    list of str
        Keys in ``item.assets``, the first kind alone where there are several.
    """
    keys = {key.casefold(): key for key in item.assets}
    return [keys[name] for name in MASK_ASSETS if name in keys][:1]


def item_scene(
    item: pystac.Item,
    domain: GlacierDomain | None = None,
    *,
    asset: str | None = None,
    files: Mapping[str, str | Path] | None = None,
    masks: bool = True,
    **options: Any,
) -> Scene:
    """Scene of an item.

    Parameters
    ----------
    item : pystac.Item
        The item; its links must be absolute, or it must know where it lies.
    domain : GlacierDomain, optional
        Read only what lies around this glacier.
    asset : str, optional
        Key of the asset to read; the sensor's own band by default.
    files : mapping, optional
        Asset key to a copy of the file, as `download_item` gives.
    masks : bool
        Take the item's cloud mask into account.
    **options
        As for `termini.scenes.read_scene`.

    Returns
    -------
    Scene
        Named as the item, with its date, sensor, pass and cloud.

    Raises
    ------
    SceneError
        As `read_scene`, or if the item has no such asset.
    """
    sensor = options.pop("sensor", None) or item_sensor(item)
    key = item_asset(item, sensor, asset)
    files = files or {}
    used = item_masks(item) if masks else []
    options = {
        "date": item_date(item),
        "sensor": sensor or None,
        "domain": domain,
        "masks": [(files.get(k) or asset_href(item, k), mask_kind(k)) for k in used],
        **options,
    }
    path = files.get(key) or asset_href(item, key)
    try:
        scene = read_scene(path, **options)
    except SceneError as error:
        stated = _projection(item, key)
        if stated is None or "crs" in options or "states no projection" not in str(error):
            raise
        scene = read_scene(path, crs=stated, **options)
    cloud = item_cloud(item)
    return replace(
        scene,
        scene_id=item.id,
        band=scene.band or key.upper(),
        orbit=scene.orbit or item_orbit(item),
        cloud_cover=scene.cloud_cover if math.isfinite(scene.cloud_cover) else cloud,
    )


def asset_href(item: pystac.Item, key: str) -> str:
    """Where an asset's file lies.

    Parameters
    ----------
    item : pystac.Item
        The item.
    key : str
        Key of the asset.

    Returns
    -------
    str
        Address or path.

    Raises
    ------
    SceneError
        If the link is relative and the item does not know where it lies.
    """
    found = item.assets[key].get_absolute_href()
    if found is None:
        raise SceneError(
            f"{item.id}: the link to its {key} ({item.assets[key].href}) is relative and it is not "
            "known to what; read the item from its file or address"
        )
    return str(found)


def _projection(item: pystac.Item, key: str) -> str | None:
    """Projection as the item states it, for files that do not."""
    fields = {**item.properties, **item.assets[key].extra_fields}
    code = fields.get("proj:code") or fields.get("proj:epsg")
    if not code:
        return None
    return f"EPSG:{code}" if isinstance(code, int) else str(code)
