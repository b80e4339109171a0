"""Which satellite saw which glacier when: a plan of scenes as archives hold them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from termini.sensors import SENSORS
from termini.simulate.region import SimulatedGlacier, SimulatedRegion
from termini.simulate.render import scene_name

# First and last day of usable scenes of each mission, and how often its scenes come
# up relative to the others' while it flies.
_MISSIONS: dict[str, tuple[str, str, float]] = {
    "Landsat-5": ("1984-04-01", "2011-11-15", 2.0),
    "Landsat-7": ("1999-07-01", "2022-04-05", 1.4),
    "Landsat-8": ("2013-04-11", "2100-01-01", 3.0),
    "Landsat-9": ("2021-11-01", "2100-01-01", 2.5),
    "Sentinel-2": ("2015-07-10", "2100-01-01", 2.5),
    "Sentinel-1": ("2014-10-10", "2100-01-01", 3.0),
    "TerraSAR-X": ("2007-07-01", "2100-01-01", 0.5),
    "Envisat": ("2002-08-01", "2012-04-08", 1.2),
    "ALOS-1": ("2006-06-01", "2011-04-21", 0.7),
    "ALOS-2": ("2014-08-15", "2100-01-01", 0.5),
}
_ENOUGH = 1.5
LOWEST_SUN = 4.0


def sun_elevation(latitude: float, dates: ArrayLike) -> NDArray[np.float64]:
    """Elevation of the sun at local noon.

    Parameters
    ----------
    latitude : float
        Degrees north.
    dates : array_like of dates
        Days.

    Returns
    -------
    ndarray
        Degrees above the horizon, negative in the polar night.

    Notes
    -----
    Declination from Cooper (1969), good to half a degree.
    """
    day = pd.DatetimeIndex(np.asarray(dates)).day_of_year.to_numpy()
    declination = 23.45 * np.sin(2 * np.pi * (284 + day) / 365.0)
    return np.asarray(90.0 - np.abs(latitude - declination))


def acquisitions(
    region: SimulatedRegion, per_year: float = 11.0, doubled: float = 0.04
) -> pd.DataFrame:
    """Plan of scenes of every glacier.

    Parameters
    ----------
    region : SimulatedRegion
        The region; its seed is used.
    per_year : float
        Mean number of looks a glacier and year; looks in the polar night give no
        scene where no radar, or only a rare one, was in orbit.
    doubled : float
        Chance that a second sensor sees the glacier on the same day.

    Returns
    -------
    pandas.DataFrame
        ``glacier_id``, ``date``, ``sensor``, ``scene_id``, ``melange`` (0-1, of the
        day) and ``sun_elevation`` (degrees at noon), by glacier and date.
    """
    plans = [
        _plan(glacier, region, per_year, doubled, np.random.default_rng([region.seed, 5, k]))
        for k, glacier in enumerate(region.glaciers)
    ]
    return pd.concat(plans, ignore_index=True)


def _plan(
    glacier: SimulatedGlacier,
    region: SimulatedRegion,
    per_year: float,
    doubled: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Scenes of one glacier."""
    length = (region.end - region.start).days + 1
    n = int(np.ceil(2.0 * per_year * length / 365.25)) + 10
    # Looks are more even than chance: orbits repeat, clouds do not.
    offset = rng.gamma(2.0, 365.25 / per_year / 2.0, n).cumsum().astype(int)
    offset = np.unique(offset[offset < length])
    dates = pd.DatetimeIndex(region.start + pd.to_timedelta(offset, unit="D")).as_unit("us")
    sun = sun_elevation(glacier.place.latitude, dates)
    months = pd.DatetimeIndex(glacier.forcing.index)
    melange = np.interp(dates.asi8, months.as_unit("us").asi8, glacier.forcing["melange"])
    names = list(_MISSIONS)
    weights = _weights(dates, sun)
    rows = []
    for k, date in enumerate(dates):
        able = np.flatnonzero(weights[k])
        # Where only rare radars can see, most looks find no scene in the archive.
        seen = rng.uniform() < min(1.0, weights[k].sum() / _ENOUGH)
        wanted = int(seen) * (1 + int(rng.uniform() < doubled))
        luck = rng.exponential(1.0, len(names))
        # The smallest of exponential times with these rates: a weighted draw without repeats.
        chosen = sorted(able, key=lambda j: float(luck[j] / weights[k, j]))[:wanted]
        for j in sorted(chosen):
            scene = scene_name(names[j], glacier.glacier_id, date)
            rows.append((glacier.glacier_id, date, names[j], scene, melange[k], sun[k]))
    columns = ["glacier_id", "date", "sensor", "scene_id", "melange", "sun_elevation"]
    return pd.DataFrame(rows, columns=columns)


def _weights(dates: pd.DatetimeIndex, sun: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rate of each sensor on each day: 0 where it does not fly or has no light."""
    weights = np.zeros((len(dates), len(_MISSIONS)))
    for j, (name, (first, last, rate)) in enumerate(_MISSIONS.items()):
        able = (dates >= pd.Timestamp(first)) & (dates <= pd.Timestamp(last))
        if SENSORS[name].kind == "optical":
            able &= sun >= LOWEST_SUN
        weights[:, j] = np.where(able, rate, 0.0)
    return weights
