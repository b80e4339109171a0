"""Download of STAC items, and reading them back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from termini.errors import MissingExtraError, SceneError
from termini.files import make_folder, written_whole
from termini.scenes.address import find_address
from termini.scenes.fetching import fetch, read_multihash
from termini.scenes.stac import asset_href, item_asset, item_masks

if TYPE_CHECKING:
    import pystac


def download_item(
    item: pystac.Item,
    folder: str | Path,
    *,
    assets: Sequence[str] = (),
    retries: int = 4,
    progress: bool = False,
) -> dict[str, Path]:
    """Download the files of an item that fronts are seen on.

    Parameters
    ----------
    item : pystac.Item
        The item.
    folder : path
        Where; the files go into a folder of the item's name, with ``item.json``,
        which links to them.
    assets : sequence of str
        Keys to fetch; the sensor's band and the cloud mask by default.
    retries : int
        How often a broken download is continued.
    progress : bool
        Show bars on standard error.

    Returns
    -------
    dict
        Asset key to file, as `item_scene` takes it.

    Raises
    ------
    SceneError
        If a file cannot be had or is not what the item states (``file:checksum``,
        ``file:size``).
    """
    into = make_folder(Path(folder) / safe_name(item.id))
    wanted = list(assets) or [item_asset(item), *item_masks(item)]
    got: dict[str, Path] = {}
    kept = item.clone()
    kept.clear_links()
    for key in wanted:
        item_asset(item, asset=key)
        href = asset_href(item, key)
        fields = item.assets[key].extra_fields
        stated = fields.get("file:checksum")
        url = href if "://" in href else Path(href).resolve().as_uri()
        name = f"{safe_name(key)}-{safe_name(find_address(href).path.name)}"
        got[key] = fetch(
            url,
            into / name,
            checksum=read_multihash(stated) if stated else None,
            size=fields.get("file:size"),
            retries=retries,
            progress=progress,
        )
        kept.assets[key].href = f"./{name}"
    kept.assets = {key: kept.assets[key] for key in wanted}
    with written_whole(into / "item.json") as part:
        kept.save_object(include_self_link=False, dest_href=str(part))
    return got


def safe_name(name: str) -> str:
    """Name of a file that stays in its folder.

    Parameters
    ----------
    name : str
        Any text, as a scene's id.

    Returns
    -------
    str
        Its letters, digits and ``_ . + -``, not beginning with a dot.
    """
    return re.sub(r"[^\w.+-]", "_", name).lstrip(".") or "scene"


def read_item(path: str | Path) -> pystac.Item:
    """Read a STAC item from its file.

    Parameters
    ----------
    path : path
        JSON file.

    Returns
    -------
    pystac.Item
        The item; relative links count from its file.

    Raises
    ------
    SceneError
        If there is no such file or it is no item.
    MissingExtraError
        If pystac is not installed.
    """
    try:
        import pystac
    except ImportError as error:
        raise MissingExtraError("stac", "reading a STAC item") from error
    if not Path(path).is_file():
        raise SceneError(f"{path}: no such file; check its name")
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        item = pystac.Item.from_dict(found, preserve_dict=False)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        pystac.STACError,
        pystac.STACTypeError,
    ) as error:
        raise SceneError(f"{path}: is no STAC item ({error}); give an item or a scene") from error
    item.set_self_href(str(Path(path).resolve()))
    return item
