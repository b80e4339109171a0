"""The rule that turns a glacier's evidence into a driver. All thresholds stand here."""

from __future__ import annotations

from dataclasses import dataclass

#: Drivers that can be named, in the order of the columns ``share_*``.
CANDIDATES = ("none", "runoff", "melange", "thermal_forcing", "bed", "internal")
UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Thresholds:
    """What counts as evidence.

    Parameters
    ----------
    least_change : float
        Inter-annual change that asks for a driver, metres.
    least_range : float
        Seasonal range that asks for a driver, metres.
    step_share : float
        Share of the change within the fastest quarter of the record from which it
        is a step.
    overdeepening : float
        How much deeper than at the front the bed must get inland, metres: three
        times the usual error of a depth.
    warming : float
        Change of thermal forcing over the record, K.
    runoff_change : float
        Change of runoff over the record, share of its mean.
    correlation : float
        Least correlation, by size, of yearly length and forcing.
    least_fit : float
        Least R2 of a seasonal model.
    """

    least_change: float = 500.0
    least_range: float = 100.0
    step_share: float = 0.6
    overdeepening: float = 100.0
    warming: float = 0.5
    runoff_change: float = 0.3
    correlation: float = 0.7
    least_fit: float = 0.6


@dataclass(frozen=True)
class Evidence:
    """Numbers that the rule looks at; missing ones are NaN.

    Attributes
    ----------
    change, step_share : float
        Furthest inter-annual change, metres, and its share in the fastest quarter.
    overdeepening : float
        Deepest bed inland less the bed at the front, metres.
    warming, warming_correlation : float
        Change of thermal forcing, K, and its correlation with the length.
    runoff_change, runoff_correlation : float
        The same for runoff, as a share of its mean.
    seasonal_range, seasonal_range_se : float
        Range of the mean cycle and its standard error, metres.
    runoff_fit, melange_fit : float
        R2 of the two seasonal models.
    """

    change: float
    step_share: float
    overdeepening: float
    warming: float
    warming_correlation: float
    runoff_change: float
    runoff_correlation: float
    seasonal_range: float
    seasonal_range_se: float
    runoff_fit: float
    melange_fit: float


def decide(evidence: Evidence, limits: Thresholds) -> tuple[str, str]:
    """Most likely driver, and why.

    Parameters
    ----------
    evidence : Evidence
        Of one glacier.
    limits : Thresholds
        What counts.

    Returns
    -------
    driver, reason : str
        One of `CANDIDATES` or "undetermined". A change over the years counts before
        the season; comparisons with missing numbers fail, so that a driver is never
        named without its data.
    """
    if abs(evidence.change) >= limits.least_change:
        return (_retreat if evidence.change < 0 else _advance)(evidence, limits)
    if evidence.seasonal_range != evidence.seasonal_range:
        if evidence.change == evidence.change:
            return UNDETERMINED, "no change over the years; the season is not known"
        return UNDETERMINED, "the record is too short"
    threshold = max(limits.least_range, 2.0 * evidence.seasonal_range_se)
    if not evidence.seasonal_range >= threshold:
        return "none", "neither a change over the years nor a season that stands out"
    return _season(evidence, limits)


def _retreat(evidence: Evidence, limits: Thresholds) -> tuple[str, str]:
    step = evidence.step_share >= limits.step_share
    if step and evidence.overdeepening >= limits.overdeepening:
        return "bed", "step retreat in front of an overdeepening"
    if _warmed(evidence, limits):
        return "thermal_forcing", "retreat follows a warming ocean"
    if _ran_more(evidence, limits):
        return "runoff", "retreat follows growing runoff"
    if step and evidence.overdeepening != evidence.overdeepening:
        return UNDETERMINED, "step retreat, but the bed inland is not known"
    if evidence.warming != evidence.warming:
        return UNDETERMINED, "retreat, but the thermal forcing is not known"
    return UNDETERMINED, "retreat that neither bed nor forcing explains"


def _warmed(evidence: Evidence, limits: Thresholds) -> bool:
    return (
        evidence.warming >= limits.warming and evidence.warming_correlation <= -limits.correlation
    )


def _ran_more(evidence: Evidence, limits: Thresholds) -> bool:
    return (
        evidence.runoff_change >= limits.runoff_change
        and evidence.runoff_correlation <= -limits.correlation
    )


def _advance(evidence: Evidence, limits: Thresholds) -> tuple[str, str]:
    if evidence.warming <= -limits.warming and evidence.warming_correlation <= -limits.correlation:
        return "thermal_forcing", "advance follows a cooling ocean"
    if (
        evidence.runoff_change <= -limits.runoff_change
        and evidence.runoff_correlation <= -limits.correlation
    ):
        return "runoff", "advance follows falling runoff"
    if evidence.warming != evidence.warming and evidence.runoff_change != evidence.runoff_change:
        return UNDETERMINED, "advance, but no forcing is known"
    return "internal", "advance that no known forcing explains"


def _season(evidence: Evidence, limits: Thresholds) -> tuple[str, str]:
    fits = {"runoff": evidence.runoff_fit, "melange": evidence.melange_fit}
    known = {name: fit for name, fit in fits.items() if fit == fit}
    if not known:
        return UNDETERMINED, "a season, but neither runoff nor melange is known"
    best = max(known, key=lambda name: known[name])
    if known[best] < limits.least_fit:
        return UNDETERMINED, "a season that neither runoff nor melange fits"
    return best, f"season fits {best} (R2 {known[best]:.2f})"
