"""Download of scenes: resumed where the connection broke, checked, put in place whole.

One file at a time goes through `termini.data.transfer`, the mechanism of
published datasets. A scene's checksum comes from its catalogue as a multihash
(STAC file extension).
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from termini.data.transfer import RefusedError, transfer
from termini.errors import SceneError
from termini.files import make_folder
from termini.scenes.address import find_address

#: Seconds before the second try; doubled before each further one.
PAUSE = 0.5

# Code in front of a multihash, and what Python calls the function.
_FUNCTIONS = {
    0x11: "sha1",
    0x12: "sha256",
    0x13: "sha512",
    0x14: "sha3_512",
    0x16: "sha3_256",
    0xD5: "md5",
}


@dataclass(frozen=True)
class Checksum:
    """What a file's bytes must add up to.

    Parameters
    ----------
    function : str
        Name as in `hashlib`.
    digest : str
        Hexadecimal digits.
    """

    function: str
    digest: str


def read_multihash(text: str) -> Checksum:
    """Read a multihash.

    Parameters
    ----------
    text : str
        Hexadecimal digits: code of the function and length of the digest, both as
        variable-length integers, then the digest.

    Returns
    -------
    Checksum
        Function and digest.

    Raises
    ------
    SceneError
        If it is none, or of a function that is not known here.
    """
    try:
        rest = bytes.fromhex(text)
        code, rest = _number(rest)
        length, rest = _number(rest)
    except (ValueError, IndexError) as error:
        raise SceneError(f"checksum {text!r} is no multihash in hexadecimal digits") from error
    function = _FUNCTIONS.get(code, "")
    if not function or not length == len(rest) == hashlib.new(function).digest_size:
        known = ", ".join(sorted(_FUNCTIONS.values()))
        raise SceneError(f"checksum {text!r}: unknown function or wrong length; known are {known}")
    return Checksum(function, rest.hex())


def _number(data: bytes) -> tuple[int, bytes]:
    """Variable-length integer at the beginning, and what follows."""
    value = shift = place = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, data[place:]


def fetch(
    url: str,
    to: Path,
    *,
    checksum: Checksum | None = None,
    size: int | None = None,
    retries: int = 4,
    progress: bool = False,
) -> Path:
    """Download one file.

    Parameters
    ----------
    url : str
        Address, or a path on this machine as ``file://``.
    to : path
        File to write. One that is there already, and right, is left alone.
    checksum : Checksum, optional
        What it must add up to.
    size : int, optional
        Bytes that it must have.
    retries : int
        How often a broken download is continued.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    path
        `to`.

    Raises
    ------
    SceneError
        If the server refuses or fails for good (what came stays beside `to` and is
        continued the next time), or what came is not the file.
    """
    import requests

    label = find_address(url).label
    if to.exists() and not _wrong(to, checksum, size):
        return to
    make_folder(to.parent)
    part = to.with_name(to.name + ".part")
    wrong = said = ""
    for attempt in range(retries + 1):
        if attempt:
            time.sleep(PAUSE * 2 ** (attempt - 1))
        try:
            transfer(url, part, pinned=checksum is not None, progress=progress)
        except RefusedError as error:
            raise SceneError(str(error).replace(url, label)) from error
        except requests.exceptions.RequestException as error:
            wrong, said = "", str(error).replace(url, label)
            continue
        wrong = _wrong(part, checksum, size)
        if not wrong:
            part.replace(to)
            return to
        part.unlink()
    if wrong:
        raise SceneError(
            f"{label}: {wrong}; it was not kept; ask the catalogue anew for its address"
        )
    raise SceneError(
        f"{label}: cannot be had ({said}); what came is kept, run the command again to go on"
    )


def _wrong(path: Path, checksum: Checksum | None, size: int | None) -> str:
    """What is not as stated; empty if nothing is."""
    have = path.stat().st_size
    if size is not None and have != size:
        return f"{have} bytes came, {size} are stated"
    if checksum is None:
        return ""
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, checksum.function).hexdigest()
    if found != checksum.digest:
        return f"its {checksum.function} is {found[:12]}..., {checksum.digest[:12]}... is stated"
    return ""
