"""Parts of the standard errors, each against what geometry says it is."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.fronttable import front_table
from termini.sensors import SENSORS
from termini.series import (
    ObservationSettings,
    changes,
    observe,
    repeat_errors,
    with_repeat_errors,
)
from termini.series.date_errors import date_errors, prior_change
from termini.series.flow_errors import median_errors, median_missing, sinuosity
from termini.series.uncertainty import mean_error

LENGTHS = ("length_area", "curvilinear_box", "box", "centreline", "flowlines")
# near the pole of the projection's true scale, so that metres are metres
X, Y = 0.0, -2_080_000.0


def fjord() -> GlacierDomain:
    left, right = [(X, Y + 2000), (X + 20_000, Y + 2000)], [(X, Y - 2000), (X + 20_000, Y - 2000)]
    return GlacierDomain(
        glacier_id="made:1", name="made up", fjord=Polygon([*left, *right[::-1]]),
        gate=LineString([left[0], right[0]]), left_wall=LineString(left),
        right_wall=LineString(right), centreline=LineString([(X, Y), (X + 20_000, Y)]),
        reference_width=4000.0,
    )  # fmt: skip


def front(at: float, slope: float = 0.0) -> LineString:
    """A straight front across the fjord, so much farther ahead a metre to the left."""
    across = np.linspace(2300.0, -2300.0, 60)
    return LineString(np.column_stack([X + at + slope * across, Y + across]))


def table(lines: list[LineString], **columns: object) -> gpd.GeoDataFrame:
    rows = {
        "glacier_id": "made:1",
        "date": pd.date_range("2015-01-01", periods=len(lines), freq="12D"),
        "sensor": "Landsat-8",
        "source": "made up",
        "scene_id": [f"s{k}" for k in range(len(lines))],
        "method": "manual",
    }
    return front_table(gpd.GeoDataFrame(rows | columns, geometry=lines, crs="EPSG:3413"))


def observed(lines: list[LineString], **columns: object) -> pd.DataFrame:
    rows, _ = observe(table(lines, **columns), {"made:1": fjord()}, LENGTHS)
    return rows.set_index(["measure", "date"]).sort_index().reset_index()


def part(rows: pd.DataFrame, measure: str, name: str) -> np.ndarray:
    return rows.loc[rows["measure"] == measure, f"sigma_{name}"].to_numpy()


def test_a_misplaced_scene_moves_the_crossing_of_an_oblique_front_farther() -> None:
    rows = observed([front(8000.0, 1.0)] * 3)
    known = SENSORS["Landsat-8"].geolocation
    np.testing.assert_allclose(part(rows, "length_area", "geolocation"), known)
    for measure in ("centreline", "flowlines"):
        np.testing.assert_allclose(
            part(rows, measure, "geolocation"), known * np.sqrt(2.0), rtol=0.02
        )


def test_turns_of_a_front_add_to_its_drawing_error() -> None:
    across = np.linspace(2300.0, -2300.0, 200)
    wave = LineString(np.column_stack([X + 8000.0 + 500.0 * np.sin(across / 150.0), Y + across]))
    rows = observed([wave] * 3 + [front(8000.0)] * 3)
    drawn = part(rows, "length_area", "digitising")
    usual = ObservationSettings()
    share = mean_error(np.array([usual.correlation_length / 4000.0]), np.ones(1))
    straight = SENSORS["Landsat-8"].prior_sigma * share
    np.testing.assert_allclose(drawn[3:], np.repeat(straight, 3), rtol=0.02)
    assert (drawn[:3] > 1.3 * drawn[3:]).all()


@pytest.mark.parametrize("reach", [0.05, 0.25, 0.65, 2.0])
def test_the_error_of_a_mean_is_that_of_correlated_errors(reach: float) -> None:
    places = (np.arange(2000) + 0.5) / 2000
    apart = places[:, None] - places
    share = np.exp(-np.pi * apart**2 / reach**2).mean()
    found = mean_error(np.array([reach]), np.ones(1))
    assert found[0] == pytest.approx(np.sqrt(share), rel=1e-4)
    # as many independent parts as fit into the width, where they are many
    assert found[0] == pytest.approx(np.sqrt(min(reach, 1.0)), rel=0.15 if reach < 1 else 0.1)


def test_near_days_that_disagree_add_to_the_drawing_error() -> None:
    rng = np.random.default_rng(8)
    days = (12 * np.arange(60)[:, None] + np.array([0, 2])).ravel()
    dates = pd.Timestamp("2015-01-01") + pd.to_timedelta(days, unit="D")
    lines = [front(8000.0 + at) for at in rng.normal(0.0, 60.0, len(days))]
    several = {"date": dates, "sigma_m": 10.0, "analyst": ["A"] * 60 + ["B"] * 60}
    usual, stated = (
        observe(
            table(lines, **several), {"made:1": fjord()}, LENGTHS,
            settings=ObservationSettings(learn_from_near_days=learn),
        )[0]
        for learn in (True, False)
    )  # fmt: skip
    more = np.sqrt(usual["length_change_se"] ** 2 - stated["length_change_se"] ** 2)
    assert more.to_numpy() == pytest.approx(60.0, rel=0.35)
    drawn = np.sqrt(usual["sigma_digitising"] ** 2 - stated["sigma_digitising"] ** 2)
    np.testing.assert_allclose(drawn, more, rtol=1e-6)
    fronts = table(lines, **several)
    later = with_repeat_errors(stated, fronts, repeat_errors(stated, fronts))
    np.testing.assert_allclose(later["length_change_se"], usual["length_change_se"], rtol=1e-6)
    quiet = [front(8000.0)] * len(days)
    same = [
        observe(table(quiet, **several), {"made:1": fjord()}, LENGTHS,
                settings=ObservationSettings(learn_from_near_days=learn))[0]
        for learn in (True, False)
    ]  # fmt: skip
    pd.testing.assert_frame_equal(*same)


def test_a_median_hangs_on_the_places_near_it() -> None:
    places = np.linspace(-1.0, 1.0, 51)
    flat, steep = np.zeros(51), 3000.0 * np.sign(places) * np.abs(places) ** 0.3
    both, _ = median_errors(np.vstack([flat, steep]), 80.0, np.full(2, 20.0), np.full(2, 500.0))
    assert both[0] == pytest.approx(20.0 * np.sqrt(500.0 / 4080.0), rel=0.06)
    assert both[1] > 2.0 * both[0]


def test_lines_that_were_not_crossed_move_the_median_as_neighbours_in_time_show() -> None:
    slanting = np.linspace(0.0, 1000.0, 51) + np.arange(30)[:, None]
    partial = slanting[:1].copy()
    partial[0, 26:] = np.nan
    days = np.arange(30.0)
    off, error = median_missing(partial, slanting, days[:1], days)
    assert off[0] == pytest.approx(250.0 - 500.0, abs=1e-9)
    assert error[0] == pytest.approx(0.0, abs=1e-9)
    plain, rms = median_missing(partial, slanting, days[:1], days, correct=False)
    assert plain[0] == 0.0
    assert rms[0] >= 0.8 * 250.0


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 2 * np.pi), st.floats(10.0, 1e5))
def test_a_straight_line_has_no_turns(angle: float, length: float) -> None:
    step = np.linspace(0.0, length, 30)[:, None]
    xy = step * np.array([np.cos(angle), np.sin(angle)])
    assert sinuosity(xy, np.array([0, 30, 30]), 125.0) == pytest.approx(np.ones(2), abs=1e-6)


def test_dates_cost_the_glaciers_own_rate() -> None:
    days = np.arange(0.0, 2000.0, 10.0)
    sigma = np.zeros(200)
    sigma[100] = 40.0
    steady = date_errors(2.0 * days, np.zeros(200), days, sigma)
    assert steady[100] == pytest.approx(80.0, rel=0.25)
    assert (np.delete(steady, 100) == 0).all()
    still = date_errors(np.zeros(200), np.zeros(200), days, sigma)
    assert still[100] < 0.3 * steady[100]
    alone = date_errors(np.zeros(3), np.zeros(3), np.arange(3.0), np.full(3, 105.0))
    np.testing.assert_allclose(alone, prior_change(np.full(3, 105.0)))


def test_a_front_that_moves_steadily_does_little_in_days_and_one_that_jumps_much() -> None:
    rng = np.random.default_rng(7)
    days = np.arange(0.0, 4000.0, 30.0)
    sigma = np.where(np.arange(len(days)) == 50, 6.0, 0.0)
    error = np.full(len(days), 10.0)
    steady = date_errors(days + rng.normal(0.0, 10.0, len(days)), error, days, sigma)[50]
    # a walk that does as much in a year
    walk = np.cumsum(rng.normal(0.0, 365.0 * np.sqrt(30 / 365.0), len(days)))
    jumps = date_errors(walk + rng.normal(0.0, 10.0, len(days)), error, days, sigma)[50]
    assert steady < 15.0
    assert jumps > 2 * steady


def test_what_a_front_does_is_seen_through_larger_errors() -> None:
    rng = np.random.default_rng(6)
    days = np.arange(0.0, 4000.0, 4.0)
    # a walk of 20 m over ten days, seen with errors of 25 m
    walk = np.cumsum(rng.normal(0.0, 20.0 * np.sqrt(0.4), len(days)))
    seen = walk + rng.normal(0.0, 25.0, len(days))
    sigma = np.where(np.arange(len(days)) == 500, 10.0, 0.0)
    found = date_errors(seen, np.full(len(days), 25.0), days, sigma)
    assert found[500] == pytest.approx(20.0, rel=0.2)


def test_date_errors_are_in_the_total_and_cancel_within_a_scene() -> None:
    lines = [front(8000.0), front(8010.0), front(8020.0), front(8030.0)]
    rows, _ = observe(
        table(
            lines,
            scene_id=["a", "b", "b", "c"],
            date=pd.to_datetime(["2015-01-01", "2015-02-01", "2015-02-01", "2015-03-01"]),
            date_sigma_days=[0.0, 105.0, 105.0, 0.0],
            correlation_group=["a", "b", "b", "c"],
        ),
        {"made:1": fjord()},
        LENGTHS,
    )
    for _, one in rows.groupby("measure"):
        dated = one["sigma_date"].to_numpy()
        assert (dated[1:3] > 50.0).all()
        assert (dated[[0, 3]] == 0.0).all()
        parts = [name for name in one if str(name).startswith("sigma_")]
        np.testing.assert_allclose(np.sqrt((one[parts] ** 2).sum(axis=1)), one["length_change_se"])
    names = rows["trace_id"].drop_duplicates().to_list()
    pairs = [(names[1], names[2]), (names[0], names[1])]
    found = changes(rows, pairs, "length_area")["length_change_se"].to_numpy()
    assert found[0] < 30.0 < 50.0 < found[1]


@settings(max_examples=15, deadline=None)
@given(st.floats(-40.0, 40.0), st.floats(-40.0, 40.0), st.floats(-0.6, 0.6))
def test_what_a_scene_shares_cancels_in_every_measure(dx: float, dy: float, slope: float) -> None:
    lines = [front(8000.0), front(9000.0, slope), front(9100.0, slope)]
    moved = [lines[0], *(affinity.translate(line, dx, dy) for line in lines[1:])]
    groups = ["", "scene", "scene"]
    both = [
        observe(table(each, correlation_group=groups), {"made:1": fjord()}, LENGTHS)[0]
        for each in (lines, moved)
    ]
    for measure in LENGTHS:
        ids = [rows.loc[rows["measure"] == measure, "trace_id"].to_list() for rows in both]
        one, other = (
            changes(rows, [tuple(names[1:])], measure).iloc[0]
            for rows, names in zip(both, ids, strict=True)
        )
        assert other["length_change"] == pytest.approx(one["length_change"], abs=0.5)
        assert other["shared_m"] > 0
        alone = changes(both[0].assign(correlation_group=""), [tuple(ids[0][1:])], measure).iloc[0]
        assert one["length_change_se"] < alone["length_change_se"]


@pytest.mark.data
def test_priors_of_sensors_are_the_medians_of_the_published_table(data_root: Path) -> None:
    columns = {2: "Landsat-5", 3: "Landsat-7", 4: "Landsat-8", 5: "Sentinel-1", 6: "Sentinel-2"}
    published = np.loadtxt(data_root / "glacier_tables" / "uncertainty_all_lola.txt")
    for column, sensor in columns.items():
        values = published[:, column]
        assert SENSORS[sensor].prior_sigma == round(float(np.median(values[values > 0])))
    rows = observed([front(8000.0)] * 5, sensor=list(columns.values()))
    stated = part(rows, "length_area", "digitising")
    np.testing.assert_allclose(stated / stated[0], np.array([22, 20, 16, 29, 14]) / 22)
