"""Fill an ISSM model with the fronts and forcings that lie beside this file.

With ISSM's own Python on the path:

    from model import model
    from load_issm import load_issm
    md = load_issm(model())

or with pyISSM:

    import pyissm
    from load_issm import load_issm
    md = load_issm(pyissm.model.Model())

It works on a model that has its mesh already, if that is the mesh of the export, and
says aloud what each line sets. Ice geometry, friction, rheology and stress-balance
boundary conditions remain yours. It needs numpy and netCDF4, as ISSM does.
"""

import os

import netCDF4
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def load_issm(md, folder=HERE, melt="rate", member=0, quiet=False):
    """Fill `md` from the files of an export and return it.

    md      a model of ISSM's Python or of pyISSM
    folder  where model_input.nc lies
    melt    "rate": m/a as exported; "rignot": ISSM works it out from discharge and
            thermal forcing (rignot.nc); None: leave the forcing of the front alone
    member  0 for the best estimate, 1, 2, ... for a member of the ensemble
    """
    say = (lambda text: None) if quiet else (lambda text: print("load_issm: " + text))
    fields = read(os.path.join(folder, "model_input.nc"))
    rignot = os.path.join(folder, "rignot.nc")
    forcing = read(rignot) if melt == "rignot" and os.path.isfile(rignot) else {}
    if melt == "rignot" and not forcing:
        raise ValueError(f"{rignot}: missing; use melt='rate', or export with runoff and ocean")
    if member:
        fields.update(read_member(folder, "member", member, required=melt != "rignot"))
        forcing.update(read_member(folder, "rignot", member, required=False) if forcing else {})
        say(f"member {member} of the ensemble instead of the best estimate")

    set_mesh(md, fields, say)
    set_front(md, fields, say)
    set_bed(md, fields, say)
    if forcing:
        set_rignot(md, forcing, say)
    elif melt is not None:
        set_rate(md, fields, say)
    set_rest(md, fields, say)
    return md


def read(path):
    """Every variable of a file, by group and name; scalars as Python numbers."""
    found = {}
    with netCDF4.Dataset(path) as nc:
        nc.set_auto_mask(False)
        for group in nc.groups.values():
            for name, variable in group.variables.items():
                value = np.asarray(variable[...])
                if value.dtype.kind == "i" and value.ndim:
                    value = value.astype(int)
                found[group.name + "." + name] = value if value.ndim else value.item()
    return found


def read_member(folder, stem, member, required):
    """Fields of one member of the ensemble."""
    path = os.path.join(folder, "members", f"{stem}_{member:03d}.nc")
    if not os.path.isfile(path):
        if required:
            raise ValueError(f"{path}: missing; export with --members {member} or more")
        return {}
    return read(path)


def set_mesh(md, fields, say):
    """Mesh of the export, or make sure that the model has it already."""
    nv = fields["mesh.numberofvertices"]
    if int(md.mesh.numberofvertices or 0) > 0:
        x, y = np.ravel(md.mesh.x), np.ravel(md.mesh.y)
        same = (
            x.size == nv
            and max(np.abs(x - fields["mesh.x"]).max(), np.abs(y - fields["mesh.y"]).max()) < 1.0
        )
        if not same:
            raise ValueError(
                f"your model has a mesh of {x.size} vertices, the export has another of {nv}: "
                "export again with --mesh and the file of your mesh"
            )
        say(f"md.mesh is yours and is that of the export: {nv} vertices, left as it is")
        return
    for name, value in fields.items():
        if name.startswith("mesh."):
            setattr(md.mesh, name.partition(".")[2], value)
    say(
        f"md.mesh: {nv} vertices, {fields['mesh.numberofelements']} elements counted from 1, "
        f"EPSG {fields['mesh.epsg']}"
    )


def set_front(md, fields, say):
    """Masks, the level-set series and the switches that make ISSM follow it."""
    md.mask.ice_levelset = fields["mask.ice_levelset"]
    say("md.mask.ice_levelset: metres from the first front, negative in ice")
    md.mask.ocean_levelset = fields["mask.ocean_levelset"]
    say("md.mask.ocean_levelset: negative in open water; all ice is taken as grounded")
    series = fields["levelset.spclevelset"]
    md.levelset.spclevelset = series
    free = int(np.isnan(series[:-1]).any(axis=1).sum())
    say(
        f"md.levelset.spclevelset: {series.shape[1]} fronts from {series[-1, 0]:.3f} to "
        f"{series[-1, -1]:.3f}, linear in between, held before and after; "
        f"free (NaN) at {free} vertices"
    )
    if free == len(series) - 1:
        say(f"md.levelset.reinit_frequency is left at {md.levelset.reinit_frequency}: front free")
    else:
        md.levelset.reinit_frequency = 0
        say(
            "md.levelset.reinit_frequency = 0: the field is a distance already, nothing is "
            "re-distanced (ISSM's default is 10)"
        )
    md.levelset.kill_icebergs = 0
    say("md.levelset.kill_icebergs = 0: no ice is removed (ISSM's default is 1)")
    md.transient.ismovingfront = 1
    say("md.transient.ismovingfront = 1: without it ISSM ignores all of the above")


