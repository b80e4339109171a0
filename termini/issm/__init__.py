"""Input for the ice-sheet model ISSM."""

from termini.issm.check import check_folder
from termini.issm.check_read import Problem
from termini.issm.contours import Contour, exp_faults, read_exp, write_exp
from termini.issm.export import export_issm
from termini.issm.forcing import Forcings, frontal_melt
from termini.issm.forcing_build import make_forcings
from termini.issm.levelset_area import contour_errors, ice_area, zero_contour
from termini.issm.levelset_series import LevelSets, level_sets
from termini.issm.mesh import Mesh, triangulate
from termini.issm.mesh_size import Refinement

__all__ = [
    "Contour",
    "Forcings",
    "LevelSets",
    "Mesh",
    "Problem",
    "Refinement",
    "check_folder",
    "contour_errors",
    "exp_faults",
    "export_issm",
    "frontal_melt",
    "ice_area",
    "level_sets",
    "make_forcings",
    "read_exp",
    "triangulate",
    "write_exp",
    "zero_contour",
]
