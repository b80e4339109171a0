"""What a glacier's own fronts say about the part of a front that was not seen.

A front is its position along the flow at even places across the fjord. The fronts
of one glacier scatter about a mean shape; both the mean and the scatter are learnt
from its complete fronts, and lean on what fronts of other glaciers look like where
there are few. Given the seen part, the rest follows as in kriging: its expected
course and how uncertain it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError
from termini.series.shape_learning import CUT_SHARES, FOLDS, checked, learnt
from termini.series.shape_lines import (
    EVEN,
    PLACES,
    STEP,
    Array,
    below,
    drawn_line,
    end_height,
    hat,
    holes,
)

__all__ = ["PLACES", "Filled", "ShapeModel"]

_DEFAULT_WIDTH_M = 4000.0
# Fronts of the same month serve together to check the others.
_MONTH_DAYS = 30.0


class Filled(NamedTuple):
    """What the part that was not seen adds.

    Parameters
    ----------
    correction : float
        Metres to add to the mean position over the width.
    sigma : float
        Its standard error, metres.
    course : ndarray, shape (41,)
        Expected position along the flow at `PLACES`, seen or not, metres.
    """

    correction: float
    sigma: float
    course: Array


@dataclass(frozen=True)
class ShapeModel:
    """Shapes of the fronts of a glacier.

    Parameters
    ----------
    mean : ndarray, shape (41,)
        Expected position along the flow at `PLACES`, metres.
    covariance : ndarray, shape (41, 41)
        Covariance of a further front, m2, the uncertainty of the mean included.
    noise : float
        Standard deviation of what is not the front in a seen position, metres.
    number : int
        Fronts it was learnt from.
    stretch : ndarray, shape (5,)
        Factor on the standard error where 5, 10, 20, 30 and 50 % of the width are missing
        at an end, by which it agrees with the errors on the glacier's own fronts.
    """

    mean: Array
    covariance: Array
    noise: float
    number: int
    stretch: Array = field(default_factory=lambda: np.ones(len(CUT_SHARES)))

    @classmethod
    def fit(
        cls,
        shapes: ArrayLike,
        *,
        width: float | None = None,
        days: ArrayLike | None = None,
    ) -> ShapeModel:
        """Learn from the complete fronts of a glacier.

        Parameters
        ----------
        shapes : array_like, shape (n, 41)
            Positions along the flow at `PLACES`, metres, left to right. Rows with
            values that are not finite are left out; none at all gives the model of
            a glacier of which nothing is known.
        width : float, optional
            Width of the fjord, metres, to which the shapes of other glaciers are
            scaled; 4 km if not given.
        days : array_like, shape (n,), optional
            Dates of the fronts in days. Fronts of the same 30 days are not used to
            check each other; without dates rows are taken to be independent.

        Returns
        -------
        ShapeModel
            The model.

        Raises
        ------
        InputError
            If the shapes are not of 41 places.
        """
        rows = np.asarray(shapes, dtype=np.float64)
        rows = rows.reshape(-1, 41) if rows.size == 0 else rows
        if rows.ndim != 2 or rows.shape[1] != 41:
            raise InputError(f"front shapes have 41 places, these are of shape {rows.shape}")
        good = np.isfinite(rows).all(axis=1)
        width = _DEFAULT_WIDTH_M if width is None or not np.isfinite(width) else float(width)
        month = np.arange(len(rows)) if days is None else np.asarray(days) // _MONTH_DAYS
        fold = month[good].astype(np.int64) % FOLDS
        model = cls(*learnt(rows[good], width), int(good.sum()))
        return replace(model, stretch=checked(rows[good], fold, width))

    def fill(
        self,
        seen: ArrayLike,
        along: ArrayLike,
        *,
        ends: tuple[float, float] | None = None,
        heights: tuple[float, float] | None = None,
    ) -> Filled:
        """What the part of a front that was not seen adds to its mean position.

        Parameters
        ----------
        seen : array_like of bool, shape (41,)
            Which of `PLACES` were seen.
        along : array_like, shape (41,)
            Position along the flow there, metres; where not seen, that of the line
            that was drawn in place of the front, such as that from an end to its
            wall. NaN stands for the ends extended at constant position and pieces
            joined straight.
        ends : (float, float), optional
            Where the front really begins and ends, as fractions of the width; by
            default at the outermost places seen.
        heights : (float, float), optional
            Positions along the flow of those ends, metres; by default those of the
            next places towards the walls, as at constant position.

        Returns
        -------
        Filled
            Correction of the mean position over the width of the line drawn;
            multiply by the width of the fjord there for area. NaN if nothing was
            seen.
        """

        def one(values: ArrayLike | None) -> Array | None:
            return None if values is None else np.asarray(values, dtype=np.float64)[None]

        correction, sigma, course = self.course_many(
            np.asarray(seen, dtype=bool)[None],
            np.asarray(along, dtype=np.float64)[None],
            one(ends),
            one(heights),
        )
        return Filled(float(correction[0]), float(sigma[0]), course[0])

    def course_many(
        self,
        seen: NDArray[np.bool_],
        along: Array,
        ends: Array | None = None,
        heights: Array | None = None,
    ) -> tuple[Array, Array, Array]:
        """`fill` for many fronts.

        Parameters
        ----------
        seen : ndarray of bool, shape (m, 41)
            Places seen.
        along : ndarray, shape (m, 41)
            Positions, metres.
        ends, heights : ndarray, shape (m, 2), optional
            Left and right ends as fractions of the width, and their positions, metres.

        Returns
        -------
        correction, sigma : ndarray, shape (m,)
            Metres.
        course : ndarray, shape (m, 41)
            Expected positions, metres.
        """
        correction, sigma = np.full(len(seen), np.nan), np.full(len(seen), np.nan)
        course = np.full(np.shape(along), np.nan)
        masks, which = np.unique(seen, axis=0, return_inverse=True)
        for turn, mask in enumerate(masks):
            if not mask.any():
                continue
            rows = np.flatnonzero(which.ravel() == turn)
            correction[rows], sigma[rows], course[rows] = self._fill_alike(
                mask,
                along[rows],
                None if ends is None else ends[rows],
                None if heights is None else heights[rows],
            )
        return correction, sigma, course

    def _fill_alike(
        self, mask: NDArray[np.bool_], along: Array, ends: Array | None, heights: Array | None
    ) -> tuple[Array, Array, Array]:
        """Fronts of which the same places were seen."""
        inside = np.flatnonzero(mask)
        outer = PLACES[inside[[0, -1]]]
        given = np.broadcast_to(outer, (len(along), 2)) if ends is None else ends
        left = np.clip(given[:, 0], max(outer[0] - STEP, 0.0), outer[0])
        right = np.clip(given[:, 1], outer[1], min(outer[1] + STEP, 1.0))

        known = self.covariance[np.ix_(mask, mask)] + self.noise**2 * np.eye(len(inside))
        gain = np.linalg.solve(known, self.covariance[mask]).T
        unsure = self.covariance - gain @ self.covariance[mask]
        course = self.mean + (along[:, mask] - self.mean[mask]) @ gain.T

        start, stop = end_height(along, inside[0], -1), end_height(along, inside[-1], 1)
        if heights is not None:
            start, stop = heights[:, 0], heights[:, 1]
        start = np.where(left < outer[0], start, along[:, inside[0]])
        stop = np.where(right > outer[1], stop, along[:, inside[-1]])
        weight = below(left) + (EVEN - below(right))
        for low, high in holes(inside):
            weight = weight + below(PLACES[[high]]) - below(PLACES[[low]])
        assumed = (drawn_line(mask, along, start, stop) * weight).sum(axis=1)
        variance = ((weight @ unsure) * weight).sum(axis=1)

        # the ends lie between two places and were seen too: two more observations
        moved = (left < outer[0]) | (right > outer[1])
        at = np.stack([hat(left), hat(right)], axis=1)
        off = np.stack([start, stop], axis=1) - (at @ course[..., None])[..., 0]
        spread = at @ unsure
        pull = (spread @ weight[..., None])[..., 0]
        link = spread @ at.transpose(0, 2, 1) + self.noise**2 * np.eye(2)
        solved = np.linalg.solve(link, np.stack([off, pull], axis=-1))
        solved[~moved] = 0.0
        course = course + (solved[:, None, :, 0] @ spread)[:, 0]
        variance = variance - (solved[..., 1] * pull).sum(axis=1)
        value = (course * weight).sum(axis=1) - assumed
        widest = np.maximum(left, 1 - right)
        for low, high in holes(inside):
            widest = np.maximum(widest, (high - low) * STEP / 2)
        stretch = np.interp(widest, CUT_SHARES, self.stretch)
        return value, stretch * np.sqrt(np.maximum(variance, 0.0)), course