def set_bed(md, fields, say):
    """Bed, where the model has none of its own."""
    if is_set(md.geometry.bed):
        say("md.geometry.bed is yours, left as it is")
    else:
        md.geometry.bed = fields["geometry.bed"]
        say("md.geometry.bed: metres, negative below sea level; your own bed is better")


def set_rate(md, fields, say):
    """Melt as a rate, for the class that a fresh model has."""
    rate = fields.get("frontalforcings.meltingrate")
    if rate is None:
        rate = np.zeros(fields["mesh.numberofvertices"])
        say("md.frontalforcings.meltingrate = 0: the export holds no melt, and ISSM takes no NaN")
    else:
        say(
            f"md.frontalforcings.meltingrate: m ice/a, up to {rate[:-1].max():.0f}, 0 where "
            "ocean_levelset < 0 because ISSM ignores it there"
        )
    if not hasattr(md.frontalforcings, "meltingrate"):
        md.frontalforcings = new(md, "frontalforcings")
        say("md.frontalforcings is of the default class now")
    md.frontalforcings.meltingrate = rate


def set_rignot(md, forcing, say):
    """Class and fields of Rignot's formula; ISSM's reader of NetCDF would not set the class."""
    md.frontalforcings = new(md, "frontalforcingsrignot")
    say("md.frontalforcings is of the class frontalforcingsrignot now")
    for name, value in forcing.items():
        setattr(md.frontalforcings, name.partition(".")[2], value)
    say(
        f"md.frontalforcings.num_basins, basin_id: {md.frontalforcings.num_basins} basin(s), "
        "counted from 1"
    )
    say(
        "md.frontalforcings.subglacial_discharge: m3/d of the whole basin at each of its vertices "
        "(the help's m/d is wrong)"
    )
    say("md.frontalforcings.thermalforcing: degrees above freezing")
    if getattr(md.groundingline, "migration", "None") == "None":
        md.transient.isgroundingline = 1
        md.groundingline.migration = "SubelementMigration"
        say(
            "md.transient.isgroundingline = 1, md.groundingline.migration = "
            "'SubelementMigration': without it the formula finds no bed and ISSM stops"
        )


def set_rest(md, fields, say):
    """Calving rate, surface mass balance and the span of the run."""
    rate = fields.get("calving.calvingrate")
    if rate is not None and hasattr(md.calving, "calvingrate"):
        md.calving.calvingrate = rate
        say("md.calving.calvingrate: m ice/a; without effect where the front is prescribed")
    elif hasattr(md.calving, "calvingrate") and not is_set(md.calving.calvingrate):
        md.calving.calvingrate = np.zeros(fields["mesh.numberofvertices"])
        if np.isnan(fields["levelset.spclevelset"]).any():
            say(
                "md.calving.calvingrate = 0: the front is free, give it a rate or a calving law "
                "of your own"
            )
        else:
            say("md.calving.calvingrate = 0: the prescribed front needs none, ISSM takes no NaN")
    if "smb.mass_balance" in fields and not hasattr(md.smb, "mass_balance"):
        say(f"md.smb is a {type(md.smb).__name__}, which takes no mass_balance: left as it is")
    elif "smb.mass_balance" in fields:
        md.smb.mass_balance = fields["smb.mass_balance"]
        say("md.smb.mass_balance: m ice/a")
    md.timestepping.start_time = fields["timestepping.start_time"]
    md.timestepping.final_time = fields["timestepping.final_time"]
    say(
        f"md.timestepping.start_time = {md.timestepping.start_time:.4f}, final_time = "
        f"{md.timestepping.final_time:.4f}; time_step is yours: a few days for a moving front"
    )


def is_set(value):
    """Whether a field holds more than the NaN of a fresh model."""
    array = np.atleast_1d(np.asarray(value, dtype=float))
    return array.size > 0 and not np.isnan(array).all()


def new(md, name):
    """Object of a class, from ISSM's Python or from pyISSM, whichever `md` is of."""
    if type(md).__module__.split(".")[0] == "pyissm":
        from pyissm.model.classes import frontalforcings

        return frontalforcings.rignot() if name.endswith("rignot") else frontalforcings.default()
    module = __import__(name)
    return getattr(module, name)()
