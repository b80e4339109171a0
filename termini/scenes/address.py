"""Where a scene's file lies: on this machine, or behind an address on a server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import rasterio

_SERVERS = {
    "http": "/vsicurl/",
    "https": "/vsicurl/",
    "s3": "/vsis3/",
    "gs": "/vsigs/",
    "az": "/vsiaz/",
}


@dataclass(frozen=True)
class Address:
    """A file, however it is reached.

    Parameters
    ----------
    label : str
        Name for messages; without what follows a question mark, which may be a
        signature that opens the file to whoever reads it.
    gdal : str
        Name by which GDAL opens it.
    path : pathlib.Path
        Local path; for a remote file its name alone, for its stem and suffix.
    remote : bool
        Whether it lies on a server.
    text : str
        As `find_address` reads it, with what follows a question mark.
    """

    label: str
    gdal: str
    path: Path
    remote: bool
    text: str


def find_address(path: str | Path) -> Address:
    """Read a path or an address.

    Parameters
    ----------
    path : path or str
        Local path, ``file://``, ``http(s)://``, ``s3://``, ``gs://``, ``az://``.

    Returns
    -------
    Address
        The file.
    """
    text = str(path)
    if not re.match(r"[a-z0-9]{2,5}://", text):
        return Address(text, text, Path(path), remote=False, text=text)
    parts = urlsplit(text)
    if parts.scheme == "file":
        local = Path(unquote(parts.path))
        return Address(str(local), str(local), local, remote=False, text=str(local))
    name = Path(PurePosixPath(unquote(parts.path)).name)
    label = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    opened = _SERVERS.get(parts.scheme, "")
    rest = text if opened == "/vsicurl/" else text.partition("://")[2]
    return Address(label, opened + rest, name, remote=True, text=text)


def reading(address: Address) -> Any:
    """Settings of GDAL while a file is read.

    Parameters
    ----------
    address : Address
        The file.

    Returns
    -------
    context manager
        A small cache of blocks, so that memory stays bounded; for a file on a
        server also: no listing of its folder, broken requests repeated, and
        nothing remembered of an earlier failure.
    """
    if not address.remote:
        return rasterio.Env(GDAL_CACHEMAX=64)
    return rasterio.Env(
        GDAL_CACHEMAX=64,
        GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR",
        GDAL_HTTP_MAX_RETRY=2,
        GDAL_HTTP_RETRY_DELAY=0.2,
        GDAL_HTTP_TIMEOUT=60,
        GDAL_HTTP_CONNECTTIMEOUT=20,
        CPL_VSIL_CURL_NON_CACHED=address.gdal,
    )
