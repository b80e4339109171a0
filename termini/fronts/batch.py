"""Fronts from many scenes: in parallel, with progress, and resumable.

Scenes go through in chunks. Each chunk's fronts and failures are written whole
to one file; a run that is killed and started again takes up where it stopped
and ends with the same table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely
from tqdm import tqdm

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.files import code_hash, sha256, write_text
from termini.fronts.chunks import Chunk, check_names, run_chunks
from termini.fronts.judgement import PathSettings
from termini.fronts.refine import REFINE, Refining
from termini.fronts.see import files_of
from termini.fronts.vector.names import DEFAULT
from termini.fronttable import front_table
from termini.geo import ARCTIC
from termini.scenes.address import Address, find_address

if TYPE_CHECKING:
    from termini.fronts.see import Weights
    from termini.segment import Views

#: Scenes a chunk: few enough to lose little, enough to keep files few.
CHUNK = 8

# What of the package a front depends on, apart from the weights.
_CODE = ("geo.py", "sensors.py", "variables.yml", "scenes", "segment", "fronts")

FAILURE_COLUMNS = ["path", "glacier_id", "reason"]


def extract_batch(
    paths: Sequence[str | Path],
    domains: Mapping[str, GlacierDomain],
    network: Weights = None,
    *,
    workers: int = 1,
    progress: bool = True,
    resume: str | Path | None = None,
    glaciers: Mapping[str, str] | None = None,
    crs: str | None = None,
    settings: PathSettings | None = None,
    views: Views | None = None,
    vectoriser: str = DEFAULT,
    refine: Refining = REFINE,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Extract the fronts that many scenes show.

    Parameters
    ----------
    paths : sequence of path or str
        Georeferenced scenes, files or addresses (``https://``). Those that a server did
        not send whole are tried again by the next run.
    domains : mapping
        Glacier id to domain, all in one projection. Every glacier of whose fjord
        a scene covers at least half is extracted from it; if there is none, the
        one that it covers most.
    network : path, termini.segment.Network or sequence of them, optional
        Weights, or loaded networks, of which the maps are averaged; the shipped
        weights by default.
    workers : int
        Processes, each on one thread.
    progress : bool
        Show a progress bar.
    resume : path, optional
        Folder for the parts of an unfinished run; without it a killed run
        starts anew.
    glaciers : mapping, optional
        Scene's stem to the one glacier to extract from it.
    crs : str, optional
        Projection of the scenes, if the files state none or a wrong one.
    settings : PathSettings, optional
        What the search for the line goes by.
    views : termini.segment.Views, optional
        Looks to average over: mirrored, at other sizes, with dropout; one by default.
    vectoriser : str
        How the line is found in the maps, a name of `termini.fronts.VECTORISERS`.
    refine : {"native", "off"}
        Draw the line again at the scene's own pixel, where that is finer than the
        working resolution, or leave it.

    Returns
    -------
    tuple
        Front table, in the domains' projection, and the failures: a table with
        ``path``, ``glacier_id`` and ``reason``. A bad scene is among the
        failures and never stops the rest.

    Raises
    ------
    InputError
        If there are no domains, two scenes have one name, the domains' projections
        differ, or a network that was not read from a file would have to be known by one
        (several workers, or a folder to resume from).
    """
    files = [find_address(path) for path in paths]
    _check(files, domains)
    # the fronts of branches are those of the whole glacier
    domains = {name: d for name, d in domains.items() if not d.branch_of} or domains
    tasks = [
        Chunk(_chosen(files[i : i + CHUNK], glaciers), crs, settings, views, vectoriser, refine)
        for i in range(0, len(files), CHUNK)
    ]
    folder = Path(resume) if resume is not None else None
    keys = [_key(task, domains, network) for task in tasks] if folder is not None else []
    done = _finished(keys, folder)
    left = [(number, task) for number, task in enumerate(tasks) if number not in done]
    with tqdm(total=len(files), desc="scenes", unit="scene", disable=not progress) as bar:
        bar.update(sum(len(tasks[n].scenes) for n in done))
        for number, part in run_chunks(left, domains, network, workers):
            if folder is not None:
                write_text(folder / f"{keys[number]}.json", json.dumps(part, sort_keys=True))
            done[number] = part
            bar.update(len(tasks[number].scenes))
    return _joined([done[n] for n in sorted(done)], domains)


def _finished(keys: list[str], folder: Path | None) -> dict[int, dict[str, Any]]:
    """Parts of an earlier run by the number of their chunk."""
    if folder is None:
        return {}
    parts = ((number, _read_part(folder / f"{key}.json")) for number, key in enumerate(keys))
    return {number: part for number, part in parts if part is not None}


def _check(files: list[Address], domains: Mapping[str, GlacierDomain]) -> None:
    """Refuse domains that do not go together, and scenes that have one name."""
    if not domains:
        raise InputError("no glacier domains: give at least one")
    if len({domain.crs for domain in domains.values()}) > 1:
        raise InputError("the domains' projections differ; extract each projection by itself")
    check_names(files)


def _chosen(
    files: list[Address], glaciers: Mapping[str, str] | None
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Scenes with the glaciers to extract from each; none for those that it shows."""
    named = glaciers or {}
    return tuple(
        (file.text, (named[file.path.stem],) if file.path.stem in named else ()) for file in files
    )


def _key(task: Chunk, domains: Mapping[str, GlacierDomain], network: Weights) -> str:
    """Name of a chunk's part: changes with its scenes, domains, weights, settings and code."""
    text = [code_hash(*_CODE), *map(sha256, files_of(network)), str(task.crs), str(task.views)]
    text += [task.vectoriser, task.refine, _strip_sum(task.refine)]
    text.append(str(astuple(task.settings or PathSettings())))
    for name, chosen in task.scenes:
        file = find_address(name)
        stamp = file.path.stat() if not file.remote and file.path.exists() else None
        # a scene that was mended may have the size that it had
        seen = (stamp.st_size, stamp.st_mtime_ns) if stamp else ()
        text.append(f"{file.label} {seen} {chosen}")
    for key in sorted(domains):
        domain = domains[key]
        text.append(f"{key} {domain.geometry_version} {domain.fjord.wkb_hex} {domain.crs}")
    return hashlib.sha256("\n".join(text).encode()).hexdigest()[:24]


def _strip_sum(refine: str) -> str:
    """Checksum of the second network's weights, if they are used."""
    from termini.segment.strip import STRIP_WEIGHTS

    return "" if refine == "off" else sha256(STRIP_WEIGHTS)


def _read_part(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        part: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None  # damaged after it was written whole: done again
    # what a server did not send it may send now
    broken = any(find_address(failure["path"]).remote for failure in part["failures"])
    return None if broken else part


def _joined(
    parts: list[dict[str, Any]], domains: Mapping[str, GlacierDomain]
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    rows = [
        {**row, "geometry": shapely.from_wkb(row["geometry"])}
        for part in parts
        for row in part["rows"]
    ]
    crs = next(iter(domains.values())).crs if domains else ARCTIC
    failures = [failure for part in parts for failure in part["failures"]]
    return front_table(rows, crs), pd.DataFrame(failures, columns=FAILURE_COLUMNS)
