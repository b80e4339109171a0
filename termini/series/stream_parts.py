"""Fronts screened and measured some glaciers at a time, in several processes, resumably."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from termini.domain import GlacierDomain, read_domains
from termini.errors import TerminiError
from termini.files import code_hash, make_folder, sha256, write_text, written_whole
from termini.fronttable import read_fronts_and_lines, write_fronts
from termini.geometry import with_branch_fronts
from termini.processes import end_with_parent
from termini.series.observe import observe
from termini.series.outliers import flag_outliers
from termini.series.settings import DEFAULT_MEASURES, ObservationSettings
from termini.series.stream import glacier_groups, joined, storage_of
from termini.series.stream_lines import write_part

_ROWS = 8192
_FEWEST_ROWS = 4096
_KEY = "key"


@dataclass(frozen=True)
class SeriesJob:
    """A front table to be screened and measured.

    Parameters
    ----------
    fronts, domains : pathlib.Path
        Front table and domains.
    today : str
        Dates after it are in the future.
    measures : tuple of str
        Measures wanted.
    settings : ObservationSettings
        Settings.
    screened : bool
        Whether fronts are screened and outliers flagged on the way; else the flags
        that they have are all that counts.
    """

    fronts: Path
    domains: Path
    today: str
    measures: tuple[str, ...] = DEFAULT_MEASURES
    settings: ObservationSettings = field(default_factory=ObservationSettings)
    screened: bool = True

    def key(self) -> str:
        """Hash of all that the parts depend on, the package's code included."""
        said = {
            "fronts": sha256(self.fronts),
            "domains": sha256(self.domains),
            "today": self.today,
            "measures": self.measures,
            "settings": asdict(self.settings),
            "screened": self.screened,
            "rows": (_ROWS, _FEWEST_ROWS),
            "code": code_hash(),
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


class Parts:
    """What was made of a front table, some glaciers a file.

    Parameters
    ----------
    folder : path
        Folder of the parts.
    count : int
        How many there are.
    """

    def __init__(self, folder: Path, count: int) -> None:
        """Name the files."""
        self.folder = folder
        self.fronts = [folder / f"{n:05d}.fronts.parquet" for n in range(count)]
        self.observations = [folder / f"{n:05d}.observations.parquet" for n in range(count)]

    def table(self, columns: list[str]) -> pd.DataFrame:
        """Some columns of the front table; not the lines, which need the room."""
        return _together(
            pq.read_table(path, columns=columns, use_threads=False) for path in self.fronts
        )

    def observed(self, measure: str | None = None, *, coded: bool = False) -> pd.DataFrame:
        """Observations by one measure, or all.

        Parameters
        ----------
        measure : str, optional
            By default all of them.
        coded : bool
            Texts as categories, which saves most of the time where few differ.

        Returns
        -------
        DataFrame
            One row per trace and measure.
        """
        chosen = None if measure is None else [("measure", "==", measure)]
        texts = _texts_of(self.observations[0]) if coded else None
        return _together(
            pq.read_table(path, filters=chosen, use_threads=False, read_dictionary=texts)
            for path in self.observations
        )

    def number_observed(self) -> int:
        """Number of observations."""
        return sum(pq.read_metadata(path).num_rows for path in self.observations)

    def write(self, fronts: Path, observations: Path) -> None:
        """Write both tables whole, one part at a time.

        Parameters
        ----------
        fronts, observations : pathlib.Path
            Files to write.
        """
        joined(self.fronts, fronts)
        joined(self.observations, observations)

    @contextmanager
    def writing(self, fronts: Path, observations: Path) -> Iterator[None]:
        """Write both tables while something else is done; they stand when the block ends.

        Parameters
        ----------
        fronts, observations : pathlib.Path
            Files to write.
        """
        with ThreadPoolExecutor(1) as pool:
            tables = pool.submit(self.write, fronts, observations)
            yield
            tables.result()

    def remove(self) -> None:
        """Delete the parts."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _texts_of(path: Path) -> list[str]:
    """Columns that hold texts."""
    kinds = (pa.types.is_string, pa.types.is_large_string)
    return [one.name for one in pq.read_schema(path) if any(kind(one.type) for kind in kinds)]


def _together(tables: Iterator[pa.Table]) -> pd.DataFrame:
    """Tables one after the other."""
    table = pa.concat_tables(tables).unify_dictionaries()
    for number, column in enumerate(table.schema):
        # numbers are put together once, on their way to pandas
        if pa.types.is_large_string(column.type) or pa.types.is_string(column.type):
            whole = pa.chunked_array([table.column(number).combine_chunks()], column.type)
            table = table.set_column(number, column, whole)
    found: pd.DataFrame = table.to_pandas(self_destruct=True, split_blocks=False)
    return found


def measure_in_parts(
    job: SeriesJob, folder: str | Path, *, workers: int = 1, progress: bool = False
) -> Parts:
    """Screen, measure and flag outliers, some glaciers at a time, in several processes.

    Parameters
    ----------
    job : SeriesJob
        What is to be done.
    folder : path
        Where the parts lie. Those that an earlier call for the same job has left there,
        killed or not, are not made again; those of another job are deleted.
    workers : int
        Processes. The results do not depend on it.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Parts
        Files of all parts, in the order of the glaciers' ids.

    Raises
    ------
    TerminiError
        If the tables cannot be read, or a worker process was stopped from outside.
    """
    groups = glacier_groups(job.fronts, _ROWS, _FEWEST_ROWS)
    # other processes take seconds to start, while this one sees what is done already
    with _processes(min(workers, len(groups))) as pool:
        folder, key = Path(folder), job.key()
        mark = folder / _KEY
        if not mark.is_file() or mark.read_text() != key:
            shutil.rmtree(folder, ignore_errors=True)
            write_text(make_folder(folder) / _KEY, key)
        parts = Parts(folder, len(groups))
        left = [n for n in range(len(groups)) if not parts.observations[n].is_file()]
        bar = tqdm(
            total=len(groups), initial=len(groups) - len(left), desc="measuring fronts",
            unit="part", disable=not progress,
        )  # fmt: skip
        with bar:
            for _ in _done(job, [(groups[n], parts, n) for n in left], pool):
                bar.update()
    return parts


Task = tuple[list[str], Parts, int]


@contextmanager
def _processes(workers: int) -> Iterator[ProcessPoolExecutor | None]:
    """Processes that already start; none for one worker."""
    if workers < 2:
        yield None
        return
    with ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=end_with_parent
    ) as pool:
        for _ in range(workers):
            pool.submit(_ready)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _ready() -> None:
    """Nothing: the process stands and has read its modules."""


def _done(job: SeriesJob, tasks: list[Task], pool: ProcessPoolExecutor | None) -> Iterator[int]:
    """Do all tasks; their numbers in the order in which they are done."""
    if pool is None:
        for task in tasks:
            yield _measure(job, *task)
        return
    try:
        futures = [pool.submit(_measure, job, *task) for task in tasks]
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        raise TerminiError(
            f"{job.fronts}: a worker process was stopped from outside, most often for want "
            "of memory; start again with fewer workers: what is finished is kept"
        ) from error


def _measure(job: SeriesJob, glaciers: list[str], parts: Parts, number: int) -> int:
    """Make one part; its observations are written last and tell that it is done."""
    domains = _domains(job.domains)
    table, encoded = read_fronts_and_lines(job.fronts, glaciers)
    lines = table.geometry.to_numpy().copy()
    if job.screened:
        from termini.fronts import screen  # takes long; whoever only measures does not wait for it

        table = screen(table, domains, job.today)
    # a front is judged once, as that of the whole glacier, then measured in each branch
    whole, table = table, with_branch_fronts(table, domains)
    if table is not whole:
        table, encoded = table.sort_values("glacier_id", kind="stable", ignore_index=True), None
    observations, table = observe(table, domains, job.measures, settings=job.settings, workers=1)
    if job.screened:
        observations, table = flag_outliers(observations, table)
    # read again once, then deleted: not worth compressing
    if encoded is None:
        write_fronts(table, parts.fronts[number], compression=None)
    else:
        write_part(table, parts.fronts[number], lines, encoded)
    with written_whole(parts.observations[number]) as temporary:
        found = pa.Table.from_pandas(observations, preserve_index=False)
        pq.write_table(found, temporary, compression="none", **storage_of(found.schema))
    return number


@lru_cache(maxsize=1)
def _domains(path: Path) -> dict[str, GlacierDomain]:
    return read_domains(path)
