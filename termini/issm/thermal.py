"""Thermal forcing at a front from profiles of temperature and salinity.

What lies in a fjord below its sill has come over the sill: below that depth the
water has the temperature and salinity of the sill's depth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError

Array = NDArray[np.float64]

#: Over which part of the water column thermal forcing is taken.
LAYERS = ("bottom", "lower", "column", "range")

_STEP_M = 5.0


def freezing_point(salinity: ArrayLike, depth: ArrayLike, *, formula: str = "jenkins2011") -> Array:
    """Temperature at which sea water freezes.

    Parameters
    ----------
    salinity : array_like
        Practical salinity.
    depth : array_like
        Metres below the surface, positive.
    formula : {"jenkins2011", "unesco"}
        Which of the two below.

    Returns
    -------
    ndarray
        Degrees Celsius.

    Raises
    ------
    InputError
        If the formula is unknown.

    Notes
    -----
    ``jenkins2011``: -0.0573 S + 0.0832 - 7.61e-4 depth, Jenkins (2011, J. Phys.
    Oceanogr. 41, Table 1), which the ISMIP6 forcing takes (Slater et al. 2020, The
    Cryosphere 14). ``unesco``: Fofonoff and Millard (1983, UNESCO Tech. Pap. Mar. Sci.
    44), after Millero (1978), with a decibar a metre.
    """
    s, z = np.asarray(salinity, dtype=np.float64), np.asarray(depth, dtype=np.float64)
    if formula == "jenkins2011":
        return np.asarray(-0.0573 * s + 0.0832 - 7.61e-4 * z)
    if formula == "unesco":
        salty = (-0.0575 + 1.710523e-3 * np.sqrt(s) - 2.154996e-4 * s) * s
        return np.asarray(salty - 7.53e-4 * z)
    raise InputError(f"freezing point {formula!r} is unknown; known are jenkins2011 and unesco")


def thermal_forcing(
    temperature: ArrayLike,
    salinity: ArrayLike,
    depth: ArrayLike,
    at_depth: ArrayLike,
    *,
    sill_depth: float | None = None,
    layer: str = "bottom",
    share: float = 0.6,
    between: tuple[float, float] = (200.0, 500.0),
    formula: str = "jenkins2011",
) -> Array:
    """Thermal forcing at places of given depth from profiles outside the sill.

    Parameters
    ----------
    temperature, salinity : array_like, shape (T, nz) or (nz,)
        Degrees Celsius and practical salinity; NaN where not known. Salinity may be
        one number.
    depth : array_like, shape (nz,)
        Metres below the surface, increasing.
    at_depth : array_like, shape (nv,)
        Depth of the bed at each place, metres, positive; where it is not below the
        sea the forcing is zero.
    sill_depth : float, optional
        Depth of the shallowest sill on the deepest way to the shelf, metres.
    layer : {"bottom", "lower", "column", "range"}
        At the bed; the mean of the lowest `share` of the column; of all of it; or of
        `between`, as far as the bed allows.
    share : float
        See `layer`; 0.6 is that of Wood et al. (2021).
    between : tuple of float
        Depths, metres; 200 to 500 are those of Slater et al. (2019, 2020).
    formula : str
        As in `freezing_point`.

    Returns
    -------
    ndarray, shape (T, nv)
        Kelvin above freezing; negative values become zero.

    Raises
    ------
    InputError
        If a profile holds no value, depths do not increase, or the layer is unknown.

    Notes
    -----
    Below the sill, temperature and salinity are those of the sill's depth (as
    Morlighem et al. 2019 and Slater et al. 2020 limit what reaches the glacier); the
    freezing point is that of the true depth. Below the deepest value the profile is
    held.
    """
    z = np.asarray(depth, dtype=np.float64)
    if z.ndim != 1 or len(z) < 1 or (z < 0).any() or not (np.diff(z) > 0).all():
        raise InputError("depths of a profile must be positive metres that increase downward")
    if layer not in LAYERS:
        raise InputError(f"layer {layer!r} is unknown; known are {', '.join(LAYERS)}")
    warm = np.atleast_2d(np.asarray(temperature, dtype=np.float64))
    salt = np.broadcast_to(np.asarray(salinity, dtype=np.float64), warm.shape)
    bed = np.maximum(np.asarray(at_depth, dtype=np.float64), 0.0).ravel()
    fine = np.arange(0.0, max(float(bed.max(initial=0.0)), _STEP_M) + _STEP_M, _STEP_M)
    reached = fine if sill_depth is None else np.minimum(fine, _sill(sill_depth))
    found = np.empty((len(warm), len(bed)))
    for row, (t, s) in enumerate(zip(warm, salt, strict=True)):
        known = np.isfinite(t) & np.isfinite(s)
        if not known.any():
            raise InputError(
                f"profile {row} holds no depth with temperature and salinity; leave it out or give "
                "a salinity"
            )
        t_fine = np.interp(reached, z[known], t[known])
        s_fine = np.interp(reached, z[known], s[known])
        above = np.maximum(t_fine - freezing_point(s_fine, fine, formula=formula), 0.0)
        found[row] = _over_layer(fine, above, bed, layer, share, between)
    return np.where(bed > 0, found, 0.0)


def _sill(depth: float) -> float:
    if not np.isfinite(depth) or depth <= 0:
        raise InputError(
            f"sill depth {depth} is not positive metres; give None where there is none"
        )
    return float(depth)


def _over_layer(
    fine: Array, above: Array, bed: Array, layer: str, share: float, between: tuple[float, float]
) -> Array:
    """Thermal forcing of one profile over the wanted layer above each bed."""
    if layer == "bottom":
        return np.interp(bed, fine, above)
    sums = np.concatenate([[0.0], np.cumsum((above[1:] + above[:-1]) / 2 * np.diff(fine))])
    if layer == "range":
        low = np.minimum(bed, between[1])
        top = np.minimum(between[0], low)
    else:
        low = bed
        top = bed * (1 - share) if layer == "lower" else np.zeros_like(bed)
    thick = low - top
    integral = np.interp(low, fine, sums) - np.interp(top, fine, sums)
    bottom = np.interp(low, fine, above)
    # a bed above the range sees the water at the bed
    return np.where(thick > 1e-6, integral / np.maximum(thick, 1e-6), bottom)
