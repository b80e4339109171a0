"""Frames, meridians and the rough coast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from termini.geo import ARCTIC, LONLAT, transformer
from termini.report.basemap import GREENLAND, coast, frame, graticule
from termini.report.colours import type_colour, type_mark

metres = st.floats(-2_500e3, 2_500e3)


@given(st.lists(st.tuples(metres, metres), min_size=1, max_size=8))
def test_a_frame_shows_all_points_undistorted(points):
    x, y = np.array(points).T
    x0, y0, x1, y1 = frame(x, y, 400.0, 600.0)
    assert (x0 < x).all()
    assert (x < x1).all()
    assert (y0 < y).all()
    assert (y < y1).all()
    assert (x1 - x0) / (y1 - y0) == pytest.approx(400 / 600)


@given(metres, metres, st.floats(20e3, 3_000e3))
@example(0.0, 0.0, 20e3)  # at the pole
@example(-1e4, -1e4, 20e3)  # around it
def test_lines_lie_inside_and_where_they_say(x, y, size):
    extent = (x, y, x + size, y + 1.4 * size)
    lines = graticule(extent)
    assert len(lines) <= 16
    move = transformer(ARCTIC, LONLAT)
    for line in lines:
        assert line.x.min() >= extent[0] - 1
        assert line.x.max() <= extent[2] + 1
        assert line.y.min() >= extent[1] - 1
        assert line.y.max() <= extent[3] + 1
        if line.label and line.parallel:
            degrees = float(line.label[:-2]) * (1 if line.label[-1] == "N" else -1)
            # between two vertices a parallel is a chord
            assert move.transform(*line.where)[1] == pytest.approx(degrees, abs=0.6)


def test_no_place_known_gives_greenland():
    nothing = np.array([np.nan])
    x0, y0, x1, y1 = frame(nothing, nothing, 1.0, 1.75)
    assert x0 <= GREENLAND[0]
    assert y0 <= GREENLAND[1]
    assert x1 >= GREENLAND[2]
    assert y1 >= GREENLAND[3]


@pytest.mark.parametrize(
    ("lon", "lat", "land"),
    [
        (-40.0, 72.0, True),  # the middle of the ice sheet
        (-50.0, 69.2, True),  # Jakobshavn
        (-38.5, 66.7, True),  # Helheim
        (-60.0, 70.0, False),  # Baffin Bay
        (-10.0, 75.0, False),  # Greenland Sea
    ],
)
def test_the_coast_is_about_right(lon, lat, land):
    spot = Point(*transformer(LONLAT, ARCTIC).transform(lon, lat))
    rings = [Polygon(np.column_stack(ring)) for ring in coast(GREENLAND)]
    assert any(ring.contains(spot) for ring in rings) is land


def test_no_coast_on_maps_of_a_few_glaciers():
    assert coast((-200e3, -2_300e3, -150e3, -2_250e3)) == []


def test_no_two_types_look_alike():
    looks = {(type_colour(k), type_mark(k)) for k in range(-1, 20)}
    assert len(looks) == 21
