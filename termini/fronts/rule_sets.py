"""Which rules run together: termini's own by default, those of others by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from termini.errors import InputError
from termini.fronts.rules import Rule, RuleSet
from termini.fronts.rules_own import OWN_RULES
from termini.fronts.rules_published import PUBLISHED

#: Every rule by name.
RULES: dict[str, Rule] = {**OWN_RULES, **PUBLISHED}


def _default() -> RuleSet:
    """Sure errors of machine-made fronts are rejected, likely ones are marked.

    Fronts of which too little was seen are only marked: `termini.series` measures it.
    """
    rejecting = ["other_fjord", "off_fjord", "fast_advance", "history", "sections", "shape"]
    rules = [RULES[name].but(manual=False) for name in rejecting]
    marking = ["own_pace", "mirrored", "partial"]
    rules += [RULES[name].but(manual=False, action="mark") for name in marking]
    return RuleSet("default", tuple(rules))


def _strict() -> RuleSet:
    """Every rule of termini, also for traces drawn by hand; no room for growth in history."""
    return RuleSet("strict", tuple(OWN_RULES.values())).but(
        history={"flow": 0.0}, own_pace=False, partial={"action": "reject"}
    )


#: Rule sets by name; `autoterm`, `calfin` and `kc` reject as published.
RULE_SETS: dict[str, RuleSet] = {
    "none": RuleSet("none"),
    "default": _default(),
    "strict": _strict(),
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
        Name of a rule set; the path of a YAML file (``.yaml``, ``.yml``) that holds
        such a mapping; or a mapping of rules to True, False or their changed
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
        If a rule set, rule or setting is unknown, or the file is not such a mapping.
    """
    if isinstance(wanted, RuleSet):
        return wanted
    if isinstance(wanted, str) and wanted.endswith((".yaml", ".yml")):
        return _from_file(Path(wanted))
    if wanted is None or isinstance(wanted, str):
        wanted = {"base": wanted or "default"}
    changes = dict(wanted)
    base = str(changes.pop("base", "default"))
    if base not in RULE_SETS:
        raise InputError(
            f"rule set {base!r} is unknown; known are {', '.join(RULE_SETS)}, and a .yaml file of "
            "one's own"
        )
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


def _from_file(path: Path) -> RuleSet:
    """Rule set that a YAML file holds; errors name the file."""
    if not path.is_file():
        raise InputError(
            f"{path}: no such file of screening rules; rule sets are {', '.join(RULE_SETS)}"
        )
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}; mend it") from error
    if not isinstance(document, dict) or not all(isinstance(name, str) for name in document):
        raise InputError(f"{path}: holds no rules; give lines as 'base: default', 'shape: false'")
    for name, change in document.items():
        if name != "base" and not isinstance(change, bool | dict):
            raise InputError(
                f"{path}: {name}: {change!r} is neither true, false nor settings as {{flow: 10}}"
            )
    try:
        found = rule_set(document)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return RuleSet(path.name, found.rules)
