"""The confidence measures of published methods, beside the failure detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from shapely.geometry import LineString

from termini.errors import TraceError
from termini.fronts import measures
from termini.fronts.doubt_features import FARTHEST, View
from termini.fronts.judgement import PathSettings
from termini.fronts.path import front_path
from termini.fronts.vector.longest_path import EDGE
from termini.fronts.vector.maps import Array, Maps, drawn_line

#: Limits of CALFIN's four measures.
MIN_EDGE_CONFIDENCE = 0.525
MIN_EDGE_PIXELS = 32
MAX_MASK_RATIO = 32.0
MAX_MASK_IMBALANCE = 0.13

#: Half the width of the buffer around a line in which CALFIN looks, pixels.
BUFFER = 15.0


@dataclass(frozen=True)
class CalfinConfidence:
    """CALFIN's measures of one line.

    Parameters
    ----------
    edge : float
        Mean of 2 |p - 0.5| over the edge's pixels in the buffer.
    pixels : int
        Pixels of the edge in the buffer.
    mask_ratio : float
        Larger over smaller of ice and water in the buffer.
    imbalance : float
        |mean of the ice mask in the buffer - 0.5|.
    """

    edge: float
    pixels: int
    mask_ratio: float
    imbalance: float

    @property
    def accepted(self) -> bool:
        """Whether the line passes all four limits."""
        return (
            self.edge >= MIN_EDGE_CONFIDENCE
            and self.pixels >= MIN_EDGE_PIXELS
            and self.mask_ratio <= MAX_MASK_RATIO
            and self.imbalance <= MAX_MASK_IMBALANCE
        )


def calfin_confidence(maps: Maps, xy: Array) -> CalfinConfidence:
    """CALFIN's measures of how far to trust a line.

    Parameters
    ----------
    maps : Maps
        Probabilities.
    xy : ndarray, shape (n, 2)
        The line.

    Returns
    -------
    CalfinConfidence
        Four numbers and the verdict.

    Notes
    -----
    Cheng et al. 2021, The Cryosphere 15, 1663, Section 3.4.
    """
    off = ndimage.distance_transform_edt(~drawn_line(xy, maps.front.shape))
    near = (off <= BUFFER) & maps.walls.inside & maps.valid
    edge = near & (maps.front > EDGE)
    sure = 2.0 * np.abs(maps.front[edge] - 0.5)
    ice = int((maps.ice[near] >= 0.5).sum())
    water = int(near.sum()) - ice
    ratio = max(ice, water) / min(ice, water) if min(ice, water) > 0 else np.inf
    imbalance = abs(float(maps.ice[near].mean()) - 0.5) if near.any() else 0.5
    confidence = float(sure.mean()) if sure.size else 0.0
    return CalfinConfidence(confidence, int(edge.sum()), float(ratio), imbalance)


def autoterm_uncertainty(
    maps: Maps, xy: Array, views: Sequence[View], settings: PathSettings | None = None
) -> float:
    """AutoTerm's measure: area between repeated lines over length, for one scene.

    Parameters
    ----------
    maps : Maps
        What the line was found in.
    xy : ndarray, shape (n, 2)
        The line.
    views : sequence of View
        Repetitions: passes with dropout left on, as published, or other views.
    settings : PathSettings, optional
        What the search goes by.

    Returns
    -------
    float
        Mean over the repetitions, pixels, each at most 100; one without a line counts
        as that.

    Notes
    -----
    Zhang et al. 2023, The Cryosphere 17, 3485, Section 3.5, give one number for a
    glacier and a sensor; here it is taken scene by scene.
    """
    settings = settings or PathSettings()
    apart = []
    for view in views:
        try:
            other = front_path(view.front, view.ice, maps.valid, maps.walls, settings)
            area = measures.area_over_length(LineString(other.xy), LineString(xy))
            apart.append(min(area, FARTHEST))
        except TraceError:
            apart.append(FARTHEST)
    return float(np.mean(apart)) if apart else 0.0
