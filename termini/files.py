"""Writing files whole or not at all, hashing them, and finding data.

Nothing that termini writes is ever seen half-written: each file is written
under a temporary name in its own folder and renamed when it is complete.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from termini.errors import InputError


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Temporary path that becomes `path` when the block ends without an error.

    Parameters
    ----------
    path : path
        Final name; missing folders are made.

    Yields
    ------
    pathlib.Path
        Temporary name with the same ending, in the same folder.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.stem}-", suffix=final.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> Path:
    """Write a text file whole.

    Parameters
    ----------
    path : path
        Where to.
    text : str
        What, as UTF-8.

    Returns
    -------
    pathlib.Path
        The path.
    """
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return Path(path)


def sha256(path: str | Path) -> str:
    """Checksum of a file.

    Parameters
    ----------
    path : path
        File to read.

    Returns
    -------
    str
        SHA-256 as 64 hexadecimal digits.
    """
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def data_root(*, required: bool = True) -> Path | None:
    """Folder with the published datasets that the studies read.

    Parameters
    ----------
    required : bool
        Raise where there is none, instead of returning None.

    Returns
    -------
    pathlib.Path or None
        ``$TERMINI_DATA`` if set, else ``../shared/data`` if that exists.

    Raises
    ------
    InputError
        If `required` and neither exists.
    """
    named = os.environ.get("TERMINI_DATA")
    for candidate in [Path(named)] if named else [Path("../shared/data")]:
        if candidate.is_dir():
            return candidate.resolve()
    if required:
        raise InputError(
            "no folder with published data: set TERMINI_DATA to a folder that holds "
            "nw_greenland, jakobshavn and the others named in docs/data.md"
            + (f" (now {named}, which does not exist)" if named else "")
        )
    return None
