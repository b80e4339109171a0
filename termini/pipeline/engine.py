"""Stages that are run once, in order, and not again until what they depend on changes."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from termini.files import code_hash, make_folder, write_text
from termini.pipeline.config import Config

log = logging.getLogger("termini")


@dataclass
class Context:
    """What every stage is given.

    Parameters
    ----------
    config : Config
        The checked configuration.
    folder : pathlib.Path
        Where the run's results go.
    quiet : bool
        No progress bars.
    """

    config: Config
    folder: Path
    quiet: bool = False
    done: dict[str, str] = field(default_factory=dict)

    def path(self, *parts: str) -> Path:
        """Path inside the run's folder.

        Parameters
        ----------
        *parts : str
            Folders and file name.

        Returns
        -------
        pathlib.Path
            The path; its folder exists.
        """
        path = self.folder.joinpath(*parts)
        make_folder(path.parent)
        return path


@dataclass(frozen=True)
class Stage:
    """One step of a run.

    Parameters
    ----------
    name : str
        Unique name, shown to the user.
    needs : tuple of str
        Stages whose results it reads.
    settings : callable
        Part of the configuration that its result depends on.
    run : callable
        Does the work; returns one line about what came out.
    """

    name: str
    needs: tuple[str, ...]
    settings: Callable[[Config], Any]
    run: Callable[[Context], str]


def run_stages(stages: Sequence[Stage], context: Context) -> None:
    """Run what has not been run with these settings, this code and these inputs.

    Parameters
    ----------
    stages : sequence of Stage
        In an order in which every stage comes after those it needs.
    context : Context
        Configuration and folder. A finished stage leaves a mark in
        ``.stages/<name>.json``; a run that was killed goes on after the last one.
    """
    for stage in stages:
        key = _key(stage, context)
        mark = context.path(".stages", f"{stage.name}.json")
        said = _said(mark, key)
        if said is None:
            log.info("%s ...", stage.name)
            start = time.perf_counter()
            said = stage.run(context)
            write_text(mark, json.dumps({"key": key, "said": said}, indent=1) + "\n")
            log.info("%s: %s (%.1f s)", stage.name, said, time.perf_counter() - start)
        else:
            log.info("%s: %s (unchanged)", stage.name, said)
        context.done[stage.name] = key


def not_run(stages: Sequence[Stage], context: Context) -> bool:
    """Whether any of the first stages of a run has still to be run.

    Parameters
    ----------
    stages : sequence of Stage
        In their order, from the first.
    context : Context
        Configuration and folder.

    Returns
    -------
    bool
        False where all have run with these settings, this code and these inputs.
    """
    done: dict[str, str] = {}
    for stage in stages:
        done[stage.name] = _key(stage, replace(context, done=done))
        if _said(context.path(".stages", f"{stage.name}.json"), done[stage.name]) is None:
            return True
    return False


def _said(mark: Path, key: str) -> str | None:
    """What the stage said when it last ended with this key, None if it did not."""
    try:
        found = json.loads(mark.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return str(found["said"]) if found.get("key") == key else None


def _key(stage: Stage, context: Context) -> str:
    """Hash of all that the result of a stage depends on."""
    parts = {
        "code": code_hash(),
        "settings": stage.settings(context.config),
        "needs": {name: context.done[name] for name in stage.needs},
    }
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
