"""Colours, marks, dashes and names of types, the same in every picture."""

from __future__ import annotations

# Okabe & Ito (2008): told apart by people with any kind of colour vision.
_TYPES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000"]
# Names of Bokeh, and what matplotlib calls the same: a second hint beside the colour.
_MARKS = ["circle", "square", "triangle", "diamond", "inverted_triangle", "hex", "star", "plus"]
MATPLOTLIB_MARKS = dict(zip(_MARKS, ["o", "s", "^", "d", "v", "h", "*", "P"], strict=True))
_SIGNS = dict(zip(_MARKS, "●■▲◆▼⬢★✚", strict=True))
# These cover less of their square than a circle does.
_LARGER = {"triangle": 1.2, "inverted_triangle": 1.2, "diamond": 1.5, "star": 1.4, "plus": 1.2}
_DASHES = ["solid", "dashed", "dotdash", "dotted", "dashdot"]
UNTYPED = "#999999"
INK = "#1a1a1a"
WATER = "#e3edf5"
LAND = "#f7f4ec"
UNKNOWN = "#f4f4f2"
COAST = "#cdc4ae"
TRACE = "#D55E00"
MONTHLY = "#0072B2"


def type_colour(number: int) -> str:
    """Colour of a type.

    Parameters
    ----------
    number : int
        Label of the type; negative for a glacier without one.

    Returns
    -------
    str
        Hexadecimal colour.
    """
    return UNTYPED if number < 0 else _TYPES[number % len(_TYPES)]


def type_mark(number: int) -> str:
    """Mark of a type, so that it is told by more than its colour.

    Parameters
    ----------
    number : int
        Label of the type; negative for a glacier without one.

    Returns
    -------
    str
        Name of a Bokeh marker. No two of 56 types share colour and mark.
    """
    return "circle" if number < 0 else _MARKS[(number + number // len(_MARKS)) % len(_MARKS)]


def type_sign(number: int) -> str:
    """Mark of a type as a letter.

    Parameters
    ----------
    number : int
        Label of the type; negative for a glacier without one.

    Returns
    -------
    str
        One character that looks like `type_mark`.
    """
    return _SIGNS[type_mark(number)]


def mark_size(number: int, size: float = 11) -> float:
    """Size at which the mark of a type looks as large as the others.

    Parameters
    ----------
    number : int
        Label of the type.
    size : float
        Size of a circle.

    Returns
    -------
    float
        Size to draw the mark with, in the same unit.
    """
    return size * _LARGER.get(type_mark(number), 1.0)


def type_dash(number: int) -> str:
    """Dash of the line of a type's centre.

    Parameters
    ----------
    number : int
        Label of the type.

    Returns
    -------
    str
        Name of a Bokeh dash.
    """
    return "solid" if number < 0 else _DASHES[number % len(_DASHES)]


def type_name(number: int, label: str = "") -> str:
    """Name of a type in legends.

    Parameters
    ----------
    number : int
        Label of the type; negative for a glacier without one.
    label : str
        The type in words.

    Returns
    -------
    str
        As ``2: steady retreat``.
    """
    if number < 0:
        return "no type"
    return minus(f"{number}: {label}") if label else f"type {number}"


def minus(text: str) -> str:
    """Text in which a number below zero has a minus sign and no hyphen.

    Parameters
    ----------
    text : str
        As ``retreat, -2.2 km``; dates and ranges keep their hyphens.

    Returns
    -------
    str
        As ``retreat, −2.2 km``.
    """
    return text.replace(" -", " \u2212")
