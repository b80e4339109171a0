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
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError

Array = NDArray[np.float64]

#: Places across the fjord, 0 at the left wall and 1 at the right.
PLACES: Array = np.linspace(0.0, 1.0, 41)
_STEP = 1.0 / 40
_EVEN = np.full(41, _STEP)
_EVEN[[0, -1]] /= 2

# Fronts of the 87 glaciers of Black and Joughin (2022): the standard deviation of the
# position about a glacier's own mean shape is 0.066 of the width (median), that of
# mean shapes about flat 0.089 (rms); squared differences between places grow with
# about their distance to the power 1.4 (scatter) and 1.8 (means).
_SCATTER_SHARE = 0.066
_MEAN_SHARE = 0.089
_SCATTER_LENGTH, _SCATTER_POWER = 0.5, 1.0
_MEAN_LENGTH, _MEAN_POWER = 1.0, 1.8
_DEFAULT_WIDTH_M = 4000.0
# What is known from other glaciers counts as much as so many own fronts.
_PRIOR_FRONTS = 12.0
_PRIOR_SCALE_FRONTS = 3.0
# The level of the front is hardly known before it is seen.
_LEVEL_SHARE = 0.15
_NOISE_M = 1.0
_NOISE_SHARE = 0.015
# Stated errors are checked on the glacier's own fronts: each fourth of them is cut and
# filled from the others. Fronts of the same month stay together.
_FOLDS = 4
_MONTH_DAYS = 30.0
_CHECK_FRONTS = 10.0
_USUAL_RATIO = 1.1
_CUT_SHARES = np.array([0.05, 0.1, 0.2, 0.3, 0.5])
_CUTS = np.array([[0.0, 1.0], [1.0, 0.0]])


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


def _likeness(length: float, power: float) -> Array:
    """Covariance of deviations from the mean over the width, mean variance 1."""
    distance = np.abs(PLACES[:, None] - PLACES) / length
    centring = np.eye(41) - _EVEN
    covariance = centring @ np.exp(-(distance**power)) @ centring.T
    return np.asarray(covariance / np.diag(covariance).mean())


_SCATTER = _likeness(_SCATTER_LENGTH, _SCATTER_POWER)
_MEANS = _likeness(_MEAN_LENGTH, _MEAN_POWER)


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
    stretch: Array = field(default_factory=lambda: np.ones(len(_CUT_SHARES)))

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
        fold = month[good].astype(np.int64) % _FOLDS
        model = _learnt(rows[good], width)
        return replace(model, stretch=_checked(rows[good], fold, width))

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

    def fill_many(
        self,
        seen: NDArray[np.bool_],
        along: Array,
        ends: Array | None = None,
        heights: Array | None = None,
    ) -> tuple[Array, Array]:
        """`fill` for many fronts, without the course.

        Parameters
        ----------
        seen : ndarray of bool, shape (m, 41)
            Places seen.
        along : ndarray, shape (m, 41)
            Positions, metres.
        ends : ndarray, shape (m, 2), optional
            Left and right ends as fractions of the width.
        heights : ndarray, shape (m, 2), optional
            Their positions, metres.

        Returns
        -------
        correction, sigma : ndarray, shape (m,)
            Metres.
        """
        return self.course_many(seen, along, ends, heights)[:2]

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
        seen, along, ends, heights : ndarray
            As `fill_many` takes them.

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
        left = np.clip(given[:, 0], max(outer[0] - _STEP, 0.0), outer[0])
        right = np.clip(given[:, 1], outer[1], min(outer[1] + _STEP, 1.0))

        known = self.covariance[np.ix_(mask, mask)] + self.noise**2 * np.eye(len(inside))
        gain = np.linalg.solve(known, self.covariance[mask]).T
        unsure = self.covariance - gain @ self.covariance[mask]
        course = self.mean + (along[:, mask] - self.mean[mask]) @ gain.T

        start, stop = _end_height(along, inside[0], -1), _end_height(along, inside[-1], 1)
        if heights is not None:
            start, stop = heights[:, 0], heights[:, 1]
        start = np.where(left < outer[0], start, along[:, inside[0]])
        stop = np.where(right > outer[1], stop, along[:, inside[-1]])
        weight = _below(left) + (_EVEN - _below(right))
        for low, high in _holes(inside):
            weight = weight + _below(PLACES[[high]]) - _below(PLACES[[low]])
        assumed = (_drawn(mask, along, start, stop) * weight).sum(axis=1)
        variance = ((weight @ unsure) * weight).sum(axis=1)

        # the ends lie between two places and were seen too: two more observations
        moved = (left < outer[0]) | (right > outer[1])
        at = np.stack([_hat(left), _hat(right)], axis=1)
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
        for low, high in _holes(inside):
            widest = np.maximum(widest, (high - low) * _STEP / 2)
        stretch = np.interp(widest, _CUT_SHARES, self.stretch)
        return value, stretch * np.sqrt(np.maximum(variance, 0.0)), course


