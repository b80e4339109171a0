"""Input for the ice-sheet model ISSM."""

from termini.issm.check import check_folder
from termini.issm.check_read import Problem
from termini.issm.contours import Contour, exp_faults, read_exp, write_exp
from termini.issm.experiments import CONTROLS, write_experiments
from termini.issm.export import export_issm
from termini.issm.figures import export_figures
from termini.issm.forcing import Forcings, frontal_melt, with_units
from termini.issm.forcing_build import make_forcings
from termini.issm.forcing_published import PublishedForcing, published_forcing
from termini.issm.gridded import gridded_distances, write_gridded
from termini.issm.levelset_area import contour_errors, ice_area, zero_contour
from termini.issm.levelset_series import LevelSets, level_sets
from termini.issm.melt import RignotParameters, RignotUncertainty
from termini.issm.mesh import Mesh, triangulate
from termini.issm.mesh_quality import mesh_quality
from termini.issm.mesh_size import Refinement
from termini.issm.meshes_read import mesh_from_arrays, read_mesh
from termini.issm.misfit import compare_runs, misfit_by_type, misfit_of
from termini.issm.regrid import regrid
from termini.issm.results import RunResults, read_results
from termini.issm.retreat import parameterised_retreat
from termini.issm.retreat_masks import retreat_masks

__all__ = [
    "CONTROLS",
    "Contour",
    "Forcings",
    "LevelSets",
    "Mesh",
    "Problem",
    "PublishedForcing",
    "Refinement",
    "RignotParameters",
    "RignotUncertainty",
    "RunResults",
    "check_folder",
    "compare_runs",
    "contour_errors",
    "exp_faults",
    "export_figures",
    "export_issm",
    "frontal_melt",
    "gridded_distances",
    "ice_area",
    "level_sets",
    "make_forcings",
    "mesh_from_arrays",
    "mesh_quality",
    "misfit_by_type",
    "misfit_of",
    "parameterised_retreat",
    "published_forcing",
    "read_exp",
    "read_mesh",
    "read_results",
    "regrid",
    "retreat_masks",
    "triangulate",
    "with_units",
    "write_exp",
    "write_experiments",
    "write_gridded",
    "zero_contour",
]
