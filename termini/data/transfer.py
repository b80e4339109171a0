"""One file from a server: resumed where it broke off, refused with a reason.

`pooch` checks the checksum, tries again and puts the file in its place; what it
lacks is going on with half a file, which matters for archives of gigabytes over
a link that breaks.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlparse

from tqdm import tqdm

#: Environment variable with a bearer token of an Earthdata account.
TOKEN = "EARTHDATA_TOKEN"

# Hosts that a token may be sent to.
_EARTHDATA = (".earthdata.nasa.gov", ".nsidc.org")
_TIMEOUT = (30.0, 120.0)
# What is lost at most when a connection breaks.
_CHUNK = 1 << 14

Auth = Callable[[Any], Any]


class RefusedError(Exception):
    """The server will not give the file, however often it is asked."""


def transfer(url: str, part: Path, *, login: str = "", pinned: bool, progress: bool) -> None:
    """Bring a file to `part`, going on with what is there if the server allows it.

    Parameters
    ----------
    url : str
        Address: http, https, or a file on this machine (``file:///...``).
    part : path
        File to fill. What it holds already is continued if the server says that the
        file is still the same (``ETag`` or ``Last-Modified``), or if `pinned`.
    login : str
        ``earthdata`` where an account is asked for.
    pinned : bool
        Whether the checksum is known beforehand, so that a file put together of two
        versions would be noticed.
    progress : bool
        Show a bar on standard error.

    Raises
    ------
    RefusedError
        If the server refuses for good: not found, no access, a page to log in.
    requests.exceptions.RequestException
        If the connection fails; what came stays in `part`.
    """
    import requests

    if url.startswith("file:"):
        _copy(Path(unquote(urlparse(url).path)), part)
        return
    stamp = part.with_name(part.name + ".stamp")
    have = part.stat().st_size if part.exists() else 0
    known = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    if not known and not pinned:
        have = 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if known:
            headers["If-Range"] = known
    with requests.Session() as session:
        reply = session.get(
            url, headers=headers, stream=True, timeout=_TIMEOUT, auth=_auth(url, login)
        )
        with reply:
            if reply.status_code == 416:  # what is there is not the beginning of the file
                part.unlink(missing_ok=True)
                stamp.unlink(missing_ok=True)
                raise requests.exceptions.ConnectionError(f"{url}: starts again")
            _check(url, reply, part.name, login)
            if not _continues(reply, have):
                have = 0
            stamp.write_text(_validator(reply), encoding="utf-8")
            with part.open("ab" if have else "wb") as stream:
                _receive(reply, stream, have, part.name, progress)
    stamp.unlink(missing_ok=True)


def _receive(reply: Any, stream: IO[bytes], have: int, name: str, progress: bool) -> None:
    """Write what comes; a connection that ends early is an error."""
    import requests

    length = reply.headers.get("Content-Length")
    total = have + int(length) if length and length.isdigit() else None
    with tqdm(
        total=total,
        initial=have,
        unit="B",
        unit_scale=True,
        desc=name,
        disable=not progress,
    ) as bar:
        got = have
        for chunk in reply.iter_content(_CHUNK):
            stream.write(chunk)
            got += len(chunk)
            bar.update(len(chunk))
    if total is not None and got != total:
        raise requests.exceptions.ConnectionError(f"{name}: {got} of {total} bytes came")


def _continues(reply: Any, have: int) -> bool:
    """Whether the reply begins where the file on disk ends."""
    if not have or reply.status_code != 206:
        return False
    found = re.match(r"bytes (\d+)-", reply.headers.get("Content-Range", ""))
    return found is not None and int(found[1]) == have


def _validator(reply: Any) -> str:
    """What tells that the file on the server is still the same; empty if nothing does."""
    etag = str(reply.headers.get("ETag", ""))
    if etag and not etag.startswith("W/"):
        return etag
    return str(reply.headers.get("Last-Modified", ""))


def _check(url: str, reply: Any, name: str, login: str) -> None:
    """Refuse what is not the file: an error, or a page that asks to log in."""
    page = reply.headers.get("Content-Type", "").startswith("text/html")
    if reply.status_code in (401, 403) or (page and not name.endswith((".html", ".htm"))):
        raise RefusedError(
            f"{url}: the server gives no access (status {reply.status_code})"
            + (
                "; it asks for an Earthdata login: put 'machine urs.earthdata.nasa.gov login "
                f"NAME password WORD' into ~/.netrc, or a token into the variable {TOKEN}"
                if login == "earthdata"
                else "; open the publisher's page in a browser"
            )
        )
    if 400 <= reply.status_code < 500 and reply.status_code not in (408, 429):
        raise RefusedError(f"{url}: not given (status {reply.status_code}); the address may be old")
    reply.raise_for_status()


def _auth(url: str, login: str) -> Auth | None:
    """Token for an Earthdata host; elsewhere the names and passwords of ~/.netrc count."""
    token = os.environ.get(TOKEN, "")
    host = "." + (urlparse(url).hostname or "")
    if login != "earthdata" or not token or not host.endswith(_EARTHDATA):
        return None

    def bearer(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return bearer


def _copy(source: Path, part: Path) -> None:
    if not source.is_file():
        raise RefusedError(f"{source}: no such file; check the name")
    shutil.copyfile(source, part)
