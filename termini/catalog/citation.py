"""Citations: of the release, and of every source that went into it.

``CITATION.cff`` is for machines (Citation File Format 1.2.0, read by GitHub and
Zenodo), ``CITATION.md`` for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import yaml

from termini.catalog.attributes import CREATOR, HOME
from termini.errors import InputError

#: What a source may say of itself; the first two are needed.
SOURCE_KEYS = ("name", "citation", "title", "authors", "year", "doi", "url", "license", "version")


def check_sources(sources: Iterable[Mapping[str, Any]], used: Iterable[str]) -> None:
    """Refuse sources that cannot be cited.

    Parameters
    ----------
    sources : iterable of mapping
        One mapping a source; keys as in `SOURCE_KEYS`.
    used : iterable of str
        Column ``source`` of the front table.

    Raises
    ------
    InputError
        If a key is unknown, a name or citation lacks, or a source of the front
        table is not among them.
    """
    named = set()
    for source in sources:
        name = source.get("name")
        if unknown := set(source) - set(SOURCE_KEYS):
            raise InputError(
                f"source {name!r}: unknown key(s) {sorted(unknown)}; known are {list(SOURCE_KEYS)}"
            )
        if not name or not source.get("citation"):
            raise InputError(f"source {name!r}: needs a name and a citation, both as text")
        named.add(name)
    if lost := sorted(set(used) - named):
        raise InputError(
            f"no citation for the source(s) {lost}; add each to sources with name and citation"
        )


def citation_cff(version: str, date: Any, sources: Sequence[Mapping[str, Any]]) -> str:
    """Text of ``CITATION.cff``.

    Parameters
    ----------
    version : str
        Version of the release.
    date : date-like
        Date of the release.
    sources : sequence of mapping
        Sources; keys as in `SOURCE_KEYS`.

    Returns
    -------
    str
        YAML.
    """
    document = {
        "cff-version": "1.2.0",
        "message": "Cite this release and the sources under references.",
        "type": "dataset",
        "title": "termini: fronts, length and area change of marine-terminating glaciers",
        "version": version,
        "date-released": pd.Timestamp(date).strftime("%Y-%m-%d"),
        "authors": [{"name": CREATOR}],
        "url": HOME,
    }
    if sources:
        document["references"] = [_reference(source) for source in sources]
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100))


def _reference(source: Mapping[str, Any]) -> dict[str, Any]:
    """One source as a reference of the Citation File Format."""
    names = source.get("authors") or [source["name"]]
    names = [names] if isinstance(names, str) else names
    found: dict[str, Any] = {
        "type": "data",
        "title": source.get("title") or source["name"],
        "authors": [{"name": str(name)} for name in names],
    }
    for key in ("year", "doi", "url", "license", "version"):
        if source.get(key) not in (None, ""):
            found[key] = source[key] if key == "year" else str(source[key])
    return found | {"notes": source["citation"]}


def citation_text(version: str, date: Any, sources: Sequence[Mapping[str, Any]]) -> str:
    """Text of ``CITATION.md``.

    Parameters
    ----------
    version : str
        Version of the release.
    date : date-like
        Date of the release.
    sources : sequence of mapping
        Sources; keys as in `SOURCE_KEYS`.

    Returns
    -------
    str
        Markdown.
    """
    year = pd.Timestamp(date).year
    lines = [
        "# How to cite",
        "",
        f"{CREATOR} ({year}): termini: fronts, length and area change of marine-terminating "
        f"glaciers, version {version}. {HOME}",
        "",
        "This release was made from the following sources. Cite those that you use;",
        "the column `source` of `fronts.parquet` says which trace came from which.",
        "",
    ]
    for source in sources:
        terms = f" Licence: {source['license']}." if source.get("license") else ""
        lines.append(f"- `{source['name']}`: {source['citation']}{terms}")
    return "\n".join(lines) + "\n"
