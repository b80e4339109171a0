"""Shares of errors within their stated intervals, and how well so many errors tell them.

Errors of one glacier, or of one season of a glacier seen every few days, go together. The
sampling error of a share is therefore that of a ratio over such groups (Cochran 1977,
section 11.8), and its 95 % interval that of Clopper & Pearson (1934) for the number of
independent errors that would have this sampling error (Korn & Graubard 1998), but never
for more than there are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, t

from termini.series import interval_factor

Array = NDArray[np.float64]
Row = dict[str, float | bool]
WANTED = {"in_68": 0.68, "in_95": 0.95}
TOLERANCE = 0.03


def shares(
    error: Array,
    sigma: Array,
    group: NDArray[Any],
    measure: str = "length_area",
    method: str = "manual",
) -> Row:
    """Shares of errors within their stated intervals, and the sizes of both."""
    good = np.isfinite(error) & np.isfinite(sigma) & (sigma > 0)
    error, sigma, group = error[good], sigma[good], group[good]
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
    inside = {
        name: ratio < interval_factor(wanted, measure, method) for name, wanted in WANTED.items()
    }
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
