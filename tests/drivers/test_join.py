"""Joining driver tables to glaciers: names, positions, doubt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.drivers import join_drivers, match_records, match_table, name_similarity, read_drivers
from termini.errors import InputError
from termini.fronts import source_glaciers
from termini.geometry.crosswalk_match import DOUBT, OTHER_NAME, SAME_NAME
from termini.names import parse_name
from termini.simulate import driver_records, simulate_region
from termini.variables import attributes

X, Y = -350_000.0, -1_600_000.0


def glaciers(*rows):
    table = pd.DataFrame(rows, columns=["name", "x", "y"])
    table["x"], table["y"] = table["x"] * 1e3 + X, table["y"] * 1e3 + Y
    return table.assign(glacier_id=[f"measures:{k}" for k in range(len(table))])


def records(*rows, variable="bed_depth", **more):
    names, x, y, values = zip(*rows, strict=True)
    data = {
        "name": ("record", np.array(names, dtype=object)),
        "x": ("record", np.array(x) * 1e3 + X),
        "y": ("record", np.array(y) * 1e3 + Y),
        variable: ("record", np.array(values, dtype=float)),
    }
    return xr.Dataset(data | more, attrs={"source": "a table"})


def doubts(drivers, variable="bed_depth"):
    words = {value: word for word, value in DOUBT.items()}
    return [words[int(v)] for v in drivers[f"{variable}_match_doubt"].values]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Jakobshavn Isbræ", "JAKOBSHAVN_ISBRAE"),
        ("Perdlerfiup Sermia", "Perlerfiup Se."),
        ("Kangerdlugssup Sermerssua", "Kangerlussuup Sermersua"),
        ("Sermeq Avangnardleq", "Sermeq Avannarleq"),
        ("Igdlugdlip Sermia", "Illullip Sermia"),
        ("Döcker Smith Gletsjer", "Docker Smith Gl."),
        ("Helheimgletscher", "HELHEIM_GLETSCHER"),
        ("Ussingbræer", "Ussing Br."),
        ("Nordenskiöld Gletsjer", "Nordenskiold Glacier"),
        ("Hayes Gl. North", "Hayes Gletscher N"),
        ("Gade Gletsjer", "GADE-MORELL"),
        ("Issuusarsuit Sermiat", "Issuuarsuit Sermia"),
    ],
)
def test_spellings_of_one_name(a, b):
    assert name_similarity(a, b) >= SAME_NAME
    assert name_similarity(b, a) == name_similarity(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Hayes Gletscher N", "Hayes Gletscher NN"),
        ("Store Gletscher", "Storm Gletscher"),
        ("Kangerlussuup Sermia", "Kangerluarsuup Sermia"),
        ("Rink Gletscher W", "Rink Gletscher"),
        ("Sermeq Silarleq", "Sermeq Avannarleq"),
    ],
)
def test_names_of_neighbours_are_not_one_name(a, b):
    assert name_similarity(a, b) < SAME_NAME


def test_no_name_says_nothing():
    for empty in ["", "NW_NONAME3", "Unnamed south Hayes M", "sector NW"]:
        assert parse_name(empty).stem == ""
        assert np.isnan(name_similarity(empty, "Hayes Gletscher"))
    assert name_similarity("Hayes Gletscher", "Harald Moltke Bræ") < OTHER_NAME


@settings(max_examples=25)
@given(st.text(max_size=25), st.text(max_size=25))
def test_similarity_of_any_text_is_a_share(a, b):
    value = name_similarity(a, b)
    assert np.isnan(value) or 0.0 <= value <= 1.0
    assert np.isnan(value) == np.isnan(name_similarity(b, a))


def test_the_same_name_wins_over_a_nearer_other_name():
    drivers = join_drivers(
        glaciers(("Hayes Gletscher", 0, 0)),
        [records(("Kjer Gletscher", 1, 0, 100.0), ("Hayes Gl.", 3, 0, 340.0))],
    )
    assert drivers["bed_depth"].values.tolist() == [340.0]
    assert drivers["bed_depth_match_name"].values.tolist() == ["Hayes Gl."]
    # Kilometres of the projection are not true ones: too short by 1.4 % at 75 degrees north.
    assert drivers["bed_depth_match_distance"].values[0] == pytest.approx(3042.0, abs=5.0)
    assert doubts(drivers) == ["clear"]


def test_nothing_within_the_distance_is_missing_and_said():
    drivers = join_drivers(
        glaciers(("Hayes Gletscher", 0, 0)), [records(("Hayes Gletscher", 30, 0, 340.0))]
    )
    assert np.isnan(drivers["bed_depth"].values).all()
    assert np.isnan(drivers["bed_depth_match_distance"].values).all()
    assert doubts(drivers) == ["no_match"]
    far = join_drivers(
        glaciers(("Hayes Gletscher", 0, 0)),
        [records(("Hayes Gletscher", 30, 0, 340.0))],
        max_distance=50e3,
    )
    assert far["bed_depth"].values.tolist() == [340.0]


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([("Kjer Gletscher", 1, 0, 1.0)], "names_disagree"),
        ([("Kjer Gletscher", 7, 0, 1.0)], "no_match"),
        ([("", 1, 0, 1.0)], "position_only"),
        ([("", 1.0, 0, 1.0), ("", 0, 1.2, 2.0)], "two_candidates"),
        ([("", 1.0, 0, 1.0), ("", 0, 8.0, 2.0)], "position_only"),
        ([("Hayes Gl.", 1.0, 0, 1.0), ("", 0, 1.0, 2.0)], "clear"),
    ],
)
def test_doubt_is_told(rows, word):
    drivers = join_drivers(glaciers(("Hayes Gletscher", 0, 0)), [records(*rows)])
    assert doubts(drivers) == [word]


def test_a_point_record_belongs_to_one_glacier():
    drivers = join_drivers(
        glaciers(("", 0, 0), ("Hayes Gletscher", 2, 0)),
        [records(("Hayes Gletscher", 0.5, 0, 340.0), ("", -6, 0, 90.0))],
    )
    assert drivers["bed_depth"].values.tolist() == [90.0, 340.0]
    assert doubts(drivers) == ["contested", "clear"]


def test_a_record_that_bears_a_far_glaciers_name_is_doubted():
    drivers = join_drivers(
        glaciers(("", 0, 0), ("Savissuaq Gletscher", 40, 0)),
        [records(("Savissuaq Gl.", 2, 0, 340.0))],
    )
    assert drivers["bed_depth"].values[0] == 340.0
    assert doubts(drivers) == ["names_disagree", "no_match"]


def test_outlines_are_shared_by_the_glaciers_inside():
    box = f"POLYGON (({X - 5e3} {Y - 5e3}, {X + 5e3} {Y - 5e3}, {X + 5e3} {Y + 5e3}, {X - 5e3} {Y + 5e3}, {X - 5e3} {Y - 5e3}))"  # noqa: E501
    table = records(("", 0, 0, 250.0), variable="sill_depth", outline=("record", [box]))
    drivers = join_drivers(glaciers(("A glacier", 1, 1), ("", -4, 0), ("B", 40, 0)), [table])
    assert drivers["sill_depth"].values[:2].tolist() == [250.0, 250.0]
    assert np.isnan(drivers["sill_depth"].values[2])
    assert drivers["sill_depth_match_distance"].values[:2].tolist() == [0.0, 0.0]
    assert doubts(drivers, "sill_depth") == ["clear", "clear", "no_match"]


def test_a_record_without_position_is_joined_by_a_name_that_occurs_once():
    table = records(("Perlerfiup Se.", np.nan, np.nan, 2.9), ("Hayes", np.nan, np.nan, 1.0))
    one = glaciers(("Perdlerfiup Sermia", 0, 0), ("Hayes Gletscher", 9, 0), ("Hayes Gl.", 20, 0))
    drivers = join_drivers(one, [table])
    assert drivers["bed_depth"].values[0] == 2.9
    assert np.isnan(drivers["bed_depth"].values[1:]).all()
    assert doubts(drivers) == ["name_only", "no_match", "no_match"]


def test_a_later_table_fills_what_an_earlier_leaves_open():
    first = records(("A", 0, 0, np.nan), ("B", 20, 0, 2.0))
    second = records(("A", 0, 1, 10.0), ("B", 20, 1, 20.0), ("C", 40, 1, 30.0))
    second.attrs["source"] = "another table"
    three = glaciers(("A", 0, 0), ("B", 20, 0), ("C", 40, 0))
    drivers = join_drivers(three, [first, second])
    assert drivers["bed_depth"].values.tolist() == [10.0, 2.0, 30.0]
    sources = drivers["bed_depth_match_source"].values.tolist()
    assert sources == ["another table", "a table", "another table"]


def test_times_of_all_tables():
    def yearly(variable, years, value):
        time = pd.DatetimeIndex([f"{year}-07-15" for year in years])
        table = records(("A", 0, 0, 1.0)).drop_vars("bed_depth").assign_coords(time=time)
        table[variable] = (("record", "time"), np.full((1, len(years)), value))
        return table

    drivers = join_drivers(
        glaciers(("A", 0, 0)),
        {"one": yearly("runoff", [2000, 2001], 5.0), "two": yearly("melange", [2001, 2002], 0.5)},
    )
    assert drivers.sizes == {"glacier": 1, "time": 3}
    np.testing.assert_array_equal(drivers["runoff"].values, [[5.0, 5.0, np.nan]])
    np.testing.assert_array_equal(drivers["melange"].values, [[np.nan, 0.5, 0.5]])


def test_every_joined_variable_is_described():
    drivers = join_drivers(glaciers(("A", 0, 0)), [records(("A", 0, 0, 1.0))])
    for name in drivers.data_vars:
        assert drivers[name].attrs["long_name"] == attributes(str(name))["long_name"]


def test_match_table_puts_the_doubtful_first():
    drivers = join_drivers(
        glaciers(("Hayes Gletscher", 0, 0), ("Alison Gletscher", 30, 0)),
        [records(("Hayes Gl.", 0, 0, 1.0), ("Kjer Gl.", 31, 0, 2.0))],
    )
    table = match_table(drivers)
    assert table["doubt"].tolist() == ["names_disagree", "clear"]
    assert table["glacier_id"].tolist() == ["measures:1", "measures:0"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda g: g.drop(columns="name"), "name"),
        (lambda g: pd.concat([g, g]), "twice"),
        (lambda g: g.assign(x=np.nan), "no position"),
    ],
)
def test_bad_tables_of_glaciers(change, words):
    with pytest.raises(InputError, match=words):
        join_drivers(change(glaciers(("A", 0, 0))), [records(("A", 0, 0, 1.0))])


def test_bad_records():
    good = records(("A", 0, 0, 1.0))
    with pytest.raises(InputError, match="it lacks x"):
        join_drivers(glaciers(("A", 0, 0)), [good.drop_vars("x")])
    odd = good.assign(bed_depth=(("record", "depth"), np.zeros((1, 2))))
    with pytest.raises(InputError, match="depth"):
        join_drivers(glaciers(("A", 0, 0)), [odd])
    none = join_drivers(glaciers(("A", 0, 0)), [good.isel(record=[])])
    assert doubts(none) == ["no_match"]


@settings(max_examples=15)
@given(st.permutations(range(6)), st.permutations(range(6)))
def test_join_does_not_hang_on_the_order_of_rows(order, other):
    rows = [(f"Glacier {'abcdefgh'[k] * 4}", 7.0 * k, 0.0) for k in range(6)]
    published = [(name, x + 1.0, 0.5, float(k)) for k, (name, x, _) in enumerate(rows)]
    drivers = join_drivers(
        glaciers(*(rows[k] for k in order)), [records(*(published[k] for k in other))]
    )
    assert drivers["bed_depth"].values.tolist() == [float(k) for k in order]


def test_simulated_records_go_to_their_glaciers():
    region = simulate_region(3, n_glaciers=10)
    centres = [g.channel.centre_at(float(g.position.mean())) for g in region.glaciers]
    table = pd.DataFrame(
        {
            "glacier_id": [g.domain.glacier_id for g in region.glaciers],
            "name": [g.domain.name for g in region.glaciers],
            "x": [xy[0] for xy in centres],
            "y": [xy[1] for xy in centres],
        }
    )
    for published in driver_records(region).values():
        match = match_records(table, published)
        truth = published["true_glacier_id"].values
        for glacier, record in zip(table["glacier_id"], match.record, strict=True):
            if record >= 0:
                assert truth[record] == glacier
            else:
                assert glacier not in truth


@pytest.mark.data
def test_real_glaciers_of_north_west_greenland(data_root):
    names = source_glaciers("nw_greenland")
    tables, _ = read_drivers()
    drivers = join_drivers(names, tables)
    found = {
        name: int(np.isfinite(drivers[name].values.reshape(87, -1)).any(axis=1).sum())
        for name in ("bed_depth", "sill_depth", "runoff", "thermal_forcing", "thermal_forcing_mean")
    }
    assert found == {
        "bed_depth": 84,
        "sill_depth": 84,
        "runoff": 71,
        "thermal_forcing": 87,
        "thermal_forcing_mean": 65,
    }
    at = {glacier: k for k, glacier in enumerate(drivers["glacier_id"].values)}
    matched = drivers["runoff_match_name"].values
    assert matched[at["measures:3"]] == "Jakobshavn Isbræ"
    assert matched[at["measures:7"]] == "Sermeq Kujalleq"
    assert matched[at["measures:17"]] == "Rink Isbræ"
    assert matched[at["measures:56"]] == "Rink Gletscher"
    assert matched[at["measures:31"]] == "Ussing Bræer N"
    wrong = match_table(drivers).query("doubt == 'names_disagree' and variable == 'runoff'")
    assert wrong["glacier_id"].tolist() == ["measures:70"]
