"""The truth of the simulated region in the forms in which results are scored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from termini.domain import write_domains
from termini.files import write_text, written_whole
from termini.fronttable import front_table, write_fronts
from termini.simulate.fjord import lonlat
from termini.simulate.region import SimulatedGlacier, SimulatedRegion
from termini.simulate.types import PLANTED_TYPES
from termini.times import month_index, to_dates
from termini.variables import describe

SOURCE = "simulated truth"

# The chords between the vertices of a true front differ from its curve by less.
_CHORD_SIGMA_M = 1.0


def truth_fronts(
    region: SimulatedRegion, dates_by_glacier: Mapping[str, Iterable[Any]] | pd.DataFrame
) -> gpd.GeoDataFrame:
    """True fronts as a front table.

    Parameters
    ----------
    region : SimulatedRegion
        The region.
    dates_by_glacier : mapping of glacier id to dates, or DataFrame
        Days wanted; a table as `acquisitions` gives it hands on its ``sensor``
        and ``scene_id``.

    Returns
    -------
    GeoDataFrame
        Front table with source ``simulated truth``.

    Raises
    ------
    InputError
        If a glacier is not in the region or a date not in its period.
    """
    if isinstance(dates_by_glacier, pd.DataFrame):
        columns = ["glacier_id", "date", "sensor", "scene_id"]
        wanted = dates_by_glacier[[c for c in columns if c in dates_by_glacier]]
    else:
        pairs = [(name, date) for name, dates in dates_by_glacier.items() for date in dates]
        wanted = pd.DataFrame(pairs, columns=["glacier_id", "date"])
    rows = wanted.assign(date=to_dates(wanted["date"]), source=SOURCE, method="truth")
    rows["sigma_m"] = _CHORD_SIGMA_M
    glaciers = {glacier.glacier_id: glacier for glacier in region.glaciers}
    rows["geometry"] = [
        (glaciers.get(name) or region.glacier(name)).front(date)
        for name, date in zip(rows["glacier_id"], rows["date"], strict=True)
    ]
    return front_table(rows)


def true_length(glacier: SimulatedGlacier) -> pd.Series[float]:
    """Length of a glacier on every day: true area of its fjord upstream of the front over width.

    Parameters
    ----------
    glacier : SimulatedGlacier
        The glacier.

    Returns
    -------
    pandas.Series
        Metres from the gate, index as `SimulatedGlacier.position`.
    """
    days = np.arange(len(glacier.position))
    pieces = []
    for chunk in np.array_split(days, max(1, len(days) // 400)):
        distance = glacier.position.to_numpy()[chunk, None] + glacier.shape.on_days(chunk)
        distance = np.clip(distance, 0.0, glacier.channel.length)
        pieces.append(glacier.channel.area_upstream(distance, glacier.shape.share))
    area = np.concatenate(pieces)
    return pd.Series(
        area / glacier.domain.reference_width, index=glacier.position.index, name="length"
    )


def truth_series(region: SimulatedRegion) -> xr.Dataset:
    """True monthly length and area change, and what was planted.

    Parameters
    ----------
    region : SimulatedRegion
        The region.

    Returns
    -------
    xarray.Dataset
        Dimensions ``glacier`` and ``time`` (the 15th). ``length_change`` (metres)
        and ``area_change`` (m2) are means over the calendar month relative to the
        first month; ``planted_type``, ``driver``, ``interannual_truth``,
        ``seasonal_truth``, ``reference_width``. Coordinates ``glacier_id``,
        ``glacier_name``, ``longitude``, ``latitude`` on ``glacier``.
    """
    time = month_index(region.start, region.end)
    change = []
    for glacier in region.glaciers:
        daily = true_length(glacier)
        monthly = daily.groupby(pd.DatetimeIndex(daily.index).to_period("M")).mean().to_numpy()
        change.append(monthly - monthly[0])
    table = glacier_table(region)
    width = table["reference_width"].to_numpy()
    planted = ["planted_type", "driver", "interannual_truth", "seasonal_truth"]
    known = ["glacier_id", "glacier_name", "longitude", "latitude"]
    dataset = xr.Dataset(
        {
            "length_change": (("glacier", "time"), np.array(change)),
            "area_change": (("glacier", "time"), np.array(change) * width[:, None]),
            "reference_width": ("glacier", width),
            **{name: ("glacier", table[name].to_numpy(dtype=object)) for name in planted},
        },
        coords={
            "time": time,
            **{name: ("glacier", table[name].to_numpy()) for name in known},
            "reference_date": time[0],
        },
    )
    return describe(dataset)


def glacier_table(region: SimulatedRegion) -> pd.DataFrame:
    """What the glaciers of a region are, one row each.

    Parameters
    ----------
    region : SimulatedRegion
        The region.

    Returns
    -------
    pandas.DataFrame
        ``glacier_id``, ``glacier_name``, ``longitude``, ``latitude``, ``x``, ``y``
        (of the front's mean position on the centreline), ``reference_width``,
        ``planted_type``, ``driver``, ``interannual_truth``, ``seasonal_truth``.
    """
    rows = []
    for glacier in region.glaciers:
        middle = float(glacier.position.mean())
        kind = PLANTED_TYPES[glacier.planted_type]
        x, y = glacier.channel.centre_at(middle)
        longitude, latitude = lonlat(glacier.channel, middle)
        rows.append(
            {
                "glacier_id": glacier.glacier_id,
                "glacier_name": glacier.domain.name,
                "longitude": longitude,
                "latitude": latitude,
                "x": x,
                "y": y,
                "reference_width": glacier.domain.reference_width,
                "planted_type": kind.name,
                "driver": kind.driver,
                "interannual_truth": kind.interannual,
                "seasonal_truth": kind.seasonal,
            }
        )
    return pd.DataFrame(rows)


def write_truth(
    region: SimulatedRegion, folder: str | Path, plan: pd.DataFrame | None = None
) -> list[Path]:
    """Write all that is known of a region, each file whole.

    Parameters
    ----------
    region : SimulatedRegion
        The region.
    folder : path
        Folder to write into; made where it lacks.
    plan : pandas.DataFrame, optional
        Acquisitions at which to write the true fronts; default the 15th of
        every month.

    Returns
    -------
    list of pathlib.Path
        ``region.json`` (the arguments that make it again), ``glaciers.csv``,
        ``domains.parquet``, ``fronts.parquet``, ``series.parquet`` (monthly),
        ``position.parquet`` (daily), ``forcing.parquet``, ``bed.parquet``.
    """
    root = Path(folder)
    months = month_index(region.start, region.end)
    inside = months[(months >= region.start) & (months <= region.end)]
    wanted = plan if plan is not None else {g.glacier_id: inside for g in region.glaciers}
    arguments = {
        "seed": region.seed,
        "n_glaciers": len(region.glaciers),
        "start": str(region.start.date()),
        "end": str(region.end.date()),
    }
    series = truth_series(region)[["glacier_id", "length_change", "area_change"]]
    monthly = series.to_dataframe().reset_index()
    paths = [
        write_text(root / "region.json", json.dumps(arguments, indent=1) + "\n"),
        write_text(root / "glaciers.csv", glacier_table(region).to_csv(index=False)),
        write_domains(region.domains.values(), root / "domains.parquet"),
        write_fronts(truth_fronts(region, wanted), root / "fronts.parquet"),
    ]
    tables = {
        "series": monthly[["glacier_id", "time", "length_change", "area_change"]],
        "position": _stacked(region, lambda g: g.position.rename_axis("date").reset_index()),
        "forcing": _stacked(region, lambda g: g.forcing.reset_index()),
        "bed": _stacked(region, lambda g: g.bed),
    }
    for name, table in tables.items():
        with written_whole(root / f"{name}.parquet") as temporary:
            table.to_parquet(temporary, compression="zstd", index=False)
        paths.append(root / f"{name}.parquet")
    return paths


def _stacked(
    region: SimulatedRegion, part: Callable[[SimulatedGlacier], pd.DataFrame]
) -> pd.DataFrame:
    """One table of a part of every glacier, the glacier's id in front."""
    tables = []
    for glacier in region.glaciers:
        table = part(glacier).copy()
        table.insert(0, "glacier_id", glacier.glacier_id)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)
