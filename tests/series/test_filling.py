"""What was not seen of fronts, filled as `observe` does it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.domain import GlacierDomain
from termini.fronttable import front_table
from termini.series import ObservationSettings, observe
from termini.series.filling import TRIED_GAPS, Trial, kinds_of, part_between

WIDTH, TOP = 4000.0, 20_000.0
WEST, SOUTH = -200_000.0, -2_000_000.0
DOMAIN = GlacierDomain(
    glacier_id="box:1",
    name="box",
    fjord=Polygon(
        [(WEST, SOUTH), (WEST + WIDTH, SOUTH), (WEST + WIDTH, SOUTH + TOP), (WEST, SOUTH + TOP)]
    ),
    gate=LineString([(WEST, SOUTH), (WEST + WIDTH, SOUTH)]),
    left_wall=LineString([(WEST, SOUTH), (WEST, SOUTH + TOP)]),
    right_wall=LineString([(WEST + WIDTH, SOUTH), (WEST + WIDTH, SOUTH + TOP)]),
    centreline=LineString([(WEST + WIDTH / 2, SOUTH), (WEST + WIDTH / 2, SOUTH + TOP)]),
    reference_width=WIDTH,
)
NO_FILL = ObservationSettings(fill_missing=False)


def line(level, bend, low=0.0, high=1.0, rough=None):
    """A front that bends forward in the middle, between two places."""
    places = np.linspace(low, high, 80)
    y = SOUTH + level + bend * np.sin(np.pi * places)
    return LineString(np.column_stack([WEST + places * WIDTH, y if rough is None else y + rough]))


def table(lines):
    return front_table(
        gpd.GeoDataFrame(
            {
                "glacier_id": "box:1",
                "trace_id": [f"t{k:03d}" for k in range(len(lines))],
                "date": pd.date_range("2000-01-01", periods=len(lines), freq="35D"),
                "method": "manual",
            },
            geometry=lines,
            crs="EPSG:3413",
        )
    )


def lengths(lines, settings=None):
    found, _ = observe(table(lines), {"box:1": DOMAIN}, ("length_area",), settings=settings)
    return found.set_index("trace_id")


def history(bend, number=40, seed=3):
    rng = np.random.default_rng(seed)
    return [line(8000 + rng.normal(0, 200), bend + rng.normal(0, 60)) for _ in range(number)]


@pytest.mark.parametrize(("low", "high"), [(0.3, 1.0), (0.0, 0.7), (0.2, 0.85)])
def test_filling_knows_how_a_glaciers_fronts_bend(low, high):
    lines = [*history(900.0), line(8100, 900.0), line(8100, 900.0, low, high)]
    filled, plain = lengths(lines), lengths(lines, NO_FILL)
    true = filled.loc["t040", "length_change"]
    off, constant = (t.loc["t041", "length_change"] - true for t in (filled, plain))
    assert abs(off) < 0.4 * abs(constant)
    assert abs(off) < 3 * filled.loc["t041", "sigma_coverage"]


def test_whole_fronts_are_not_touched():
    lines = [*history(900.0), line(8100, 900.0, 0.3, 1.0)]
    filled, plain = lengths(lines), lengths(lines, NO_FILL)
    assert np.array_equal(filled["length_change"][:-1], plain["length_change"][:-1])


def test_a_front_in_two_pieces_is_filled_between_them():
    whole = line(8100, 900.0)
    parts = [line(8100, 900.0, 0.0, 0.35), line(8100, 900.0, 0.6, 1.0)]
    filled = lengths([*history(900.0), whole, MultiLineString(parts)])
    off = filled.loc["t041", "length_change"] - filled.loc["t040", "length_change"]
    assert abs(off) < 40


def test_where_fronts_do_not_foretell_each_other_ends_stay_about_where_they_are():
    rng = np.random.default_rng(5)
    # fronts whose right end jumps between two courses
    jumps = rng.choice([-1.0, 1.0], 60)
    rough = [np.where(np.linspace(0, 1, 80) > 0.85, 700.0 * jump, 0.0) for jump in jumps]
    lines = [line(8000 + rng.normal(0, 100), 0.0, rough=r) for r in rough]
    cut = line(8000, 0.0, 0.0, 0.8, rough=np.zeros(80))
    filled, plain = lengths([*lines, cut]), lengths([*lines, cut], NO_FILL)
    name = "t060"
    assert abs(filled.loc[name, "length_change"] - plain.loc[name, "length_change"]) < 80
    # what the jumps are worth: 700 m on 15 % of the width
    assert 70 < filled.loc[name, "sigma_coverage"] < 180


def test_a_trial_is_read_by_kind_share_and_gap():
    trial = Trial.untried(np.ones(2))
    trial.usual[:] = [[10.0, 20, 30, 50], [1.0, 2, 3, 5], [np.inf] * 4]
    trial.stretch[1, 0] = 3.0
    missing = np.array([[0.1, 0.15, 0.0, 0.1], [0.0, 0.0, 0.5, 0.1]])
    belief, stretch, usual = trial.at(missing, np.array([0.0, 1000.0, 50.0, 50.0]))
    assert list(kinds_of(missing)) == [0, 0, 1, 2]
    assert np.allclose(usual, [10, 15, 5, np.inf])
    assert np.allclose(stretch, [1, 3, 1, 1])
    assert np.allclose(belief, 1)
    between = trial.at(missing[:, :1], np.sqrt([TRIED_GAPS.prod()]))[1]
    assert between == pytest.approx(2)


def test_fronts_near_in_time_tell_more_than_those_of_other_years():
    # the right half swings over the years; the left half does not show how far
    rng = np.random.default_rng(2)
    swing = [1500 * np.sin(2 * np.pi * k / 60) for k in range(120)]
    rough = [s * np.clip(np.linspace(0, 1, 80) - 0.45, 0, 1) for s in swing]
    lines = [line(8000 + rng.normal(0, 50), 0.0, rough=r) for r in rough]
    cut = part_of(lines[75], 0.54)
    filled, plain = lengths([*lines[:75], cut, *lines[76:]]), lengths(lines)
    off = filled["length_change"] - plain["length_change"]
    assert abs(plain.loc["t075", "length_change"] - plain.loc["t060", "length_change"]) > 100
    assert abs(off["t075"]) < 40
    assert abs(off["t075"]) < 3 * filled.loc["t075", "sigma_coverage"] < 150


def part_of(whole, high):
    xy = np.array(whole.coords)
    return LineString(xy[xy[:, 0] <= WEST + high * WIDTH])


def test_a_part_ends_at_the_places_asked_for():
    places = np.linspace(0, 1, 11)
    path = np.column_stack([places * 100, np.zeros(11)])
    part = part_between(path, places, 0.25, 0.93)
    assert np.allclose(part[[0, -1], 0], [25, 93])
    assert part_between(path, places, 0.31, 0.38) is None
