"""The quality flag of TermPicks and of those who followed it, in all its spellings.

In the database a flag is two digits: 0 for a front drawn by hand or 1 for one drawn by a
program, then 1 cloud or shadow, 2 checked on a second image, 3 Landsat 7 with gaps, 4 only
a part of the front. CALFIN writes the same as numbers (0, 3, 10, 13), the datasets that
went in often one digit, or several. GEEDiT, in which new traces are drawn, has a column
for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Digit of the source to the flag of the front table, and why.
DIGITS = {
    1: ("source_uncertain", "quality flag 1 of the source: cloud or shadow"),
    2: ("source_checked", ""),
    3: ("slc_off", ""),
    4: ("open_end", "quality flag 4 of the source: only a part of the front is drawn"),
}
#: Columns of GEEDiT, also as shapefiles cut them, to the digit that they stand for.
SWITCHES = {
    1: ("cloudShadowFlag", "cloud_shadow"),
    2: ("otherImageFlag", "other_image"),
    3: ("SLCFlag", "SLC_off"),
    4: ("partialPickFlag", "partial_pick"),
}
_WORDS = [
    (r"cloud|shadow|uncertain|low", 1),
    (r"check|second|other image", 2),
    (r"slc|scan|stripe", 3),
    (r"part", 4),
]
_NOTHING = {"", "nan", "none", "null", "-", "-1", "-9", "-99", "-999", "-9999", "n/a", "na"}
_ON = {"1", "true", "yes", "y", "t"}
_FINE = re.compile(r"ok|good|sure|clear|no (concern|issue|problem)s?|manual|auto\w*")


@dataclass(frozen=True)
class Quality:
    """What the quality flags of a source say.

    Parameters
    ----------
    automatic : ndarray of bool
        Rows drawn by a program; False also where nothing is said.
    flags : dict
        Flag of the front table to row mask and reasons (one a row), for
        `termini.fronts.readers.traces.traces_table`.
    """

    automatic: NDArray[np.bool_]
    flags: dict[str, tuple[NDArray[np.bool_], list[str]]]


def read_quality(
    values: Iterable[str], switches: Mapping[int, Iterable[str]] | None = None
) -> Quality:
    """Flags of the front table from those of a source.

    Parameters
    ----------
    values : iterable of str
        The quality flag of each row as text; empty where there is none.
    switches : mapping of int to iterable of str, optional
        Further columns that switch one digit on, as those of GEEDiT (`SWITCHES`).

    Returns
    -------
    Quality
        Flags. A value that is not understood is flagged ``source_uncertain`` with the
        value in the reason.
    """
    rows = list(values)
    known = {text: read_flag(text) for text in dict.fromkeys(rows)}
    digits = [set(known[text][0]) for text in rows]
    for digit, column in (switches or {}).items():
        for row, text in enumerate(column):
            if text.strip().lower() in _ON:
                digits[row].add(digit)
    flags = {}
    for digit, (name, reason) in DIGITS.items():
        mask = np.array([digit in row for row in digits], dtype=bool)
        flags[name] = (mask, [reason] * len(rows))
    odd = [known[text][2] for text in rows]
    mask, reasons = flags["source_uncertain"]
    words = [
        "; ".join(w for w in (r if m else "", o) if w)
        for m, r, o in zip(mask, reasons, odd, strict=True)
    ]
    flags["source_uncertain"] = (mask | np.array([o != "" for o in odd], dtype=bool), words)
    return Quality(np.array([known[text][1] for text in rows], dtype=bool), flags)


def read_flag(text: str) -> tuple[frozenset[int], bool, str]:
    """One value of a quality flag.

    Parameters
    ----------
    text : str
        ``03``, ``3``, ``3.0``, ``13``, ``1,3``, ``03;04``, ``SLC-off`` and the like.

    Returns
    -------
    digits : frozenset of int
        Which of `DIGITS` it sets.
    automatic : bool
        Whether it says that a program drew the front: the first of two digits is 1.
    odd : str
        What of it was not understood, in words; empty if all was.
    """
    plain = text.strip().lower()
    if plain in _NOTHING:
        return frozenset(), False, ""
    digits: set[int] = set()
    automatic, odd = "auto" in plain, False
    for token in re.split(r"\s*[,;/&+|]\s*|\s+and\s+", plain):
        number = re.fullmatch(r"x?(\d+)(?:\.0+)?", token)
        if number:
            first, rest = number[1][:-1], {int(number[1][-1])}
            # more than two digits, or a first one that says neither: flags side by side
            if len(number[1]) > 2 or first not in {"", "0", "1"}:
                rest |= {int(d) for d in first}
            else:
                automatic |= first == "1"
            digits |= rest - {0}
        elif named := {digit for pattern, digit in _WORDS if re.search(pattern, token)}:
            digits |= named
        elif token and not _FINE.fullmatch(token):
            odd = True
    odd |= bool(digits - set(DIGITS))
    words = f"quality flag {text.strip()!r} of the source, whose meaning is not known"
    return frozenset(digits & set(DIGITS)), automatic, words if odd else ""
