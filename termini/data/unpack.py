"""Archives unpacked so that nothing lands outside the folder meant for it."""

from __future__ import annotations

import errno
import lzma
import re
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from termini.errors import InputError

_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    NotImplementedError,
)

_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|tar\.(gz|bz2|xz))$", flags=re.IGNORECASE)


class BadArchiveError(InputError):
    """An archive that is broken or would do harm; to try again with it is no use."""


# Name, size and a way to open it.
Member = tuple[str, int, Callable[[], IO[bytes]]]


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or tar archive, by its content.

    Parameters
    ----------
    path : path
        File.

    Returns
    -------
    bool
        True for zip, tar and compressed tar.
    """
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def named_archive(path: Path) -> bool:
    """Whether a file is a zip or tar archive, by its name.

    Parameters
    ----------
    path : path
        File.

    Returns
    -------
    bool
        True for ``.zip``, ``.tar``, ``.tar.gz``, ``.tgz`` and the like.
    """
    return _ARCHIVE.search(path.name) is not None


def unpack(archive: Path, folder: Path) -> list[Path]:
    """Unpack a zip or tar archive.

    Parameters
    ----------
    archive : path
        The archive.
    folder : path
        Existing folder to unpack into.

    Returns
    -------
    list of pathlib.Path
        Files written.

    Raises
    ------
    BadArchiveError
        If the archive is broken, would write outside `folder`, or holds links or
        devices.
    InputError
        If it needs more room than there is.
    """
    try:
        with _members(archive) as members:
            files = [(_safe(archive, name, folder), size, read) for name, size, read in members]
            need, room = sum(size for _, size, _ in files), shutil.disk_usage(folder).free
            if need > room:
                raise InputError(
                    f"{archive}: unpacks to {need / 1e9:.1f} GB, but there are {room / 1e9:.1f} GB "
                    f"left in {folder}; give another place with --to"
                )
            for path, size, read in files:
                path.parent.mkdir(parents=True, exist_ok=True)
                with read() as source, path.open("wb") as target:
                    _copy_no_more(source, target, size, archive)
    except (*_BROKEN, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise  # the disk's fault; a place that cannot be in the file is the archive's
        raise BadArchiveError(
            f"{archive}: is not a whole archive ({error}); pull it again"
        ) from error
    return [path for path, _, _ in files]


def _copy_no_more(source: IO[bytes], target: IO[bytes], size: int, archive: Path) -> None:
    """Copy a member; more bytes than it states are refused."""
    left = size
    while chunk := source.read(1 << 20):
        left -= len(chunk)
        if left < 0:
            raise BadArchiveError(f"{archive}: holds more than it says; do not trust it")
        target.write(chunk)


def _safe(archive: Path, name: str, folder: Path) -> Path:
    """Path of a member below the folder, or an error."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0]:
        raise BadArchiveError(
            f"{archive}: would write outside its folder ({name!r}); do not trust it"
        )
    return folder.joinpath(*path.parts)


@contextmanager
def _members(archive: Path) -> Iterator[list[Member]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield [
                _zipped(archive, zipped, info) for info in zipped.infolist() if not info.is_dir()
            ]
    else:
        with tarfile.open(archive) as tar:
            yield [_tarred(archive, tar, info) for info in tar.getmembers() if not info.isdir()]


def _zipped(archive: Path, zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    kind = (info.external_attr >> 16) & 0o170000
    if kind not in (0, 0o100000):
        raise BadArchiveError(f"{archive}: {info.filename!r} is a link or device; do not trust it")
    return info.filename, info.file_size, lambda: zipped.open(info)


def _tarred(archive: Path, tar: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    if not info.isreg():
        raise BadArchiveError(f"{archive}: {info.name!r} is a link or device; do not trust it")

    def read() -> IO[bytes]:
        stream = tar.extractfile(info)
        assert stream is not None  # a regular file
        return stream

    return info.name, info.size, read
