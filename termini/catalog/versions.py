"""Versions of releases: how they are written, ordered and found.

Semantic versions (semver.org): ``0.2.0`` is newer than ``0.2.0-rc1`` and older
than ``0.10.0``.
"""

from __future__ import annotations

import re
from pathlib import Path

from termini.errors import ReleaseError

RELEASES = "releases"
SUMS = "SHA256SUMS"
_NUMBER = r"(0|[1-9]\d*)"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?")


def version_key(version: str) -> tuple[object, ...]:
    """Key that sorts versions from oldest to newest.

    Parameters
    ----------
    version : str
        ``major.minor.patch``, with ``-something`` before a release proper.

    Returns
    -------
    tuple
        To be compared with other keys (semver.org, rule 11).

    Raises
    ------
    ReleaseError
        If it is not a semantic version.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        raise ReleaseError(
            f"{version!r} is not a version; write three numbers, as 0.1.0 or 1.0.0-rc1"
        )
    before = match.group(4)
    parts = tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in (before.split(".") if before else [])
    )
    return (*(int(match.group(i)) for i in (1, 2, 3)), before is None, parts)


def versions(root: str | Path) -> list[str]:
    """Versions that a catalog folder holds, oldest first.

    Parameters
    ----------
    root : path
        Folder with ``catalog.yaml`` and ``releases/``.

    Returns
    -------
    list of str
        Only whole releases, those with a list of checksums.
    """
    folders = Path(root, RELEASES).glob("*/" + SUMS)
    found = [f.parent.name for f in folders if _VERSION.fullmatch(f.parent.name)]
    return sorted(found, key=version_key)


def release_path(root: str | Path, version: str | None = None) -> Path:
    """Folder of one release.

    Parameters
    ----------
    root : path
        Folder with ``catalog.yaml`` and ``releases/``.
    version : str, optional
        Version; the newest if left out.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ReleaseError
        If there is no such release; the message lists those there are.
    """
    found = versions(root)
    if not found:
        raise ReleaseError(f"{root}: holds no release; make one with 'termini release'")
    if version is None:
        version = found[-1]
    if version not in found:
        raise ReleaseError(f"{root}: holds no release {version}; it holds {', '.join(found)}")
    return Path(root, RELEASES, version)


def version_before(root: str | Path, version: str) -> str | None:
    """Newest version of a catalog that is older than a given one.

    Parameters
    ----------
    root : path
        Folder with ``catalog.yaml`` and ``releases/``.
    version : str
        Version, which need not exist.

    Returns
    -------
    str or None
        None where nothing is older.
    """
    older = [v for v in versions(root) if version_key(v) < version_key(version)]
    return older[-1] if older else None
