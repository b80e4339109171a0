"""Where datasets lie on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from termini.data.registry import Dataset, get_dataset
from termini.files import data_root, user_cache


def root(to: str | Path | None = None) -> Path:
    """Folder that datasets are put in and looked for.

    Parameters
    ----------
    to : path, optional
        A folder of the user's choice.

    Returns
    -------
    pathlib.Path
        `to`; else ``$TERMINI_DATA`` (which need not exist yet); else the folder that
        `termini.files.data_root` finds; else the user's cache.
    """
    if to is not None:
        return Path(to)
    if named := os.environ.get("TERMINI_DATA"):
        return Path(named)
    return data_root(required=False) or user_cache()


def where(name: str, *, to: str | Path | None = None) -> Path:
    """Folder that a dataset is read from.

    Parameters
    ----------
    name : str
        Name in the registry.
    to : path, optional
        Data root of the user's choice.

    Returns
    -------
    pathlib.Path
        The folder, whether it is there or not.

    Raises
    ------
    InputError
        If there is no such dataset.
    """
    return root(to) / get_dataset(name).folder


def missing(dataset: Dataset, folder: Path) -> list[str]:
    """Patterns of the files that a dataset lacks.

    Parameters
    ----------
    dataset : Dataset
        Entry of the registry.
    folder : path
        Its folder.

    Returns
    -------
    list of str
        Patterns without a match; empty where the dataset is there.
    """
    return [pattern for pattern in dataset.holds if next(folder.glob(pattern), None) is None]


def present(name: str, *, to: str | Path | None = None) -> bool:
    """Whether a dataset is there, as far as its registry entry can tell.

    Parameters
    ----------
    name : str
        Name in the registry.
    to : path, optional
        Data root of the user's choice.

    Returns
    -------
    bool
        True where every file pattern of the entry is found.
    """
    return not missing(get_dataset(name), where(name, to=to))
