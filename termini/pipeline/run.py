"""A whole run, from its configuration to its report."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from termini.files import make_folder
from termini.pipeline.ahead import compiling_ahead
from termini.pipeline.config import Config
from termini.pipeline.engine import Context, Stage, not_run, run_stages
from termini.pipeline.products import last_stages
from termini.pipeline.score import score_stage
from termini.pipeline.start import first_stages


def stages_of(config: Config) -> list[Stage]:
    """Stages that a configuration asks for, in their order.

    Parameters
    ----------
    config : Config
        The configuration.

    Returns
    -------
    list of Stage
        From the scenes or traces to the report.
    """
    first = first_stages(config)
    stages = [*first, *last_stages(first[-1].name)]
    return [*stages, score_stage()] if config.simulate else stages


def run(config: Config, *, quiet: bool = False) -> Context:
    """Do everything that a configuration asks for; go on where a killed run stopped.

    Parameters
    ----------
    config : Config
        The configuration.
    quiet : bool
        No progress bars.

    Returns
    -------
    Context
        The finished run.

    Raises
    ------
    TerminiError
        If a stage cannot be done; the message names the file, glacier or key.
    """
    folder = make_folder(Path(config.run.out).resolve())
    context = Context(config, folder, quiet)
    stages, count = stages_of(config), len(first_stages(config))
    first = stages[:count]
    slow = config.fronts is None and not_run(first, context)
    with compiling_ahead() if slow else nullcontext():
        run_stages(first, context)
    run_stages(stages[count:], context)
    return context
