"""Traces of one front made into one, and what their spread tells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import Y0, straight_domain, turned
from shapely.geometry import LineString

from termini.errors import InputError
from termini.fronts import (
    MergeSettings,
    duplicate_pairs,
    duplicate_spread,
    merge_duplicates,
    screen,
)
from termini.fronts.merge import mean_line
from termini.fronttable import front_table
from termini.variables import flag_names, is_rejected

WIDTH = 4000.0
DOMAINS = {"test:1": straight_domain(width=WIDTH, length=20_000.0)}
MEAN = MergeSettings("inverse_variance")


def line(y, low=0.0, high=1.0):
    share = np.linspace(low, high, 40)
    return LineString(turned(np.column_stack([share * WIDTH, y + 200 * share**2]), 0))


def trace(y=10_000.0, sigma=20.0, **changes):
    return {
        "glacier_id": "test:1",
        "date": "2018-05-01",
        "sensor": "Landsat-8",
        "sigma_m": sigma,
        "geometry": line(y),
    } | changes


def table(*rows):
    # scenes of their own, or they are duplicates of one scene already
    named = [{"scene_id": f"scene {k}"} | row for k, row in enumerate(rows)]
    return screen(front_table(named), DOMAINS, today="2026-01-01", rules="none")


def kept(fronts):
    return fronts[~is_rejected(fronts["quality"])]


def height(geometry):
    """Mean distance of a line from y = 0 of the made-up fjord, without its own slope."""
    return geometry.interpolate(0.5, normalized=True).y - 200 * 0.25 - Y0


def test_rank_keeps_the_best_and_every_row():
    fronts = table(trace(sigma=40.0), trace(10_030.0, sigma=10.0), trace(9_980.0, sigma=20.0))
    merged = merge_duplicates(fronts, DOMAINS)
    assert len(merged) == 3
    best = kept(merged)
    assert best["sigma_m"].tolist() == [10.0]
    worse = merged[is_rejected(merged["quality"])]
    assert [flag_names(q) for q in worse["quality"]] == [["duplicate"]] * 2
    assert worse["note"].eq(f"same front as {best['trace_id'].item()}").all()


def test_the_mean_lies_where_the_weights_say():
    fronts = table(trace(10_000.0, sigma=10.0), trace(10_050.0, sigma=20.0))
    merged = merge_duplicates(fronts, DOMAINS, MEAN)
    assert len(merged) == 3
    mean = kept(merged).iloc[0]
    assert len(kept(merged)) == 1
    # weights 4 : 1
    assert height(mean.geometry) - height(line(10_000.0)) == pytest.approx(10.0, abs=0.5)
    assert mean["sigma_m"] == pytest.approx(1 / np.sqrt(1 / 10**2 + 1 / 20**2))
    assert mean["note"].startswith("merged of ")
    for name in fronts["trace_id"]:
        assert name in mean["note"]
    left = merged[is_rejected(merged["quality"])]
    assert left["note"].eq(f"merged into {mean['trace_id']}").all()


def test_a_group_that_shares_its_error_counts_once():
    rows = [trace(correlation_group="S", sigma=20.0), trace(10_010.0, correlation_group="S")]
    mean = kept(merge_duplicates(table(*rows), DOMAINS, MEAN)).iloc[0]
    assert mean["sigma_m"] == pytest.approx(20.0)
    assert mean["correlation_group"] == "S"


def test_near_days_have_a_mean_date_with_an_error():
    fronts = table(trace(), trace(10_010.0, date="2018-05-03"))
    assert len(kept(merge_duplicates(fronts, DOMAINS, MEAN))) == 2
    near = MergeSettings("inverse_variance", days=3)
    mean = kept(merge_duplicates(fronts, DOMAINS, near)).iloc[0]
    assert mean["date"] == pd.Timestamp("2018-05-02")
    assert mean["date_sigma_days"] == pytest.approx(1.0)


def test_a_calving_event_between_two_days_is_not_merged_away():
    fronts = table(trace(), trace(9_000.0, date="2018-05-02"))
    for rule in ("rank", "inverse_variance"):
        merged = merge_duplicates(fronts, DOMAINS, MergeSettings(rule, days=5))
        assert_geodataframe_equal(merged, fronts)


def test_half_a_front_is_not_merged_with_a_whole_one():
    fronts = table(trace(), trace(geometry=line(10_000.0, 0.0, 0.5)))
    assert_geodataframe_equal(merge_duplicates(fronts, DOMAINS, MEAN), fronts)


def test_rejected_traces_take_no_part_and_the_input_is_untouched():
    fronts = table(trace(), trace(10_010.0), trace(date=None))
    before = fronts.copy()
    merged = merge_duplicates(fronts, DOMAINS, MEAN)
    assert_geodataframe_equal(fronts, before)
    assert flag_names(merged["quality"].max()) == ["duplicate"]
    assert "bad_date" in [n for q in merged["quality"] for n in flag_names(q)]


def test_merging_twice_and_in_another_order_changes_nothing():
    rows = [trace(10_000.0 + 7 * k, sigma=10.0 + k) for k in range(4)]
    fronts = table(*rows)
    once = merge_duplicates(fronts, DOMAINS, MEAN)
    assert_geodataframe_equal(merge_duplicates(once, DOMAINS, MEAN), once)
    other = merge_duplicates(fronts.iloc[::-1], DOMAINS, MEAN)
    assert kept(other)["trace_id"].tolist() == kept(once)["trace_id"].tolist()
    assert kept(other).geometry.iloc[0].equals_exact(kept(once).geometry.iloc[0], 1e-6)


def test_an_unknown_rule_is_named():
    with pytest.raises(InputError, match="'best' is not rank or inverse_variance"):
        merge_duplicates(table(trace()), DOMAINS, MergeSettings("best"))


@settings(max_examples=25)
@given(
    offsets=st.lists(st.floats(-80.0, 80.0), min_size=1, max_size=4),
    weights=st.lists(st.floats(0.1, 10.0), min_size=5, max_size=5),
)
def test_mean_of_parallel_lines(offsets, weights):
    flat = LineString([(0.0, 0.0), (1000.0, 0.0), (2000.0, 0.0)])
    others = [shapely.affinity.translate(flat, 0, away) for away in offsets]
    share = np.array(weights[1 : 1 + len(offsets)])
    mean = mean_line(flat, others, weights[0], share, 30.0)
    expected = np.sum(share * offsets) / (weights[0] + share.sum())
    xy = shapely.get_coordinates(mean)
    assert np.allclose(xy[1:-1, 1], expected, atol=1e-6)
    assert np.ptp(xy[:, 0]) == pytest.approx(2000.0)


def test_a_line_has_no_say_beyond_its_ends():
    flat = LineString([(0.0, 0.0), (2000.0, 0.0)])
    half = LineString([(0.0, 50.0), (1000.0, 50.0)])
    xy = shapely.get_coordinates(mean_line(flat, [half], 1.0, np.array([1.0]), 30.0))
    assert np.allclose(xy[(xy[:, 0] > 30) & (xy[:, 0] < 970), 1], 25.0)
    assert np.allclose(xy[xy[:, 0] > 1030, 1], 0.0)


def test_pairs_tell_whether_stated_errors_hold():
    rng = np.random.default_rng(3)
    rows = []
    for k in range(120):
        day = pd.Timestamp("2018-01-01") + pd.Timedelta(days=20 * k)
        rows += [
            trace(
                geometry=line(10_000 + 20 * rng.standard_normal() + rng.normal(0, 5, 40)),
                date=day,
                scene_id=f"s{k} {j}",
            )
            for j in (0, 1)
        ]
    pairs = duplicate_pairs(table(*rows), DOMAINS)
    assert len(pairs) == 120
    spread = duplicate_spread(pairs).iloc[0]
    assert spread["stated"] == pytest.approx(28.3, abs=0.1)
    assert spread["rms"] == pytest.approx(28.3, rel=0.2)
    assert spread["ratio"] == pytest.approx(1.0, abs=0.2)
    assert spread["in_68"] == pytest.approx(0.68, abs=0.12)
    assert spread["in_95"] == pytest.approx(0.95, abs=0.06)
    by = duplicate_spread(pairs, ["sensor_a", "sensor_b"])
    assert by["n"].tolist() == [120]


def test_pairs_of_one_scene_are_told_and_equal_lines_left_out():
    same = {"scene_id": "LC08_L1TP_010011_20180501_20170202_01_T1"}
    fronts = table(trace(**same), trace(10_040.0, source="there", **same), trace(source="copy"))
    pairs = duplicate_pairs(fronts, DOMAINS)
    assert pairs["same_scene"].sum() == 1
    assert pairs.loc[pairs["same_scene"], "separation"].item() == pytest.approx(40.0, abs=1.0)
    assert len(pairs) == 2  # the copy equals the first
    assert duplicate_pairs(fronts.iloc[:1], DOMAINS).empty
    assert duplicate_spread(duplicate_pairs(fronts.iloc[:1], DOMAINS))["n"].item() == 0


@pytest.mark.data
def test_near_days_of_daugaard_jensen(data_root):
    from termini.fronts import read_source
    from termini.geometry import domains_for_source

    fronts = read_source("daugaard_jensen")
    domains = domains_for_source("daugaard_jensen", None, fronts)
    pairs = duplicate_pairs(screen(fronts, domains), domains, days=1)
    spread = duplicate_spread(pairs).iloc[0]
    assert spread["n"] > 40
    # the glacier moves 10 m a day, people agree to some tens of metres
    assert 10.0 < spread["nmad"] < 60.0
