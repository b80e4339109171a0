"""Which rules run together: termini's own by default, those of others by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from termini.errors import InputError
from termini.fronts.rules import Rule, RuleSet
from termini.fronts.rules_own import OWN_RULES
from termini.fronts.rules_published import PUBLISHED

#: Every rule by name.
RULES: dict[str, Rule] = {**OWN_RULES, **PUBLISHED}


def _default() -> RuleSet:
    """Sure errors of machine-made fronts are rejected, likely ones are marked.

    Fronts of which too little was seen are left to `termini.series`, which measures it.
    """
    rejecting = ["other_fjord", "fast_advance", "history", "shape"]
    rules = [RULES[name].but(manual=False) for name in rejecting]
    rules.append(RULES["mirrored"].but(manual=False, action="mark"))
    return RuleSet("default", tuple(rules))


#: Rule sets by name; `autoterm`, `calfin` and `kc` reject as published.
RULE_SETS: dict[str, RuleSet] = {
    "none": RuleSet("none"),
    "default": _default(),
    "strict": RuleSet("strict", tuple(OWN_RULES.values())).but(history={"flow": 0.0}),
    "autoterm": RuleSet(
        "autoterm",
        tuple(RULES[f"autoterm_{name}"] for name in ("points", "shape", "duplicates", "jump")),
    ),
    "calfin": RuleSet("calfin", tuple(r for n, r in RULES.items() if n.startswith("calfin_"))),
    "kc": RuleSet("kc", tuple(r for n, r in RULES.items() if n.startswith("kc_"))),
}


def rule_set(wanted: str | Mapping[str, Any] | RuleSet | None = None) -> RuleSet:
    """Rule set from what a configuration says.

    Parameters
    ----------
    wanted : str, mapping, RuleSet or None
        Name of a rule set; or a mapping of rules to True, False or their changed
        settings, on top of the rule set named under ``base`` (``default`` if it
        names none). ``{"base": "autoterm", "autoterm_jump": False, "history":
        {"action": "mark"}}`` is AutoTerm's screening without its jumps, and with
        termini's history as a mark. None is the default.

    Returns
    -------
    RuleSet
        Rules of the base in their order, then those added.

    Raises
    ------
    InputError
        If a rule set, rule or setting is unknown.
    """
    if isinstance(wanted, RuleSet):
        return wanted
    if wanted is None or isinstance(wanted, str):
        wanted = {"base": wanted or "default"}
    changes = dict(wanted)
    base = str(changes.pop("base", "default"))
    if base not in RULE_SETS:
        raise InputError(f"rule set {base!r} is unknown; known are {', '.join(RULE_SETS)}")
    if unknown := sorted(set(changes) - set(RULES)):
        raise InputError(f"screening rule(s) {unknown} unknown; known are {', '.join(RULES)}")
    chosen = RULE_SETS[base]
    names = {rule.name for rule in chosen}
    chosen = chosen.but(**{name: change for name, change in changes.items() if name in names})
    added = [
        RULES[name].but(**change) if isinstance(change, Mapping) else RULES[name]
        for name, change in changes.items()
        if name not in names and change is not False
    ]
    return RuleSet(base if not changes else f"{base}, changed", (*chosen.rules, *added))