def _learnt(rows: Array, width: float) -> ShapeModel:
    """Model of finite shapes, its errors not yet checked."""
    number = len(rows)
    level = rows @ _EVEN
    form = rows - level[:, None]
    own = form - form.mean(axis=0) if number else form
    prior2 = (_SCATTER_SHARE * width) ** 2
    free = max(number - 1, 0)
    scatter2 = (_PRIOR_SCALE_FRONTS * prior2 + (own**2).sum() / 41) / (_PRIOR_SCALE_FRONTS + free)
    level2 = max(level.var(ddof=1) if number > 1 else 0.0, (_LEVEL_SHARE * width) ** 2)
    away = rows - rows.mean(axis=0) if number else rows
    prior = _PRIOR_FRONTS * (scatter2 * _SCATTER + level2)
    covariance = (prior + away.T @ away) / (_PRIOR_FRONTS + free)
    noise = float(np.hypot(_NOISE_M, _NOISE_SHARE * np.sqrt(scatter2)))
    # the mean shape: that of the glacier's own fronts, drawn towards flat
    between = (_MEAN_SHARE * width) ** 2 * _MEANS + 100.0 * level2
    if number == 0:
        return ShapeModel(np.zeros(41), covariance + between, noise, 0)
    total = between + covariance / number + np.eye(41)
    gain = np.linalg.solve(total, between).T
    mean = level.mean() + gain @ (rows.mean(axis=0) - level.mean())
    unsure = between - gain @ between
    return ShapeModel(mean, covariance + (unsure + unsure.T) / 2, noise, number)


def _checked(rows: Array, fold: NDArray[np.int64], width: float) -> Array:
    """Factor on standard errors, from filling fronts that the model has not seen."""
    squares = np.zeros((len(_CUT_SHARES), 2))
    for turn in np.unique(fold):
        out = rows[fold == turn]
        model = _learnt(rows[fold != turn], width)
        for place, share in enumerate(_CUT_SHARES):
            for left, right in share * _CUTS:
                seen = np.abs(2 * PLACES - 1 + right - left) <= 1 - left - right + 1e-9
                outer = PLACES[seen][[0, -1]]
                weight = (_EVEN + _below(outer[:1]) - _below(outer[1:]))[0]
                part = model.covariance[seen]
                known = part[:, seen] + model.noise**2 * np.eye(int(seen.sum()))
                lean = scipy.linalg.solve(known, part @ weight, assume_a="pos")
                off = (out[:, seen] - model.mean[seen]) @ lean - (out - model.mean) @ weight
                variance = weight @ model.covariance @ weight - lean @ part @ weight
                squares[place] += [(off**2).sum(), len(out) * variance]
    ratio = squares[:, 0] / np.where(squares[:, 1] > 0, squares[:, 1], 1.0)
    weight = len(rows) / (_CHECK_FRONTS + len(rows))
    return np.asarray(np.sqrt((1 - weight) * _USUAL_RATIO + weight * ratio))


def _holes(inside: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Neighbouring seen places with others between them."""
    low = np.flatnonzero(np.diff(inside) > 1)
    return [(int(inside[i]), int(inside[i + 1])) for i in low]


def _end_height(along: Array, place: int, step: int) -> Array:
    """Position at which an end beyond a seen place is extended."""
    beyond = along[:, min(max(place + step, 0), 40)]
    return np.where(np.isfinite(beyond), beyond, along[:, place])


def _drawn(mask: NDArray[np.bool_], along: Array, start: Array, stop: Array) -> Array:
    """Line drawn, with what is not given put in."""
    drawn = np.where(mask | np.isfinite(along), along, np.nan)
    inside = np.flatnonzero(mask)
    drawn[:, : inside[0]] = _either(drawn[:, : inside[0]], start[:, None])
    drawn[:, inside[-1] + 1 :] = _either(drawn[:, inside[-1] + 1 :], stop[:, None])
    for low, high in _holes(inside):
        straight = np.linspace(along[:, low], along[:, high], high - low + 1, axis=1)
        drawn[:, low : high + 1] = _either(drawn[:, low : high + 1], straight)
    return drawn


def _either(values: Array, other: Array) -> Array:
    return np.where(np.isfinite(values), values, other)


def _hat(place: Array) -> Array:
    """Weights with which values at `PLACES` make that at a place."""
    return np.maximum(1.0 - np.abs(place[:, None] - PLACES) / _STEP, 0.0)


def _below(place: Array) -> Array:
    """Weights with which values at `PLACES` make the integral from 0 to a place.

    Parameters
    ----------
    place : ndarray, shape (m,)
        From 0 to 1.

    Returns
    -------
    ndarray, shape (m, 41)
        Weights of the course that is straight between `PLACES`.
    """
    part = np.clip((place[:, None] - PLACES) / _STEP, -1.0, 1.0)
    # integral of the hat of each place from minus infinity
    area = np.where(part < 0, (1 + part) ** 2 / 2, 0.5 + part - part**2 / 2)
    area[:, 0] -= 0.5
    return np.asarray(area * _STEP)
