"""Screening rules: what each finds, what it leaves alone, how they are put together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from histories_made_up import (
    DOMAINS,
    LENGTH,
    WIDTH,
    good,
    history,
    lopsided,
    mirrored,
    rejected_rows,
    run,
    table_of,
    with_line,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import straight_domain
from shapely import affinity
from shapely.geometry import LineString

from termini.errors import InputError
from termini.fronts import (
    RULE_SETS,
    RULES,
    Judgement,
    Rule,
    RuleSet,
    apply_rules,
    lift_rules,
    measure_traces,
    report_text,
    rule_set,
    screen,
    screening_report,
)
from termini.variables import flag_names, is_rejected

TODAY = "2026-01-01"
OWN = [
    "fast_advance", "history", "sections", "own_pace", "shape", "mirrored", "partial",
    "off_fjord", "coverage",
]  # fmt: skip


@pytest.mark.parametrize("name", [*OWN, "other_fjord"])
def test_sound_fronts_are_left_alone(name):
    table, scores = run(good(), name)
    assert rejected_rows(table) == []
    assert scores.empty


@pytest.mark.parametrize(
    ("rule", "spoil", "flag"),
    [
        ("fast_advance", lambda g: affinity.translate(g, 0, 2500), "odd_move"),
        ("fast_advance", lambda g: affinity.translate(g, 0, -2500), "odd_move"),
        ("history", lambda g: affinity.translate(g, 0, 900), "odd_move"),
        ("history", lambda g: affinity.translate(g, 0, -900), "odd_move"),
        ("mirrored", mirrored, "odd_shape"),
        ("coverage", lambda g: LineString(g.coords[:30]), "odd_length"),
        ("partial", lambda g: LineString(g.coords[:50]), "doubtful"),
        ("own_pace", lambda g: affinity.translate(g, 0, 900), "doubtful"),
        ("off_fjord", lambda g: affinity.translate(g, 2000, 0), "odd_place"),
        ("sections", lambda g: LineString([*g.coords[:20], *affinity.translate(
            LineString(g.coords[20:45]), 0, 1500).coords, *g.coords[45:]]), "odd_shape"),
        ("shape", lambda g: LineString([*g.coords[:20], *affinity.translate(
            LineString(g.coords[20:60]), 0, 1200).coords, *g.coords[60:]]), "odd_shape"),
    ],
)  # fmt: skip
def test_a_wrong_front_is_found_with_reason_and_score(rule, spoil, flag):
    table = good()
    table, scores = run(with_line(table, 40, spoil(table.geometry.iloc[40])), rule)
    assert np.flatnonzero(table["quality"]).tolist() == [40]
    assert flag_names(table["quality"].iloc[40]) == [flag]
    assert table["note"].iloc[40].startswith(f"rule {rule}: ")
    assert "(score " in table["note"].iloc[40]
    row = scores.set_index("trace_id").loc[table["trace_id"].iloc[40]]
    assert row["flagged"]
    assert row["score"] > row["limit"]
    assert len(table) == 80


def test_a_front_of_the_glacier_beside_it_is_found():
    beside = straight_domain(width=WIDTH, length=LENGTH, glacier_id="test:2")
    moved = affinity.translate(beside.fjord, WIDTH, 0)
    from dataclasses import replace

    others = DOMAINS | {"test:2": replace(beside, fjord=moved)}
    table = good()
    wrong = affinity.translate(table.geometry.iloc[7], 0.75 * WIDTH, 0)
    table, _ = run(with_line(table, 7, wrong), "other_fjord", domains=others)
    assert rejected_rows(table) == [7]
    assert "fjord of test:2" in table["note"].iloc[7]


@settings(max_examples=12)
@given(
    drop=st.floats(500.0, 8000.0),
    at=st.integers(1, 78),
    growth=st.sampled_from([0.0, 8.0, 25.0]),
    seed=st.integers(0, 20),
    step=st.sampled_from([3, 12, 30]),
)
def test_a_calving_event_is_never_rejected(drop, at, growth, seed, step):
    day, y = history(80, seed=seed, step=step)
    away = np.where(day >= day[at], np.maximum(drop - growth * (day - day[at]), 0), 0)
    table = table_of(day, [lopsided(front) for front in y - away])
    assert rejected_rows(screen(table, DOMAINS, today=TODAY)) == []


def test_default_leaves_traces_drawn_by_hand_alone_and_strict_does_not():
    table = good().assign(method="manual")
    table = with_line(table, 40, affinity.translate(table.geometry.iloc[40], 0, 2500))
    assert rejected_rows(screen(table, DOMAINS, today=TODAY)) == []
    assert rejected_rows(screen(table, DOMAINS, today=TODAY, rules="strict")) == [40]
    assert rejected_rows(screen(table, DOMAINS, today=TODAY, rules="none")) == []


def test_rules_run_twice_and_lifted():
    plain = screen(good(), DOMAINS, today=TODAY, rules="none")
    plain = with_line(plain, 40, affinity.translate(plain.geometry.iloc[40], 0, 2500))
    once, _ = apply_rules(plain, DOMAINS, rule_set("default"))
    twice, _ = apply_rules(once, DOMAINS, rule_set("default"))
    assert rejected_rows(once) == [40]
    assert_geodataframe_equal(once, twice)
    assert_geodataframe_equal(lift_rules(once), plain)
    # another rule set does not keep what the first one found
    none, _ = apply_rules(once, DOMAINS, RULE_SETS["none"])
    assert_geodataframe_equal(none, plain)


def test_what_others_noted_stays():
    table = good().assign(note="cloud on the left")
    table = with_line(table, 40, affinity.translate(table.geometry.iloc[40], 0, 2500))
    found, _ = run(table, "history")
    assert found["note"].iloc[40].startswith("cloud on the left; rule history: ")
    assert lift_rules(found)["note"].tolist() == ["cloud on the left"] * len(table)


def test_a_mark_is_not_a_rejection():
    table = good()
    table = with_line(table, 40, mirrored(table.geometry.iloc[40]))
    found, _ = apply_rules(table, DOMAINS, [RULES["mirrored"].but(action="mark")])
    assert rejected_rows(found) == []
    assert flag_names(found["quality"].iloc[40]) == ["doubtful"]


@settings(max_examples=5)
@given(st.permutations(range(30)), st.floats(0.0, 360.0))
def test_neither_order_of_rows_nor_direction_matters(order, degrees):
    day, y = history(30)
    y[12] += 1500.0
    domains = {"test:1": straight_domain(width=WIDTH, length=LENGTH, degrees=degrees)}
    table = table_of(day, [lopsided(at, degrees=degrees) for at in y])
    table = table.iloc[list(order)]
    found, _ = apply_rules(table, domains, rule_set("strict"))
    wrong = found[is_rejected(found["quality"])]
    assert wrong["date"].tolist() == [pd.Timestamp("2015-01-01") + pd.Timedelta(days=int(day[12]))]


def test_positions_follow_the_front_even_where_part_is_missing():
    table = good(noise=0.0)
    cut = LineString(table.geometry.iloc[40].coords[30:])
    traces = measure_traces(with_line(table, 40, cut), DOMAINS)["test:1"]
    _, y = history(80, noise=0.0)
    error = traces.position - y
    assert np.abs(error - np.median(error)).max() < 40.0
    assert traces.coverage[40] < 0.7
    assert np.all(np.delete(traces.coverage, 40) == 1.0)


def test_every_score_on_request():
    table = good(30)
    _, scores = apply_rules(table, DOMAINS, rule_set("strict"), every_score=True)
    assert set(scores["rule"]) == {rule.name for rule in rule_set("strict")}
    assert scores.groupby("rule").size().eq(30).all()
    assert not scores["flagged"].any()


def test_rule_sets_from_a_configuration():
    chosen = rule_set({"base": "autoterm", "autoterm_jump": False, "history": {"action": "mark"}})
    names = [rule.name for rule in chosen]
    assert "autoterm_jump" not in names
    assert names[-1] == "history"
    assert chosen.rules[-1].action == "mark"
    changed = rule_set({"fast_advance": {"speed": 20.0, "manual": True}})
    rule = next(rule for rule in changed if rule.name == "fast_advance")
    assert rule.settings["speed"] == 20.0
    assert rule.manual
    assert RULES["fast_advance"].settings["speed"] == 50.0
    assert rule_set(chosen) is chosen
    assert rule_set(None) == RULE_SETS["default"]
    assert list(rule_set("strict").table()["name"]) == [r.name for r in rule_set("strict")]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("loose", "known are none, default"),
        ({"histroy": True}, "histroy.*known are"),
        ({"history": {"probabilty": 0.5}}, "has no setting"),
        ({"history": {"action": "delete"}}, "not reject or mark"),
    ],
)
def test_a_wrong_configuration_is_named(wanted, words):
    with pytest.raises(InputError, match=words):
        rule_set(wanted)
    with pytest.raises(InputError, match=words):
        screen(good(12), DOMAINS, rules=wanted)


def test_a_rule_of_ones_own():
    def late(traces, alive, numbers):
        year = traces.table["date"].dt.year.to_numpy().astype(float)
        return Judgement(year, numbers["last"], lambda k: f"of {year[k]:.0f}")

    rule = Rule("late", late, "odd_move", "after the last year", "here", {"last": 2016})
    table, scores = apply_rules(good(), DOMAINS, RuleSet("mine", (rule,)))
    assert rejected_rows(table) == np.flatnonzero(table["date"].dt.year > 2016).tolist()
    assert scores["reason"].str.match(r"of 201\d").all()


def test_rules_do_without_glaciers_domains_and_traces():
    table = good(5)
    for name in RULE_SETS:
        same, scores = apply_rules(table, {}, RULE_SETS[name])
        assert_geodataframe_equal(same, table)
        assert scores.empty
    empty, _ = apply_rules(table.iloc[:0], DOMAINS, RULE_SETS["strict"])
    assert empty.empty


def test_report_counts_and_words():
    table = good()
    table = with_line(table, 40, affinity.translate(table.geometry.iloc[40], 0, 2500))
    table = with_line(table, 20, mirrored(table.geometry.iloc[20]))
    table.loc[3, "date"] = pd.NaT
    table = screen(table, DOMAINS, today=TODAY, rules={"shape": False})
    report = screening_report(table, DOMAINS)
    row = report.iloc[0]
    assert (row["traces"], row["kept"], row["rejected"], row["doubtful"]) == (80, 78, 2, 1)
    assert (row["odd_move"], row["bad_date"]) == (1, 1)
    assert row["name"] == "made up"
    assert row["longest_gap_days"] == 24.0
    text = report_text(table, "test:1", DOMAINS)
    assert "78 of 80 traces kept, 1 of them doubtful" in text
    assert "1 odd_move" in text
    assert "rule mirrored" in text
    assert report_text(table, "test:9") == "test:9: no traces"
    assert screening_report(table.iloc[:0]).empty


@pytest.mark.parametrize("step", [12, 365])
def test_calving_that_stays_is_neither_rejected_nor_marked(step):
    day, y = history(60, step=step)
    y = y - np.where(np.arange(60) >= 30, 5000, 0) + 0.3 * day
    table = table_of(day, [lopsided(at) for at in y])
    judged, _ = apply_rules(table, DOMAINS, RULE_SETS["default"])
    assert (judged["quality"] == 0).all()
