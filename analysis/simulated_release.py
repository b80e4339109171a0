"""The releases of the simulated region that ship with termini.

    python analysis/simulated_release.py --work /tmp/work --root catalog

Runs the demo's region from its scenes on, then writes two releases of it: the
first as it would have been at the end of 2017, the second with all years, so that
there is an older version to load and a difference to look at. The same code and
seed give the same bytes. A release is never changed: 0.1.0 and 0.2.0 that are kept
were written with the weights that shipped first (data/weights), so that the present
ones give other fronts; give another ``--root`` for them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from termini import drivers as driving
from termini import simulate
from termini.catalog import verify_release, write_release
from termini.cli.runs import DEMO
from termini.cluster import glacier_types
from termini.domain import read_domains
from termini.files import sha256
from termini.fronttable import read_fronts
from termini.pipeline import Context, make_config, run, set_up_logging
from termini.pipeline.parts import DOMAINS, citations, glacier_positions
from termini.pipeline.start import simulated_region
from termini.series import flag_outliers, monthly_series, observe

RELEASES = [
    ("0.1.0", "2017-12-31", "Simulated region, scenes of 2014 to 2017."),
    ("0.2.0", "2020-12-31", "Simulated region, scenes of 2018 to 2020 added."),
]


def release(context: Context, root: Path, version: str, until: str, notes: str) -> Path:
    """Write the release that the scenes up to a date give."""
    section, seed = context.config.simulate, context.config.run.seed
    assert section is not None
    domains = read_domains(context.path(DOMAINS))
    fronts = read_fronts(context.path("fronts", "screened.parquet"))
    fronts = fronts[fronts["date"] <= pd.Timestamp(until)].reset_index(drop=True)
    observations, fronts = flag_outliers(*observe(fronts, domains))
    series = monthly_series(observations, domains)
    types = glacier_types(series, seed=seed)
    types.attrs["release"] = version
    records = simulate.driver_records(simulated_region(seed, section))
    return write_release(
        root,
        version,
        fronts=fronts,
        domains=domains,
        observations=observations,
        series=series,
        types=types,
        drivers=driving.join_drivers(glacier_positions(series), records),
        sources=citations(fronts["source"]),
        date=until,
        notes=notes,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for scenes and fronts")
    parser.add_argument("--root", type=Path, default=Path("catalog"), help="catalog folder")
    arguments = parser.parse_args()
    set_up_logging()
    document = {**DEMO, "run": {**DEMO["run"], "out": arguments.work}}
    context = run(make_config(document, "simulated_release"))
    for version, until, notes in RELEASES:
        folder = release(context, arguments.root, version, until, notes)
        problems = verify_release(folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{folder}: {size / 1e6:.1f} MB, {len(problems)} problems")
        print(f"  SHA256SUMS {sha256(folder / 'SHA256SUMS')}")


if __name__ == "__main__":
    main()
