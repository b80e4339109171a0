"""A STAC API and a file server on this machine, which misbehave as such servers do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from shapely.geometry import mapping

from termini.domain import GlacierDomain
from termini.geo import LONLAT, reproject

GEOJSON = "application/geo+json"
CONFORMS = [
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/collections",
]


@dataclass
class Served:
    """What the server holds and how it behaves.

    Parameters
    ----------
    files : dict
        Path to content.
    items : list
        STAC items, given `page` at a time.
    cut : list of int
        Bytes after which a body is cut off, one a request with a body; then no more.
    always_cut : bool
        Cut every body of a file in half.
    ranges : bool
        Whether a Range is honoured.
    asked : list
        Method, path and Range of each request.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    page: int = 2
    cut: list[int] = field(default_factory=list)
    always_cut: bool = False
    ranges: bool = True
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""


def made_up_item(
    name: str, domain: GlacierDomain, date: str, assets: dict[str, Any], **properties: Any
) -> dict[str, Any]:
    """An item whose outline reaches around the fjord."""
    outline = reproject(domain.fjord.buffer(3000.0).envelope, domain.crs, LONLAT)
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "collection": "made-up",
        "geometry": mapping(outline),
        "bbox": list(outline.bounds),
        "properties": {"datetime": date, **properties},
        "links": [],
        "assets": assets,
    }


def multihash(data: bytes) -> str:
    """SHA-256 as a multihash."""
    return "1220" + hashlib.sha256(data).hexdigest()


def _reply(served: Served, path: str, asked: dict[str, Any]) -> tuple[bytes, str] | None:
    if path in served.files:
        return served.files[path], "application/octet-stream"
    root = served.address
    if path == "/":
        links = [
            {"rel": "self", "href": f"{root}/"},
            {"rel": "root", "href": f"{root}/"},
            {"rel": "search", "href": f"{root}/search", "type": GEOJSON, "method": "POST"},
        ]
        found: dict[str, Any] = {
            "type": "Catalog", "stac_version": "1.0.0", "id": "made-up", "description": "made up",
            "conformsTo": CONFORMS, "links": links,
        }  # fmt: skip
    elif path == "/search":
        start = int(asked.get("token", 0))
        chosen = served.items[start : start + served.page]
        links = []
        if start + served.page < len(served.items):
            body = {**asked, "token": start + served.page}
            links = [{"rel": "next", "href": f"{root}/search", "method": "POST", "body": body}]
        found = {"type": "FeatureCollection", "features": chosen, "links": links}
    else:
        return None
    return json.dumps(found).encode(), "application/json"


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Run the server while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            self.do_GET(head=True)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self.do_GET(asked=json.loads(self.rfile.read(length)))

        def do_GET(self, head: bool = False, asked: dict[str, Any] | None = None) -> None:
            path = self.path.partition("?")[0]
            wanted = self.headers.get("Range", "")
            served.asked.append((self.command, path, wanted))
            found = _reply(served, path, asked or {})
            content, kind = found or (b"no", "text/plain")
            whole = len(content)
            status, first = (200 if found else 404), 0
            if found and wanted and served.ranges:
                left, _, right = wanted.removeprefix("bytes=").partition("-")
                first = int(left)
                content = content[first : int(right) + 1 if right else None]
                status = 206
            self.send_response(status)
            if status == 206:
                last = first + len(content) - 1
                self.send_header("Content-Range", f"bytes {first}-{last}/{whole}")
            if served.ranges:
                self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Type", kind)
            self.end_headers()
            if head:
                return
            if served.cut:
                content = content[: served.cut.pop(0)]
            elif served.always_cut and path in served.files:
                content = content[: len(content) // 2]
            try:
                self.wfile.write(content)
            except OSError:
                return  # the reader had enough

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A reader that hangs up is no error of the test."""

    server = Server(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
