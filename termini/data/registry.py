"""The registry of published datasets: who publishes what, where, under what terms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from termini.errors import InputError


@dataclass(frozen=True)
class DataFile:
    """One file as the publisher gives it.

    Parameters
    ----------
    name : str
        File name.
    url : str
        Address; empty where none is known.
    checksum : str
        ``sha256:...`` or ``md5:...`` as the publisher states it; empty where it
        states none.
    size : int or None
        Bytes, where the publisher states them.
    """

    name: str
    url: str = ""
    checksum: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Dataset:
    """A published dataset.

    Parameters
    ----------
    name : str
        Name in the registry.
    title, citation, licence : str
        What it is, how to cite it, and its terms.
    page : str
        The publisher's page.
    reader : str
        What reads it, as ``fronts:termpicks``.
    folder : str
        Its folder under the data root.
    holds : tuple of str
        Patterns that must all be found in the folder for the set to count as there.
    files : tuple of DataFile
        Files that can be downloaded; empty where it must be fetched by hand.
    login : str
        ``earthdata`` where the publisher asks for an account.
    by_hand : str
        What to do where no file has an address.
    """

    name: str
    title: str
    citation: str
    licence: str
    page: str
    reader: str
    folder: str
    holds: tuple[str, ...]
    files: tuple[DataFile, ...] = ()
    login: str = ""
    by_hand: str = ""


def datasets() -> dict[str, Dataset]:
    """All datasets of the registry.

    Returns
    -------
    dict
        Name to `Dataset`, in the order of the registry.
    """
    text = resources.files("termini.data").joinpath("registry.yml").read_text(encoding="utf-8")
    return dict(_parsed(text))


def get_dataset(name: str) -> Dataset:
    """One dataset of the registry.

    Parameters
    ----------
    name : str
        Name in the registry.

    Returns
    -------
    Dataset
        Its entry.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    known = datasets()
    if name not in known:
        raise InputError(f"dataset {name!r} is unknown; known are {', '.join(known)}")
    return known[name]


@lru_cache(maxsize=2)
def _parsed(text: str) -> tuple[tuple[str, Dataset], ...]:
    return tuple((name, _dataset(name, entry)) for name, entry in yaml.safe_load(text).items())


def _dataset(name: str, entry: dict[str, Any]) -> Dataset:
    files = tuple(
        DataFile(
            file["name"],
            file.get("url", ""),
            next((f"{kind}:{file[kind]}" for kind in ("sha256", "md5") if kind in file), ""),
            file.get("size"),
        )
        for file in entry.pop("files", [])
    )
    return Dataset(name=name, files=files, holds=tuple(entry.pop("holds")), **entry)
