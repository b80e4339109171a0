"""Input for the ice-sheet model ISSM."""

from termini.issm.contours import Contour, read_exp, write_exp
from termini.issm.export import export_issm
from termini.issm.forcing import frontal_melt
from termini.issm.mesh import Mesh, triangulate

__all__ = [
    "Contour",
    "Mesh",
    "export_issm",
    "frontal_melt",
    "read_exp",
    "triangulate",
    "write_exp",
]
