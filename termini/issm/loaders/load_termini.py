"""Fill an ISSM model with the fronts and forcings that lie beside this file.

Use it in a script that has ISSM on its path:

    from model import model
    from load_termini import load_termini
    md = load_termini(model(), "model_input.nc")

It sets the mesh, the mask, the level-set series, frontal melt (as a rate or, with
parameterised=True, as Rignot's formula that ISSM evaluates itself), surface mass
balance and the transient switches, and touches nothing else: ice geometry,
friction, rheology and stress-balance boundary conditions remain yours.
"""

import netCDF4
import numpy as np


def load_termini(md, path="model_input.nc", parameterised=False):
    """Fill `md` from the file and return it."""
    with netCDF4.Dataset(path) as nc:
        nc.set_auto_mask(False)

        def read(group, name):
            return np.asarray(nc[group][name][...])

        md.mesh.x = read("mesh", "x")
        md.mesh.y = read("mesh", "y")
        md.mesh.elements = read("mesh", "elements").astype(int)
        md.mesh.segments = read("mesh", "segments").astype(int)
        md.mesh.numberofvertices = md.mesh.x.size
        md.mesh.numberofelements = md.mesh.elements.shape[0]
        md.mesh.vertexonboundary = read("mesh", "vertexonboundary").astype(int)
        md.mesh.epsg = int(nc["mesh"]["epsg"][...])

        md.mask.ice_levelset = read("mask", "ice_levelset")
        md.mask.ocean_levelset = read("mask", "ocean_levelset")
        md.geometry.bed = read("geometry", "bed")

        md.levelset.spclevelset = read("levelset", "spclevelset")
        md.levelset.reinit_frequency = 0  # the field given is a distance already
        md.levelset.kill_icebergs = 0
        md.transient.ismovingfront = 1

        if parameterised and "frontalforcingsrignot" in nc.groups:
            from frontalforcingsrignot import frontalforcingsrignot

            md.frontalforcings = frontalforcingsrignot()
            md.frontalforcings.num_basins = int(nc["frontalforcingsrignot"]["num_basins"][...])
            md.frontalforcings.basin_id = read("frontalforcingsrignot", "basin_id").astype(int)
            md.frontalforcings.subglacial_discharge = read(
                "frontalforcingsrignot", "subglacial_discharge"
            )
            md.frontalforcings.thermalforcing = read("frontalforcingsrignot", "thermalforcing")
        elif "frontalforcings" in nc.groups:
            md.frontalforcings.meltingrate = read("frontalforcings", "meltingrate")
        if "smb" in nc.groups:
            md.smb.mass_balance = read("smb", "mass_balance")
        md.timestepping.start_time = float(nc["timestepping"]["start_time"][...])
        md.timestepping.final_time = float(nc["timestepping"]["final_time"][...])
    return md
