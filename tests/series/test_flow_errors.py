"""Medians over flowlines of which some were not crossed."""

import numpy as np
import pytest

from termini.series.flow_errors import median_missing


@pytest.mark.parametrize("lines", [3, 8, 51])
def test_medians_are_those_of_numpy(lines):
    rng = np.random.default_rng(lines)
    complete = rng.normal(0, 300, (40, lines))
    complete[rng.random(complete.shape) < 0.2] = np.nan
    complete[:, 0] = rng.normal(0, 300, 40)
    flow = complete[:1].copy()
    flow[:, lines // 2 + 1 :] = np.nan
    last = np.flatnonzero(np.isfinite(flow[0]))[-1] + 1
    off, error = median_missing(flow, complete, np.zeros(1), np.zeros(40))
    each = np.nanmedian(complete[:, :last], axis=1) - np.nanmedian(complete, axis=1)
    assert each.min() <= off[0] <= each.max()
    assert error[0] > 0
    # from so many as are nearest in time: of 24 fronts these are all
    off, _ = median_missing(flow, complete[:24], np.zeros(1), np.zeros(24))
    assert off[0] == pytest.approx(each[:24].mean(), abs=1e-9)
