"""Input for the ice-sheet model ISSM."""

from termini.issm.check import check_folder
from termini.issm.check_read import Problem
from termini.issm.contours import Contour, exp_faults, read_exp, write_exp
from termini.issm.export import export_issm
from termini.issm.forcing import frontal_melt
from termini.issm.mesh import Mesh, triangulate

__all__ = [
    "Contour",
    "Mesh",
    "Problem",
    "check_folder",
    "exp_faults",
    "export_issm",
    "frontal_melt",
    "read_exp",
    "triangulate",
    "write_exp",
]
