"""Loops of the later stages compiled while the first ones read or draw scenes.

On first use the loops of `termini.compiling` take minutes to compile, one after the other.
A process of its own does all that follows the fronts on a small region whose fronts are
known; what is compiled there is kept on disk, where the run itself then finds it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import llvmlite.binding
import numba
from shapely.ops import substring

from termini.files import user_cache, write_text
from termini.fronttable import read_fronts, write_fronts
from termini.issm import export_issm
from termini.pipeline.config import make_config
from termini.pipeline.engine import Context, log, run_stages
from termini.pipeline.parts import FRONTS
from termini.pipeline.products import last_stages
from termini.pipeline.start import RAW_FRONTS, first_stages, simulated_region

#: Small, and yet with types and seasons.
REGION = {"glaciers": 6, "start": "2015-01-01", "end": "2018-12-31"}

_COMMAND = "from termini.pipeline.ahead import work; work()"
# as those of numba, so that who removes what was compiled removes the mark as well
_MARK = "ahead-*.nbm"


@contextlib.contextmanager
def compiling_ahead() -> Iterator[None]:
    """Compile what the later stages need, in a process of its own, while the block lasts.

    The end of the block waits for it, so that nothing is compiled twice. Where all has been
    compiled or tried before, nothing is done. A block that fails ends the process.

    Yields
    ------
    None
        While the process works.
    """
    if numba.config.DISABLE_JIT or _mark().is_file():
        yield
        return
    with tempfile.TemporaryDirectory(prefix="termini-") as folder:
        # an interpreter of its own: a caller's script is not run again, and C is quiet too
        command = [sys.executable, "-c", _COMMAND, folder]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
        try:
            yield
            if process.poll() is None:
                log.info("compiling the loops of the later stages, once ...")
            process.wait()
        finally:
            process.kill()
            process.communicate()


def work() -> None:
    """Rehearse in the folder that the command names, and say so on disk; for the process alone.

    The process ends with the one that holds the other end of its input.
    """
    threading.Thread(target=_end_with, args=(0,), daemon=True).start()
    said = "All loops are compiled.\n"
    try:
        rehearse(Path(sys.argv[-1]))
    except Exception as error:
        # what cannot be done here is done, or explained, by the run itself
        said = f"Not to be tried again: {error}\n"
    mark = _mark()
    for older in mark.parent.glob(_MARK):
        older.unlink(missing_ok=True)
    write_text(mark, said)


def _end_with(pipe: int) -> None:
    """End this process when the other end of a pipe is closed."""
    # not by sys.stdin, whose lock a waiting thread would hold when the process ends
    os.read(pipe, 1)
    os._exit(1)


def rehearse(folder: Path) -> Context:
    """Series, types and ISSM input of a small simulated region, from its fronts or parts of them.

    Parameters
    ----------
    folder : path
        Empty folder for the results.

    Returns
    -------
    Context
        The finished run.
    """
    context = Context(make_config({"simulate": REGION}), folder, quiet=True)
    first = first_stages(context.config)
    run_stages(first[:1], context)
    write_fronts(_partly_seen(context.path("truth", "fronts.parquet")), context.path(*RAW_FRONTS))
    context.done[first[-1].name] = "true fronts"
    later = last_stages(first[-1].name)
    run_stages([stage for stage in later if stage.name in ("screen", "series", "types")], context)
    section = context.config.simulate
    assert section is not None
    glacier = simulated_region(context.config.run.seed, section).glaciers[0]
    fronts = read_fronts(context.path(FRONTS))
    export_issm(glacier.domain, fronts, folder / "issm", bed=glacier.bed, vertices=500)
    return context


def _partly_seen(path: Path) -> gpd.GeoDataFrame:
    """Fronts of which every third shows a part, which is completed with further loops."""
    table = read_fronts(path)
    whole = table.geometry.to_numpy()
    parts = [
        line if number % 3 else substring(line, 0.0, 0.7, normalized=True)
        for number, line in enumerate(whole)
    ]
    return table.set_geometry(gpd.GeoSeries(parts, table.index, crs=table.crs))


def _mark() -> Path:
    """File that says that these sources were compiled here for this processor."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        # numba goes by the same
        stat = source.stat()
        digest.update(f"{source} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    python, processor = sys.implementation.cache_tag, llvmlite.binding.get_host_cpu_name()
    digest.update(f"{python} {processor} {numba.__version__}".encode())
    beside = Path(numba.config.CACHE_DIR or package / "series" / "__pycache__")
    place = beside if os.access(beside.parent, os.W_OK) else user_cache()
    return place / _MARK.replace("*", digest.hexdigest()[:16])
