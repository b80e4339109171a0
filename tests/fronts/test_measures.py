"""Error measures: what must hold for any two lines, and a worked example."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import LineString, Point, box

from termini.errors import InputError, TraceError
from termini.fronts import evaluate
from termini.fronts.measures import (
    area_over_length,
    edge_iou,
    hausdorff,
    ice_iou,
    nearest_distances,
    point_to_curve,
    polis,
    same_index_distances,
)


@st.composite
def fronts(draw: st.DrawFn) -> LineString:
    """Lines of 6 km from left to right whose y wanders."""
    heights = draw(st.lists(st.floats(-800, 800), min_size=5, max_size=12))
    return LineString(np.column_stack([np.linspace(0, 6000, len(heights)), heights]))


def _all(front: LineString, reference: LineString) -> dict[str, float]:
    forward, backward = nearest_distances(front, reference, 20.0)
    return {
        "area": area_over_length(front, reference) * reference.length,
        "index": same_index_distances(front, reference, cut=0.0).mean(),
        "nearest": np.concatenate([forward, backward]).mean(),
        "mean": point_to_curve(front, reference, 20.0)[0],
        "rms": point_to_curve(front, reference, 20.0)[1],
        "hausdorff": hausdorff(front, reference, 20.0),
        "polis": polis(front, reference),
        "edge": 1 - edge_iou(front, reference, 150.0),
    }


@given(fronts())
def test_zero_between_a_line_and_itself(line: LineString) -> None:
    for name, value in _all(line, line).items():
        assert value == pytest.approx(0, abs=1e-6), name
    for name, value in _all(line, LineString(line.coords[::-1])).items():
        assert value == pytest.approx(0, abs=1e-6), name


@given(fronts(), fronts())
def test_symmetric(one: LineString, other: LineString) -> None:
    there, back = _all(one, other), _all(other, one)
    for name, value in there.items():
        assert value == pytest.approx(back[name], rel=1e-6, abs=1e-6), name


@given(fronts(), fronts())
def test_order_of_the_measures(one: LineString, other: LineString) -> None:
    found = _all(one, other)
    assert found["nearest"] <= found["index"] + 25.0
    assert found["mean"] <= found["rms"] + 1e-9
    assert found["rms"] <= found["hausdorff"] + 1e-9


@given(st.floats(1, 400), st.floats(0, 359))
def test_a_straight_line_shifted_by_d_is_d_away(distance: float, angle: float) -> None:
    turn = np.deg2rad(angle)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    line = LineString([0 * along, 6000 * along])
    moved = translate(line, *(distance * across))
    for name, value in _all(moved, line).items():
        if name == "area":
            value /= line.length
        if name != "edge":
            assert value == pytest.approx(distance, rel=1e-4), name


@given(fronts(), st.floats(-3000, 3000), st.floats(-3000, 3000))
def test_place_does_not_matter(line: LineString, dx: float, dy: float) -> None:
    other = translate(line, 0, 120)
    here, there = _all(line, other), _all(translate(line, dx, dy), translate(other, dx, dy))
    for name, value in here.items():
        assert value == pytest.approx(there[name], rel=1e-5, abs=1e-5), name


def test_area_over_length_counts_both_sides_of_a_crossing() -> None:
    flat = LineString([(0, 0), (100, 0)])
    cross = LineString([(0, -10), (100, 10)])
    assert area_over_length(cross, flat) == pytest.approx(5.0)


def test_walls_are_cut_for_the_same_index_distance() -> None:
    reference = LineString([(0, 0), (6000, 0)])
    hooked = LineString([(0, 2000), (0, 100), (6000, 100)])
    walls = box(-100, -5000, 0, 5000).union(box(6000, -5000, 6100, 5000))
    assert same_index_distances(hooked, reference, walls).mean() == pytest.approx(100)
    assert same_index_distances(hooked, reference, walls, cut=0.0).mean() > 500
    assert same_index_distances(reference, reference, Point(3000, 0).buffer(4000)).size == 0


def test_overlaps() -> None:
    region = box(0, 0, 100, 100)
    upper, lower = LineString([(20, 40), (80, 40)]), LineString([(20, 50), (80, 50)])
    ice, ocean = ice_iou(upper, lower, region)
    assert ice == pytest.approx(50 / 60)
    assert ocean == pytest.approx(40 / 50)
    assert edge_iou(upper, LineString([(20, 41), (80, 41)]), 3.0) == pytest.approx(0.5)


def test_evaluation_reports_everything_and_counts_what_is_lost() -> None:
    reference = LineString([(10, 100), (150, 100)])
    pairs = {
        "good": (translate(reference, 0, 1), reference),
        "gross": (translate(reference, 0, 30), reference),
        "lost": (None, reference),
    }
    result = evaluate(pairs, pixel=50.0, region=box(0, 0, 200, 300))
    value = result.summary.set_index("measure")["value"]
    assert value["images"] == 3
    assert value["images without a front"] == 1
    assert value["images grossly wrong (mean nearest > 500 m)"] == 1
    assert result.images.loc["good", "nearest_mean"] == pytest.approx(50)
    assert result.images.loc["gross", "area_over_length"] == pytest.approx(1500)
    assert result.images.loc["lost"].isna().all()
    assert value["nearest distance both ways, mean over images"] == pytest.approx(775)
    assert len(value) == 19
    assert result.images.loc["good", "nearest_cut"] == pytest.approx(50)
    assert 775 < value["nearest distance off the walls (500 m), mean over points"] < 900
    only_lost = evaluate({"lost": (None, reference)})
    assert only_lost.summary.set_index("measure")["value"]["images without a front"] == 1


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(InputError, match="at least one pair"):
        evaluate({})
    point, line = LineString([(1, 1), (1, 1)]), LineString([(0, 0), (1, 1)])
    with pytest.raises(TraceError, match="no length"):
        polis(point, line)
