"""The simulated region: geometry that holds, determinism, and an honest truth."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon
from shapely.ops import substring

from termini.errors import InputError
from termini.geo import true_area, true_length
from termini.simulate import SimulatedGlacier, SimulatedRegion, simulate_region, truth_series
from termini.simulate import true_length as simulated_length
from termini.simulate.fjord import NARROWEST_M, WIDEST_M


@pytest.fixture(scope="module")
def region() -> SimulatedRegion:
    return simulate_region(7, 18)


def _digest(region: SimulatedRegion) -> str:
    total = hashlib.sha256()
    for glacier in region.glaciers:
        total.update(glacier.domain.fjord.wkb)
        total.update(glacier.position.to_numpy().tobytes())
        total.update(glacier.forcing.to_numpy().tobytes())
        total.update(glacier.bed.to_numpy().tobytes())
        total.update(glacier.front(region.end).wkb)
    return total.hexdigest()


def _assert_front_in_its_place(glacier: SimulatedGlacier, date: pd.Timestamp) -> None:
    front, domain = glacier.front(date), glacier.domain
    assert front.is_simple
    assert domain.fjord.buffer(0.5).covers(front)
    first, last = Point(front.coords[0]), Point(front.coords[-1])
    assert domain.left_wall.distance(first) < 1e-6
    assert domain.right_wall.distance(last) < 1e-6
    assert front.length > 0.9 * NARROWEST_M


@settings(max_examples=8)
@given(
    seed=st.integers(0, 2**31),
    kind=st.integers(1, 6),
    turns=st.lists(st.floats(0, 1), min_size=3, max_size=6),
)
def test_any_front_lies_in_its_fjord_from_left_to_right_wall(
    seed: int, kind: int, turns: list[float]
) -> None:
    region = simulate_region(seed, kind, "2015-01-01", "2018-12-31")
    for turn in turns:
        date = region.start + turn * (region.end - region.start)
        _assert_front_in_its_place(region.glaciers[-1], date)


def test_most_advanced_and_most_retreated_fronts_stay_inside(region: SimulatedRegion) -> None:
    for glacier in region.glaciers:
        for date in (glacier.position.idxmin(), glacier.position.idxmax()):
            _assert_front_in_its_place(glacier, date)


def test_domains_fit_together(region: SimulatedRegion) -> None:
    for glacier in region.glaciers:
        domain = glacier.domain
        assert domain.fjord.is_valid
        assert domain.crs == "EPSG:3413"
        assert domain.gate.coords[0] == domain.left_wall.coords[0]
        assert domain.gate.coords[-1] == domain.right_wall.coords[0]
        assert domain.gate.distance(Point(domain.centreline.coords[0])) < 1.0
        assert domain.fjord.buffer(0.5).covers(domain.centreline)
        # Looking down-glacier, the left wall is on the left.
        way = np.subtract(domain.centreline.coords[1], domain.centreline.coords[0])
        across = np.subtract(domain.gate.coords[-1], domain.gate.coords[0])
        assert way[0] * across[1] - way[1] * across[0] < 0
        assert domain.flowlines is not None
        assert domain.fjord.buffer(0.5).covers(domain.flowlines)


def test_fjords_are_curved_and_vary_in_width(region: SimulatedRegion) -> None:
    latitudes = [glacier.place.latitude for glacier in region.glaciers]
    assert min(latitudes) < 66
    assert max(latitudes) > 76
    for glacier in region.glaciers:
        width, length = glacier.channel.width, glacier.channel.length
        assert 12e3 - 50 <= length <= 25e3
        assert width.min() >= NARROWEST_M
        assert width.max() <= WIDEST_M
        assert np.ptp(width) > 0.05 * width.mean()
        # Distances along the fjord are true metres although the map is not to scale.
        assert true_length(glacier.domain.centreline, "EPSG:3413") == pytest.approx(
            length, rel=2e-4
        )
    names = [glacier.domain.name for glacier in region.glaciers]
    assert len(set(names)) == len(names)


def test_same_seed_same_bytes_other_seed_other_region(region: SimulatedRegion) -> None:
    assert _digest(simulate_region(7, 18)) == _digest(region)
    assert _digest(simulate_region(8, 6)) != _digest(simulate_region(9, 6))


def test_front_of_a_day_does_not_depend_on_what_was_asked_before(region: SimulatedRegion) -> None:
    glacier = region.glaciers[2]
    before = glacier.front("2016-05-01")
    for date in pd.date_range("2014-01-01", "2019-01-01", periods=7):
        glacier.front(date)
    assert shapely.equals_exact(before, glacier.front("2016-05-01T13:00"))


def test_fronts_change_gradually(region: SimulatedRegion) -> None:
    for glacier in region.glaciers:
        steps = np.abs(np.diff(glacier.position.to_numpy()))
        assert steps.max() < 200.0
        assert np.median(steps) < 15.0
        share, one = glacier.profile("2017-02-01")
        _, next_day = glacier.profile("2017-02-02")
        assert np.median(np.abs(one - next_day)) < 100.0
        # Profile and position agree in the mean across the fjord.
        mean = np.trapezoid(one, share)
        assert mean == pytest.approx(glacier.position["2017-02-01"], abs=1e-6)


def test_fronts_are_not_straight(region: SimulatedRegion) -> None:
    spread = [
        np.ptp(glacier.profile("2016-08-01")[1]) / glacier.domain.reference_width
        for glacier in region.glaciers
    ]
    assert min(spread) > 0.02
    assert max(spread) > 0.12
    assert max(spread) < 0.8


def test_true_length_is_true_area_over_width(region: SimulatedRegion) -> None:
    for glacier in region.glaciers[:6]:
        domain = glacier.domain
        daily = simulated_length(glacier)
        for date in ("2013-01-01", "2018-07-09"):
            front = glacier.front(date)
            left = domain.left_wall.project(Point(front.coords[0]))
            right = domain.right_wall.project(Point(front.coords[-1]))
            ring = [
                *front.coords,
                *substring(domain.right_wall, 0, right).coords[::-1],
                *substring(domain.left_wall, 0, left).coords,
            ]
            length = true_area(Polygon(ring), domain.crs) / domain.reference_width
            assert daily[date] == pytest.approx(length, abs=0.5)


def test_truth_series_holds_series_and_labels_of_both_scales(region: SimulatedRegion) -> None:
    truth = truth_series(region)
    assert truth["length_change"].dims == ("glacier", "time")
    assert truth.sizes == {"glacier": 18, "time": 96}
    assert np.isfinite(truth["length_change"].values).all()
    assert float(np.abs(truth["length_change"][:, 0]).max()) == 0.0
    labels = set(
        zip(truth["interannual_truth"].values, truth["seasonal_truth"].values, strict=True)
    )
    assert labels == {
        ("flat", "none"), ("flat", "runoff"), ("flat", "melange"),
        ("retreat", "none"), ("step", "none"), ("advance", "none"),
    }  # fmt: skip
    np.testing.assert_allclose(
        truth["area_change"], truth["length_change"] * truth["reference_width"]
    )
    assert truth["length_change"].attrs["units"] == "m"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"n_glaciers": 0}, "at least one"),
        ({"start": "2016-01-01", "end": "2015-01-01"}, "must follow"),
    ],
)
def test_bad_arguments_say_what_to_do(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        simulate_region(1, **arguments)  # type: ignore[arg-type]


def test_unknown_glacier_and_date_are_named(region: SimulatedRegion) -> None:
    with pytest.raises(InputError, match=r"sim:99.*sim:18"):
        region.glacier("sim:99")
    with pytest.raises(InputError, match=r"sim:1.*2031.*2013-01-01 to 2020-12-31"):
        region.glaciers[0].front("2031-01-01")


@pytest.mark.parametrize(
    ("start", "end"), [("2016-03-10", "2017-02-02"), ("1985-01-01", "2020-12-31")]
)
def test_short_and_long_periods_work(start: str, end: str) -> None:
    region = simulate_region(3, 6, start, end)
    for glacier in region.glaciers:
        assert glacier.position.index[0] == pd.Timestamp(start)
        assert glacier.position.index[-1] == pd.Timestamp(end)
        assert np.isfinite(glacier.forcing.to_numpy()).all()
        _assert_front_in_its_place(glacier, pd.Timestamp(start))
        _assert_front_in_its_place(glacier, pd.Timestamp(end))
