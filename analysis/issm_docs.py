"""Figures of the pages on ISSM, from the simulated release that ships.

    python analysis/issm_docs.py [--out docs/images] [--json PATH]

Exports a retreating glacier of the simulated region, draws its mesh, level set, fronts
and forcings, its retreat masks, and the runs that isolate one control, done by the
stand-in flowline model. Prints and keeps the numbers that the pages state.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import issm_experiments
import numpy as np

from termini.catalog import read_observations
from termini.domain import GlacierDomain, read_domains
from termini.drivers import forcing_table
from termini.files import make_folder, write_text
from termini.fronttable import read_fronts
from termini.issm import export_issm
from termini.issm.figures import export_figures
from termini.issm.gridded import gridded_distances
from termini.issm.retreat_masks import retreat_masks
from termini.pipeline.parts import bed_of, read_optional
from termini.report.figures import new_figure, save_figure
from termini.series.ice import split_at_front

RELEASE = Path(__file__).parents[1] / "catalog" / "releases" / "0.2.0"
GLACIER = "sim:5"


def ice_of(folder: Path, domain: GlacierDomain) -> tuple[list[Any], list[str]]:
    """Ice polygon and date of each epoch of an export."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    fronts = read_fronts(RELEASE / "fronts.parquet").set_index("trace_id")
    lines = fronts.loc[manifest["trace_ids"]].geometry
    return [split_at_front(domain, line)[0] for line in lines], list(manifest["dates"])


def draw_masks(domain: GlacierDomain, ice: list[Any], dates: list[str], path: Path) -> Path:
    """Retreat masks of three years, and the distances of the last front."""
    masks = retreat_masks(domain, ice, dates, resolution=500.0)
    phi = gridded_distances(domain, ice, dates, resolution=150.0)
    figure = new_figure(figsize=(11, 4.8))
    panels = figure.subplots(2, 2, sharex=True, sharey=True).ravel()
    share = masks["land_ice_area_fraction_retreat"]
    x, y = masks["x"].to_numpy() / 1000, masks["y"].to_numpy() / 1000
    for axes, k in zip(panels, [0, 2, len(share) - 1], strict=False):
        drawn = axes.pcolormesh(x, y, share[k], cmap="Blues_r", vmin=0, vmax=1)
        axes.set_title(f"retreat mask, mean of {int(share['time'].dt.year[k])}", fontsize=9)
        bar = figure.colorbar(drawn, ax=axes, shrink=0.6, aspect=40, location="bottom")
        bar.set_label("share of ice", fontsize=8)
        bar.ax.tick_params(labelsize=7)
    last = phi["signed_distance"][-1] / 1000
    drawn = panels[3].pcolormesh(
        phi["x"] / 1000, phi["y"] / 1000, last, cmap="RdBu", vmin=-10, vmax=10
    )
    panels[3].set_title("signed distance of the last front", fontsize=9)
    bar = figure.colorbar(drawn, ax=panels[3], shrink=0.6, aspect=40, location="bottom")
    bar.set_label("km, negative in ice", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    for axes in panels:
        axes.plot(*(np.array(domain.fjord.exterior.coords) / 1000).T, color="#1a1a1a", lw=0.6)
        axes.set_aspect("equal")
        axes.tick_params(labelsize=7)
        axes.ticklabel_format(useOffset=False)
        axes.set_xlabel("x (km)", fontsize=8)
        axes.set_ylabel("y (km)", fontsize=8)
    return save_figure(figure, path)


def draw_runs(out: Path, image: Path) -> dict[str, Any]:
    """One glacier a type through all five runs, with the stand-in model."""
    options = argparse.Namespace(resolution=400.0, speeds=None, glacier=None, forcings=None)
    issm_experiments.write(RELEASE, out, 1, options)
    domains = read_domains(RELEASE / "domains.parquet")
    issm_experiments.run_with_standin(out, domains, None)
    found = issm_experiments.compare(out, domains, "stand-in flowline model, not ISSM")
    shutil.copyfile(out / "runs.png", image)
    return {"by_type": found["by_type"], "left_out": found["left_out"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    images = make_folder(options.out)
    domain = read_domains(RELEASE / "domains.parquet")[GLACIER]
    joined = read_optional(RELEASE / "drivers.nc")
    if joined is None:
        raise SystemExit(f"{RELEASE}: holds no drivers.nc")
    with tempfile.TemporaryDirectory() as name:
        folder = export_issm(
            domain,
            read_fronts(RELEASE / "fronts.parquet"),
            Path(name) / "export",
            bed=bed_of(GLACIER, None, joined),
            forcing=forcing_table(joined, GLACIER),
            vertices=1500,  # so that triangles can be seen
            release=RELEASE,
            observations=read_observations(RELEASE / "terminus_observations.nc"),
        )
        made = export_figures(folder, Path(name) / "figures")
        for path in made:
            shutil.copyfile(path, images / f"issm_{path.name}")
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        draw_masks(domain, *ice_of(folder, domain), images / "issm_masks.png")
        found = draw_runs(Path(name) / "experiments", images / "issm_runs.png")
    found |= {
        k: manifest[k] for k in ("vertices", "elements", "fronts", "first_front", "last_front")
    }
    print(json.dumps({k: v for k, v in found.items() if k != "by_type"}, indent=1))
    if options.json:
        write_text(options.json, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
