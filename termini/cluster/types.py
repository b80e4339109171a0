"""Glacier types at two scales: inter-annual change and seasonal cycle."""

from __future__ import annotations

from dataclasses import replace

import xarray as xr

from termini.cluster.check import check_series
from termini.cluster.dataset import types_dataset
from termini.cluster.interannual import interannual_features
from termini.cluster.mixture import level_features, season_features
from termini.cluster.scale import ScaleResult, cluster_scale
from termini.cluster.seasonal import seasonal_features
from termini.cluster.settings import TypeSettings


def glacier_types(
    series: xr.Dataset,
    settings: TypeSettings | None = None,
    *,
    k: int | None = None,
    seasonal_k: int | None = None,
    k_range: tuple[int, int] | None = None,
    seed: int | None = None,
) -> xr.Dataset:
    """Glaciers that change alike, between years and within the year.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series as `termini.series.monthly_series` gives them, or
        ``terminus_series.nc`` of a release.
    settings : TypeSettings, optional
        Settings.
    k, seasonal_k, k_range, seed : optional
        Those of `settings`, for short; they go before it.

    Returns
    -------
    xarray.Dataset
        ``glacier_types.nc``: labels, probabilities, silhouettes, stability, distances
        and reasons on dimension ``glacier`` in the order of `series`; centres and
        spread as series in metres; curves over k; agreement with other methods; joint
        types; settings and verdicts as attributes. A glacier with too little data has
        type -1. Seasonal type 0 is no or a weak cycle: glaciers whose range is below
        two standard errors, and the cluster whose centre has a range below
        ``seasonal_scale``, if there is one.

    Raises
    ------
    InputError
        If `series` lacks the inter-annual component, holds what `check_series` refuses,
        or a setting is out of range.
    """
    given = {"k": k, "seasonal_k": seasonal_k, "k_range": k_range, "seed": seed}
    chosen = replace(
        settings or TypeSettings(),
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
    )
    chosen.check()
    check_series(series)
    interannual, seasonal = _interannual(series, chosen), _seasonal(series, chosen)
    recorded = chosen.record() | {"step_months": interannual.features.step}
    return types_dataset(series, interannual, seasonal, recorded)


def _interannual(series: xr.Dataset, settings: TypeSettings) -> ScaleResult:
    features = interannual_features(
        series,
        amplitude=settings.amplitude,
        scale=settings.scale,
        step=settings.step_months,
        draws=settings.draws,
        periods=settings.periods,
        seed=settings.seed,
    )
    band = round(settings.band_months / features.step)
    return cluster_scale(features, level_features, settings, band=band, k=settings.k)


def _seasonal(series: xr.Dataset, settings: TypeSettings) -> ScaleResult:
    features = seasonal_features(
        series,
        amplitude=settings.amplitude,
        scale=settings.seasonal_scale,
        draws=settings.draws,
        periods=settings.periods,
        seed=settings.seed,
    )
    return cluster_scale(
        features,
        season_features,
        settings,
        band=settings.seasonal_band_months,
        k=settings.seasonal_k,
        periodic=True,
    )
