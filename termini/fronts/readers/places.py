"""Names of glaciers as ids, and the table of a dataset's glaciers."""

from __future__ import annotations

import re
import unicodedata

import geopandas as gpd
import numpy as np
import pandas as pd

# Letters that are no plain letter with a mark.
_LETTERS = str.maketrans({"æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ß": "ss", "ð": "d", "þ": "th"})


def slug(name: str) -> str:
    """Name as the second half of a glacier id: lower case, words joined by underscores.

    Parameters
    ----------
    name : str
        Name as a publisher writes it, as ``Jakobshavn Isbræ`` or ``LarsenC``.

    Returns
    -------
    str
        ASCII letters, digits and underscores, as ``jakobshavn_isbrae``.
    """
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    plain = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def glacier_table(fronts: gpd.GeoDataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Glaciers of a front table, each in the middle of its fronts.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    names : dict
        Glacier id to name, where one is known.

    Returns
    -------
    DataFrame
        ``glacier_id``, ``name``, ``other_names``, ``x``, ``y`` in the projection of
        `fronts`, metres; NaN for a glacier without any line.
    """
    bounds = fronts.geometry.bounds.assign(glacier_id=fronts["glacier_id"].to_numpy())
    whole = bounds.groupby("glacier_id").agg(
        {"minx": "min", "miny": "min", "maxx": "max", "maxy": "max"}
    )
    return pd.DataFrame(
        {
            "glacier_id": whole.index.to_numpy(),
            "name": [names.get(glacier, "") for glacier in whole.index],
            "other_names": "",
            "x": np.asarray((whole["minx"] + whole["maxx"]) / 2),
            "y": np.asarray((whole["miny"] + whole["maxy"]) / 2),
        }
    )
