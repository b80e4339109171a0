"""Glacier types at two scales: inter-annual change and seasonal cycle."""

from __future__ import annotations

import xarray as xr

from termini.cluster.dataset import types_dataset
from termini.cluster.features import interannual_features, seasonal_features
from termini.cluster.scale import cluster_scale
from termini.errors import InputError


def glacier_types(
    series: xr.Dataset,
    *,
    k: int | None = None,
    seasonal_k: int | None = None,
    k_range: tuple[int, int] = (2, 8),
    seed: int = 0,
    band_months: int = 24,
    seasonal_band_months: int = 0,
    amplitude: str = "aware",
    scale: float = 200.0,
    seasonal_scale: float = 100.0,
    step_months: int | None = None,
    n_null: int = 100,
) -> xr.Dataset:
    """Glaciers that change alike, between years and within the year.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series as `termini.series.monthly_series` gives them, or
        ``terminus_series.nc`` of a release.
    k, seasonal_k : int, optional
        Number of types; by default chosen by `choose_k`, and 1 where no number
        beats noise without groups.
    k_range : (int, int)
        Least and largest number tried.
    seed : int
        Seed of everything random; the same seed gives the same bytes.
    band_months : int
        Inter-annual scale: events at most so far apart in time may be matched.
    seasonal_band_months : int
        Seasonal scale: the same. 0 compares month with month: timing is the signal
        there, and a month of warping hides melange in runoff.
    amplitude : {"aware", "shape"}
        Whether the size of the change counts, or its shape only.
    scale, seasonal_scale : float
        Changes far below this are alike, metres (see `termini.cluster.features`).
    step_months : int, optional
        Months to a sample of the inter-annual series; by default so that there
        are at most 48.
    n_null : int
        Samples of the null.

    Returns
    -------
    xarray.Dataset
        ``glacier_types.nc``: labels, silhouettes, stability, distances and reasons
        on dimension ``glacier`` in the order of `series`; centres and spread as
        series in metres; curves over k; settings and verdicts as attributes. A
        glacier with too little data has type -1. Seasonal type 0 is no or a weak
        cycle: glaciers whose range is below two standard errors, and the cluster
        whose centre has a range below `seasonal_scale`, if there is one.

    Raises
    ------
    InputError
        If `series` lacks the inter-annual component or a setting is out of range.
    """
    _check(series, k_range, band_months, seasonal_band_months, scale, seasonal_scale)
    between = interannual_features(series, amplitude=amplitude, scale=scale, step=step_months)
    within = seasonal_features(series, amplitude=amplitude, scale=seasonal_scale)
    interannual = cluster_scale(
        between,
        band=round(band_months / between.step),
        k=k,
        periodic=False,
        k_range=k_range,
        seed=seed,
        n_null=n_null,
    )
    seasonal = cluster_scale(
        within,
        band=seasonal_band_months,
        k=seasonal_k,
        periodic=True,
        k_range=k_range,
        seed=seed,
        n_null=n_null,
    )
    settings = {
        "k": k,
        "seasonal_k": seasonal_k,
        "k_range": list(k_range),
        "seed": seed,
        "band_months": band_months,
        "seasonal_band_months": seasonal_band_months,
        "amplitude": amplitude,
        "scale_m": scale,
        "seasonal_scale_m": seasonal_scale,
        "step_months": between.step,
        "n_null": n_null,
    }
    return types_dataset(series, interannual, seasonal, settings)


def _check(
    series: xr.Dataset, k_range: tuple[int, int], band: int, seasonal_band: int, *scales: float
) -> None:
    if "glacier" not in series.dims:
        raise InputError("series have no dimension 'glacier'; give the monthly series of a release")
    if not 2 <= k_range[0] <= k_range[1]:
        raise InputError(f"k_range is {k_range}; give (least, largest) with 2 <= least <= largest")
    if band < 0 or not 0 <= seasonal_band <= 5:
        raise InputError(
            f"bands are {band} and {seasonal_band} months; the first must not be negative, the "
            "second must be between 0 and 5 because timing is the signal of the seasonal scale"
        )
    if min(scales) <= 0:
        raise InputError(f"scales are {scales} m; they must be positive")
