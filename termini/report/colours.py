"""Colours of types, the same in every picture."""

from __future__ import annotations

# Okabe & Ito (2008): told apart by people with any kind of colour vision.
_TYPES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000"]
UNTYPED = "#999999"
INK = "#1a1a1a"
WATER = "#eaf2f8"


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
    return f"{number}: {label}" if label else f"type {number}"
