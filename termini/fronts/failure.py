"""The failure detector: how probable it is that a line is wrong.

Two questions, two probabilities. A line is wrong if what is drawn of it lies farther than
four pixels from the true front on average. It is incomplete or wrong if the mean distance
of both lines from each other, both ways, exceeds that: a part of the front is missing, or
the line is wrong. Logistic models of the features of `termini.fronts.doubt_features` were
fitted on simulated scenes and on the published crops of Jakobshavn and Sverdrup by
``benchmarks/failure_detector.py``; their numbers are in ``failure.json`` beside this file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import numpy as np

from termini.errors import InputError
from termini.fronts.doubt_features import ONE_VIEW

Question = Literal["wrong", "incomplete"]

#: A line is wrong that lies farther off than this on average, pixels.
WRONG_PX = 4.0


@dataclass(frozen=True)
class Detector:
    """A logistic model.

    Parameters
    ----------
    names : tuple of str
        Features.
    mean, scale, weight : tuple of float
        Per feature: what is taken off, what it is divided by, its weight.
    intercept : float
        Weight of one.
    threshold : float
        A line is probably wrong whose probability exceeds this.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    intercept: float
    threshold: float

    def probability(self, features: Mapping[str, float]) -> float:
        """Probability that a line with these features is wrong.

        Parameters
        ----------
        features : mapping
            Feature to value.

        Returns
        -------
        float
            0 to 1.

        Raises
        ------
        InputError
            If a feature is missing.
        """
        if missing := [name for name in self.names if name not in features]:
            raise InputError(f"the failure detector lacks the feature(s) {missing}")
        value = np.array([features[name] for name in self.names])
        standard = (value - self.mean) / np.array(self.scale)
        logit = float(standard @ np.array(self.weight)) + self.intercept
        return float(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))))


@lru_cache(maxsize=2)
def detector(question: Question = "wrong") -> Detector:
    """The shipped detector.

    Parameters
    ----------
    question : {"wrong", "incomplete"}
        What the probability is of: that the drawn part is wrong, or that it is or a
        part of the front is missing.

    Returns
    -------
    Detector
        Ready for use.

    Raises
    ------
    InputError
        If the shipped numbers are of another version than the features.
    """
    text = files("termini.fronts").joinpath("failure.json").read_text(encoding="utf-8")
    held = json.loads(text)[question]
    if tuple(held["names"]) != ONE_VIEW:
        raise InputError("failure.json is of another version than the features; fit it again")
    lists = {key: tuple(held[key]) for key in ("names", "mean", "scale", "weight")}
    return Detector(**lists, intercept=held["intercept"], threshold=held["threshold"])
