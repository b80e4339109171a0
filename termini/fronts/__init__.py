"""Front tables from scenes and from published datasets, screened."""

from termini.fronts.batch import extract_batch
from termini.fronts.coverage import glaciers_in_scene
from termini.fronts.duplicates import flag_duplicates
from termini.fronts.evaluate import Evaluation, evaluate
from termini.fronts.extract import Extracted, extract_front
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.label_lines import line_of_pixels, read_label
from termini.fronts.merge import MergeSettings, merge_duplicates
from termini.fronts.merge_spread import duplicate_pairs, duplicate_spread
from termini.fronts.path import front_path
from termini.fronts.pixel_lines import (
    extract_pictures,
    read_pixel_line,
    read_pixel_polygon,
    write_pixel_line,
    write_pixel_polygon,
)
from termini.fronts.readers import (
    get_source,
    read_mapped,
    read_source,
    source_folder,
    source_glaciers,
    sources,
)
from termini.fronts.rule_sets import RULE_SETS, RULES, rule_set
from termini.fronts.rules import Judgement, Rule, RuleSet
from termini.fronts.rules_report import report_text, screening_report
from termini.fronts.rules_run import apply_rules, lift_rules, measure_traces
from termini.fronts.screen import rejected_summary, screen
from termini.fronts.see import open_networks
from termini.fronts.vector import (
    VECTORISERS,
    branch_paths,
    ice_and_ocean,
    vectorise,
    walls_in_scene,
)
from termini.fronts.walls import Walls, border_walls, corner_walls, fjord_walls, polygon_walls
from termini.fronts.writers import Written, write_autoterm, write_calfin, write_termpicks

__all__ = [
    "RULES",
    "RULE_SETS",
    "VECTORISERS",
    "Evaluation",
    "Extracted",
    "FrontPath",
    "Judgement",
    "MergeSettings",
    "PathSettings",
    "Rule",
    "RuleSet",
    "Walls",
    "Written",
    "apply_rules",
    "border_walls",
    "branch_paths",
    "corner_walls",
    "duplicate_pairs",
    "duplicate_spread",
    "evaluate",
    "extract_batch",
    "extract_front",
    "extract_pictures",
    "fjord_walls",
    "flag_duplicates",
    "front_path",
    "get_source",
    "glaciers_in_scene",
    "ice_and_ocean",
    "lift_rules",
    "line_of_pixels",
    "measure_traces",
    "merge_duplicates",
    "open_networks",
    "polygon_walls",
    "read_label",
    "read_mapped",
    "read_pixel_line",
    "read_pixel_polygon",
    "read_source",
    "rejected_summary",
    "report_text",
    "rule_set",
    "screen",
    "screening_report",
    "source_folder",
    "source_glaciers",
    "sources",
    "vectorise",
    "walls_in_scene",
    "write_autoterm",
    "write_calfin",
    "write_pixel_line",
    "write_pixel_polygon",
    "write_termpicks",
]
