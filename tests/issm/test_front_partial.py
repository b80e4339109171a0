"""Fronts of which a part was not seen: drawn in full, with the area of the release."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from exported_made_up import DATES, export, fronts, glacier
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiLineString
from shapely.ops import substring

from termini.errors import InputError
from termini.fronttable import write_fronts
from termini.geo import true_area
from termini.issm import check_folder, ice_area, level_sets, triangulate
from termini.issm.front_area import step_to_area, true_plane
from termini.issm.front_courses import Around, courses, gaps_of, is_whole
from termini.issm.front_partial import fill_front
from termini.issm.front_times import flow_of
from termini.series.ice import map_frame, split_at_front
from termini.series.layout import lay_front, pieces_of

ONE = glacier()
DOMAIN = ONE.domain
FRAME = map_frame(DOMAIN)
FLOW = flow_of(DOMAIN)
PLANE = true_plane(DOMAIN)
TRUTH = [true_area(split_at_front(DOMAIN, ONE.front(d), FRAME)[0], DOMAIN.crs) for d in DATES]


def cut(front: shapely.Geometry, low: float, high: float) -> shapely.Geometry:
    return substring(front, low, high, normalized=True)


def partial() -> gpd.GeoDataFrame:
    """Fronts of which the third lacks an end, the sixth both, the ninth its middle."""
    table = fronts().copy()
    shapes = list(table.geometry)
    shapes[2] = cut(shapes[2], 0.0, 0.7)
    shapes[5] = cut(shapes[5], 0.1, 0.85)
    shapes[8] = MultiLineString([cut(shapes[8], 0.0, 0.35), cut(shapes[8], 0.6, 1.0)])
    return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))


def observations(table: gpd.GeoDataFrame, area: list[float] | None = None) -> pd.DataFrame:
    """What a release would say: area since the first date."""
    own = TRUTH if area is None else area
    return pd.DataFrame(
        {
            "glacier_id": table["glacier_id"],
            "trace_id": table["trace_id"],
            "measure": "area",
            "area_change": np.array(own) - TRUTH[0],
        }
    )


def test_parts_not_seen_give_the_area_and_what_was_seen_stays() -> None:
    table = partial()
    mesh = triangulate(DOMAIN.fjord, 300.0)
    before = level_sets(mesh, DOMAIN, table)
    made = level_sets(mesh, DOMAIN, table, observations=observations(table))
    assert before.area is not None
    assert np.isnan(before.area).all()
    assert made.area is not None
    span = np.ptp(TRUTH)
    got = np.array([ice_area(mesh, column, DOMAIN.crs) for column in made.phi.T])
    assert np.ptp(got - made.area) < 0.005 * span
    polygons = np.array([true_area(ice, DOMAIN.crs) for ice in made.ice])
    assert np.abs(polygons - TRUTH).max() < 1e-4 * span
    closed = np.array([true_area(ice, DOMAIN.crs) for ice in before.ice])
    assert np.abs(closed - TRUTH).max() > 0.005 * span, "a straight end is not enough"
    assert made.missed == []
    assert any("not seen from wall to wall" in note for note in made.assumptions)
    for k in (2, 5, 8):
        seen = shapely.intersection(table.geometry.iloc[k], DOMAIN.fjord.buffer(-1.0))
        assert shapely.difference(seen, shapely.buffer(made.lines[k], 0.01)).length < 1.0
    whole = [k for k in range(len(DATES)) if k not in (2, 5, 8)]
    np.testing.assert_array_equal(made.phi[:, whole], before.phi[:, whole])


@settings(max_examples=12)
@given(st.floats(0.0, 0.3), st.floats(0.7, 1.0), st.integers(0, len(DATES) - 1))
def test_any_part_may_be_missing(low: float, high: float, number: int) -> None:
    whole = ONE.front(DATES[number])
    laid = lay_front(FRAME, pieces_of(cut(whole, low, high)))
    assert laid is not None
    near = lay_front(FRAME, pieces_of(ONE.front(DATES[number - 1])))
    assert near is not None
    around = Around(FLOW, FLOW.positions(split_at_front(DOMAIN, whole, FRAME)[0]), [near.path])
    for gap in gaps_of(laid):
        for course in [] if gap is None else courses(gap, around):
            ends = [(gap.left, course[0]), (gap.right, course[-1])]
            assert all(end is None or (end == at).all() for end, at in ends)
    if is_whole(laid):
        return
    filled = fill_front(laid, around, PLANE, TRUTH[number])
    assert PLANE.area(PLANE.points(filled.path)) == pytest.approx(
        TRUTH[number] - filled.missing, abs=1.0
    )
    assert abs(filled.missing) < 0.002 * np.ptp(TRUTH)


@settings(max_examples=50)
@given(st.floats(-900, 900), st.floats(0.1, 50.0), st.floats(-300, 300))
def test_a_front_is_moved_until_the_area_is_met(wished: float, slope: float, jump: float) -> None:
    def area(step: float | np.ndarray) -> np.ndarray:
        """Grows by 3 m2 a metre, and all at once at a bay; ends at walls."""
        return 3 * np.clip(step, -200, 200) + np.where(np.greater(step, jump), 60.0, 0.0)

    step, missing = step_to_area(lambda at: float(area(at)), wished, slope, 500.0, near=1e-3)
    assert missing == pytest.approx(wished - area(step))
    best = np.abs(wished - area(np.linspace(-500, 500, 20_001))).min()
    assert abs(missing) <= best + 0.2, "as near as any step comes"


def release_of(folder: Path, table: gpd.GeoDataFrame, seen: pd.DataFrame) -> Path:
    """Release with fronts and observations, which is read back as the check reads it."""
    made = folder / "1.0.0"
    made.mkdir()
    write_fronts(table, made / "fronts.parquet")
    seen.to_pickle(made / "seen.pkl")
    (made / "terminus_observations.nc").touch()
    return made


def test_what_cannot_be_met_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = partial()
    area = list(TRUTH)
    area[5] += 0.5 * np.ptp(TRUTH)  # no ends of a seventh of the width can hold that
    area[7] += 0.05 * np.ptp(TRUTH)  # seen whole: nothing can be moved
    seen = observations(table, area)
    out = export(tmp_path / "out", fronts=table, observations=seen, members=2)
    manifest = json.loads((out / "manifest.json").read_text())
    missed = {miss["date"][:10]: miss for miss in manifest["area_missed"]}
    assert set(missed) == {f"{DATES[k]:%Y-%m-%d}" for k in (5, 7)}
    assert missed[f"{DATES[7]:%Y-%m-%d}"]["missing_m2"] == pytest.approx(
        0.05 * np.ptp(TRUTH), rel=1e-3
    )
    assert "too narrow" in missed[f"{DATES[5]:%Y-%m-%d}"]["reason"]
    assert "fronts miss the area of the release" in " ".join(manifest["assumptions"])
    assert check_folder(out) == [], "the manifest names them"
    monkeypatch.setattr(
        "termini.issm.check_source.read_observations",
        lambda path: pd.read_pickle(path.parent / "seen.pkl"),
    )
    problems = [str(p) for p in check_folder(out, release=release_of(tmp_path, table, seen))]
    assert len(problems) == 1
    assert "by the release 1.0.0 it changes by" in problems[0]
    assert "the worst of 2 of 16 dates" in problems[0]
    assert "known when it was exported: what was not seen of the front is too narrow" in problems[0]
    manifest["member_area_m2"][1][3] += 0.1 * np.ptp(TRUTH)
    (out / "manifest.json").write_text(json.dumps(manifest))
    (problem,) = check_folder(out)
    assert problem.place.startswith("members/member_002.nc")
    assert "by manifest.json and the model it changes by" in problem.fault


def test_observations_of_other_fronts_are_refused() -> None:
    table = partial()
    seen = observations(table).assign(trace_id="another")
    with pytest.raises(InputError, match="have the area of none of its fronts"):
        level_sets(triangulate(DOMAIN.fjord, 900.0), DOMAIN, table, observations=seen)
