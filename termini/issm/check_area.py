"""Area of ice that a level set encloses, and its change against what was observed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from termini.geo import scale_factor
from termini.issm.check_mesh import signed_areas
from termini.issm.check_outline import within_domain
from termini.issm.check_read import Bundle, Problem
from termini.issm.model import FRONT

#: Largest error of a change of area, as a share of the largest change.
AREA_SHARE = 0.005
# A front drawn as straight lines through the elements, on a mesh whose own outline cuts
# corners, is off by this share of an edge along its length.
EDGE_SHARE = 0.05


def enclosed_areas(
    xy: NDArray[np.float64],
    corners: NDArray[np.int64],
    phi: NDArray[np.float64],
    weight: ArrayLike = 1.0,
) -> NDArray[np.float64]:
    """Area where a function that is linear on each element is negative.

    Parameters
    ----------
    xy : ndarray, shape (nv, 2)
        Vertices, metres.
    corners : ndarray of int, shape (ne, 3)
        Vertices of the elements, counted from 0.
    phi : ndarray, shape (nv, T)
        Level set of each date; an element with a NaN counts nothing.
    weight : array_like, shape (ne,), optional
        True area per projected area of each element.

    Returns
    -------
    ndarray, shape (T,)
        Square metres, exact for the linear function.

    Notes
    -----
    Of all dates at once, and apart from what makes the level sets
    (`termini.issm.levelset_area`), so that a check does not share its mistakes.
    """
    size = np.abs(signed_areas(xy, corners)) * weight
    total = np.zeros(phi.shape[1])
    for t in range(phi.shape[1]):
        value = np.sort(phi[corners, t], axis=1)
        low, middle, high = value.T
        with np.errstate(divide="ignore", invalid="ignore"):
            tip = low**2 / ((low - middle) * (low - high))
            rest = 1 - high**2 / ((high - low) * (high - middle))
        share = np.select([high <= 0, low >= 0, middle >= 0], [1.0, 0.0, tip], rest)
        total[t] = float(np.where(np.isnan(value).any(axis=1), 0.0, share) @ size)
    return total


def check_areas(
    bundle: Bundle,
    observed: NDArray[np.float64],
    source: str,
    *,
    true: bool,
    reasons: Mapping[int, str] | None = None,
) -> Iterator[Problem]:
    """Check the change of ice area between epochs against an observed one.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.
    observed : ndarray, shape (T,)
        Ice area, or its change since any date, of each column, m2; NaN where unknown.
    source : str
        Where `observed` is from.
    true : bool
        Whether `observed` is true area, and not that of the mesh's projection.
    reasons : mapping of int to str, optional
        Why the area of a column could not be met, where that is known.

    Yields
    ------
    Problem
        If it is off by more than half a percent of the range of the areas, and by more
        than the mesh can tell; that at the worst date, and how many there are. None where
        the front is free: the area is then the model's.
    """
    phi = bundle.front
    known = np.isfinite(observed)
    if phi is None or known.sum() < 2 or len(observed) != phi.shape[1]:
        return
    if np.isnan(phi).any():  # where the front is free its ice is not known
        return
    columns = np.flatnonzero(known)
    epsg = bundle.fields.get("mesh.epsg")
    weight = true_weights(bundle, int(epsg) if true and epsg is not None else 0)
    within = weight > 0
    area = enclosed_areas(bundle.xy, bundle.corners, phi[:-1, columns], weight)
    change, expected = area - area[0], observed[columns] - observed[columns[0]]
    off = change - expected
    aside = np.abs(off - np.median(off))
    width = _front_length(bundle, phi[:-1, columns[0]])
    # at either of two dates the mesh is off on its own
    allowed = max(AREA_SHARE * float(np.ptp(expected)), 2 * EDGE_SHARE * bundle.edge * width)
    if within.mean() < 0.99:  # a mesh that does not follow the walls cuts an element at each
        allowed += 2 * bundle.edge**2
    if np.ptp(off) <= allowed:  # between any two dates
        return
    worst = int(aside.argmax())
    other = int(off.argmin() if off[worst] > np.median(off) else off.argmax())
    low, high = min(worst, other), max(worst, other)
    bad = aside > allowed / 2
    why = (reasons or {}).get(int(columns[worst]), "")
    several = f" (the worst of {bad.sum()} of {len(off)} dates)" if bad.sum() > 1 else ""
    yield bundle.problem(
        FRONT,
        f"the area of ice changes by {(change[high] - change[low]) / 1e6:.3f} km2, by {source} it "
        f"changes by {(expected[high] - expected[low]) / 1e6:.3f} km2{several}",
        f"known when it was exported: {why}"
        if why
        else "look at the fronts of the two dates; a finer mesh follows them better",
        f"{phi[-1, columns[low]]:.3f} to {phi[-1, columns[high]]:.3f}",
    )


def true_weights(bundle: Bundle, epsg: int) -> NDArray[np.float64]:
    """True area per projected area of every element, 0 outside the fjord.

    Parameters
    ----------
    bundle : Bundle
        The model.
    epsg : int
        Projection; 0 for areas of the projection itself.

    Returns
    -------
    ndarray, shape (ne,)
        Factors.
    """
    middle = bundle.xy[bundle.corners].mean(axis=1)
    weight = within_domain(bundle, middle).astype(np.float64)
    if epsg > 0:
        weight *= scale_factor(middle[:, 0], middle[:, 1], f"EPSG:{epsg}") ** -2.0
    return weight


def _front_length(bundle: Bundle, phi: NDArray[np.float64]) -> float:
    """Length of the zero contour, by the area within one edge of it."""
    near = np.abs(phi[bundle.corners].mean(axis=1)) < bundle.edge
    strip = np.abs(signed_areas(bundle.xy, bundle.corners))[near].sum()
    return float(strip / (2 * bundle.edge))
