"""Glacier names: whether two spellings may mean the same glacier.

One glacier is 'Jakobshavn Isbrae', 'Sermeq Kujalleq' and 'JAKOBSHAVN_ISBRAE' in
three tables; four glaciers are 'Sermeq Kujalleq'. Names are compared by what is
left when spelling is taken away: diacritics, abbreviations, the word for glacier
in five languages, and the old and new orthography of Greenlandic (the reform of
1973 wrote Kangerdlugssuaq as Kangerlussuaq). Compass letters are kept apart,
because 'Hayes N' is not 'Hayes'.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

# Letters that Unicode does not take apart.
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ð": "d", "ß": "ss", "ĸ": "q"})

# The word for glacier, and what kind it names. The kind counts a little: Rink
# Isbrae and Rink Gletscher are 500 km apart.
_KINDS = {
    "glacier": "gl glac glacier gletscher gletsjer gletcher gletschjer glescher glestscher",
    "ice stream": "isbrae isbraer isstrom isblink ice",
    "brae": "br brae braer braeer",
    "sermia": "se sermia sermiat sermersua sermerssua sermersuaq",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
# Compounds: 'Helheimgletscher', 'Ussingbraeer'.
_COMPOUND = re.compile(
    r"(?P<stem>\w{4,}?)(?P<kind>gletscher|gletsjer|isbrae|isstrom|braeer|braer|brae)$"
)

_COMPASS = {
    "north": "n", "northern": "n", "nord": "n", "nordre": "n", "nodre": "n",
    "south": "s", "southern": "s", "syd": "s", "sondre": "s",
    "east": "e", "west": "w", "central": "c", "centre": "c", "middle": "m",
}  # fmt: skip
_QUALIFIER = re.compile(r"[nsewcm]{1,4}|[a-d]|[nsewcm]*\d+")
# Placeholders that some tables write where a glacier has no name.
_NO_NAME = re.compile(r"no ?name|unnamed|unknown|^other$|^ice caps\b|^sector\b", re.IGNORECASE)

# Old Greenlandic orthography to new, then what the two still write differently.
_GREENLANDIC = [
    (r"k'", "q"),
    (r"ngn", "nn"),
    (r"gdl|dl", "ll"),
    (r"gss|vss|rss", "ss"),
    (r"vf|gf", "ff"),
    (r"rng", "rn"),
    (r"rq|gq", "qq"),
    (r"(.)\1+", r"\1"),
]


@dataclass(frozen=True)
class Name:
    """A glacier name without its spelling.

    Parameters
    ----------
    stem : str
        Letters of the name proper; empty if it has none.
    kind : str
        Which word for glacier it bears, if any.
    qualifier : str
        Compass letters and numbers that set it apart from its neighbours.
    """

    stem: str
    kind: str
    qualifier: str


@lru_cache(maxsize=8192)
def parse_name(text: str) -> Name:
    """Take the spelling out of one name.

    Parameters
    ----------
    text : str
        A name in any spelling, ``JAKOBSHAVN_ISBRAE`` as well as ``Hayes Gl. NN``.

    Returns
    -------
    Name
        Stem, kind and qualifier; an empty stem for a placeholder such as
        ``NW_NONAME3``.
    """
    if not text or _NO_NAME.search(text.replace("_", " ")):
        return Name("", "", "")
    plain = text.lower().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9']+", " ", plain).split()
    stem: list[str] = []
    kind, qualifier = "", []
    for word in words:
        whole = _COMPASS.get(word, word)
        if whole in _KIND_OF and stem:
            kind = _KIND_OF[whole]
        elif _QUALIFIER.fullmatch(whole) and stem:
            qualifier.append(whole)
        elif found := _COMPOUND.fullmatch(whole):
            stem.append(found["stem"])
            kind = _KIND_OF[found["kind"]]
        else:
            stem.append(whole)
    letters = " ".join(stem)
    number = re.fullmatch(r"(.*[a-z])(\d+)", letters)
    if number:
        letters = number[1]
        qualifier.append(number[2])
    for old, new in _GREENLANDIC:
        letters = re.sub(old, new, letters)
    return Name(letters.replace("'", ""), kind, " ".join(qualifier))


def split_names(text: str) -> list[str]:
    """The names that one entry of a table holds.

    Parameters
    ----------
    text : str
        Like ``Graulv / Gyldenlove Fjord N``, ``Sermeq (Upernavik)`` or ``GADE-MORELL``.

    Returns
    -------
    list of str
        The entry itself and its parts at semicolons, slashes, hyphens and brackets.
    """
    parts = [part.strip() for part in re.split(r"[;/()-]", text)]
    return list(dict.fromkeys(part for part in [text.strip(), *parts] if part))


def name_similarity(a: str, b: str) -> float:
    """How alike two names are, all their parts considered.

    Parameters
    ----------
    a, b : str
        Entries of two tables.

    Returns
    -------
    float
        1 for the same name, 0 for nothing in common, NaN if one has no name at
        all. Above 0.86 the two are spellings of one name. Different compass
        letters make it 0.6 at most, a different word for glacier takes off 0.05.
    """
    pairs = [_similarity(x, y) for x in _parsed(a) for y in _parsed(b)]
    return max(pairs) if pairs else float("nan")


@lru_cache(maxsize=8192)
def _parsed(text: str) -> tuple[Name, ...]:
    """The names of an entry that are names, parsed."""
    parsed = dict.fromkeys(parse_name(part) for part in split_names(text))
    return tuple(name for name in parsed if name.stem)


@lru_cache(maxsize=65536)
def _likeness(a: str, b: str) -> float:
    """How alike two stems are."""
    if a == b:
        return 1.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    # Ratios of unrelated words are about a half; below that there is no likeness.
    if matcher.real_quick_ratio() <= 0.5 or matcher.quick_ratio() <= 0.5:
        return 0.0
    return max(0.0, 2.0 * matcher.ratio() - 1.0)


def _similarity(a: Name, b: Name) -> float:
    alike = _likeness(a.stem, b.stem)
    if a.qualifier != b.qualifier:
        return 0.6 * alike
    if a.kind and b.kind and a.kind != b.kind:
        alike -= 0.05
    return max(0.0, alike)
