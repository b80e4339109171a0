"""Front tables from scenes and from published datasets, screened."""

from termini.fronts.readers import get_source, read_source, source_glaciers, sources

__all__ = ["get_source", "read_source", "source_glaciers", "sources"]
