"""Input for the ice-sheet model ISSM."""

from termini.issm.contours import Contour, read_exp, write_exp
from termini.issm.export import export_issm
from termini.issm.forcing import frontal_melt
from termini.issm.levelset_area import contour_errors, ice_area, zero_contour
from termini.issm.levelset_series import LevelSets, level_sets
from termini.issm.mesh import Mesh, triangulate
from termini.issm.mesh_quality import mesh_quality
from termini.issm.mesh_size import Refinement
from termini.issm.meshes_read import mesh_from_arrays, read_mesh

__all__ = [
    "Contour",
    "LevelSets",
    "Mesh",
    "Refinement",
    "contour_errors",
    "export_issm",
    "frontal_melt",
    "ice_area",
    "level_sets",
    "mesh_from_arrays",
    "mesh_quality",
    "read_exp",
    "read_mesh",
    "triangulate",
    "write_exp",
    "zero_contour",
]
