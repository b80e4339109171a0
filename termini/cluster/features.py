"""What is compared: series in metres, their errors, and how their size is pressed.

Step retreats of kilometres would rule every squared distance. Each series
therefore keeps its shape, and its size A (largest absolute change) is pressed
to log(1 + A / s): twice the retreat is a little further, not four times as far,
and changes far below s are alike. s is a length in metres that does not depend
on the sample, so types of two releases can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.variables import variables


@dataclass(frozen=True)
class Features:
    """Series that are ready for DTW.

    Attributes
    ----------
    metres : ndarray, (n, T)
        Series in metres, without gaps.
    scaled : ndarray, (n, T)
        The same after the choice of amplitude.
    rows : ndarray of int, (n,)
        Which glaciers of the input they are.
    reason : ndarray of int, (n_glaciers,)
        Why a glacier of the input has no type: codes of ``interannual_reason`` or
        ``seasonal_reason`` in ``variables.yml``.
    time : DatetimeIndex or None
        Middle of each sample; None for a seasonal cycle.
    step : int
        Months between samples.
    moved : ndarray, (draws, n, T)
        Scaled series moved within their standard errors.
    without : tuple of ndarray, (n, any)
        Scaled series without one period of the record after the other.
    """

    metres: NDArray[np.float64]
    scaled: NDArray[np.float64]
    rows: NDArray[np.int64]
    reason: NDArray[np.int32]
    time: pd.DatetimeIndex | None
    step: int
    moved: NDArray[np.float64]
    without: tuple[NDArray[np.float64], ...] = ()


def press(metres: NDArray[np.float64], scale: float, amplitude: str) -> NDArray[np.float64]:
    """Series with their size pressed, or taken out.

    Parameters
    ----------
    metres : ndarray, (..., T)
        Series, metres.
    scale : float
        The length s below which changes are alike, metres.
    amplitude : {"aware", "shape"}
        "aware": size A becomes log(1 + A / s). "shape": size becomes
        A / max(A, s), so that all that clearly changes has size 1 and noise is
        not blown up.

    Returns
    -------
    ndarray, (n, T)
        Dimensionless series of the same shapes.
    """
    if amplitude not in ("aware", "shape"):
        raise InputError(f"amplitude is {amplitude!r}; choose 'aware' or 'shape'")
    size = np.abs(metres).max(axis=-1, keepdims=True)
    safe = np.maximum(size, np.finfo(np.float64).tiny)
    factor = (
        np.log1p(size / scale) / safe if amplitude == "aware" else 1.0 / np.maximum(size, scale)
    )
    return np.asarray(metres * factor)


def unpress(scaled: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Inverse of `press` for ``amplitude="aware"``.

    Parameters
    ----------
    scaled : ndarray, (n, T)
        Dimensionless series.
    scale : float
        The length s, metres.

    Returns
    -------
    ndarray, (n, T)
        Series in metres.
    """
    size = np.abs(scaled).max(axis=1, keepdims=True)
    factor = scale * np.expm1(size) / np.maximum(size, np.finfo(np.float64).tiny)
    return np.asarray(scaled * factor)


def reason_codes(name: str) -> dict[str, int]:
    """Codes of a variable that gives reasons, by their meaning.

    Parameters
    ----------
    name : str
        ``interannual_reason`` or ``seasonal_reason``.

    Returns
    -------
    dict
        Meaning to code, from ``variables.yml``.
    """
    return {meaning: code for code, meaning in variables()[name]["values"].items()}
