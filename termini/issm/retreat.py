"""Retreat of fronts by the parameterisation of Slater et al. (2019), as ISMIP6 uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from termini.drivers.sources.ocean import SECTORS
from termini.drivers.sources.tables import read_mat, table_file
from termini.errors import InputError
from termini.times import to_date

Array = NDArray[np.float64]

#: Upper quartile, median and lower quartile of kappa over the glaciers of Slater et al.
#: (2019), km (m3 s-1)^-0.4 K^-1. The low, medium and high retreat of ISMIP6 is another
#: thing, that of whole sectors: see `sector_retreat`.
KAPPA = {"low": -0.06, "medium": -0.17, "high": -0.37}


def kappa_sample(path: str | Path | None = None) -> Array:
    """Coefficients kappa fitted to 191 glaciers of Greenland (Slater et al. 2019).

    Parameters
    ----------
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    ndarray, shape (191,)
        Kilometres (m3 s-1)^-0.4 K^-1; negative where more melt means retreat.

    Raises
    ------
    InputError
        If the file is missing or not as published.
    """
    file = table_file(path, "ocean_forcing", "projections", "Kdistribution_17feb.mat")
    kappa = np.asarray(read_mat(file, "K"), dtype=np.float64).ravel()
    if not np.isfinite(kappa).all() or len(kappa) < 10:
        raise InputError(f"{file}: K holds {len(kappa)} values, not all finite; download it again")
    return kappa


def sector_retreat(
    sector: str, model: str, scenario: str, path: str | Path | None = None
) -> pd.DataFrame:
    """Retreat of an ocean sector's glaciers that ISMIP6 prescribes (Slater et al. 2020).

    Parameters
    ----------
    sector : str
        SE, SW, CE, CW, NE, NW or NO.
    model, scenario : str
        Such as ``MIROC5`` and ``RCP85``.
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    DataFrame
        Indexed by year, columns ``low``, ``medium`` and ``high``: change of length since
        2014, metres, advance positive.

    Raises
    ------
    InputError
        If there is no such sector, model or scenario.

    Notes
    -----
    The mean over a sector's glaciers, weighted by their ice flux, each with a kappa drawn
    from the whole sample: its middle goes with the mean of kappa (-0.29), not its median.
    """
    file = table_file(path, "ocean_forcing", "projections", "projected_retreat.mat")
    struct = read_mat(file, "retreat")
    for key in (model, scenario):
        known = [n for n in struct.dtype.names or () if n not in ("time", "regions")]
        if key not in known:
            raise InputError(f"{file}: holds no {key!r}; it has {', '.join(known)}")
        if key == model:
            years = np.floor(np.asarray(struct["time"].item())).astype(int)
        struct = struct[key].item()
    if sector not in SECTORS:
        raise InputError(f"sector {sector!r} is unknown; known are {', '.join(SECTORS)}")
    row = SECTORS.index(sector)
    names = {"low": "low", "med": "medium", "high": "high"}
    columns = {
        new: 1e3 * np.asarray(struct[old].item(), dtype=np.float64)[row]
        for old, new in names.items()
    }
    return pd.DataFrame(columns, index=pd.Index(years, name="year"))


def parameterised_retreat(
    summer_discharge: pd.Series,
    thermal_forcing: pd.Series,
    *,
    reference: Any,
    kappa: ArrayLike = KAPPA["medium"],
    smoothing_years: int = 20,
    glacier: str = "glacier",
) -> pd.DataFrame:
    """Change of glacier length that the ocean and runoff imply.

    Parameters
    ----------
    summer_discharge : Series
        Mean discharge of June to August, m3 s-1, one value a year, indexed by date.
    thermal_forcing : Series
        Annual thermal forcing at 200 to 500 m, K, indexed by date.
    reference : date
        Change is zero in this year.
    kappa : array_like, shape () or (m,)
        Coefficients, km (m3 s-1)^-0.4 K^-1; a column for each.
    smoothing_years : int
        Width of the centred running mean of Q^0.4 TF (shorter at the ends); 1 for none.
    glacier : str
        For errors.

    Returns
    -------
    DataFrame
        Indexed by year, a column for each kappa: change of length, metres, advance
        positive.

    Raises
    ------
    InputError
        If the series share fewer than two years or not that of the reference.

    Notes
    -----
    Delta L = kappa Delta(Q^0.4 TF), Slater et al. (2019, The Cryosphere 13, eq. 2; kappa
    -0.17, quartiles -0.37 and -0.06), as in Slater et al. (2020, The Cryosphere 14). It is
    fitted to many glaciers over decades: for a single glacier kappa is known to a factor
    of a few only, which is what the ensemble over kappa is for.
    """
    if smoothing_years < 1:
        raise InputError(f"{glacier}: smoothing over {smoothing_years} years; give 1 for none")
    by_year = [
        series.dropna().groupby(pd.DatetimeIndex(series.dropna().index).year).mean()
        for series in (summer_discharge, thermal_forcing)
    ]
    both = pd.concat(by_year, axis=1, join="inner")
    if (both.iloc[:, 0] < 0).any():
        raise InputError(f"{glacier}: discharge is negative in some year; check its sign")
    year = to_date(reference, "the reference year").year
    if len(both) < 2 or year not in both.index:
        raise InputError(
            f"{glacier}: runoff and thermal forcing share {len(both)} year(s) and "
            f"{'not ' if year not in both.index else ''}{year}; give longer series or another "
            "reference"
        )
    melt = both.iloc[:, 0] ** 0.4 * both.iloc[:, 1].clip(lower=0)
    smooth = melt.rolling(smoothing_years, center=True, min_periods=1).mean()
    change = (smooth - smooth.loc[year]).to_numpy()
    coefficients = np.atleast_1d(np.asarray(kappa, dtype=np.float64))
    return pd.DataFrame(1e3 * np.outer(change, coefficients), index=both.index)


def kappa_members(members: int, seed: int, path: str | Path | None = None) -> Array:
    """Coefficients for an ensemble: evenly spread quantiles of the fitted sample.

    Parameters
    ----------
    members : int
        How many.
    seed : int
        For the order of the members.
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    ndarray, shape (members,)
        Kilometres (m3 s-1)^-0.4 K^-1.
    """
    if members < 1:
        raise InputError(f"{members} members; an ensemble needs one at least")
    levels = (np.arange(members) + 0.5) / members
    order = np.random.default_rng(seed).permutation(members)
    return np.asarray(np.quantile(kappa_sample(path), levels)[order])
