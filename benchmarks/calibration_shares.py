"""Shares of errors within their stated intervals, and how well so many errors tell them.

Errors of one glacier, or of one season of a glacier seen every few days, go together. The
sampling error of a share is therefore that of a ratio over such groups (Cochran 1977,
section 11.8), and its 95 % interval that of Clopper & Pearson (1934) for the number of
independent errors that would have this sampling error (Korn & Graubard 1998), but never
for more than there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta, norm, t

from termini.series import half_widths, interval_factor

Array = NDArray[np.float64]
Row = dict[str, float | bool]
WANTED = {"in_68": 0.68, "in_95": 0.95}
TOLERANCE = 0.03


class Errors(NamedTuple):
    """Errors with what is stated of them, shape (n,), and half widths of intervals (n, 2)."""

    error: Array
    stated: Array
    group: NDArray[Any]
    half: Array

    @classmethod
    def normal(cls, error: Array, stated: Array, group: NDArray[Any]) -> Errors:
        """Errors of a part whose intervals are those of the normal distribution."""
        factors = norm.ppf(0.5 + np.array([*WANTED.values()]) / 2)
        return cls(error, stated, group, stated[:, None] * factors)

    @classmethod
    def of_part(
        cls, error: Array, stated: Array, group: NDArray[Any], measure: str, **known: float
    ) -> Errors:
        """Errors of a part alone, as `termini.series.interval_factor` takes its share."""
        factors = [interval_factor(x, measure, "manual", **known) for x in WANTED.values()]
        return cls(error, stated, group, stated[:, None] * np.array(factors))

    @classmethod
    def of_rows(cls, error: Array, rows: pd.DataFrame) -> Errors:
        """Errors of observations or of changes, whose intervals are as the package has them."""
        half = [half_widths(rows, level) for level in WANTED.values()]
        stated = rows["length_change_se"].to_numpy()
        return cls(error, stated, rows["glacier_id"].to_numpy(dtype=str), np.column_stack(half))

    @classmethod
    def pooled(cls, several: Iterable[Errors]) -> Errors:
        """All of several."""
        return cls(*(np.concatenate(values) for values in zip(*several, strict=True)))


def shares(errors: Errors) -> Row:
    """Shares of errors within their stated intervals, and the sizes of both."""
    good = np.isfinite(errors.error) & np.isfinite(errors.stated) & (errors.stated > 0)
    error, sigma, group, half = (values[good] for values in errors)
    if not error.size:
        return {"n": 0, "groups": 0}
    ratio = np.abs(error / sigma)
    middle = np.median(error)
    row: Row = {
        "n": int(error.size),
        "groups": int(np.unique(group).size),
        "median_m": float(middle),
        "nmad_m": float(1.4826 * np.median(np.abs(error - middle))),
        "rms_m": float(np.sqrt(np.mean(error**2))),
        "stated_m": float(np.sqrt(np.mean(sigma**2))),
        "rms_ratio": float(np.sqrt(np.mean(ratio**2))),
    }
    inside = {name: np.abs(error) < half[:, k] for k, name in enumerate(WANTED)}
    for name, there in inside.items():
        row[name] = float(np.mean(there))
    for name, there in inside.items():
        low, high = share_interval(there, group)
        row[name.replace("in", "from")], row[name.replace("in", "to")] = low, high
    row["met"] = all(abs(row[name] - wanted) <= TOLERANCE for name, wanted in WANTED.items())
    row["may_be"] = all(
        row[name.replace("in", "from")] - TOLERANCE <= wanted
        and row[name.replace("in", "to")] + TOLERANCE >= wanted
        for name, wanted in WANTED.items()
    )
    return row


def ranges(errors: Errors) -> Row:
    """Errors of a measure with two answers: what is the value's, and what lies between them.

    The interval that holds both answers is the root of two of the standard error either
    way, at any level from a half. In it all errors are wanted; `at_value`, the share
    nearer to the value than to the other answer, is a half if either is meant alike often.
    """
    good = np.isfinite(errors.error) & np.isfinite(errors.stated) & (errors.stated > 0)
    error, sigma, group, _ = (values[good] for values in errors)
    way = np.sqrt(2.0) * sigma
    at_value, in_range = np.abs(error) < way / 2, np.abs(error) <= 1.01 * way
    low, high = share_interval(at_value, group)
    return {
        "n": int(error.size),
        "groups": int(np.unique(group).size),
        "rms_m": float(np.sqrt(np.mean(error**2))),
        "range_m": float(np.sqrt(np.mean(way**2))),
        "rms_ratio": float(np.sqrt(np.mean((error / sigma) ** 2))),
        "at_value": float(at_value.mean()),
        "from_at_value": low,
        "to_at_value": high,
        "in_range": float(in_range.mean()),
        "met": bool(in_range.mean() >= 1.0 - TOLERANCE),
    }


def share_interval(inside: NDArray[np.bool_], group: NDArray[Any]) -> tuple[float, float]:
    """95 % interval of a share that was seen in draws that go together in groups."""
    share, number = float(inside.mean()), float(inside.size)
    _, which = np.unique(group, return_inverse=True)
    off = np.bincount(which.ravel(), inside - share)
    groups = len(off)
    independent = number
    if groups > 1 and 0 < share < 1:
        variance = groups / (groups - 1) * float(np.sum(off**2)) / number**2
        # few groups tell their own scatter badly
        few = (t.ppf(0.975, number - 1) / t.ppf(0.975, groups - 1)) ** 2
        if variance > 0:
            independent = min(number, few * share * (1 - share) / variance)
    seen = share * independent
    low = beta.ppf(0.025, seen, independent - seen + 1) if share > 0 else 0.0
    high = beta.ppf(0.975, seen + 1, independent - seen) if share < 1 else 1.0
    return float(low), float(high)
