"""Series of other tools: what they give on fronts of known motion, and their bias."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.geo import ARCTIC
from termini.series.compat import COMPAT_MODES, compat_series

WIDTH, LENGTH = 4000.0, 20_000.0
CORNER = np.array([-300_000.0, -2_200_000.0])


def domain():
    """A straight fjord that runs to the north."""
    box = np.array([[0, 0], [WIDTH, 0], [WIDTH, LENGTH], [0, LENGTH]]) + CORNER
    middle = np.array([[WIDTH / 2, 0], [WIDTH / 2, LENGTH]]) + CORNER
    return GlacierDomain(
        glacier_id="test:1",
        name="",
        fjord=Polygon(box),
        gate=LineString(box[:2]),
        left_wall=LineString(box[[0, 3]]),
        right_wall=LineString(box[[1, 2]]),
        centreline=LineString(middle),
        reference_width=WIDTH,
        crs=ARCTIC,
    )


def table(lines, **columns):
    number = len(lines)
    return gpd.GeoDataFrame(
        {
            "trace_id": [f"t{k}" for k in range(number)],
            "glacier_id": "test:1",
            "date": pd.date_range("2015-01-01", periods=number, freq="90D"),
            "quality": 0,
            **columns,
        },
        geometry=lines,
        crs=ARCTIC,
    )


def flat(y, left=0.0, right=WIDTH, reverse=False):
    xy = np.array([[left, y], [right, y]]) + CORNER
    return LineString(xy[::-1] if reverse else xy)


@pytest.mark.parametrize("mode", COMPAT_MODES)
def test_signs_and_references_are_those_of_the_tool(mode):
    found = compat_series(mode, table([flat(9000), flat(9600), flat(8400)]), domain())
    assert found["length_change"].iloc[0] == 0
    assert found["length_change"].iloc[1] > 300
    assert found["length_change"].iloc[2] < -300
    sign = -1 if mode == "termpicks" else 1
    start = found["published"].iloc[0]
    change = sign * (found["published"] - start)
    assert list(change) == pytest.approx(list(found["length_change"]))
    assert found["published"].iloc[-1 if mode == "maqit_extrapolated" else 0] == 0
    assert found.attrs["comment"] == COMPAT_MODES[mode]


@given(st.floats(-2000, 2000), st.booleans())
def test_straight_fronts_across_give_termpicks_and_autoterm_the_right_change(step, reverse):
    fronts = table([flat(9000), flat(9000 + step, reverse=reverse)])
    picks = compat_series("termpicks", fronts, domain())
    assert picks["length_change"].iloc[1] == pytest.approx(step, abs=31)
    auto = compat_series("autoterm_accumulated", fronts, domain())
    assert auto["length_change"].iloc[1] == pytest.approx(step, abs=1e-3)
    assert auto["area_change"].iloc[1] == pytest.approx(step * WIDTH, abs=1)


def test_autoterm_drifts_where_ends_lie_outside_the_walls():
    # out and back with longer ends on the way back: no change, yet area is left over
    there, back = flat(10_000, -400, WIDTH + 400), flat(9000, -400, WIDTH + 400)
    fronts = table([flat(9000), there, back, flat(9000)])
    auto = compat_series("autoterm_accumulated", fronts, domain())
    assert auto["area_change"].iloc[-1] == pytest.approx(-400_000, rel=0.01)


def test_termpicks_takes_the_mean_of_what_is_seen():
    slope = LineString(np.array([[0, 9000], [WIDTH, 10_000]]) + CORNER)
    part = LineString(np.array([[0, 9000], [WIDTH / 2, 9500]]) + CORNER)
    picks = compat_series("termpicks", table([slope, part]), domain())
    assert picks["published"].iloc[1] == pytest.approx(250, abs=35)


def test_maqit_makes_changes_too_small_near_the_end_of_the_line():
    fronts = table([flat(16_000), flat(18_000)])
    change = compat_series("maqit_extrapolated", fronts, domain())["length_change"].iloc[1]
    assert 600 < change < 1900


def test_pieces_are_put_in_order_whatever_way_they_are_drawn():
    left, right = flat(9500, 0, 1500), flat(9500, 2000, WIDTH, reverse=True)
    whole = compat_series("autoterm_accumulated", table([flat(9000), flat(9500)]), domain())
    pieces = table([flat(9000), MultiLineString([right, left])])
    found = compat_series("autoterm_accumulated", pieces, domain())
    assert found["area_change"].iloc[1] == pytest.approx(whole["area_change"].iloc[1], rel=1e-6)


def test_rows_are_taken_by_date_and_without_other_glaciers():
    fronts = table([flat(9000), flat(9600), flat(9900)], glacier_id=["test:1", "test:1", "test:2"])
    one = compat_series("termpicks", fronts, domain())
    two = compat_series("termpicks", fronts.iloc[::-1], domain())
    pd.testing.assert_frame_equal(one, two)
    assert list(one["trace_id"]) == ["t0", "t1"]


def test_bad_requests_are_explained():
    with pytest.raises(InputError, match="maqit_extrapolated"):
        compat_series("moon", table([flat(9000)]), domain())
    with pytest.raises(InputError, match="test:1: no usable front"):
        compat_series("termpicks", table([flat(9000)], glacier_id="test:2"), domain())
