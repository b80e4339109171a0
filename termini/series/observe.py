"""From traces to observations: length and area change with their errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.fronttable import crs_text
from termini.series.checks import check_fronts, checked_measures
from termini.series.engine_columns import measure_glacier
from termini.series.engine_errors import parts_of, trace_errors
from termini.series.engine_rows import (
    OBSERVATION_COLUMNS,
    Block,
    Flagged,
    block_of,
    observations_of,
    write_flags,
)
from termini.series.kernels import Ints
from termini.series.reference import refer, reference_dates
from termini.series.settings import DEFAULT_MEASURES, MEASURES, ObservationSettings
from termini.times import to_date
from termini.variables import is_rejected

__all__ = ["OBSERVATION_COLUMNS", "observe"]

_DAY_US = 86_400_000_000


def observe(
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    measures: Iterable[str] = DEFAULT_MEASURES,
    *,
    reference_date: str | pd.Timestamp | None = None,
    settings: ObservationSettings | None = None,
    progress: bool = False,
    workers: int | None = None,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Length and area change of every usable trace.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table; traces with a rejecting flag take no part.
    domains : mapping
        Glacier id to domain.
    measures : iterable of str
        Of `MEASURES`; by default ``area``, ``length_area``, ``centreline`` and
        ``curvilinear_box``.
    reference_date : date-like, optional
        Where changes are zero, for all glaciers: at the usable observation
        nearest to it. By default the ``reference_date`` of the domain, else the
        first usable observation.
    settings : ObservationSettings, optional
        Settings.
    progress : bool
        Show a progress bar.
    workers : int, optional
        Glaciers measured side by side; by default as many as numba has threads. The
        results do not depend on it.

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
    accumulated from trace to trace. Of what else there is, ``box`` is the area
    within a straight strip, ``variable_box`` the mean distance along the centreline
    over the front's own width, which mixes width with length, and ``flowlines`` the
    median position on lines that share the width of the fjord evenly, or on those of
    the domain (its spread over them is in ``flowline_spread``).

    Traces are measured by compiled loops over plain arrays (`termini.series.engine`);
    those that are not simple by GEOS. What was not seen of a front is filled from
    the glacier's own shapes in ``area`` and ``length_area`` if the settings say so
    (`termini.series.filling`); the boxes and flowlines stay as they were seen, with
    the error that this has.
    """
    wanted = checked_measures(measures)
    check_fronts(fronts, domains)
    wished = None if reference_date is None else to_date(reference_date, "reference_date")
    table = fronts.copy()
    measure = _Measuring(table, domains, wanted, settings or ObservationSettings())
    observations = _measured(table, measure, workers, progress)
    return _referred(observations, domains, wished), table


def _measured(
    table: gpd.GeoDataFrame, measure: _Measuring, workers: int | None, progress: bool
) -> pd.DataFrame:
    """Positions of all fronts; flags are set in the table."""
    flags, groups = _groups(table, measure.domains)
    blocks: list[Block] = []
    # small matrices: BLAS threads would only wait for each other
    with (
        threadpool_limits(1, user_api="blas"),
        ThreadPoolExecutor(workers or numba.config.NUMBA_NUM_THREADS) as pool,
    ):
        results = tqdm(
            pool.map(measure, groups), "measuring fronts", len(groups),
            disable=not progress, unit="glacier",
        )  # fmt: skip
        for result in results:
            if isinstance(result, Flagged):
                flags.append(result)
            else:
                flags.extend(result.flags)
                blocks.append(result)
    write_flags(table, flags)
    return observations_of(table, blocks, measure.measures)


def _groups(
    table: gpd.GeoDataFrame, domains: Mapping[str, GlacierDomain]
) -> tuple[list[Flagged], list[Ints]]:
    """Positions of the usable traces of each glacier, by date and trace; flags of the others."""
    glacier, ids = pd.factorize(table["glacier_id"], sort=True)
    trace, _ = pd.factorize(table["trace_id"], sort=True)
    order = np.lexsort([trace, table["date"].to_numpy(), glacier])
    known = np.array([str(one) in domains for one in ids], dtype=bool)
    flags = []
    for number in np.flatnonzero(~known):
        rows = np.flatnonzero(glacier == number)
        flags.append(Flagged("unknown_glacier", rows, [f"no domain for {ids[number]}"] * len(rows)))
    usable = ~is_rejected(table["quality"])
    undated = np.flatnonzero(usable & table["date"].isna().to_numpy())
    if len(undated):
        flags.append(Flagged("bad_date", undated, ["no date"] * len(undated)))
        usable[undated] = False
    order = order[(known[glacier] & usable)[order]] if len(ids) else order
    edges = np.flatnonzero(np.diff(glacier[order])) + 1
    return flags, [part for part in np.split(order, edges) if len(part)]


class _Measuring:
    """Measures the traces of one glacier after the other, in any thread."""

    def __init__(
        self,
        table: gpd.GeoDataFrame,
        domains: Mapping[str, GlacierDomain],
        measures: tuple[str, ...],
        settings: ObservationSettings,
    ) -> None:
        # one order for all, so that equal calls give equal tables
        self.measures = tuple(name for name in MEASURES if name in measures)
        self.domains, self.settings = domains, settings
        self.crs = crs_text(table)
        self.ids = table["glacier_id"].to_numpy()
        self.geometries = table.geometry.to_numpy()
        self.days = table["date"].to_numpy().astype("datetime64[us]").astype(np.int64) / _DAY_US
        self.errors = trace_errors(table, settings)

    def __call__(self, rows: Ints) -> Block | Flagged:
        domain = self.domains[str(self.ids[rows[0]])]
        try:
            columns = measure_glacier(
                self.geometries[rows], domain, self.crs, self.measures, self.settings
            )
        except DomainError as error:
            return Flagged("unknown_glacier", rows, [str(error)] * len(rows))
        errors = self.errors.take(rows)
        parts = parts_of(columns, self.days[rows], errors, self.settings)
        return block_of(rows, columns, parts, self.settings)


def _referred(
    table: pd.DataFrame, domains: Mapping[str, GlacierDomain], wished: pd.Timestamp | None
) -> pd.DataFrame:
    """Positions turned into changes since the reference date."""
    table = refer(table, reference_dates(table, domains, wished))
    area = table["measure"] == "area"
    table.loc[area, ["length_change", "length_change_se"]] = np.nan
    return table
