"""Loops of the later stages compiled while the first ones read or draw scenes.

On first use the loops of `termini.compiling` take minutes to compile, one after the other.
A process of its own does all that follows the fronts on a small region whose fronts are
known; what is compiled there is kept on disk, where the run itself then finds it.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import tempfile
from multiprocessing.process import BaseProcess
from pathlib import Path

import geopandas as gpd
import llvmlite.binding
import numba
from shapely.ops import substring

from termini.files import code_hash, write_text
from termini.fronttable import read_fronts, write_fronts
from termini.issm import export_issm
from termini.pipeline.config import make_config
from termini.pipeline.engine import Context, run_stages
from termini.pipeline.parts import FRONTS
from termini.pipeline.products import last_stages
from termini.pipeline.start import RAW_FRONTS, first_stages, simulated_region
from termini.processes import end_with_parent

#: Small, and yet with types and seasons.
REGION = {"glaciers": 6, "start": "2015-01-01", "end": "2018-12-31"}


def compile_ahead() -> BaseProcess | None:
    """Begin to compile what the later stages need, in a process of its own.

    Returns
    -------
    Process or None
        To be waited for with `finish`; None where all has been compiled before.
    """
    if _mark().is_file():
        return None
    process = multiprocessing.get_context("spawn").Process(target=_begin, daemon=True)
    process.start()
    return process


def finish(process: BaseProcess | None) -> None:
    """Wait until what is compiled ahead is ready.

    Parameters
    ----------
    process : Process or None
        From `compile_ahead`. One that failed costs no more than the time to compile.
    """
    if process is not None:
        process.join()


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


def _begin() -> None:
    """Compile in this process, which says nothing and ends with the one it works for."""
    end_with_parent()
    logging.disable()
    with contextlib.ExitStack() as stack:
        nowhere = stack.enter_context(open(os.devnull, "w"))
        stack.enter_context(contextlib.redirect_stdout(nowhere))
        stack.enter_context(contextlib.redirect_stderr(nowhere))
        # what cannot be done here is done, or explained, by the run itself
        stack.enter_context(contextlib.suppress(Exception))
        rehearse(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        write_text(_mark(), "All loops are compiled.\n")


def _mark() -> Path:
    """File that says that this code was compiled for this processor, beside what was."""
    processor = llvmlite.binding.get_host_cpu_name()
    name = f"compiled-{code_hash()[:16]}-{processor}-{numba.__version__}"
    return Path(numba.config.CACHE_DIR or Path(__file__).parent / "__pycache__") / name
