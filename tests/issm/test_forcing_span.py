"""Forcings that end before the fronts do are held at a year's mean, not at a summer's value."""

from __future__ import annotations

import numpy as np
import pytest

from termini.issm.forcing import BALANCE, DISCHARGE, Forcings
from termini.issm.forcing_span import over_fronts

YEARS = np.linspace(2000.0, 2003.5, 43)  # ends in July


def forcings(members: int = 0) -> Forcings:
    season = 100 + 90 * np.cos(2 * np.pi * (YEARS - 2000.5))
    flow = np.vstack([season, 2 * season, YEARS])
    many = {DISCHARGE: np.stack([flow] * members)} if members else {}
    balance = np.vstack([season - 100, season - 100, YEARS])
    return Forcings(
        YEARS, {DISCHARGE: flow, BALANCE: balance}, np.ones(1, dtype=np.int64), members=many
    )


def test_what_ends_in_summer_goes_on_with_a_years_mean() -> None:
    found = over_fronts(forcings(members=2), np.array([1999.0, 2008.0]), "a:1")
    assert found.years[0] == 1999.0
    assert found.years[-1] == 2008.0
    assert (np.diff(found.years) > 0).all()
    for series in (found.series[DISCHARGE], found.members[DISCHARGE][1]):
        assert series[0, [0, 1, -2, -1]] == pytest.approx(100.0, rel=0.01)
        assert series[1, -1] == pytest.approx(200.0, rel=0.01)
        assert series[0, -3] == pytest.approx(190.0), "the record itself stays"
        np.testing.assert_array_equal(series[-1], found.years)
    assert found.series[BALANCE][0, -1] == pytest.approx(0.0, abs=1.0)
    assert found.assumptions == [
        "a:1: the forcings start in 2000.00; from 1999.00 they are held at the mean of their "
        "first year.",
        "a:1: the forcings end in 2003.50; until 2008.00 they are held at the mean of their last "
        "year.",
    ]


def test_forcings_that_cover_the_fronts_stay() -> None:
    given = forcings()
    assert over_fronts(given, np.array([2000.2, 2003.55]), "a:1") is given
