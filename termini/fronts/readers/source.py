"""What is known of a published front dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True)
class Source:
    """A published front dataset and its reader.

    Parameters
    ----------
    name : str
        Name in the column ``source`` of the front table.
    title : str
        What it is.
    citation : str
        How to cite it.
    licence : str
        Under which licence it is published.
    folder : str
        Its folder under the data root.
    read : callable
        Path or None to front table.
    glaciers : callable
        Path or None to the table of its glaciers.
    """

    name: str
    title: str
    citation: str
    licence: str
    folder: str
    read: Callable[[str | Path | None], gpd.GeoDataFrame]
    glaciers: Callable[[str | Path | None], pd.DataFrame]
