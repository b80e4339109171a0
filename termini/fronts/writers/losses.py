"""What a writer's layout cannot hold, gathered so that nothing is lost silently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.variables import flag_bits


@dataclass(frozen=True)
class Written:
    """What a writer wrote, and what the layout could not hold.

    Parameters
    ----------
    files : tuple of Path
        The shapefiles, without the files that belong to each.
    rows : int
        How many traces are in them.
    lost : DataFrame
        A row for each column of the front table, or part of one, of which values are not
        in the files: ``column``, ``rows`` (how many), ``reason``, ``example`` (a
        ``trace_id``). Empty where all of it is.
    """

    files: tuple[Path, ...]
    rows: int
    lost: pd.DataFrame


class Losses:
    """Gathers what a layout cannot hold."""

    def __init__(self, fronts: gpd.GeoDataFrame) -> None:
        self._ids = fronts["trace_id"].to_numpy()
        self._rows: list[dict[str, Any]] = []

    def add(self, column: str, lost: Any, reason: str) -> None:
        """Note values that are lost.

        Parameters
        ----------
        column : str
            Of the front table.
        lost : boolean mask
            Which rows lose their value.
        reason : str
            Why.
        """
        lost = np.asarray(lost, dtype=bool)
        if lost.any():
            first = str(self._ids[int(np.flatnonzero(lost)[0])])
            row = {"column": column, "rows": int(lost.sum()), "reason": reason, "example": first}
            self._rows.append(row)

    def table(self) -> pd.DataFrame:
        """Table of all that is lost.

        Returns
        -------
        DataFrame
            As `Written.lost`.
        """
        return pd.DataFrame(self._rows, columns=["column", "rows", "reason", "example"])


def lose_unheld(
    fronts: gpd.GeoDataFrame,
    losses: Losses,
    source: str,
    held_flags: NDArray[np.int64],
    held_sigma: NDArray[np.float64] | None,
    unheld: Iterable[str] = (),
) -> None:
    """Note what no layout, or this one, has a column for.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    losses : Losses
        Where to note.
    source : str
        Name of the layout's source, which reading again gives to all rows.
    held_flags : ndarray of int
        Quality bits of each row that the layout holds or reading again finds.
    held_sigma : ndarray of float, optional
        Errors that reading again gives; None where the layout has a column for them.
    unheld : iterable of str
        Columns of text that the layout lacks.
    """
    foreign = fronts["source"] != source
    losses.add("source", foreign, f"read again, the source is {source!r}")
    losses.add("trace_id", foreign, "made again when read")
    if held_sigma is not None:
        differs = ~np.isclose(fronts["sigma_m"].to_numpy(), held_sigma, equal_nan=True)
        losses.add("sigma_m", differs, "the layout has no error of a trace")
    lacking = set(unheld)
    for column in sorted(lacking):
        losses.add(column, fronts[column] != "", "the layout has no such column")
    kept = "" if "scene_id" in lacking else fronts["scene_id"]
    grouped = fronts["correlation_group"] != kept
    losses.add("correlation_group", grouped, "the layout has no groups; an image makes one")
    losses.add("note", fronts["note"] != "", "the layout has no notes")
    names = flag_bits()
    missed = fronts["quality"].to_numpy(dtype="int64") & ~held_flags
    for name, bit in names.items():
        losses.add("quality", (missed & bit) != 0, f"the layout does not hold the flag {name}")


def found_again(fronts: gpd.GeoDataFrame, geometry: gpd.GeoSeries) -> NDArray[np.int64]:
    """Quality bits that a reader finds by itself: no date, a coarse one, no line.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    geometry : GeoSeries
        Lines as they are written.

    Returns
    -------
    ndarray of int
        Bits of each row.
    """
    bits = flag_bits()
    coarse = fronts["date_sigma_days"].to_numpy() > 5.0
    return (
        np.where(fronts["date"].isna(), bits["bad_date"], 0)
        | np.where(coarse, bits["date_coarse"], 0)
        | np.where(geometry.isna() | geometry.is_empty, bits["bad_geometry"], 0)
    ).astype("int64")
