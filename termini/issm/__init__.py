"""Input for the ice-sheet model ISSM."""

from termini.issm.check import check_folder
from termini.issm.check_read import Problem
from termini.issm.contours import Contour, exp_faults, read_exp, write_exp
from termini.issm.experiments import CONTROLS, write_experiments
from termini.issm.export import export_issm
from termini.issm.figures import export_figures
from termini.issm.forcing import frontal_melt
from termini.issm.gridded import gridded_distances, write_gridded
from termini.issm.mesh import Mesh, triangulate
from termini.issm.misfit import compare_runs, misfit_by_type, misfit_of
from termini.issm.results import RunResults, read_results
from termini.issm.retreat_masks import retreat_masks

__all__ = [
    "CONTROLS",
    "Contour",
    "Mesh",
    "Problem",
    "RunResults",
    "check_folder",
    "compare_runs",
    "exp_faults",
    "export_figures",
    "export_issm",
    "frontal_melt",
    "gridded_distances",
    "misfit_by_type",
    "misfit_of",
    "read_exp",
    "read_results",
    "retreat_masks",
    "triangulate",
    "write_exp",
    "write_experiments",
    "write_gridded",
]
