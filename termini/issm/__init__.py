"""Input for the ice-sheet model ISSM."""

from termini.issm.check import check_folder
from termini.issm.check_read import Problem
from termini.issm.contours import Contour, exp_faults, read_exp, write_exp
from termini.issm.export import export_issm
from termini.issm.forcing import Forcings, frontal_melt, with_units
from termini.issm.forcing_build import make_forcings
from termini.issm.forcing_published import PublishedForcing, published_forcing
from termini.issm.levelset_area import contour_errors, ice_area, zero_contour
from termini.issm.levelset_series import LevelSets, level_sets
from termini.issm.melt import RignotParameters, RignotUncertainty
from termini.issm.mesh import Mesh, triangulate
from termini.issm.mesh_quality import mesh_quality
from termini.issm.mesh_size import Refinement
from termini.issm.meshes_read import mesh_from_arrays, read_mesh
from termini.issm.regrid import regrid
from termini.issm.retreat import parameterised_retreat

__all__ = [
    "Contour",
    "Forcings",
    "LevelSets",
    "Mesh",
    "Problem",
    "PublishedForcing",
    "Refinement",
    "RignotParameters",
    "RignotUncertainty",
    "check_folder",
    "contour_errors",
    "exp_faults",
    "export_issm",
    "frontal_melt",
    "ice_area",
    "level_sets",
    "make_forcings",
    "mesh_from_arrays",
    "mesh_quality",
    "parameterised_retreat",
    "published_forcing",
    "read_exp",
    "read_mesh",
    "regrid",
    "triangulate",
    "with_units",
    "write_exp",
    "zero_contour",
]
