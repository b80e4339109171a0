"""Input for the ice-sheet model ISSM."""

from termini.issm.contours import Contour, read_exp, write_exp
from termini.issm.export import export_issm
from termini.issm.forcing import Forcings, frontal_melt, with_units
from termini.issm.forcing_build import make_forcings
from termini.issm.forcing_published import PublishedForcing, published_forcing
from termini.issm.melt import RignotParameters, RignotUncertainty
from termini.issm.mesh import Mesh, triangulate
from termini.issm.regrid import regrid
from termini.issm.retreat import parameterised_retreat

__all__ = [
    "Contour",
    "Forcings",
    "Mesh",
    "PublishedForcing",
    "RignotParameters",
    "RignotUncertainty",
    "export_issm",
    "frontal_melt",
    "make_forcings",
    "parameterised_retreat",
    "published_forcing",
    "read_exp",
    "regrid",
    "triangulate",
    "with_units",
    "write_exp",
]
