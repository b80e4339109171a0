"""Glacier domains: fjord walls, gate, centreline, from boxes and lines."""

from termini.geometry.assemble import domain_from_walls
from termini.geometry.boxes import domain_from_box
from termini.geometry.centrelines import domain_from_centreline
from termini.geometry.sources import domains_for_source, find_flowlines

__all__ = [
    "domain_from_box",
    "domain_from_centreline",
    "domain_from_walls",
    "domains_for_source",
    "find_flowlines",
]
