"""Screening rules: what a rule is, and how rules are put together.

A rule looks at the traces of one glacier and gives each a score; where the score
is above the rule's limit, the trace gets the rule's flag (or only `doubtful`, if
the rule merely marks) and a note that names the rule, the finding, the score and
the limit. `termini.fronts.rules_run` runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.fronts.rules_traces import GlacierTraces

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Judgement:
    """What a rule finds about the traces of a glacier.

    Parameters
    ----------
    score : ndarray, shape (n,)
        The higher, the worse; nan where the rule cannot tell.
    limit : float
        Traces with a score above it are flagged.
    reason : callable
        Row to the finding in words, without semicolon.
    flagged : ndarray of bool, shape (n,), optional
        Which traces are flagged, where that is not only a matter of the score.
    """

    score: Floats
    limit: float
    reason: Callable[[int], str]
    flagged: Mask | None = None

    def rows(self, alive: Mask) -> Mask:
        """Traces that are flagged, of those that are still there."""
        with np.errstate(invalid="ignore"):
            over = self.score > self.limit if self.flagged is None else self.flagged
        return np.asarray(over & alive)


Judge = Callable[[GlacierTraces, Mask, Mapping[str, float]], Judgement]


@dataclass(frozen=True)
class Rule:
    """One screening rule.

    Parameters
    ----------
    name : str
        Its name.
    judge : callable
        Traces of a glacier, which of them are still there, and settings, to the
        scores.
    flag : str
        Flag of ``variables.yml`` that it sets.
    meaning : str
        What it finds.
    source : str
        Where it comes from.
    settings : mapping of str to float
        Its numbers, with the defaults of that source.
    action : str
        ``reject`` sets `flag`, ``mark`` only ``doubtful``.
    manual : bool
        Whether it judges traces drawn by hand, too.
    fewest : int
        Glaciers with fewer traces are left alone.
    """

    name: str
    judge: Judge
    flag: str
    meaning: str
    source: str
    settings: Mapping[str, float] = field(default_factory=dict)
    action: str = "reject"
    manual: bool = True
    fewest: int = 1

    def but(self, **changes: Any) -> Rule:
        """The same rule with other settings.

        Parameters
        ----------
        **changes
            Of ``action``, ``manual``, ``fewest`` or the rule's own numbers.

        Returns
        -------
        Rule
            A changed copy.

        Raises
        ------
        InputError
            If there is no such setting, or its value is of the wrong kind.
        """
        own = {name: value for name, value in changes.items() if name in self.settings}
        rest = {name: value for name, value in changes.items() if name not in self.settings}
        known = ["action", "manual", "fewest", *self.settings]
        if unknown := sorted(set(rest) - set(known)):
            raise InputError(f"rule {self.name} has no setting {unknown}; it has {known}")
        if rest.get("action", self.action) not in ("reject", "mark"):
            raise InputError(f"rule {self.name}: action {rest['action']!r} is not reject or mark")
        for name, value in {**own, "fewest": rest.get("fewest", self.fewest)}.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"rule {self.name}: {name} {value!r} is not a number")
        if not isinstance(rest.get("manual", self.manual), bool):
            raise InputError(f"rule {self.name}: manual {rest['manual']!r} is not true or false")
        return replace(self, settings={**self.settings, **own}, **rest)


@dataclass(frozen=True)
class RuleSet:
    """Rules in the order in which they run.

    Parameters
    ----------
    name : str
        Its name.
    rules : tuple of Rule
        The rules.
    """

    name: str
    rules: tuple[Rule, ...] = ()

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def but(self, **changes: Mapping[str, Any] | bool) -> RuleSet:
        """The same rules with some of them changed or taken out.

        Parameters
        ----------
        **changes
            Name of a rule to its changed settings, as in `Rule.but`, or to False
            to take it out.

        Returns
        -------
        RuleSet
            A changed copy.

        Raises
        ------
        InputError
            If the set has no such rule.
        """
        names = [rule.name for rule in self.rules]
        if unknown := sorted(set(changes) - set(names)):
            raise InputError(f"rule set {self.name} has no rule {unknown}; it has {names}")
        kept = []
        for rule in self.rules:
            change = changes.get(rule.name, True)
            if isinstance(change, Mapping):
                kept.append(rule.but(**change))
            elif change:
                kept.append(rule)
        return RuleSet(self.name, tuple(kept))

    def table(self) -> pd.DataFrame:
        """The rules as a table: name, flag, action, settings, meaning, source."""
        columns = ["name", "flag", "action", "manual", "fewest", "meaning", "source"]
        rows = [{c: getattr(rule, c) for c in columns} for rule in self.rules]
        words = [", ".join(f"{k}={v:g}" for k, v in rule.settings.items()) for rule in self.rules]
        return pd.DataFrame(rows, columns=columns).assign(settings=words)
