"""A server on this machine that misbehaves in the ways that servers do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Served:
    """What the server holds and how it behaves.

    Parameters
    ----------
    files : dict
        Path to content.
    drop_after : list of int
        Bytes after which the connection is cut, one a request; then no more.
    ranges : bool
        Whether a Range is honoured.
    etag : str
        Sent with every file.
    asked : list
        Path, Range and Authorization of every request so far.
    """

    files: dict[str, bytes]
    drop_after: list[int] = field(default_factory=list)
    ranges: bool = True
    etag: str = '"one"'
    status: int = 200
    kind: str = "application/octet-stream"
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Run the server while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            served.asked.append((self.path, asked, self.headers.get("Authorization", "")))
            body = served.files.get(self.path)
            status = served.status if body is not None else 404
            content = body if body is not None else b"no"
            start = 0
            same = self.headers.get("If-Range", served.etag) == served.etag
            if asked and served.ranges and same and status == 200:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                status = 206 if start < len(content) else 416
            self.send_response(status)
            if status == 206:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
                content = content[start:]
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Type", served.kind)
            if served.etag:
                self.send_header("ETag", served.etag)
            self.end_headers()
            cut = served.drop_after.pop(0) if served.drop_after else len(content)
            self.wfile.write(content[:cut])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
