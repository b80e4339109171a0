"""Exports for ISSM: how long they take, and how true level set, front and area are.

For Jakobshavn, Daugaard-Jensen, three glaciers of north-west Greenland of different
type, and two simulated ones, runs `termini export issm` on a mesh of about 10,000
vertices and measures from the files written:

- seconds of the whole command, and for each 100 epochs;
- distances: largest difference of the level set from the distance to every edge of the
  front, tried one by one, at some vertices of every epoch;
- contour: how far the zero of the level set, linear in each element, lies from the front
  and the front from it, in per cent of the edge of the mesh where the front is;
- chords: the same for the best that linear elements on that mesh can do, straight
  from where the front enters an element to where it leaves it;
- even: both again on a mesh of as many vertices with edges of one length; and fitted:
  the contour if values beside the front gave way to it, at some epochs;
- area: change of true ice area between epochs, from the level set against the
  observations of the release, in per cent of its range; and of fronts reconstructed
  every month and year, and of an ensemble, against its monthly series;
- what the check of the folder finds, against the release too.

    python benchmarks/issm.py [--out issm_runs] [--vertices 10000] [--json PATH]

Releases of the published sets are made first where `--out` has none (minutes, needs
TERMINI_DATA); the simulated glaciers are those of the release that ships.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from issm_elements import at_ends, chords, contours, even, even_edge, fitted
from numpy.typing import NDArray

from termini.catalog import read_netcdf, read_observations, read_series
from termini.domain import GlacierDomain, read_domains
from termini.errors import TerminiError
from termini.files import write_text
from termini.fronttable import read_fronts
from termini.geo import true_area
from termini.issm import Mesh, check_folder, ice_area, level_sets, triangulate
from termini.issm.derive import read_fields
from termini.pipeline import make_config, run

SHIPPED = Path(__file__).parents[1] / "catalog" / "releases" / "0.2.0"
ONE = {"jakobshavn": ["measures:3"], "daugaard_jensen": ["king:DJ"]}
COMPLETE = 0.99  # coverage of a front that was seen whole
SAMPLE = 150  # vertices of each epoch at which distances are tried one by one
Array = NDArray[np.float64]


def release_of(source: str, out: Path) -> Path:
    """Release of a published set, made if it is not there yet."""
    folder = out / "releases" / source
    found = folder / "catalog" / "releases" / "0.1.0"
    if not found.is_dir():
        document = {
            "run": {"out": folder},
            "fronts": {"source": source},
            "release": {"version": "0.1.0", "notes": "for benchmarks/issm.py"},
            "issm": {"glaciers": []},
        }
        run(make_config(document, source), quiet=True)
    return found


def different_types(release: Path, wanted: int) -> list[str]:
    """Glaciers of different inter-annual type, of each the one with most fronts.

    Where there are fewer types, glaciers whose trends lie far apart besides.
    """
    types = read_netcdf(release / "glacier_types.nc")
    series = read_series(release / "terminus_series.nc")
    table = read_observations(release / "terminus_observations.nc")
    fronts = table[table["measure"] == "length_area"].groupby("glacier_id").size()
    ids = types["glacier_id"].to_numpy().astype(str)
    kinds = pd.Series(types["interannual_type"].to_numpy(), index=ids)
    chosen: list[str] = []
    for kind in sorted(set(kinds[kinds >= 0])):
        members = kinds.index[kinds == kind]
        chosen.append(str(fronts.reindex(members).fillna(0).idxmax()))
    trend = pd.Series(series["trend"].to_numpy(), index=series["glacier_id"].to_numpy().astype(str))
    for share in (0.5, 0.1, 0.9):
        apart = (trend.drop(chosen) - trend.quantile(share)).abs()
        chosen += [str(apart.idxmin())] if len(chosen) < wanted else []
    return chosen[:wanted]


def cases(out: Path, only: str | None) -> list[tuple[str, Path, str]]:
    """Name of the set, release and glacier of everything that is exported."""
    found = [("simulated", SHIPPED, glacier) for glacier in different_types(SHIPPED, 2)]
    for source in ("jakobshavn", "daugaard_jensen", "nw_greenland"):
        if only in (None, source):
            release = release_of(source, out)
            glaciers = ONE.get(source) or different_types(release, 3)
            found += [(source, release, glacier) for glacier in glaciers]
    return [case for case in found if only in (None, case[0])]


def export(release: Path, domain: GlacierDomain, folder: Path, vertices: int) -> dict[str, Any]:
    """Run the command as a user does, in a process of its own."""
    command = [
        sys.executable, "-c", "from termini.cli import main; main()", "export", "issm",
        str(release), "--glacier", domain.glacier_id, "--out", str(folder),
        "--vertices", str(vertices),
    ]  # fmt: skip
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise TerminiError(f"{domain.glacier_id}: {done.stderr.strip()[-600:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu_s": cpu}


def one_by_one(points: Array, line: Any) -> Array:
    """Distance to every edge of a line, the smallest of them, shape (n,)."""
    found = np.full(len(points), np.inf)
    for part in shapely.get_parts(line):
        xy = shapely.get_coordinates(part)
        start, along = xy[:-1], np.diff(xy, axis=0)
        length2 = np.maximum((along**2).sum(axis=1), 1e-300)
        to = points[:, None] - start[None]
        share = np.clip((to * along).sum(axis=2) / length2, 0.0, 1.0)
        away = to - share[..., None] * along
        found = np.minimum(found, np.sqrt((away**2).sum(axis=2)).min(axis=1))
    return found


def distances(mesh: Mesh, phi: Array, lines: list[Any], rng: np.random.Generator) -> dict[str, Any]:
    """Largest difference from distances tried edge by edge; half of them near the front."""
    xy = np.column_stack([mesh.x, mesh.y])
    worst = 0.0
    for column, line in zip(phi.T, lines, strict=True):
        near = np.argsort(np.abs(column))[: 4 * SAMPLE]
        picked = np.concatenate([rng.choice(near, SAMPLE // 2), rng.choice(len(xy), SAMPLE // 2)])
        away = one_by_one(xy[picked], line)
        worst = max(worst, float(np.abs(np.abs(column[picked]) - away).max()))
    return {"distance_error_m": worst}


def other_times(
    mesh: Mesh, domain: GlacierDomain, release: Path, fronts: Any, given: dict[str, Any]
) -> dict[str, Any]:
    """Largest error of the area of reconstructed fronts and of members, per cent of range."""
    found: dict[str, Any] = {}
    series = read_series(release / "terminus_series.nc")
    for times, members in (("monthly", 0), ("annual", 4)):
        sets = level_sets(
            mesh, domain, fronts, times=times, members=members, release_series=series, **given
        )
        assert sets.area is not None
        known = np.isfinite(sets.area)
        wished, span = sets.area[known], float(np.ptp(sets.area[known]))
        area = np.array([ice_area(mesh, column, domain.crs) for column in sets.phi.T])[known]
        off = area - wished
        found[f"{times}_epochs"] = int(known.sum())
        found[f"{times}_between_max_pct"] = 100 * float(np.ptp(off)) / span
        found[f"{times}_missed"] = len(sets.missed)
        if sets.members is not None and sets.member_area is not None:
            own = [
                np.array([ice_area(mesh, column, domain.crs) for column in member.T])[known]
                - wished
                - error[known]
                for member, error in zip(sets.members, sets.member_area, strict=True)
            ]
            found["members_max_pct"] = 100 * float(max(np.ptp(one) for one in own)) / span
    return found


def areas(
    mesh: Mesh, phi: Array, ice: list[Any], release: Path, trace_ids: list[str], crs: str
) -> dict[str, Any]:
    """Change of true area between epochs against the observations of the release."""
    table = read_observations(release / "terminus_observations.nc")
    table = table[table["measure"] == "length_area"].drop_duplicates("trace_id")
    table = table.set_index("trace_id").reindex(trace_ids)
    seen = table["area_change"].to_numpy(dtype=np.float64)
    found = np.array([ice_area(mesh, column, crs) for column in phi.T])
    known = np.flatnonzero(np.isfinite(seen))
    if len(known) < 2:
        return {"area_epochs": len(known)}
    span = float(np.ptp(seen[known]))
    step = np.diff(found[known]) - np.diff(seen[known])
    since = (found[known] - found[known[0]]) - (seen[known] - seen[known[0]])
    polygons = np.array([true_area(part, crs) for part in ice])
    outline = np.diff(polygons[known]) - np.diff(seen[known])
    whole = np.flatnonzero(np.isfinite(seen) & (table["coverage"].to_numpy() >= COMPLETE))
    complete = np.diff(found[whole]) - np.diff(seen[whole])
    large = np.abs(np.diff(seen[known])) > 0.1 * span
    relative = np.abs(step[large] / np.diff(seen[known])[large])
    return {
        "area_epochs": len(known),
        "area_range_km2": span / 1e6,
        "area_between_p95_pct": 100 * float(np.quantile(np.abs(step), 0.95)) / span,
        "area_between_max_pct": 100 * float(np.abs(step).max()) / span,
        "mesh_between_max_pct": 100 * float(np.abs(step - outline).max()) / span,
        "complete_epochs": len(whole),
        "complete_between_p95_pct": _share(complete, span, 0.95),
        "complete_between_max_pct": _share(complete, span, 1.0),
        "polygon_between_p95_pct": 100 * float(np.quantile(np.abs(outline), 0.95)) / span,
        "polygon_between_max_pct": 100 * float(np.abs(outline).max()) / span,
        "area_since_first_max_pct": 100 * float(np.abs(since).max()) / span,
        "area_large_steps_median_pct": 100 * float(np.median(relative)) if large.any() else None,
    }


def _share(values: Array, span: float, level: float) -> float | None:
    """Quantile of sizes, in per cent of a span."""
    return 100 * float(np.quantile(np.abs(values), level)) / span if len(values) else None


def measure(
    name: str, release: Path, glacier: str, out: Path, vertices: int, times: bool
) -> dict[str, Any]:
    """Everything about one glacier."""
    domain = read_domains(release / "domains.parquet")[glacier]
    folder = out / "exports" / f"{name}_{glacier.replace(':', '_')}"
    found = {"set": name, "glacier_id": glacier, **export(release, domain, folder, vertices)}
    fields = read_fields(folder / "model_input.nc")
    years = fields["levelset.spclevelset"][-1]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found |= {
        "vertices": len(fields["mesh.x"]),
        "epochs": len(years),
        "seconds_per_100_epochs": found["seconds"] * 100 / len(years),
        "first": manifest["first_front"][:10],
        "last": manifest["last_front"][:10],
    }
    mesh = Mesh(*(fields[f"mesh.{name}"] for name in ("x", "y", "elements", "segments")))
    phi = fields["levelset.spclevelset"][:-1]
    fronts = read_fronts(release / "fronts.parquet")
    given = {"observations": read_observations(release / "terminus_observations.nc")}
    sets = level_sets(mesh, domain, fronts, **given)
    lines = sets.lines
    found |= distances(mesh, phi, lines, np.random.default_rng(0)) | contours(mesh, phi, lines)
    few = slice(None, None, max(len(lines) // 30, 1))
    some = phi[:, few], lines[few]
    found |= chords(mesh, *some) | fitted(mesh, *some) | at_ends(mesh, *some)
    found |= even(domain, sets.ice[few], lines[few], vertices)
    found["missed"] = len(sets.missed)
    if times:
        coarse = triangulate(domain.fjord, 2 * even_edge(domain, vertices))
        found |= other_times(coarse, domain, release, fronts, given)
    found |= areas(mesh, phi, sets.ice, release, manifest["trace_ids"], domain.crs)
    found["problems"] = [str(problem) for problem in check_folder(folder, release=release)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("issm_runs"))
    parser.add_argument("--vertices", type=int, default=10_000)
    parser.add_argument("--only", help="simulated, jakobshavn, daugaard_jensen or nw_greenland")
    parser.add_argument(
        "--no-times", dest="times", action="store_false", help="leave out months, years, members"
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    rows = []
    for name, release, glacier in cases(options.out, options.only):
        try:
            rows.append(
                measure(name, release, glacier, options.out, options.vertices, options.times)
            )
        except TerminiError as error:
            rows.append({"set": name, "glacier_id": glacier, "error": str(error)})
        shown = pd.Series(rows[-1]).drop("problems", errors="ignore")
        print(shown.to_string(), *rows[-1].get("problems", []), sep="\n  ", flush=True)
    table = pd.DataFrame(rows)
    wanted = ["glacier_id", "vertices", "epochs", "seconds", "seconds_per_100_epochs"]
    wanted += ["distance_error_m", "zero_to_front_median_pct", "zero_to_front_p95_pct"]
    wanted += ["area_between_p95_pct", "area_between_max_pct", "mesh_between_max_pct"]
    wanted += [
        "chord_to_front_p95_pct",
        "even_zero_to_front_p95_pct",
        "fitted_zero_to_front_p95_pct",
    ]
    wanted += ["missed"]
    wanted += ["monthly_between_max_pct", "annual_between_max_pct", "members_max_pct"]
    print(table[[name for name in wanted if name in table]].round(3).to_string(index=False))
    if options.json:
        write_text(options.json, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
