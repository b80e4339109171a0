"""How wide the pages are and how numbers look on them."""

from __future__ import annotations

from bokeh.models import CustomJSTickFormatter

PAGE_WIDTH = 1165
"""Pixels: a window of 1200 shows a page without scrolling sideways."""

_THOUSANDS = """
return tick.toLocaleString("en-US", {maximumFractionDigits: 6}).replace("-", "\u2212")
"""
_KILOMETRES = """
return (tick / 1000).toLocaleString("en-US", {maximumFractionDigits: 3, useGrouping: false})
  .replace("-", "\u2212")
"""


def thousands() -> CustomJSTickFormatter:
    """Ticks as ``−12,000``.

    Returns
    -------
    bokeh tick formatter
        For one axis.
    """
    return CustomJSTickFormatter(code=_THOUSANDS)


def kilometres() -> CustomJSTickFormatter:
    """Ticks in km of an axis in metres, with as many decimals as they need.

    Returns
    -------
    bokeh tick formatter
        For one axis.
    """
    return CustomJSTickFormatter(code=_KILOMETRES)
