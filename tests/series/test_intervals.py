"""How many standard errors hold a share of the errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.errors import InputError
from termini.series import MEASURES, interval_factor


@pytest.mark.parametrize("measure", MEASURES)
def test_drawn_fronts_have_normal_intervals(measure):
    assert interval_factor(0.6827, measure, "manual") == pytest.approx(1.0, abs=1e-3)
    assert interval_factor(0.95, measure, "manual") == pytest.approx(1.95996, abs=1e-5)


def test_network_lines_have_many_small_errors_and_few_large_ones():
    rng = np.random.default_rng(3)
    error = rng.standard_t(4, 400_000) / np.sqrt(2)
    for level in (0.5, 0.68, 0.95, 0.99):
        within = np.abs(error) < interval_factor(level, "centreline", "termini-unet")
        assert within.mean() == pytest.approx(level, abs=3e-3)
    assert interval_factor(0.68, "length_area", "termini-unet") == pytest.approx(0.99446, abs=1e-4)


@given(
    st.floats(0.01, 0.98),
    st.sampled_from(MEASURES),
    st.sampled_from(["manual", "termini-unet"]),
)
def test_wider_intervals_hold_more(level, measure, method):
    one, other = (interval_factor(x, measure, method) for x in (level, level + 0.01))
    assert 0 < one < other


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, float("nan")])
def test_levels_that_are_no_shares_are_named(level):
    with pytest.raises(InputError, match="between 0 and 1"):
        interval_factor(level, "area", "manual")


def test_unknown_measures_are_named():
    with pytest.raises(InputError, match="'lenght' is unknown"):
        interval_factor(0.95, "lenght", "manual")
