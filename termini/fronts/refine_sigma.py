"""Error of a line that was drawn again at the scene's own pixel.

As in `termini.fronts.sigma` the size of the error is a product of powers, scaled by conformal
factors; what it goes by is how far the chances spread on each normal, and the error that the
coarse line had. ``benchmarks/refined_sigma.py`` fits it; the numbers are in
``refine_sigma.json`` beside this file.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.fronts.sigma import LineSigma, size_models, trace_features

Array = NDArray[np.float64]

REFINED_NAMES = ("spread", "coarse", "kept", "working")


def refined_features(spread: Array, coarse: Array, trust: Array, working: float) -> Array:
    """What the error of a vertex goes by.

    Parameters
    ----------
    spread : ndarray, shape (n,)
        Standard deviation of the chances on its normal, pixels of the coarse grid.
    coarse : ndarray, shape (n,)
        Half width of the 68 % interval of the coarse line there, pixels.
    trust : ndarray, shape (n,)
        How far the strip was followed, 0 to 1.
    working : float
        Samples of the strip in a pixel of the coarse grid.

    Returns
    -------
    ndarray, shape (n, 4)
        Logarithms of spread and coarse error, the share that was kept of the coarse
        line, logarithm of the samples.
    """
    return np.column_stack([
        np.log(spread + 0.05), np.log(coarse + 0.05), 1.0 - trust,
        np.full(len(spread), np.log(working)),
    ])  # fmt: skip


def refined_sigma(features: Array, working: float, p_wrong: float) -> LineSigma:
    """Calibrated errors of a line that was drawn again.

    Parameters
    ----------
    features : ndarray, shape (n, 4)
        From `refined_features`.
    working : float
        Samples of the strip in a pixel of the coarse grid.
    p_wrong : float
        Probability that the coarse line is wrong.

    Returns
    -------
    LineSigma
        Pixels of the coarse grid.
    """
    vertex, trace = size_models("refine_sigma.json", REFINED_NAMES)
    size = vertex.size(features)
    whole = float(trace.size(refined_trace_features(size, working, p_wrong)[None, :])[0])
    return LineSigma(
        vertex.factor_68 * size,
        vertex.factor_95 * size,
        trace.factor_68 * whole,
        trace.factor_95 * whole,
    )


def refined_trace_features(size: Array, working: float, p_wrong: float) -> Array:
    """What the error of the line's mean position goes by, its length in pixels of the coarse grid.

    Parameters
    ----------
    size : ndarray, shape (n,)
        Sizes of the errors at its vertices.
    working, p_wrong : float
        As for `refined_sigma`.

    Returns
    -------
    ndarray, shape (3,)
        As of `termini.fronts.sigma.trace_features`.
    """
    found = trace_features(size, p_wrong)
    found[2] -= np.log(working)
    return found
