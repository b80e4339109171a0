"""Glacier domains: fjord walls, gate, centreline, from boxes and lines."""

from termini.geometry.assemble import domain_from_walls
from termini.geometry.boxes import domain_from_box
from termini.geometry.centrelines import domain_from_centreline
from termini.geometry.flownet import FlowNet, flow_net, flowlines_across
from termini.geometry.freeze import domain_version, first_whole_front, frozen, with_flowlines
from termini.geometry.sources import domains_for_source, find_flowlines

__all__ = [
    "FlowNet",
    "domain_from_box",
    "domain_from_centreline",
    "domain_from_walls",
    "domain_version",
    "domains_for_source",
    "find_flowlines",
    "first_whole_front",
    "flow_net",
    "flowlines_across",
    "frozen",
    "with_flowlines",
]
