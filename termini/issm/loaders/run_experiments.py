"""Run the experiments of this folder with ISSM.

    python run_experiments.py base_models [--only GLACIER] [--step 0.01]

`base_models` is a Python file of yours beside this one, without its ending, with a
function

    def base_model(glacier_id, folder): ...

that returns an ISSM model on the mesh of folder/model_input.nc, ready for a transient
but for what the experiments set: geometry, friction, rheology, boundary conditions and
flow equation are yours. Each run writes results.nc into its folder; a run that has one
is left out, so that the script can be started again. Needs ISSM on the path.
"""

import argparse
import csv
import importlib
import importlib.util
from pathlib import Path

import numpy as np


def loader(folder):
    """The loader that lies beside a model input."""
    spec = importlib.util.spec_from_file_location("load_issm", folder / "load_issm.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load_issm


def reference_melt(melt, row):
    """Melt at each vertex in the mean of the reference period."""
    if melt.ndim == 1:
        return melt
    years = melt[-1]
    within = (years >= float(row["reference_start"])) & (years < float(row["reference_end"]))
    return melt[:-1, within].mean(axis=1) if within.any() else melt[:-1, 0]


def calving_of(md, row, folder):
    """Calving rate: the one in the file, or the model's speed less the reference melt."""
    import netCDF4

    with netCDF4.Dataset(folder / "model_input.nc") as file:
        file.set_auto_mask(False)
        if "calving" in file.groups:
            print("  md.calving.calvingrate: as in the file")
            return np.asarray(file["calving"]["calvingrate"][...])
    from solve import solve

    print("  md.calving.calvingrate: the model's own speed less the reference melt")
    md = solve(md, "Stressbalance")
    speed = np.asarray(md.results.StressbalanceSolution.Vel).ravel()
    lost = reference_melt(np.asarray(md.frontalforcings.meltingrate), row)
    return np.maximum(speed - lost, 0.0)


def run(base_model, row, root, step):
    """One run, from the model of its glacier to results.nc."""
    from export_netCDF import export_netCDF
    from solve import solve

    folder = root / row["folder"]
    print(f"{row['glacier_id']} {row['control']}")
    md = base_model(row["glacier_id"], folder)
    md = loader(folder)(md, str(folder))
    free = np.isnan(np.asarray(md.levelset.spclevelset)[:-1]).any()
    nv = md.mesh.numberofvertices
    if free:
        print("  front free: the level set is distanced anew every 10 steps")
        md.levelset.reinit_frequency = 10
        if not np.isfinite(np.asarray(md.frontalforcings.meltingrate)).all():
            print("  no melt in the file: none")
            md.frontalforcings.meltingrate = np.zeros(nv)
        md.calving.calvingrate = calving_of(md, row, folder)
    else:
        print("  front given: no melt and no calving, the level set moves it")
        md.frontalforcings.meltingrate = np.zeros(nv)
        md.calving.calvingrate = np.zeros(nv)
    print(f"  steps of {step} a; thickness evolves, front and level set are saved")
    md.timestepping.time_step = step
    md.transient.ismasstransport = 1
    md.transient.isstressbalance = 1
    md.transient.isthermal = 0
    md.transient.isgroundingline = 0
    md.transient.ismovingfront = 1
    md.transient.requested_outputs = ["default", "MaskIceLevelset", "IceVolume"]
    md.settings.output_frequency = max(round(1 / 24 / step), 1)
    md = solve(md, "Transient")
    export_netCDF(md, str(folder / "results.nc"))


def main():
    """Run what has no results yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base_models", help="Python file with base_model(), without its ending")
    parser.add_argument("--only", help="glacier id")
    parser.add_argument("--step", type=float, default=0.01, help="time step, years")
    options = parser.parse_args()
    root = Path(__file__).resolve().parent
    base_model = importlib.import_module(options.base_models).base_model
    with open(root / "runs.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not row["reason"]]
    for row in rows:
        done = (root / row["folder"] / "results.nc").exists()
        if not done and options.only in (None, row["glacier_id"]):
            run(base_model, row, root, options.step)


if __name__ == "__main__":
    main()
