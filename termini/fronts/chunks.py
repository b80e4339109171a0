"""Chunks of scenes and the processes that work through them."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from termini.domain import GlacierDomain
from termini.errors import InputError, TerminiError
from termini.fronts.coverage import glaciers_in_scene
from termini.fronts.extract import extract_front
from termini.fronts.judgement import PathSettings
from termini.fronts.refine import REFINE, Refining
from termini.fronts.see import files_of, open_networks
from termini.fronts.vector.names import DEFAULT
from termini.processes import end_with_parent
from termini.scenes import read_scene
from termini.scenes.address import Address, find_address

if TYPE_CHECKING:
    from termini.fronts.see import Weights
    from termini.segment import Network, Views


@dataclass(frozen=True)
class Chunk:
    """Scenes that one worker takes at a time.

    Parameters
    ----------
    scenes : tuple
        Path of each scene, and the glaciers to extract from it; none for those
        that it shows.
    crs : str or None
        Projection of the scenes, if their files state none or a wrong one.
    settings : PathSettings or None
        What the search for the line goes by.
    views : termini.segment.Views or None
        Looks to average over.
    vectoriser : str
        How the line is found in the maps.
    refine : {"native", "off"}
        Whether the line is drawn again at the scene's own pixel.
    """

    scenes: tuple[tuple[str, tuple[str, ...]], ...]
    crs: str | None
    settings: PathSettings | None
    views: Views | None
    vectoriser: str = DEFAULT
    refine: Refining = REFINE


def check_names(files: Sequence[Address]) -> None:
    """Refuse scenes of one name: it is how their fronts are told apart.

    Parameters
    ----------
    files : sequence of termini.scenes.address.Address
        Scenes.

    Raises
    ------
    InputError
        If two have one name, whatever their folders and endings.
    """
    seen: dict[str, Address] = {}
    for file in files:
        stem = file.path.stem
        if (first := seen.setdefault(stem, file)) is not file:
            raise InputError(
                f"{first.label} and {file.label} have one name, {stem!r}, by which their fronts "
                "could not be told apart; rename one, or leave it out"
            )


def run_chunks(
    tasks: list[tuple[int, Chunk]],
    domains: Mapping[str, GlacierDomain],
    network: Weights,
    workers: int,
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Work through chunks, in this process or in several.

    Parameters
    ----------
    tasks : list of (int, Chunk)
        Chunks with their numbers.
    domains : mapping
        Glacier id to domain.
    network : path, Network, sequence of them, or None
        Weights; the shipped ones if None.
    workers : int
        Processes, each on one thread.

    Yields
    ------
    tuple
        Number of a chunk and its part: a dict of ``rows`` and ``failures`` that
        JSON can hold; in the order in which they are done.

    Raises
    ------
    TerminiError
        If the weights cannot be read, or a worker process was stopped from outside.
    """
    if not tasks:
        return
    domains = dict(domains)
    if workers <= 1:
        loaded = open_networks(network, tasks[0][1].views)
        for number, task in tasks:
            yield number, _part(task, domains, loaded)
        return
    with (
        _one_thread(),
        ProcessPoolExecutor(
            min(workers, len(tasks)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(domains, files_of(network), tasks[0][1].views),
        ) as pool,
    ):
        try:
            futures = {pool.submit(_work, task): number for number, task in tasks}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool as error:
            raise TerminiError(
                "a worker process was stopped from outside, most often for want of memory; "
                "start again with fewer workers: what is finished is kept where there is a "
                "folder to resume from"
            ) from error


@contextmanager
def _one_thread() -> Iterator[None]:
    """Environment in which a new process's numerical libraries use one thread."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_worker: dict[str, Any] = {}


def _start_worker(
    domains: dict[str, GlacierDomain], weights: list[Path], views: Views | None
) -> None:
    end_with_parent()
    try:
        _worker.update(domains=domains, networks=open_networks(weights, views))
    except TerminiError as error:  # to be said where it is heard, with the first chunk
        _worker.update(error=str(error))


def _work(task: Chunk) -> dict[str, Any]:
    if "error" in _worker:
        raise InputError(_worker["error"])
    return _part(task, _worker["domains"], _worker["networks"])


def _part(
    task: Chunk, domains: Mapping[str, GlacierDomain], networks: list[Network]
) -> dict[str, Any]:
    """Fronts and failures of one chunk, ready for JSON."""
    rows: list[dict[str, Any]] = []
    failures: list[dict[str, str]] = []
    for path, chosen in task.scenes:
        label = find_address(path).label  # without what may open the file to whoever reads it
        try:
            ids = chosen or glaciers_in_scene(path, domains, task.crs)
        except Exception as error:
            failures.append({"path": label, "glacier_id": "", "reason": reason_of(label, error)})
            continue
        for glacier_id in ids:
            try:
                rows.append(_row(path, glacier_id, task, domains, networks))
            except Exception as error:
                reason = reason_of(label, error)
                failures.append({"path": label, "glacier_id": glacier_id, "reason": reason})
    return {"rows": rows, "failures": failures}


def reason_of(path: str | Path, error: Exception) -> str:
    """Why a scene gave no front, for the table of failures.

    Parameters
    ----------
    path : path
        The scene.
    error : Exception
        What was raised; one that was not foreseen must not stop thousands of
        other scenes, and is said to be such.

    Returns
    -------
    str
        One sentence that names the scene.
    """
    if not isinstance(error, TerminiError):
        return f"{path}: {type(error).__name__}: {error}; not foreseen, please report this"
    said = str(error)
    return said if str(path) in said else f"{path}: {said}"


def _row(
    path: str,
    glacier_id: str,
    task: Chunk,
    domains: Mapping[str, GlacierDomain],
    networks: list[Network],
) -> dict[str, Any]:
    if glacier_id not in domains:
        label = find_address(path).label
        raise InputError(f"{label}: glacier {glacier_id!r} has no domain; known are those given")
    domain = domains[glacier_id]
    scene = read_scene(path, domain=domain, crs=task.crs)
    found = extract_front(
        scene, domain, networks,
        settings=task.settings, views=task.views, vectoriser=task.vectoriser,
        refine=task.refine,
    )  # fmt: skip
    row = dict(found.row)
    row["date"] = row["date"].isoformat()
    row["geometry"] = row["geometry"].wkb_hex
    return row
