"""Front tables from scenes and from published datasets, screened."""

from termini.fronts.duplicates import flag_duplicates
from termini.fronts.readers import get_source, read_source, source_glaciers, sources
from termini.fronts.screen import rejected_summary, screen

__all__ = [
    "flag_duplicates",
    "get_source",
    "read_source",
    "rejected_summary",
    "screen",
    "source_glaciers",
    "sources",
]
