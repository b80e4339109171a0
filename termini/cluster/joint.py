"""Joint types: which inter-annual and which seasonal type come together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr


def joint_types(types: xr.Dataset) -> xr.Dataset:
    """Types of both scales together.

    Parameters
    ----------
    types : xarray.Dataset
        With ``interannual_type``, ``seasonal_type`` and their labels.

    Returns
    -------
    xarray.Dataset
        The same with ``joint_type`` (glacier), the number of the pair among those that
        occur, by inter-annual and then seasonal type, -1 where either is missing; and
        on ``joint_cluster`` the two types, the number of glaciers and the words.
    """
    pairs = np.column_stack([types["interannual_type"].values, types["seasonal_type"].values])
    whole = (pairs >= 0).all(axis=1)
    found, number, count = np.unique(
        pairs[whole].reshape(-1, 2), axis=0, return_inverse=True, return_counts=True
    )
    joint = np.full(len(pairs), -1, dtype=np.int32)
    joint[whole] = number.reshape(-1)
    years = types["interannual_label"].values.astype(str)
    seasons = types["seasonal_label"].values.astype(str)
    words = np.array([f"{years[i]}; {seasons[j]}" for i, j in found], dtype=object)
    added = types.copy()
    added["joint_type"] = ("glacier", joint)
    added["joint_cluster"] = ("joint_cluster", np.arange(len(found), dtype=np.int32))
    added["joint_interannual"] = ("joint_cluster", found[:, 0].astype(np.int32))
    added["joint_seasonal"] = ("joint_cluster", found[:, 1].astype(np.int32))
    added["joint_members"] = ("joint_cluster", count.astype(np.int32))
    added["joint_label"] = ("joint_cluster", words)
    return added


def left_out(types: xr.Dataset) -> pd.DataFrame:
    """Glaciers without a type at a scale, and why.

    Parameters
    ----------
    types : xarray.Dataset
        As `glacier_types` gives them.

    Returns
    -------
    DataFrame
        ``glacier_id``, ``scale`` and ``reason``, one row for each type that is missing.
    """
    rows = []
    for scale in ("interannual", "seasonal"):
        reasons = types[f"{scale}_reason"]
        codes = np.atleast_1d(reasons.attrs["flag_values"]).tolist()
        words = dict(zip(codes, reasons.attrs["flag_meanings"].split(), strict=True))
        for row in np.flatnonzero(types[f"{scale}_type"].values < 0):
            glacier = str(types["glacier_id"].values[row])
            rows.append((glacier, scale, words[int(reasons.values[row])]))
    return pd.DataFrame(rows, columns=["glacier_id", "scale", "reason"])
