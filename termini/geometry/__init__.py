"""Glacier domains: fjord walls, gate, centreline, flowlines, branches, from whatever is known."""

from termini.geometry.assemble import domain_from_walls
from termini.geometry.bare import domain_from, domain_from_flowlines, domain_from_traces
from termini.geometry.boxes import domain_from_box
from termini.geometry.branch_tables import branches_of, with_branch_fronts
from termini.geometry.branches import branch_domains, branch_fronts, pinned_places
from termini.geometry.centrelines import domain_from_centreline
from termini.geometry.check import checked_domain, domain_problems
from termini.geometry.crosswalk import crosswalk
from termini.geometry.crosswalk_find import find_glacier
from termini.geometry.crosswalk_readers import namespaces, read_namespace
from termini.geometry.flownet import FlowNet, flow_net, flowlines_across
from termini.geometry.freeze import domain_version, first_whole_front, frozen, with_flowlines
from termini.geometry.ground import GroundFile
from termini.geometry.projections import check_coordinates, check_traces
from termini.geometry.sources import domains_for_source, find_flowlines, sources_with_domains

__all__ = [
    "FlowNet",
    "GroundFile",
    "branch_domains",
    "branch_fronts",
    "branches_of",
    "check_coordinates",
    "check_traces",
    "checked_domain",
    "crosswalk",
    "domain_from",
    "domain_from_box",
    "domain_from_centreline",
    "domain_from_flowlines",
    "domain_from_traces",
    "domain_from_walls",
    "domain_problems",
    "domain_version",
    "domains_for_source",
    "find_flowlines",
    "find_glacier",
    "first_whole_front",
    "flow_net",
    "flowlines_across",
    "frozen",
    "namespaces",
    "pinned_places",
    "read_namespace",
    "sources_with_domains",
    "with_branch_fronts",
    "with_flowlines",
]
