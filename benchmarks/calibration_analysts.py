"""Monthly series of fronts that several analysts drew.

Fronts of a simulated region are drawn badly, and each analyst draws all of a glacier too
far up or down. One of them saw the whole record, one its first and one its second half.
Months, as changes since the reference date, are held against the truth, with the analysts
named to the model and without.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from calibration_shares import Errors
from calibration_simulated import SETTINGS, moved_by_analysts
from series_coverage import noisy_fronts

from termini.pipeline.score import series_errors
from termini.series import monthly_series, observe
from termini.simulate import acquisitions, simulate_region, truth_fronts

# shares of the fronts of the one who saw all, and what is left for the others
WHOLE_RECORD = 0.3


def month_errors(seed: int, glaciers: int) -> Iterator[tuple[str, Errors]]:
    """Errors of months of one region: analysts told apart, and taken for one."""
    region = simulate_region(seed, n_glaciers=glaciers)
    exact = truth_fronts(region, acquisitions(region))
    exact["method"] = "manual"
    rng = np.random.default_rng([seed, 99])
    drawn = noisy_fronts(exact, rng)
    # the first of a glacier is exact
    drawn = drawn[drawn["glacier_id"].duplicated()].reset_index(drop=True)
    middle = drawn["date"].min() + (drawn["date"].max() - drawn["date"].min()) / 2
    half = np.where(drawn["date"] < middle, "first", "second")
    drawn["analyst"] = np.where(rng.random(len(drawn)) < WHOLE_RECORD, "both", half)
    drawn = moved_by_analysts(drawn, region, rng)
    observed, table = observe(drawn, region.domains, ("length_area",), settings=SETTINGS)
    for name, fronts in (("told apart", table), ("as one", None)):
        series = monthly_series(observed, region.domains, fronts=fronts)
        error, stated = series_errors(series, region)
        whose = np.repeat(np.arange(len(error)).astype(str), error.shape[1])
        yield (
            f"months, three analysts {name}: length_area",
            Errors.normal(error.ravel(), stated.ravel(), whose),
        )
