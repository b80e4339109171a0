"""Frontal melt and the submerged area of a front."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString

from termini.issm import frontal_melt
from termini.issm.forcing import submerged_area


def test_melt_is_rignots_formula() -> None:
    # 500 m deep, 5 km wide, 200 m3/s, 4 K: worked by hand from Rignot et al. (2016)
    area = 500.0 * 5000.0
    q = 200.0 * 86400.0 / area
    by_hand = (3e-4 * 500.0 * q**0.39 + 0.15) * 4.0**1.18 * 365.0
    assert frontal_melt(-500.0, 200.0, area, 4.0) == pytest.approx(by_hand)
    assert 100.0 < by_hand < 2000.0


@given(
    st.floats(-1000, 200),
    st.floats(0, 5000),
    st.floats(1e4, 1e8),
    st.floats(-2, 8),
    st.floats(0, 2),
)
def test_melt_grows_with_warmth_and_discharge(
    bed: float, discharge: float, area: float, warm: float, more: float
) -> None:
    melt = float(frontal_melt(bed, discharge, area, warm))
    assert np.isfinite(melt)
    assert melt >= 0
    assert frontal_melt(bed, discharge, area, warm + more) >= melt
    assert frontal_melt(bed, discharge * (1 + more), area, warm) >= melt - 1e-9


def test_without_a_submerged_front_nothing_melts() -> None:
    assert frontal_melt(-300.0, 100.0, 0.0, 4.0) == 0.0


def test_submerged_area_of_a_wall() -> None:
    x, y = (a.ravel() for a in np.meshgrid(np.arange(0, 5001, 100.0), np.arange(-200, 201, 100.0)))
    front = LineString([(0, 0), (5000, 0)])
    assert submerged_area(front, (x, y, np.full(x.size, -400.0))) == pytest.approx(2e6)
    half = np.where(x < 2500, -400.0, 50.0)
    assert submerged_area(front, (x, y, half)) == pytest.approx(1e6, rel=0.03)
