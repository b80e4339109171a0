"""Checksums of what was downloaded, for files whose publisher states none."""

from __future__ import annotations

import json
from pathlib import Path

from termini.errors import InputError
from termini.files import write_text

#: Name of the file under the data root.
LOCK = "checksums.lock.json"


def locked(root: Path) -> dict[str, dict[str, str]]:
    """Checksums recorded under a data root.

    Parameters
    ----------
    root : path
        Data root.

    Returns
    -------
    dict
        Dataset to file name to ``sha256:...``.

    Raises
    ------
    InputError
        If the file is not as termini wrote it.
    """
    path = root / LOCK
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not JSON ({error}); restore it or delete it") from error
    if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
        raise InputError(f"{path}: is not a list of checksums; restore it or delete it")
    return found


def record(root: Path, dataset: str, file: str, checksum: str) -> None:
    """Write down the checksum of a file.

    Parameters
    ----------
    root : path
        Data root.
    dataset, file : str
        Which file.
    checksum : str
        ``sha256:...``.
    """
    known = locked(root)
    known.setdefault(dataset, {})[file] = checksum
    write_text(root / LOCK, json.dumps(known, indent=2, sort_keys=True) + "\n")
