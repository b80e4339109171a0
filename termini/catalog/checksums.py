"""Checksums of a release, in the format that ``sha256sum -c`` reads."""

from __future__ import annotations

from pathlib import Path

from termini.catalog.versions import SUMS
from termini.errors import ReleaseError
from termini.files import sha256, write_text


def files_of(folder: str | Path) -> list[str]:
    """Files of a release in order, without the list of checksums itself.

    Parameters
    ----------
    folder : path
        Release.

    Returns
    -------
    list of str
        Paths relative to `folder`, with forward slashes.
    """
    base = Path(folder)
    found = (path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_file())
    return sorted(name for name in found if name != SUMS)


def write_sums(folder: str | Path) -> Path:
    """Write the checksums of all files of a release.

    Parameters
    ----------
    folder : path
        Release.

    Returns
    -------
    pathlib.Path
        ``SHA256SUMS``.
    """
    base = Path(folder)
    lines = [f"{sha256(base / name)}  {name}\n" for name in files_of(base)]
    return write_text(base / SUMS, "".join(lines))


def read_sums(folder: str | Path) -> dict[str, str]:
    """Checksums as the release states them.

    Parameters
    ----------
    folder : path
        Release.

    Returns
    -------
    dict
        File to checksum.

    Raises
    ------
    ReleaseError
        If the list is missing or has a line that is not one of it.
    """
    path = Path(folder, SUMS)
    if not path.is_file():
        raise ReleaseError(f"{path}: no such file; {folder} is not a whole release")
    stated = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise ReleaseError(f"{path}: line {number} is not a checksum; fetch the release again")
        stated[name] = digest
    return stated
