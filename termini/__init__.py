"""Glacier terminus change: from satellite scenes to fronts, series, types and model input."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # The entry point of intake.cat.termini; opening it lazily keeps the import light.
    if name == "catalog_entry":
        from termini.catalog.intake_catalog import open_catalog

        return open_catalog()
    raise AttributeError(f"module 'termini' has no attribute {name!r}")
