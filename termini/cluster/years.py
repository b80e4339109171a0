"""The years of one glacier in place of glaciers, to see whether its seasons come in types."""

from __future__ import annotations

import numpy as np
import xarray as xr

from termini.errors import InputError


def years_as_glaciers(series: xr.Dataset, glacier_id: str, *, least_months: int = 8) -> xr.Dataset:
    """Each year's cycle of one glacier, in the form that `glacier_types` takes.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series with ``length_change``, ``length_interannual``, their standard
        errors, and ``observed``.
    glacier_id : str
        The glacier.
    least_months : int
        Months of a year that must have been observed; other years are left out.

    Returns
    -------
    xarray.Dataset
        One "glacier" a year, ``glacier_id`` with the year behind it; ``seasonal_cycle``
        is what the year's months depart from the inter-annual component, about their
        mean, metres. There is no inter-annual component. The years left out are in the
        attribute ``years_left_out``.

    Raises
    ------
    InputError
        If the glacier is not in the series, or no year was seen in enough months.
    """
    ids = series["glacier_id"].values.astype(str)
    if glacier_id not in ids:
        raise InputError(f"glacier {glacier_id!r} is not in the series; known are {', '.join(ids)}")
    one = series.isel(glacier=int(np.flatnonzero(ids == glacier_id)[0]))
    about = (one["length_change"] - one["length_interannual"]).values
    error, seen = one["length_change_se"].values, one["observed"].values == 1
    calendar = one["time"].dt
    years, cycles, errors, left = [], [], [], []
    for year in np.unique(calendar.year.values):
        mine = calendar.year.values == year
        whole = mine.sum() == 12 and np.isfinite(about[mine]).all()
        if whole and seen[mine].sum() >= least_months:
            years.append(int(year))
            cycles.append(about[mine] - about[mine].mean())
            errors.append(error[mine])
        else:
            left.append(int(year))
    if not years:
        raise InputError(
            f"glacier {glacier_id}: no year has {least_months} observed months; "
            "give a smaller least_months"
        )
    cycle, spread = np.array(cycles), np.array(errors)
    rows = np.arange(len(years))
    high, low = spread[rows, cycle.argmax(axis=1)], spread[rows, cycle.argmin(axis=1)]
    name = str(one["glacier_name"].values) if "glacier_name" in one.coords else glacier_id
    place = {key: float(one[key]) for key in ("longitude", "latitude") if key in one.coords}
    return xr.Dataset(
        {
            "length_interannual": (("glacier", "time"), np.full((len(years), 1), np.nan)),
            "seasonal_cycle": (("glacier", "month"), cycle),
            "seasonal_cycle_se": (("glacier", "month"), spread),
            "seasonal_amplitude": ("glacier", np.ptp(cycle, axis=1)),
            "seasonal_amplitude_se": ("glacier", np.hypot(high, low)),
        },
        coords={
            "glacier_id": ("glacier", np.array([f"{glacier_id}:{y}" for y in years], object)),
            "glacier_name": ("glacier", np.array([f"{name} {y}" for y in years], object)),
            "time": series["time"].values[:1],
            "month": np.arange(1, 13),
            **{key: ("glacier", np.full(len(years), value)) for key, value in place.items()},
        },
        attrs={"years_left_out": left},
    )
