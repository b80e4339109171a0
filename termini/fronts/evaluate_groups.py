"""Errors by sensor, glacier, season, cloud: the same evaluation cut in groups."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from termini.fronts.evaluate import GROSS, Evaluation

#: Months to seasons.
SEASONS = {
    12: "winter", 1: "winter", 2: "winter", 3: "spring", 4: "spring", 5: "spring",
    6: "summer", 7: "summer", 8: "summer", 9: "autumn", 10: "autumn", 11: "autumn",
}  # fmt: skip

#: Shares of cloud at which its classes end.
CLOUD_STEPS = (0.1, 0.3, 0.6, 1.0)

#: Measures whose mean and median over the images of a group are given.
SHOWN = ("nearest_mean", "nearest_cut", "same_index", "area_over_length")


def season_of(dates: pd.Series) -> pd.Series:
    """Season of the north in which dates lie.

    Parameters
    ----------
    dates : Series of datetime
        Dates; missing ones give an empty text.

    Returns
    -------
    Series of str
        ``winter`` (December to February), ``spring``, ``summer``, ``autumn``.
    """
    return pd.to_datetime(dates).dt.month.map(SEASONS).fillna("")


def cloud_class(share: pd.Series) -> pd.Series:
    """Class of a share of cloud.

    Parameters
    ----------
    share : Series of float
        0 to 1; missing where it is not known.

    Returns
    -------
    Series of str
        ``to 10 %``, ``to 30 %``, ``to 60 %``, ``to 100 %``; empty where not known.
    """
    out = pd.Series("", index=share.index, dtype="str")
    for step in reversed(CLOUD_STEPS):
        out[share <= step] = f"to {step:.0%}".replace("%", " %")
    return out


def group_errors(
    evaluation: Evaluation,
    tags: pd.DataFrame,
    by: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Table of errors for every group of images.

    Parameters
    ----------
    evaluation : Evaluation
        Errors image by image.
    tags : DataFrame
        Index: names of the images. Columns: what they are grouped by, as ``sensor``,
        ``glacier``, ``season``, ``cloud``.
    by : sequence of str, optional
        Columns to use; all that hold anything by default.

    Returns
    -------
    DataFrame
        One row a group: ``by``, ``group``, ``images``, ``lost`` (no front), ``gross``
        (mean nearest over 500 m), and mean and median over images of each measure of
        `SHOWN`, metres.
    """
    images = evaluation.images.reindex(columns=list(SHOWN))
    tags = tags.reindex(images.index)
    rows = []
    for column in by if by is not None else tags.columns:
        for value in sorted(set(tags[column].dropna().astype(str)) - {""}):
            part = images[tags[column].astype(str) == value]
            row: dict[str, object] = {
                "by": column, "group": value, "images": len(part),
                "lost": int(part["nearest_mean"].isna().sum()),
                "gross": int((part["nearest_mean"] > GROSS).sum()),
            }  # fmt: skip
            for name in SHOWN:
                row[f"{name}, mean"] = part[name].mean()
                row[f"{name}, median"] = part[name].median()
            rows.append(row)
    columns = ["by", "group", "images", "lost", "gross"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
