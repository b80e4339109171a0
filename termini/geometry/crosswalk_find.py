"""Looking a glacier up in a crosswalk."""

from __future__ import annotations

import numpy as np
import pandas as pd

from termini.errors import InputError
from termini.geometry.crosswalk_match import SAME_NAME
from termini.names import name_similarity


def find_glacier(table: pd.DataFrame, text: str) -> pd.DataFrame:
    """Rows of a crosswalk that a name or an id means.

    Parameters
    ----------
    table : DataFrame
        What `crosswalk` gave.
    text : str
        ``namespace:id``, a name in any spelling, or part of one.

    Returns
    -------
    DataFrame
        The rows, at least one.

    Raises
    ------
    InputError
        If there is none.
    """
    namespace, _, number = text.partition(":")
    if number and f"{namespace}_id" in table:
        also = table[f"{namespace}_also"].astype("str").str.split(";")
        hit = (table[f"{namespace}_id"] == number) | also.map(lambda ids: number in ids)
    else:
        names = table["name"].fillna("").astype("str")
        score = np.array([name_similarity(name, text) for name in names])
        hit = pd.Series(np.nan_to_num(score) >= SAME_NAME, index=table.index)
        if not hit.any():
            hit = names.str.contains(text, case=False, regex=False)
    if not hit.any():
        known = ", ".join(str(c)[:-3] for c in table.columns if str(c).endswith("_id"))
        raise InputError(
            f"{text!r}: no such glacier in the crosswalk; give part of a name, or NAMESPACE:ID "
            f"with one of {known}"
        )
    return table[hit]
