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
from functools import lru_cache
from importlib import resources
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

    Raises
    ------
    InputError
        If nothing can be written there.
    """
    final = Path(path)
    temporary = _beside(final)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        try:
            temporary.replace(final)
        except OSError as error:
            raise _unwritable(final, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _beside(final: Path) -> Path:
    """Fresh temporary file in the folder of a file that is to be written."""
    if final.is_dir():
        raise InputError(f"{final}: is a folder; give the name of a file to write")
    make_folder(final.parent)
    try:
        handle, name = tempfile.mkstemp(
            dir=final.parent, prefix=f".{final.stem}-", suffix=final.suffix
        )
    except OSError as error:
        raise _unwritable(final, error) from error
    os.close(handle)
    return Path(name)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path}: cannot be written ({error.strerror or error}); give a place where you may write"
    )


def make_folder(path: str | Path) -> Path:
    """Make a folder, with those above it, if it is not there.

    Parameters
    ----------
    path : path
        Folder.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    InputError
        If a file is in the way or the folder may not be made.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InputError(f"{folder}: is a file; give a folder to write to") from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def check_writable(path: str | Path) -> None:
    """Refuse a file that could not be written, before the work that goes into it.

    Parameters
    ----------
    path : path
        File to be written later; its folder is made.

    Raises
    ------
    InputError
        If nothing can be written there.
    """
    _beside(Path(path)).unlink()


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


@lru_cache(maxsize=4)
def code_hash(*parts: str) -> str:
    """Hash of the package's own files, so that results of older code are not taken over.

    Parameters
    ----------
    *parts : str
        Files and folders of the package that matter; all of them if none is named.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    root = Path(str(resources.files("termini")))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.suffix in {".py", ".yml", ".safetensors"} and (not parts or name.parts[0] in parts):
            digest.update(name.as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def user_cache() -> Path:
    """Folder for downloaded datasets where the user has named none.

    Returns
    -------
    pathlib.Path
        ``termini`` in the cache folder of the operating system; it may not exist yet.
    """
    import pooch

    return Path(pooch.os_cache("termini"))


def data_root(*, required: bool = True, cache: bool = True) -> Path | None:
    """Folder with the published datasets that the studies read.

    Parameters
    ----------
    required : bool
        Raise where there is none, instead of returning None.
    cache : bool
        Whether the user's cache, which `termini.data.pull` fills, counts.

    Returns
    -------
    pathlib.Path or None
        ``$TERMINI_DATA`` if set, else ``../shared/data`` if that exists, else the
        user's cache if that does.

    Raises
    ------
    InputError
        If `required` and none exists.
    """
    named = os.environ.get("TERMINI_DATA")
    if named:
        places = [Path(named)]
    else:
        places = [Path("../shared/data"), *([user_cache()] if cache else [])]
    for candidate in places:
        if candidate.is_dir():
            return candidate.resolve()
    if required:
        raise InputError(
            "no folder with published data: download a dataset (termini data pull), or set "
            "TERMINI_DATA to a folder that holds nw_greenland, jakobshavn and the others named "
            "in docs/data.md" + (f" (now {named}, which does not exist)" if named else "")
        )
    return None
