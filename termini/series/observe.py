"""From traces to observations: length and area change with their errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from tqdm import tqdm

from termini.domain import GlacierDomain
from termini.errors import DomainError, InputError
from termini.fronttable import crs_text, flag
from termini.geo import to_plane
from termini.series.frame import Frame, frame_of, ribbon
from termini.series.layout import pieces_of
from termini.series.measure import Measured, error_parts, measure_trace
from termini.series.reference import refer, reference_dates
from termini.series.settings import MEASURES, ObservationSettings
from termini.series.uncertainty import drawing_error, geolocation_of
from termini.variables import is_rejected

#: Columns of the observations, in their order.
OBSERVATION_COLUMNS: dict[str, str] = {
    "glacier_id": "str",
    "trace_id": "str",
    "date": "datetime64[us]",
    "measure": "str",
    "length_change": "float64",
    "length_change_se": "float64",
    "area_change": "float64",
    "area_change_se": "float64",
    "sigma_geolocation": "float64",
    "sigma_digitising": "float64",
    "sigma_coverage": "float64",
    "sigma_definition": "float64",
    "coverage": "float64",
    "gap_left": "float64",
    "gap_right": "float64",
    "crossings": "int32",
    "quality": "int32",
    "reference_date": "datetime64[us]",
}


def observe(
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    measures: Iterable[str] = MEASURES,
    *,
    reference_date: str | pd.Timestamp | None = None,
    settings: ObservationSettings | None = None,
    progress: bool = False,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Length and area change of every usable trace.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table; traces with a rejecting flag take no part.
    domains : mapping
        Glacier id to domain.
    measures : iterable of str
        Of ``area``, ``length_area``, ``centreline``, ``curvilinear_box``.
    reference_date : date-like, optional
        Where changes are zero, for all glaciers: at the usable observation
        nearest to it. By default the ``reference_date`` of the domain, else the
        first usable observation.
    settings : ObservationSettings, optional
        Settings.
    progress : bool
        Show a progress bar.

    Returns
    -------
    observations : DataFrame
        One row per trace and measure that has a value, columns as in
        `OBSERVATION_COLUMNS`, lengths in metres, areas in square metres, advance
        positive. The standard errors are those of the front's own position; the
        error of the reference, common to all values of a glacier, is not in them.
    fronts : GeoDataFrame
        A copy of the table with flags added: ``unknown_glacier``,
        ``outside_domain``, ``too_few_points``, ``low_coverage``,
        ``self_crossing``, ``several_pieces``, ``open_end``,
        ``multiple_crossings``.

    Raises
    ------
    InputError
        If a measure is unknown.

    Notes
    -----
    ``area`` is the true area of the fjord upstream of the front minus that of the
    reference, ``length_area`` that over the fixed reference width, ``centreline``
    the most advanced crossing of the centreline (half the spread of all crossings
    is its definition error), ``curvilinear_box`` the area within a strip along
    the centreline over the strip's width. Every value is absolute; nothing is
    accumulated from trace to trace.
    """
    wanted = tuple(measures)
    if unknown := set(wanted) - set(MEASURES):
        raise InputError(f"measure(s) {sorted(unknown)} unknown; known are {', '.join(MEASURES)}")
    settings = settings or ObservationSettings()
    table = fronts.copy()
    crs = crs_text(table)
    rows: list[dict[str, Any]] = []
    groups = table.groupby("glacier_id", sort=True)
    for glacier_id, group in tqdm(groups, "measuring fronts", disable=not progress, unit="glacier"):
        if glacier_id not in domains:
            flag(
                table,
                table["glacier_id"] == glacier_id,
                "unknown_glacier",
                f"no domain for {glacier_id}",
            )
            continue
        domain = domains[str(glacier_id)]
        measured, reasons = _measure_glacier(group, domain, crs, wanted, settings)
        _flag(table, group, measured, reasons, domain, settings)
        rows.extend(_rows(table.loc[group.index], measured, settings))
    observations = _observations(rows)
    wished = None if reference_date is None else pd.Timestamp(reference_date)
    return _referred(observations, domains, wished), table


def _measure_glacier(
    group: gpd.GeoDataFrame,
    domain: GlacierDomain,
    crs: str,
    measures: tuple[str, ...],
    settings: ObservationSettings,
) -> tuple[dict[int, Measured], dict[int, tuple[str, str]]]:
    """Measured traces, and flag and reason of the others, by row of the table."""
    measured: dict[int, Measured] = {}
    reasons: dict[int, tuple[str, str]] = {}
    usable = group[~is_rejected(group["quality"])]
    try:
        frame, plane = frame_of(domain)
    except DomainError as error:
        return {}, {int(row): ("unknown_glacier", str(error)) for row in usable.index}
    box = _box(frame, settings) if "curvilinear_box" in measures else None
    for row, geometry in zip(usable.index, usable.geometry, strict=True):
        if geometry is None or geometry.is_empty:
            reasons[int(row)] = ("bad_geometry", "no geometry")
            continue
        # GEOS cannot cut up lines of no length or with coordinates that are not finite
        pieces = pieces_of(geometry)
        if not pieces:
            reasons[int(row)] = ("too_few_points", _REASONS["too_few_points"])
            continue
        sound = shapely.multilinestrings([shapely.linestrings(piece) for piece in pieces])
        result = measure_trace(frame, box, to_plane(sound, crs, plane), measures, settings)
        if isinstance(result, str):
            reasons[int(row)] = (result, _REASONS[result])
        else:
            measured[int(row)] = result
    return measured, reasons


