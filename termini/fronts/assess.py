"""The last word on a line: how probably it is wrong, and its calibrated error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from termini.fronts.doubt_features import View, doubt_features
from termini.fronts.failure import detector
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.sigma import line_sigma
from termini.fronts.vector.maps import Maps


def assess(
    maps: Maps,
    path: FrontPath,
    settings: PathSettings | None = None,
    views: Sequence[View] = (),
) -> FrontPath:
    """Line with the probability that it is wrong and its error, vertex by vertex.

    Parameters
    ----------
    maps : Maps
        What the line was found in.
    path : FrontPath
        A line of any vectoriser.
    settings : PathSettings, optional
        What the search went by.
    views : sequence of View
        The scene seen otherwise: the detector that also goes by their spread is used.

    Returns
    -------
    FrontPath
        With ``p_wrong``, ``probably_wrong``, ``sigma_px`` (root mean square of the
        vertices' errors) and ``errors``; a line that is probably wrong has one reason
        more.
    """
    model = detector(bool(views))
    chance = model.probability(doubt_features(maps, path, settings, views))
    errors = line_sigma(maps.front, maps.ice, path.xy, chance)
    wrong = chance > model.threshold
    reasons = path.reasons
    if wrong:
        reasons = (*reasons, f"wrong with probability {chance:.2f} > {model.threshold:g}")
    return replace(
        path,
        p_wrong=chance,
        probably_wrong=wrong,
        sigma_px=float(np.sqrt(np.mean(errors.vertex**2))),
        errors=errors,
        reasons=reasons,
    )
