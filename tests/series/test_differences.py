"""Changes between observations: what two traces share cancels, nothing else does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.errors import InputError
from termini.series import (
    ObservationSettings,
    change_between,
    changes,
    consecutive_changes,
    since_reference,
)
from termini.series.uncertainty import ERROR_PARTS, of_several_analysts

WIDTH = 4000.0
PARTS = ["sigma_geolocation", "sigma_digitising", "sigma_coverage", "sigma_definition"]
positive = st.floats(0.1, 300.0)
metres = st.floats(-1e4, 1e4)


def table(
    lengths: list[float],
    parts: list[tuple[float, ...]],
    groups: list[str],
    reference: int = 0,
) -> pd.DataFrame:
    number = len(lengths)
    dates = pd.date_range("2015-01-01", periods=number, freq="12D").astype("datetime64[us]")
    rows = pd.DataFrame(parts, columns=PARTS, dtype="float64")
    error = np.sqrt((rows**2).sum(axis=1))
    length = np.array(lengths) - lengths[reference]
    return rows.assign(
        glacier_id="one",
        trace_id=[f"t{k:03d}" for k in range(number)],
        date=dates,
        measure="length_area",
        length_change=length,
        length_change_se=error,
        area_change=length * WIDTH,
        area_change_se=error * WIDTH,
        correlation_group=groups,
        reference_date=dates[reference],
        quality=np.zeros(number, dtype="int32"),
    )


row = st.tuples(
    metres, st.tuples(positive, positive, positive, positive), st.sampled_from(["", "x", "y"])
)
tables = st.lists(row, min_size=2, max_size=8).map(
    lambda rows: table([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])
)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_there_and_back_is_the_same_change(rows: pd.DataFrame) -> None:
    there = change_between(rows, "t000", "t001")
    back = change_between(rows, "t001", "t000")
    assert (there.length, there.area) == (-back.length, -back.area)
    assert there.length_se == pytest.approx(back.length_se)
    assert there.area_se == pytest.approx(there.length_se * WIDTH)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_parts_of_a_change_make_its_error(rows: pd.DataFrame) -> None:
    found = changes(rows, [("t000", "t001")])
    parts = found[list(ERROR_PARTS)].to_numpy()[0]
    assert np.sqrt(np.sum(parts**2)) == pytest.approx(found["length_change_se"].iloc[0])
    alone = np.sqrt(np.sum(rows[PARTS].to_numpy()[:2] ** 2, axis=0))
    assert (found[PARTS].to_numpy()[0] <= alone + 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(tables, metres, st.integers(0, 2**31))
def test_neither_the_reference_nor_the_order_of_rows_matters(
    rows: pd.DataFrame, shift: float, seed: int
) -> None:
    moved = rows.assign(
        length_change=rows["length_change"] + shift,
        area_change=rows["area_change"] + shift * WIDTH,
        reference_date=rows["date"].iloc[-1],
    ).sample(frac=1.0, random_state=seed)
    one, other = consecutive_changes(rows), consecutive_changes(moved)
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-4)
    assert one["length_change"].sum() == pytest.approx(
        rows["length_change"].iloc[-1] - rows["length_change"].iloc[0], abs=1e-6
    )


@settings(max_examples=40, deadline=None)
@given(tables)
def test_what_is_shared_only_makes_errors_smaller(rows: pd.DataFrame) -> None:
    apart = consecutive_changes(rows.assign(correlation_group=""))
    found = consecutive_changes(rows)
    group = rows["correlation_group"].to_numpy()
    alike = (group[1:] == group[:-1]) & (group[1:] != "")
    np.testing.assert_allclose(
        found["length_change_se"] ** 2 + found["shared_m"] ** 2,
        apart["length_change_se"] ** 2,
        rtol=1e-9,
        atol=1e-6,
    )
    assert ((found["shared_m"] > 0) == alike).all()


def test_equal_geolocation_of_one_scene_cancels_whole() -> None:
    rows = table([0.0, 50.0], [(30.0, 3.0, 0.0, 0.0), (30.0, 4.0, 0.0, 0.0)], ["s", "s"])
    assert change_between(rows, "t000", "t001") == pytest.approx(
        (50.0, 5.0, 50.0 * WIDTH, 5.0 * WIDTH)
    )
    assert change_between(rows, "t001", "t001") == (0.0, 0.0, 0.0, 0.0)


def test_stated_errors_hold_for_errors_drawn_as_stated() -> None:
    rng = np.random.default_rng(7)
    number = 3000
    geo, rest = rng.uniform(5, 30, number), rng.uniform(5, 30, (2 * number, 1))
    scene = np.repeat(geo, 2)
    errors = np.repeat(rng.normal(size=number) * geo, 2) + rng.normal(size=2 * number) * rest[:, 0]
    parts = [(g, r, 0.0, 0.0) for g, r in zip(scene, rest[:, 0], strict=True)]
    rows = table(list(errors), parts, [f"s{k // 2}" for k in range(2 * number)])
    rows["trace_id"] = [f"t{k:05d}" for k in range(2 * number)]
    found = consecutive_changes(rows)
    for part in (found.iloc[::2], found.iloc[1::2]):  # within a scene, and across scenes
        ratio = (part["length_change"] / part["length_change_se"]).to_numpy()
        assert np.mean(np.abs(ratio) < 1) == pytest.approx(0.683, abs=0.03)
        assert np.sqrt(np.mean(ratio**2)) == pytest.approx(1.0, abs=0.04)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_since_a_single_reference_is_the_change_from_it(rows: pd.DataFrame) -> None:
    found = since_reference(rows)
    pairs = [("t000", name) for name in rows["trace_id"]]
    expected = changes(rows, pairs)
    np.testing.assert_allclose(
        found["length_change_se"], expected["length_change_se"], rtol=1e-9, atol=1e-4
    )
    np.testing.assert_array_equal(found["length_change"], rows["length_change"])


def test_a_reference_of_two_traces_has_the_error_of_their_mean() -> None:
    parts = [(0.0, 30.0, 0.0, 0.0), (0.0, 40.0, 0.0, 0.0), (0.0, 10.0, 0.0, 0.0)]
    rows = table([0.0, 0.0, 5.0], parts, ["", "", ""])
    rows["date"] = rows["date"].iloc[[0, 0, 2]].to_numpy()
    rows["reference_date"] = rows["date"].iloc[0]
    found = since_reference(rows)["length_change_se"].to_numpy()
    # half of one minus half of the other, and 10 m beside the mean of both
    np.testing.assert_allclose(found, [25.0, 25.0, np.hypot(10.0, 25.0)])


def test_values_of_area_have_errors_of_area_only() -> None:
    rows = table([0.0, 1.0], [(3.0, 0, 0, 0), (4.0, 0, 0, 0)], ["", ""]).assign(
        measure="area", length_change=np.nan, length_change_se=np.nan
    )
    change = change_between(rows, "t000", "t001", "area")
    assert np.isnan([change.length, change.length_se]).all()
    assert change.area_se == pytest.approx(5.0 * WIDTH)


def test_bad_pairs_are_named() -> None:
    rows = table([0.0, 1.0], [(1.0, 1, 1, 1)] * 2, ["", ""])
    with pytest.raises(InputError, match=r"t009.*length_area"):
        changes(rows, [("t000", "t009")])
    other = rows.assign(glacier_id=["one", "two"])
    with pytest.raises(InputError, match="two glaciers, one and two"):
        changes(other, [("t000", "t001")])
    mixed = rows.assign(reference_date=rows["date"])
    with pytest.raises(InputError, match="count from different dates"):
        changes(mixed, [("t000", "t001")])
    with pytest.raises(InputError, match="sigma_geolocation"):
        changes(rows.drop(columns="sigma_geolocation"), [("t000", "t001")])
    assert consecutive_changes(rows.iloc[:1]).empty


def fronts(analysts: list[str], method: str = "manual") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trace_id": [f"t{k:03d}" for k in range(len(analysts))],
            "glacier_id": "one",
            "method": method,
            "analyst": analysts,
        }
    )


def test_analysts_count_where_several_drew_one_glacier() -> None:
    assert not of_several_analysts(fronts(["A", "A"])).any()
    assert not of_several_analysts(fronts(["", ""])).any()
    assert of_several_analysts(fronts(["A", "B"])).all()
    assert not of_several_analysts(fronts(["A", "B"], "network")).any()


def test_analysts_agree_better_away_from_the_walls() -> None:
    rows = table([0.0, 1.0], [(3.0, 0, 0, 0), (4.0, 0, 0, 0)], ["", ""])
    both = pd.concat([rows, rows.assign(measure="curvilinear_box")])
    drawn = fronts(["A", "B"])
    whole = change_between(both, "t000", "t001", "length_area", fronts=drawn)
    middle = change_between(both, "t000", "t001", "curvilinear_box", fronts=drawn)
    assert 5.0 < middle.length_se < whole.length_se


def test_what_analysts_take_to_be_the_front_shows_between_two_of_them() -> None:
    known = ObservationSettings(analyst_sigma=40.0)
    drawn = fronts(["A", "A", "B"])
    rows = table([0.0, 1.0, 2.0], [(3.0, 0, 0, 0), (4.0, 0, 0, 0), (0.0, 12.0, 0, 0)], [""] * 3)
    same = change_between(rows, "t000", "t001", fronts=drawn, settings=known)
    assert same.length_se == pytest.approx(5.0)
    other = change_between(rows, "t000", "t002", fronts=drawn, settings=known)
    assert other.length_se == pytest.approx(np.sqrt(9 + 144 + 2 * 1600.0))
    assert other.area_se == pytest.approx(other.length_se * WIDTH)
    assert change_between(rows, "t000", "t002").length_se == pytest.approx(np.sqrt(9 + 144.0))
    found = since_reference(rows, fronts=drawn, settings=known)["length_change_se"]
    np.testing.assert_allclose(found, [0.0, same.length_se, other.length_se], atol=1e-9)
    with pytest.raises(InputError, match="t002"):
        changes(rows, [("t000", "t001")], fronts=drawn.iloc[:2])


@settings(max_examples=40, deadline=None)
@given(tables, st.lists(positive, min_size=8, max_size=8))
def test_dates_of_one_scene_are_wrong_together(rows: pd.DataFrame, dates: list[float]) -> None:
    dated = rows.assign(sigma_date=dates[: len(rows)])
    found, plain = consecutive_changes(dated), consecutive_changes(rows)
    date = dated["sigma_date"].to_numpy()
    group = rows["correlation_group"].to_numpy()
    alike = (group[1:] == group[:-1]) & (group[1:] != "")
    more = np.where(alike, np.diff(date) ** 2, date[1:] ** 2 + date[:-1] ** 2)
    np.testing.assert_allclose(
        found["length_change_se"] ** 2, plain["length_change_se"] ** 2 + more, rtol=1e-9, atol=1e-6
    )
    pairs = [("t000", name) for name in rows["trace_id"]]
    np.testing.assert_allclose(
        since_reference(dated)["length_change_se"],
        changes(dated, pairs)["length_change_se"],
        rtol=1e-9,
        atol=1e-4,
    )
