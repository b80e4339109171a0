"""Level sets: exact distances, sign, times, areas, ensembles, bad input."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, MultiLineString, Point, box

from termini.errors import InputError
from termini.fronttable import flag, front_table
from termini.geo import true_area
from termini.issm import (
    Mesh,
    contour_errors,
    ice_area,
    level_sets,
    mesh_from_arrays,
    triangulate,
    zero_contour,
)
from termini.issm.distances import distance
from termini.issm.front_area import step_to_area
from termini.issm.front_times import drawn_errors, flow_of
from termini.issm.levelset import front_between, signed_distance
from termini.series import monthly_series, observe
from termini.simulate import SimulatedGlacier, simulate_region
from termini.times import decimal_year

DATES = pd.date_range("2015-01-20", "2016-12-20", freq="40D")
H = 300.0


@pytest.fixture(scope="module")
def glacier() -> SimulatedGlacier:
    region = simulate_region(11, 5, start="2015-01-01", end="2016-12-31")
    return next(g for g in region.glaciers if g.planted_type == "step_retreat")


@pytest.fixture(scope="module")
def fronts(glacier: SimulatedGlacier) -> gpd.GeoDataFrame:
    return front_table(
        [
            {
                "glacier_id": glacier.glacier_id,
                "date": date,
                "sigma_m": 20.0,
                "source": "simulated truth",
                "geometry": glacier.front(date),
            }
            for date in DATES
        ]
    )


@pytest.fixture(scope="module")
def mesh(glacier: SimulatedGlacier) -> Mesh:
    return triangulate(glacier.domain.fjord, H)


wiggles = st.lists(
    st.tuples(st.floats(-5e3, 5e3), st.floats(-5e3, 5e3)), min_size=2, max_size=60, unique=True
)


@given(wiggles, wiggles, st.integers(0, 99))
def test_distances_are_exact(
    one: list[tuple[float, float]], two: list[tuple[float, float]], seed: int
) -> None:
    lines = MultiLineString([one, two])
    points = np.random.default_rng(seed).uniform(-8e3, 8e3, (100, 2))
    points = points + np.array([2e6, -1e6])
    moved = translate(lines, 2e6, -1e6)
    found = distance(points[:, 0], points[:, 1], moved)
    np.testing.assert_allclose(found, shapely.distance(shapely.points(points), moved), atol=1e-6)
    back = MultiLineString([line.coords[::-1] for line in reversed(list(moved.geoms))])
    np.testing.assert_allclose(found, distance(points[:, 0], points[:, 1], back), atol=1e-9)


def test_distances_of_polygons_points_and_nothing() -> None:
    x, y = np.array([0.0, 50.0]), np.array([0.0, 50.0])
    holed = box(-10, -10, 10, 10) - box(-1, -1, 1, 1)
    np.testing.assert_allclose(distance(x, y, holed), [1.0, np.hypot(40, 40)])
    np.testing.assert_allclose(distance(x, y, Point(3, 4)), [5.0, np.hypot(47, 46)])
    assert np.isinf(distance(x, y, LineString())).all()


@settings(max_examples=20)
@given(st.floats(-2e6, 2e6), st.floats(0, 360), st.booleans())
def test_moving_turning_and_reversing_change_nothing(
    shift: float, turn: float, backwards: bool
) -> None:
    path = np.column_stack([3_000 + 400 * np.sin(np.arange(21) / 3), np.linspace(0, 4_000, 21)])
    path = path[::-1] if backwards else path
    cut = shapely.get_parts(shapely.ops.split(box(0, 0, 8_000, 4_000), LineString(path)))
    ice, water = sorted(cut, key=lambda part: part.centroid.x)
    at = np.random.default_rng(1).uniform([0, 0], [8_000, 4_000], (200, 2))
    plain = signed_distance(at[:, 0], at[:, 1], ice, water)

    def move(shape: shapely.Geometry) -> shapely.Geometry:
        return translate(rotate(shape, turn, origin=(0, 0)), shift, -shift)

    xy = shapely.get_coordinates(move(shapely.multipoints(at)))
    moved = signed_distance(xy[:, 0], xy[:, 1], move(ice), move(water))
    np.testing.assert_allclose(moved, plain, atol=2e-3)
    straight = shapely.contains_xy(ice, at[:, 0], at[:, 1])
    assert ((plain < 0) == straight).all(), "negative in ice, and nowhere else"


def test_zero_and_area_of_a_straight_front_are_exact() -> None:
    mesh = triangulate(box(0, 0, 8_000, 4_000), 333.0)
    phi = mesh.x - 4_321.0
    assert ice_area(mesh, phi) == pytest.approx(4_321.0 * 4_000.0)
    contour = zero_contour(mesh, phi)
    assert contour.length == pytest.approx(4_000.0)
    assert contour_errors(mesh, phi, LineString([(4_321, 0), (4_321, 4_000)]), 50.0).max() < 1e-6
    phi[mesh.x > 7_000] = np.nan
    assert ice_area(mesh, phi) == pytest.approx(4_321.0 * 4_000.0)


def test_observed_fronts(glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, mesh: Mesh) -> None:
    made = level_sets(mesh, glacier.domain, fronts)
    assert made.phi.shape == (len(mesh.x), len(DATES))
    np.testing.assert_array_equal(made.years, decimal_year(DATES))
    assert made.trace_ids == list(fronts["trace_id"])
    assert made.series().shape == (len(mesh.x) + 1, len(DATES))
    points = shapely.points(mesh.x, mesh.y)
    walls = shapely.union_all([glacier.domain.left_wall, glacier.domain.right_wall])
    for k in (0, 7, len(DATES) - 1):
        brute = shapely.distance(points, made.lines[k])
        assert np.abs(np.abs(made.phi[:, k]) - brute).max() < 1e-6
        inside = shapely.contains_xy(shapely.buffer(made.ice[k], -1.0), mesh.x, mesh.y)
        assert (made.phi[inside, k] < 0).all()
        along_walls = shapely.intersection(made.lines[k], shapely.buffer(walls, 0.5)).length
        assert along_walls < 0.02 * made.lines[k].length, "walls are no front"
        assert np.median(contour_errors(mesh, made.phi[:, k], made.lines[k], H / 5)) < 0.02 * H
    crs = glacier.domain.crs
    area = np.array([ice_area(mesh, column, crs) for column in made.phi.T])
    truth = np.array([true_area(ice, crs) for ice in made.ice])
    most = np.abs(truth - truth[0]).max()
    assert np.abs((area - area[0]) - (truth - truth[0])).max() < 0.005 * most


def test_reconstructed_fronts_lie_where_the_truth_was(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, mesh: Mesh
) -> None:
    made = level_sets(mesh, glacier.domain, fronts, times="monthly")
    assert "" in made.trace_ids
    assert all(date.day == 15 for date in made.dates)
    along = glacier.domain.centreline
    for date, line in zip(made.dates, made.lines, strict=True):
        true = shapely.intersection(glacier.front(date), along).centroid
        met = shapely.intersection(line, along).centroid
        assert abs(along.project(true) - along.project(met)) < 250.0
    with pytest.raises(InputError, match=r"1 date\(s\) lie between the first front"):
        level_sets(mesh, glacier.domain, fronts, times="annual")
    own = level_sets(mesh, glacier.domain, fronts, times=["2016-01-01", DATES[5]])
    assert own.trace_ids == [fronts["trace_id"].iloc[5], ""]


def test_monthly_area_is_that_of_the_release(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, mesh: Mesh
) -> None:
    domains = {glacier.glacier_id: glacier.domain}
    observations, _ = observe(fronts, domains)
    series = monthly_series(observations, domains)
    made = level_sets(mesh, glacier.domain, fronts, times="monthly", release_series=series)
    crs = glacier.domain.crs
    wished = series["area_change"].isel(glacier=0).sel(time=made.dates).to_numpy()
    rows = np.array([trace == "" for trace in made.trace_ids]) & np.isfinite(wished)
    got = np.array([ice_area(mesh, column, crs) for column in made.phi.T])[rows]
    wished = wished[rows]
    most = np.ptp(wished)
    assert np.abs((got - got[0]) - (wished - wished[0])).max() < 0.005 * most
    assert any("monthly area" in note for note in made.assumptions)
    other = series.assign_coords(glacier_id=("glacier", ["else:1"]))
    with pytest.raises(InputError, match="the monthly series has no such glacier"):
        level_sets(mesh, glacier.domain, fronts, times="monthly", release_series=other)


def test_members_spread_by_the_error(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, mesh: Mesh
) -> None:
    some = fronts.iloc[:4]
    made = level_sets(mesh, glacier.domain, some, members=12, seed=3)
    again = level_sets(mesh, glacier.domain, some, members=12, seed=3)
    assert made.members is not None
    assert made.members.shape == (12, len(mesh.x), 4)
    np.testing.assert_array_equal(made.members, again.members)
    upstream = shapely.distance(shapely.points(mesh.x, mesh.y), glacier.domain.centreline) < 300
    near = upstream & (np.abs(made.phi[:, 0]) < 2_000)
    spread = np.std(made.members[:, near, 0], axis=0)
    assert np.median(spread) == pytest.approx(20.0, rel=0.6)
    assert made.series(2).shape == made.series().shape


def test_errors_resemble_each_other_over_their_memory() -> None:
    years = 2000 + np.arange(400) / 12
    errors = drawn_errors(years, np.full(400, 10.0), 200, 0.25, seed=0)
    assert errors.std() == pytest.approx(10.0, rel=0.05)
    next_ = np.mean(errors[:, 1:] * errors[:, :-1]) / 100
    assert next_ == pytest.approx(np.exp(-(1 / 12) / 0.25), abs=0.03)


def test_rock_is_no_front_and_free_is_nan(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, mesh: Mesh
) -> None:
    some = fronts.iloc[:3]
    middle = glacier.front(DATES[0]).interpolate(0.5, normalized=True)
    rock = middle.buffer(400.0)
    free = box(*shapely.buffer(middle, 1_500.0).bounds)
    made = level_sets(mesh, glacier.domain, some, rock=rock, free=free)
    for line, ice in zip(made.lines, made.ice, strict=True):
        assert shapely.intersection(line, shapely.buffer(rock, -0.01)).length == 0
        along_rock = shapely.intersection(line, shapely.buffer(rock.exterior, 0.01)).length
        assert along_rock < 1.0, "the edge of rock is no front"
        assert shapely.intersection(ice, rock).area < 1.0
    inside = shapely.intersects_xy(free, mesh.x, mesh.y)
    assert np.isnan(made.phi[inside]).all()
    assert np.isfinite(made.phi[~inside]).all()


def test_meshes_that_reach_beyond_the_fjord(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame
) -> None:
    wide = triangulate(glacier.domain.fjord.convex_hull.buffer(3_000), 900.0)
    wide = mesh_from_arrays(wide.x, wide.y, wide.elements)
    made = level_sets(wide, glacier.domain, fronts.iloc[:2])
    assert np.isfinite(made.phi).all()
    start = glacier.domain.centreline.interpolate(0)
    upstream = np.argmin(np.hypot(wide.x - start.x, wide.y - start.y))
    assert made.phi[upstream, 0] < 0


def test_positions_give_the_ice_back(glacier: SimulatedGlacier) -> None:
    from termini.series.ice import split_at_front

    flow = flow_of(glacier.domain)
    ice, _ = split_at_front(glacier.domain, glacier.front(DATES[0]))
    positions = flow.positions(ice)
    truth = true_area(ice, glacier.domain.crs)
    assert flow.area(positions) == pytest.approx(truth, rel=0.005)
    step, missing = step_to_area(
        lambda step: flow.area(positions + step), 0.9 * truth, 4e3, 1e5, near=1.0
    )
    assert abs(missing) <= 1.0
    assert flow.area(positions + step) == pytest.approx(0.9 * truth, abs=1.0)


def test_bad_input_is_named(
    glacier: SimulatedGlacier, fronts: gpd.GeoDataFrame, mesh: Mesh
) -> None:
    name = glacier.glacier_id
    with pytest.raises(InputError, match="'weekly' are not known"):
        level_sets(mesh, glacier.domain, fronts, times="weekly")
    with pytest.raises(InputError, match=f"{name}: no front is known on 2019-01-01"):
        level_sets(mesh, glacier.domain, fronts, times=["2015-06-01", "2019-01-01"])
    with pytest.raises(InputError, match="free must be a polygon or a mask"):
        level_sets(mesh, glacier.domain, fronts, free=np.zeros(3, dtype=bool))
    with pytest.raises(InputError, match=f"{name}: 1 usable front"):
        level_sets(mesh, glacier.domain, fronts.iloc[:1])
    with pytest.raises(InputError, match="ends on 2015-01-01, before it starts"):
        level_sets(mesh, glacier.domain, fronts, span=("2016-01-01", "2015-01-01"))
    with pytest.raises(InputError, match="ice and water do not touch"):
        front_between(box(0, 0, 1, 1), box(5, 5, 6, 6))
    away = fronts.copy()
    away.loc[away.index[3], "geometry"] = translate(away.geometry.iloc[3], 9e5, 0)
    made = level_sets(mesh, glacier.domain, away)
    assert len(made.years) == len(fronts) - 1
    assert any("Fronts left out" in note for note in made.assumptions)
    flag(away, np.arange(len(away)) > 0, "outlier", "made up")
    with pytest.raises(InputError, match="1 usable front"):
        level_sets(mesh, glacier.domain, away)
