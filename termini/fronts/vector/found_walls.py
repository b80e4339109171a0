"""Fjord walls found in the scene itself, where no domain is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from termini.fronts.walls import Walls, border_walls, polygon_walls

#: What is rock more probably than this lies outside the fjord.
ROCK = 0.5

#: Narrower passages than twice this do not join two fjords, pixels.
OPENING = 2

#: Smaller shares of the picture than this are no fjord.
LEAST_SHARE = 0.05

#: With less rock than this share of the picture nothing tells where its walls are.
LEAST_ROCK = 0.03


def walls_in_scene(
    front: NDArray[np.floating], rock: NDArray[np.floating], *, limit: float = ROCK
) -> Walls:
    """Fjord and its walls where the network sees rock on both sides.

    Parameters
    ----------
    front, rock : ndarray, shape (rows, columns)
        Probability of a front, and of rock; the mean over many scenes of one place
        tells rock better than one scene does.
    limit : float
        Rock is what is more probable than this.

    Returns
    -------
    Walls
        Of the open ground that holds most front; the picture's borders, not known,
        where hardly any rock is seen or no such ground is large enough.
    """
    shape = (front.shape[0], front.shape[1])
    ground = ndimage.binary_opening(np.asarray(rock) < limit, iterations=OPENING)
    if 1.0 - ground.mean() < LEAST_ROCK:
        return border_walls(shape)
    label, count = ndimage.label(ground)
    if count == 0:
        return border_walls(shape)
    sizes = np.bincount(label.ravel(), minlength=count + 1)
    evidence = np.bincount(label.ravel(), weights=np.square(front).ravel(), minlength=count + 1)
    evidence[sizes < LEAST_SHARE * label.size] = 0.0
    evidence[0] = 0.0
    best = int(np.argmax(evidence))
    if evidence[best] == 0:
        return border_walls(shape)
    return polygon_walls(np.asarray(ndimage.binary_fill_holes(label == best), dtype=bool))
