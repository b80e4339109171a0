"""Checks of the switches of the front, and of the ice geometry where it is given."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from termini.issm.check_read import Bundle, Problem
from termini.issm.model import FRONT

# surface - base = thickness, as ISSM demands it.
SAME_HEIGHT = 1e-9


def check_switches(bundle: Bundle) -> Iterator[Problem]:
    """Check what ISSM does with the front, and the ice geometry.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.

    Yields
    ------
    Problem
        One for each fault.
    """
    wanted = {
        "transient.ismovingfront": (1, "ISSM ignores every field of the front"),
        "levelset.reinit_frequency": (0, "ISSM re-distances the field away from what was given"),
        "levelset.kill_icebergs": (0, "ISSM removes ice that hangs on no grounded ice"),
    }
    front = bundle.front
    if front is not None and not np.isnan(front[:-1]).all(axis=0).any():
        for name, (value, otherwise) in wanted.items():
            given = bundle.fields.get(name)
            if given is None or given.ndim or int(given) == value:
                continue
            yield bundle.problem(
                name, f"is {int(given)}: {otherwise}", f"set it to {value} for a prescribed front"
            )
    first, last = (bundle.fields.get(f"timestepping.{n}_time") for n in ("start", "final"))
    if front is not None and first is not None and last is not None:
        if float(last) <= float(first):
            yield bundle.problem(
                "timestepping.final_time",
                f"the run ends at {float(last):g}, before it starts at {float(first):g}",
                "give the first and the last date of the run as decimal years",
            )
        elif float(last) < front[-1, 0] or float(first) > front[-1, -1]:
            yield bundle.problem(
                "timestepping.start_time",
                f"the run from {float(first):.3f} to {float(last):.3f} lies outside the fronts' "
                f"dates, {front[-1, 0]:.3f} to {front[-1, -1]:.3f}: the front would not move",
                f"run within the dates of {FRONT}",
            )
    yield from _geometry(bundle)


def _geometry(bundle: Bundle) -> Iterator[Problem]:
    nv = bundle.vertices
    given = {
        name: bundle.fields[f"geometry.{name}"].ravel()
        for name in ("surface", "base", "thickness", "bed")
        if np.size(bundle.fields.get(f"geometry.{name}", 0)) == nv
    }
    if {"surface", "base", "thickness"} <= set(given):
        off = np.abs(given["surface"] - given["base"] - given["thickness"])
        if off.max() > SAME_HEIGHT:
            yield bundle.problem(
                "geometry.thickness",
                f"is not surface - base: off by up to {off.max():.3g} m",
                "compute it from the other two, in float64",
                f"vertex {off.argmax() + 1}",
            )
    if {"base", "bed"} <= set(given):
        deep = given["bed"] - given["base"]
        if deep.max() > SAME_HEIGHT:
            yield bundle.problem(
                "geometry.base",
                f"lies below the bed at {(deep > SAME_HEIGHT).sum()} vertices, by up to "
                f"{deep.max():.3g} m",
                "raise it to the bed",
                f"vertex {deep.argmax() + 1}",
            )
