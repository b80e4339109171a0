"""Error of the mean position of fronts whose ends were not seen."""

from __future__ import annotations

import numpy as np

from termini.series.kernels import Array, compiled, inner

_STEPS = 21


@compiled
def ends_error(low: Array, high: Array, shapes: Array) -> Array:
    """`uncertainty.missing_error` of many fronts that are missing at one or both ends.

    Parameters
    ----------
    low, high : ndarray, shape (m,)
        Where the fronts begin and end, as fractions of the width.
    shapes : ndarray, shape (n, 41)
        Complete fronts of the glacier.

    Returns
    -------
    ndarray, shape (m,)
        Metres; the ends are taken to be extended at constant position.
    """
    found = np.zeros(len(low))
    for i in range(len(low)):
        if low[i] <= 0.0 and high[i] >= 1.0:
            continue
        total = 0.0
        for k in range(len(shapes)):
            off = 0.0
            if low[i] > 0.0:
                off += _beyond(shapes[k], 0.0, low[i], low[i])
            if high[i] < 1.0:
                off += _beyond(shapes[k], high[i], 1.0, high[i])
            total += off * off
        found[i] = np.sqrt(total / len(shapes))
    return found


@inner
def _beyond(shape: Array, low: float, high: float, held: float) -> float:
    """Integral between two places of a shape minus its value at a third."""
    base, total = _value(shape, held), 0.0
    for k in range(_STEPS):
        weight = 0.5 if k == 0 or k == _STEPS - 1 else 1.0
        total += weight * (_value(shape, low + (high - low) * k / (_STEPS - 1)) - base)
    return total * (high - low) / (_STEPS - 1)


@inner
def _value(shape: Array, place: float) -> float:
    step = place * (len(shape) - 1)
    k = min(int(step), len(shape) - 2)
    return float(shape[k] * (1.0 - (step - k)) + shape[k + 1] * (step - k))
