"""Rules that hold the shape of a trace against those of its neighbours in time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from termini.fronts.rules import Judgement
from termini.fronts.rules_kernels import shape_residuals
from termini.fronts.rules_traces import GlacierTraces

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _shape_residuals(traces: GlacierTraces, alive: Mask, reach: int) -> tuple[Floats, Floats]:
    """Rms distance of each shape from that of its neighbours in time, as is and mirrored."""
    form = traces.along - traces.position[:, None]
    rows = np.flatnonzero(alive & (traces.coverage > 0.2))
    return shape_residuals(form, traces.shape, rows, reach)


def shape(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    """How unusually far the shape of a trace is from that of its neighbours in time.

    Parameters
    ----------
    traces : GlacierTraces
        Traces of a glacier.
    alive : ndarray of bool, shape (n,)
        Those that no rule has rejected.
    numbers : mapping of str to float
        Settings of the rule.

    Returns
    -------
    Judgement
        Robust standard deviations above the glacier's median distance.
    """
    away, _ = _shape_residuals(traces, alive, int(numbers["reach"]))
    known = away[np.isfinite(away)]
    middle = float(np.median(known)) if len(known) else 0.0
    spread = 1.4826 * float(np.median(np.abs(known - middle))) if len(known) else 0.0
    spread = max(spread, 0.25 * middle, 1.0)
    score = (away - middle) / spread
    flagged = (score > numbers["spreads"]) & (
        away > numbers["least"] * traces.domain.reference_width
    )
    return Judgement(
        score,
        numbers["spreads"],
        lambda k: f"shape {away[k]:.0f} m rms from that of its neighbours in time",
        flagged,
    )


def mirrored(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    """How much better a trace fits its neighbours in time when mirrored across the fjord.

    Parameters
    ----------
    traces : GlacierTraces
        Traces of a glacier.
    alive : ndarray of bool, shape (n,)
        Those that no rule has rejected.
    numbers : mapping of str to float
        Settings of the rule.

    Returns
    -------
    Judgement
        Rms distance as drawn over that of the mirror image.
    """
    plain, turned = _shape_residuals(traces, alive, int(numbers["reach"]))
    known = plain[np.isfinite(plain)]
    usual = float(np.median(known)) if len(known) else 0.0
    score = plain / np.maximum(turned, 1.0)
    flagged = (score > numbers["times"]) & (plain > numbers["spreads"] * usual)
    return Judgement(
        score,
        numbers["times"],
        lambda k: f"fits its neighbours in time {score[k]:.1f} times better when mirrored",
        flagged,
    )