_REASONS = {
    "too_few_points": "fewer than two distinct points",
    "outside_domain": "does not enter the fjord of its glacier",
}


def _box(frame: Frame, settings: ObservationSettings) -> Frame:
    return ribbon(frame, settings.box_share * frame.width)


def _flag(
    table: gpd.GeoDataFrame,
    group: gpd.GeoDataFrame,
    measured: dict[int, Measured],
    reasons: dict[int, tuple[str, str]],
    domain: GlacierDomain,
    settings: ObservationSettings,
) -> None:
    for name in sorted({name for name, _ in reasons.values()}):
        rows = [row for row, (found, _) in reasons.items() if found == name]
        flag(table, table.index.isin(rows), name, [reasons[row][1] for row in sorted(rows)])
    low = sorted(r for r, m in measured.items() if m.front.coverage < settings.coverage_limit)
    words = [
        f"covers {measured[row].front.coverage:.0%} of the width, "
        f"less than {settings.coverage_limit:.0%}"
        for row in low
    ]
    flag(table, table.index.isin(low), "low_coverage", words)
    open_end = settings.open_end_share * domain.reference_width
    marks = {
        "self_crossing": [r for r, m in measured.items() if not m.front.simple],
        "several_pieces": [
            r for r, m in measured.items() if len(m.front.pieces) + m.front.dropped > 1
        ],
        "open_end": [
            r for r, m in measured.items() if max(m.front.gap_left, m.front.gap_right) > open_end
        ],
        "multiple_crossings": [r for r, m in measured.items() if m.crossings > 1],
    }
    for name, rows in marks.items():
        flag(table, table.index.isin(rows), name)


def _rows(
    group: gpd.GeoDataFrame, measured: dict[int, Measured], settings: ObservationSettings
) -> list[dict[str, Any]]:
    found = [m.shape for m in measured.values() if m.shape is not None]
    shapes = np.array(found) if found else np.empty((0, 0))
    rows = []
    for record in group.itertuples():
        result = measured.get(int(record.Index))
        if result is None:
            continue
        drawing = drawing_error(record.sigma_m, record.sensor, settings)
        geolocation = geolocation_of(record.sensor, settings)
        for measure, value in result.values.items():
            parts = error_parts(
                measure,
                value,
                drawing=drawing,
                geolocation=geolocation,
                correlation_length=settings.correlation_of(record.method),
                shapes=shapes,
                settings=settings,
            )
            rows.append(
                {
                    "glacier_id": record.glacier_id,
                    "trace_id": record.trace_id,
                    "date": record.date,
                    "measure": measure,
                    "length_change": value.length,
                    "length_change_se": float(np.sqrt(sum(p**2 for p in parts.values()))),
                    "area_change": value.width,
                    **parts,
                    "coverage": 1.0 - sum(high - low for low, high in value.missing)
                    if measure != "centreline"
                    else result.front.coverage,
                    "gap_left": result.front.gap_left,
                    "gap_right": result.front.gap_right,
                    "crossings": result.crossings,
                    "quality": record.quality,
                }
            )
    return rows


def _observations(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Table of positions; ``area_change`` still holds the width."""
    table = pd.DataFrame(rows, columns=list(OBSERVATION_COLUMNS))
    table["reference_date"] = pd.NaT
    return table.astype(OBSERVATION_COLUMNS)


def _referred(
    table: pd.DataFrame, domains: Mapping[str, GlacierDomain], wished: pd.Timestamp | None
) -> pd.DataFrame:
    """Positions turned into changes since the reference date."""
    order = {measure: turn for turn, measure in enumerate(MEASURES)}
    table = table.sort_values(
        ["glacier_id", "date", "trace_id", "measure"],
        key=lambda column: column.map(order) if column.name == "measure" else column,
        ignore_index=True,
    )
    width = table["area_change"].copy()
    table["area_change"] = table["length_change"] * width
    table["area_change_se"] = table["length_change_se"] * width
    table = refer(table, reference_dates(table, domains, wished))
    table.loc[table["measure"] == "area", "length_change"] = np.nan
    table.loc[table["measure"] == "area", "length_change_se"] = np.nan
    return table
