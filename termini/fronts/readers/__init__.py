"""Readers of published front datasets, one small module each, registered by name."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from termini.errors import InputError
from termini.fronts.readers.archives import ARCHIVES, LOEBEL
from termini.fronts.readers.autoterm import autoterm, autoterm_glaciers
from termini.fronts.readers.calfin import calfin, calfin_glaciers
from termini.fronts.readers.daugaard_jensen import daugaard_jensen, daugaard_jensen_glaciers
from termini.fronts.readers.harald_moltke import harald_moltke, harald_moltke_glaciers
from termini.fronts.readers.jakobshavn import jakobshavn, jakobshavn_glaciers
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.mapped import read_mapped
from termini.fronts.readers.nw_greenland import nw_greenland, nw_greenland_glaciers
from termini.fronts.readers.source import Source
from termini.fronts.readers.svalbard import svalbard, svalbard_glaciers
from termini.fronts.readers.termpicks import termpicks, termpicks_glaciers

SOURCES: dict[str, Source] = {
    source.name: source
    for source in [
        Source(
            "nw_greenland",
            "Annual terminus positions of 87 glaciers in north-west Greenland, 1972-2020",
            "Black, T. E. and Joughin, I. (2022): Multi-decadal retreat of marine-terminating "
            "outlet glaciers in northwest and central-west Greenland. The Cryosphere 16, 807-824, "
            "doi:10.5194/tc-16-807-2022",
            "GPL-3.0",
            "nw_greenland",
            nw_greenland,
            nw_greenland_glaciers,
        ),
        Source(
            "jakobshavn",
            "Terminus positions of Jakobshavn Isbrae, 1990-2022",
            "Picton, H. J. et al. (2025): Journal of Geophysical Research: Earth Surface, "
            "doi:10.1029/2024JF008104",
            "none stated; parts from NSIDC MEaSUREs",
            "jakobshavn",
            jakobshavn,
            jakobshavn_glaciers,
        ),
        Source(
            "harald_moltke",
            "Calving fronts of Harald Moltke Brae extracted by a network, 2019-2021",
            LOEBEL,
            "MIT",
            "harald_moltke",
            harald_moltke,
            harald_moltke_glaciers,
        ),
        Source(
            "daugaard_jensen",
            "Terminus positions of Daugaard-Jensen Glacier, 2000-2023",
            "King, M. D. (2024): doi:10.5281/zenodo.13260261",
            "MIT; parts from other authors keep their own terms",
            "central_east",
            daugaard_jensen,
            daugaard_jensen_glaciers,
        ),
        Source(
            "svalbard",
            "Front positions of 19 surge-type glaciers of Svalbard, 2015-2025",
            "Mannerfelt, E. S., Schellenberger, T. and Kääb, A. M. (2025): Tracking glacier surge "
            "evolution using interferometric SAR coherence - examples from Svalbard. Journal of "
            "Glaciology",
            "none stated",
            "svalbard",
            svalbard,
            svalbard_glaciers,
        ),
        Source(
            "termpicks",
            "TermPicks: terminus traces of 278 Greenland glaciers by many authors, over a century",
            "Goliber, S. et al. (2022): TermPicks: a century of Greenland glacier terminus data "
            "for use in scientific and machine learning applications. The Cryosphere 16, "
            "3215-3233, doi:10.5194/tc-16-3215-2022",
            "CC-BY-4.0",
            "termpicks",
            termpicks,
            termpicks_glaciers,
        ),
        Source(
            "calfin",
            "CALFIN: calving fronts of 66 Greenland basins by a network and by hand, 1972-2019",
            "Cheng, D. et al. (2021): Calving Front Machine (CALFIN): glacial termini dataset and "
            "automated deep learning extraction method for Greenland, 1972-2019. The Cryosphere "
            "15, 1663-1675, doi:10.5194/tc-15-1663-2021",
            "CC0-1.0",
            "calfin",
            calfin,
            calfin_glaciers,
        ),
        Source(
            "autoterm",
            "AutoTerm: 279,177 fronts of 295 Greenland glaciers by a network",
            "Zhang, E., Catania, G. and Trugman, D. T. (2023): AutoTerm: an automated pipeline "
            'for glacier terminus extraction using machine learning and a "big data" repository '
            "of Greenland glacier termini. The Cryosphere 17, 3485-3503, "
            "doi:10.5194/tc-17-3485-2023",
            "stated on the publisher's page",
            "autoterm",
            autoterm,
            autoterm_glaciers,
        ),
        *ARCHIVES,
    ]
}


def sources() -> list[str]:
    """Names of the published datasets that can be read.

    Returns
    -------
    list of str
        The names, for `read_source`.
    """
    return list(SOURCES)


def get_source(name: str) -> Source:
    """Entry of a published dataset.

    Parameters
    ----------
    name : str
        One of `sources`.

    Returns
    -------
    Source
        Title, citation, licence and reader.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in SOURCES:
        raise InputError(f"source {name!r} is unknown; known are {', '.join(SOURCES)}")
    return SOURCES[name]


def source_folder(name: str, path: str | Path | None = None) -> Path:
    """Where a published dataset lies.

    Parameters
    ----------
    name : str
        One of `sources`.
    path : path, optional
        Where the user keeps it; by default under `termini.files.data_root`.

    Returns
    -------
    pathlib.Path
        Existing folder, or the file that the user named.

    Raises
    ------
    InputError
        If there is no source of that name or it is not found.
    """
    return source_path(get_source(name).folder, path)


def read_source(name: str, path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of a published dataset, every row of it.

    Parameters
    ----------
    name : str
        One of `sources`.
    path : path, optional
        Where the dataset is; by default under `termini.files.data_root`.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413, Antarctic datasets in EPSG:3031. Rows that cannot
        be used are flagged with the reason. Lines run as the source drew them;
        `termini.fronts.screen` turns them left to right.

    Raises
    ------
    InputError
        If the name is unknown or the dataset is not found or not as published.
    """
    return get_source(name).read(path)


def source_glaciers(name: str, path: str | Path | None = None) -> pd.DataFrame:
    """Glaciers of a published dataset.

    Parameters
    ----------
    name : str
        One of `sources`.
    path : path, optional
        Where the dataset is; by default under `termini.files.data_root`.

    Returns
    -------
    DataFrame
        ``glacier_id``, ``name``, ``other_names`` (separated by semicolons), ``x``
        and ``y`` in the projection of the fronts, metres.
    """
    return get_source(name).glaciers(path)


__all__ = [
    "SOURCES",
    "Source",
    "autoterm",
    "calfin",
    "daugaard_jensen",
    "get_source",
    "harald_moltke",
    "jakobshavn",
    "nw_greenland",
    "read_mapped",
    "read_source",
    "source_glaciers",
    "sources",
    "svalbard",
    "termpicks",
]
