"""Checks against where a folder comes from: its manifest, and the release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from termini.catalog import read_observations, read_series
from termini.errors import InputError, ReleaseError
from termini.files import sha256
from termini.fronttable import read_fronts
from termini.issm.check_area import check_areas, enclosed_areas, true_weights
from termini.issm.check_contours import MOST_COLUMNS, residuals, say_offset
from termini.issm.check_geometry import segments_of
from termini.issm.check_read import MANIFEST, Bundle, Problem
from termini.issm.model import FRONT
from termini.times import decimal_year

# Decimal years in float64 are good to microseconds; dates to the second.
SAME_DATE = 1e-6


def check_manifest(bundle: Bundle, folder: str | Path) -> Iterator[Problem]:
    """Check a folder against its own manifest: files, dates, areas.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.
    folder : path
        The folder.

    Yields
    ------
    Problem
        One for each fault; none where there is no manifest.
    """
    manifest = bundle.manifest
    if not manifest:
        return
    for name, digest in dict(manifest.get("sha256", {})).items():
        path = Path(folder) / name
        if not path.is_file():
            yield Problem(name, MANIFEST, "is missing", "export the folder anew")
        elif sha256(path) != digest:
            yield Problem(
                name,
                MANIFEST,
                "is not the file that was exported: its checksum differs",
                "export the folder anew, or remove the manifest if you changed the file knowingly",
            )
    yield from _dates(bundle, manifest.get("dates"), MANIFEST)
    area = manifest.get("ice_area_m2")
    if isinstance(area, list) and all(isinstance(a, int | float) for a in area):
        yield from check_areas(bundle, np.array(area, dtype=float), MANIFEST, true=False)
    known = manifest.get("release_area_m2")
    if isinstance(known, list) and bundle.front is not None:
        wished = np.array([np.nan if a is None else a for a in known], dtype=float)
        if len(wished) == bundle.front.shape[1]:
            wished[list(_missed(manifest))] = np.nan  # named there, with the reason
            if "rock.exp" not in bundle.contours:
                yield from check_areas(bundle, wished, "the release", true=True)


def _missed(manifest: Mapping[str, Any]) -> dict[int, str]:
    """Columns that have not the area of the release, and why, by the manifest."""
    dates = manifest.get("dates")
    missed = manifest.get("area_missed")
    if not isinstance(dates, list) or not isinstance(missed, list):
        return {}
    reasons = {m.get("date"): str(m.get("reason", "")) for m in missed if isinstance(m, dict)}
    return {k: reasons[date] for k, date in enumerate(dates) if date in reasons}


def check_member(member: Bundle, whole: Bundle) -> Iterator[Problem]:
    """Check the area of ice of a member of an ensemble against its manifest.

    Parameters
    ----------
    member : Bundle
        The member.
    whole : Bundle
        The model that it is a member of.

    Yields
    ------
    Problem
        If its ice is not that of the model and its own error.
    """
    errors = whole.manifest.get("member_area_m2")
    name = re.fullmatch(r"members/member_(\d+)\.nc", member.name)
    if name is None or not isinstance(errors, list) or "rock.exp" in whole.contours:
        return
    number = int(name[1]) - 1
    if number >= len(errors):
        return
    phi = whole.front
    if phi is None or member.front is None or len(errors[number]) != phi.shape[1]:
        return
    epsg = whole.fields.get("mesh.epsg")
    weight = true_weights(whole, int(epsg) if epsg is not None else 0)
    area = enclosed_areas(whole.xy, whole.corners, phi[:-1], weight)
    wished = area + np.array(errors[number], dtype=float)
    yield from check_areas(member, wished, f"{MANIFEST} and the model", true=True)


def _dates(bundle: Bundle, dates: Any, source: str) -> Iterator[Problem]:
    phi = bundle.front
    if phi is None or not isinstance(dates, list) or len(dates) != phi.shape[1]:
        return
    try:
        years = decimal_year(pd.to_datetime(dates))
    except (ValueError, TypeError):
        return
    off = phi[-1] - years
    if np.abs(off).max() <= SAME_DATE:
        return
    middle = float(np.median(off))
    half = " (a half-year shift)" if 0.4 < abs(middle) < 0.6 else ""
    worst = int(np.abs(off).argmax())
    yield bundle.problem(
        FRONT,
        f"the time axis lies {middle:+.4f} a{half} from the dates of {source} in the median, "
        f"{off[worst]:+.4f} a at most",
        "write year + days since 1 January / days of that year, in float64",
        f"column {worst + 1}, {phi[-1, worst]:.4f} for {dates[worst]}",
    )


def check_release(bundle: Bundle, release: str | Path) -> Iterator[Problem]:
    """Check a folder against the release that its fronts are from.

    Parameters
    ----------
    bundle : Bundle
        What there is to check; its manifest says glacier and traces.
    release : path
        Folder of the release.

    Yields
    ------
    Problem
        One for each fault: dates, place of the fronts, change of area (of every front that
        the release has observed, and of reconstructed ones by its monthly series).

    Raises
    ------
    ReleaseError
        If there is no release.
    """
    release = Path(release)
    fronts_file = release / "fronts.parquet"
    if not fronts_file.is_file():
        raise ReleaseError(f"{release}: no release here; give a folder catalog/releases/<version>")
    ids = bundle.manifest.get("trace_ids")
    phi = bundle.front
    if phi is None:
        return
    if not isinstance(ids, list) or len(ids) != phi.shape[1]:
        raise InputError(
            f"{bundle.name}: no manifest that names a trace for each column, so it cannot be "
            f"compared with {release}; check it without --release"
        )
    fronts = read_fronts(fronts_file).drop_duplicates("trace_id").set_index("trace_id")
    known = [column for column, trace in enumerate(ids) if trace in fronts.index]
    if missing := sum(bool(trace) for trace in ids) - len(known):
        yield Problem(
            "trace_ids",
            MANIFEST,
            f"{missing} traces are not in {release.name}",
            "check against the release that the export was made from",
        )
    yield from _released_areas(bundle, release, ids)
    if not known:
        return
    rows = fronts.loc[[ids[column] for column in known]]
    crs = str(bundle.manifest.get("crs", ""))
    rows = rows.to_crs(crs) if crs else rows
    off = phi[-1, known] - decimal_year(rows["date"])
    if np.abs(off).max() > SAME_DATE:
        yield bundle.problem(
            FRONT,
            f"the time axis lies {np.median(off):+.4f} a from the dates of {release.name} in the "
            "median" + (" (a half-year shift)" if 0.4 < abs(np.median(off)) < 0.6 else ""),
            "write year + days since 1 January / days of that year, in float64",
            "last row",
        )
    step = max(len(known) // MOST_COLUMNS, 1)
    found = []
    for column, geometry in list(zip(known, rows.geometry, strict=True))[::step]:
        parts = [segments_of(shapely.get_coordinates(part)) for part in shapely.get_parts(geometry)]
        found.append(residuals(bundle, column, np.concatenate(parts)))
    yield from say_offset(bundle, found, f"the fronts of {release.name}")


def _released_areas(bundle: Bundle, release: Path, ids: list[str]) -> Iterator[Problem]:
    change = np.full(len(ids), np.nan)
    path = release / "terminus_observations.nc"
    if path.is_file():
        table = read_observations(path)
        table = table[table["measure"] == "area"].drop_duplicates("trace_id")
        change = np.array(table.set_index("trace_id")["area_change"].reindex(ids), dtype=float)
    path = release / "terminus_series.nc"
    if path.is_file() and bundle.front is not None and not all(ids):
        series = read_series(path)
        glacier = str(bundle.manifest.get("glacier_id"))
        known = np.flatnonzero(series["glacier_id"].to_numpy().astype(str) == glacier)
        between = np.flatnonzero([not trace for trace in ids])
        if len(known):
            months = decimal_year(series["time"].to_numpy())
            monthly = series["area_change"].to_numpy()[known[0]].astype(float)
            change[between] = np.interp(
                bundle.front[-1, between], months, monthly, left=np.nan, right=np.nan
            )
    if "rock.exp" in bundle.contours:
        return  # the release counts ice and water where the model has rock
    yield from check_areas(
        bundle, change, f"the release {release.name}", true=True, reasons=_missed(bundle.manifest)
    )
