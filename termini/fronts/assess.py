"""The last word on a line: how probably it is wrong, and its calibrated error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from termini.fronts.doubt_features import doubt_features
from termini.fronts.failure import detector
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.sigma import line_sigma
from termini.fronts.vector.maps import Maps


def assess(maps: Maps, path: FrontPath, settings: PathSettings | None = None) -> FrontPath:
    """Line with the probability that it is wrong and its error, vertex by vertex.

    Parameters
    ----------
    maps : Maps
        What the line was found in.
    path : FrontPath
        A line of any vectoriser.
    settings : PathSettings, optional
        What the search went by.

    Returns
    -------
    FrontPath
        With ``p_wrong``, ``p_incomplete``, the two verdicts, ``sigma_px`` (root mean
        square of the vertices' errors) and ``errors``. A line that is probably wrong
        has one reason for doubt more.
    """
    features = doubt_features(maps, path, settings)
    wrong, incomplete = detector("wrong"), detector("incomplete")
    chance, missing = wrong.probability(features), incomplete.probability(features)
    errors = line_sigma(maps.front, maps.ice, path.xy, chance)
    reasons = path.reasons
    if chance > wrong.threshold:
        reasons = (*reasons, f"wrong with probability {chance:.2f} > {wrong.threshold:g}")
    return replace(
        path,
        p_wrong=chance,
        p_incomplete=missing,
        probably_wrong=chance > wrong.threshold,
        probably_incomplete=missing > incomplete.threshold,
        sigma_px=float(np.sqrt(np.mean(errors.vertex**2))),
        errors=errors,
        reasons=reasons,
    )
