"""Search of a STAC API for the scenes of glaciers, and their download."""

from __future__ import annotations

import importlib
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from termini.domain import GlacierDomain
from termini.errors import InputError, MissingExtraError, SceneError
from termini.geo import LONLAT, local_plane, reproject, to_plane
from termini.scenes.address import find_address
from termini.scenes.screen import AUTOTERM
from termini.scenes.stac import (
    item_asset,
    item_cloud,
    item_date,
    item_orbit,
    item_sensor,
)
from termini.sensors import get_sensor
from termini.times import to_date

if TYPE_CHECKING:
    import pystac

#: Tries of one page, and seconds before the second.
TRIES, PAUSE = 5, 0.3


@dataclass(frozen=True)
class FoundScenes:
    """What a catalogue holds of some glaciers.

    Parameters
    ----------
    table : DataFrame
        One row a glacier and item: glacier_id, scene_id, collection, date, sensor,
        orbit, cloud (share), covered (share of the fjord in the scene's outline), and
        reason: why it is left out, empty where it is not.
    items : dict
        scene_id to pystac item, of those that are not left out.
    """

    table: pd.DataFrame
    items: dict[str, pystac.Item]


def find_scenes(
    api: str,
    domains: Iterable[GlacierDomain],
    start: object,
    end: object,
    *,
    sensors: Sequence[str] = (),
    collections: Sequence[str] = (),
    cloud: float = AUTOTERM.cloud,
    orbit: str = "",
    covered: float = 0.35,
    limit: int = 10_000,
) -> FoundScenes:
    """Search a STAC API for scenes of glaciers in a period.

    Parameters
    ----------
    api : str
        Address of the API's landing page.
    domains : iterable of GlacierDomain
        The glaciers.
    start, end : date-like
        First and last day.
    sensors : sequence of str, optional
        Only these, named as in `termini.sensors.SENSORS`.
    collections : sequence of str, optional
        Only these collections of the API.
    cloud : float
        Most cloud that an item may state, as a share.
    orbit : str
        ``ascending`` or ``descending`` for radar of one direction.
    covered : float
        Least share of the fjord inside the item's outline.
    limit : int
        Most items a glacier.

    Returns
    -------
    FoundScenes
        Every item that the API gave, those left out with the reason.

    Raises
    ------
    InputError
        If a sensor, period or direction is impossible, or the API cannot be used.
    MissingExtraError
        If pystac-client is not installed.
    """
    for name in sensors:
        get_sensor(name)
    if orbit not in ("", "ascending", "descending"):
        raise InputError(f"orbit {orbit!r} is neither ascending nor descending")
    first, last = to_date(start, "start"), to_date(end, "end")
    if last < first:
        raise InputError(f"the period ends ({last:%Y-%m-%d}) before it starts ({first:%Y-%m-%d})")
    rows: list[dict[str, Any]] = []
    items: dict[str, pystac.Item] = {}
    for domain in domains:
        outline = shapely.convex_hull(reproject(domain.fjord, domain.crs, LONLAT))
        asked = {
            "intersects": mapping(outline),
            "datetime": f"{first:%Y-%m-%d}T00:00:00Z/{last:%Y-%m-%d}T23:59:59Z",
            "collections": list(collections) or None,
            "max_items": limit,
        }
        for item in _search(api, asked):
            row = _described(item, domain)
            row["reason"] = row["reason"] or _reason(row, sensors, cloud, orbit, covered)
            rows.append(row)
            if not row["reason"]:
                items[item.id] = item
    columns = ["glacier_id", "scene_id", "collection", "date", "sensor", "orbit", "cloud"]
    table = pd.DataFrame(rows, columns=[*columns, "covered", "reason"])
    table = table.sort_values(["glacier_id", "date", "scene_id"], ignore_index=True)
    return FoundScenes(table, items)


def _search(api: str, asked: Mapping[str, Any]) -> list[pystac.Item]:
    """All items of one search; a page that breaks off is asked for again."""
    try:
        client = importlib.import_module("pystac_client")
        stac_io = importlib.import_module("pystac_client.stac_api_io").StacApiIO
    except ImportError as error:
        raise MissingExtraError("stac", "searching a STAC API") from error
    import requests
    from pystac import STACError

    class Patient(stac_io):  # type: ignore[misc, valid-type]
        """Repeats what breaks off, which the library's own tries do not cover."""

        def request(self, *args: Any, **options: Any) -> str:
            for attempt in range(TRIES):
                try:
                    return str(super().request(*args, **options))
                except Exception as error:
                    status = getattr(error, "status_code", None)
                    if attempt == TRIES - 1 or (status is not None and 400 <= status < 500):
                        raise
                time.sleep(PAUSE * 2**attempt)
            raise AssertionError(f"{TRIES} tries and none taken")

    errors = (
        client.exceptions.APIError,
        requests.exceptions.RequestException,
        OSError,
        KeyError,
        ValueError,
        NotImplementedError,
        STACError,
    )
    label = find_address(api).label
    try:
        with warnings.catch_warnings():
            # what a catalogue lacks is said by an error of our own or does no harm
            warnings.simplefilter("ignore", client.warnings.PystacClientWarning)
            opened = client.Client.open(api, stac_io=Patient(max_retries=None))
            return list(opened.search(**asked).items())
    except errors as error:
        said = " ".join(str(error).replace(api, label).split())[:300] or type(error).__name__
        raise InputError(
            f"{label}: the catalogue cannot be searched ({said}); check that it is the landing "
            "page of a STAC API with item search, and run the command again"
        ) from error


def _described(item: pystac.Item, domain: GlacierDomain) -> dict[str, Any]:
    """Row of the table; what is wrong with the item itself as its reason."""
    row: dict[str, Any] = {
        "glacier_id": domain.glacier_id,
        "scene_id": item.id,
        "collection": item.collection_id or "",
        "orbit": item_orbit(item),
        "cloud": item_cloud(item),
        "covered": _covered(item, domain),
        "date": pd.NaT,
        "sensor": "",
        "reason": "",
    }
    try:
        row["date"] = item_date(item)
        row["sensor"] = item_sensor(item)
        item_asset(item, row["sensor"])
    except SceneError as error:
        row["reason"] = str(error)
    return row


def _covered(item: pystac.Item, domain: GlacierDomain) -> float:
    """Share of a fjord within an item's outline."""
    if not item.geometry:
        return 0.0
    plane = local_plane(domain.fjord, domain.crs)
    fjord = to_plane(domain.fjord, domain.crs, plane)
    outline = shapely.make_valid(shape(item.geometry))
    outline = shapely.make_valid(reproject(shapely.segmentize(outline, 0.5), LONLAT, plane))
    return round(min(float(outline.intersection(fjord).area / fjord.area), 1.0), 4)


def _reason(
    row: Mapping[str, Any], sensors: Sequence[str], cloud: float, orbit: str, covered: float
) -> str:
    """Why an item is left out, or nothing."""
    if sensors and row["sensor"] not in sensors:
        return f"taken by {row['sensor'] or 'an unknown sensor'}, not {' or '.join(sensors)}"
    if row["cloud"] > cloud:
        return f"{row['cloud']:.0%} under cloud, {cloud:.0%} are allowed"
    if orbit and row["orbit"] != orbit:
        return f"{row['orbit'] or 'unknown'} pass, not {orbit}"
    if row["covered"] < covered:
        return f"shows {row['covered']:.0%} of the fjord, {covered:.0%} are needed"
    return ""
