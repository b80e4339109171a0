"""The id crosswalk: one row a glacier, every id once, doubts said."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from termini.errors import InputError
from termini.geometry import crosswalk, find_glacier, namespaces, read_namespace
from termini.geometry.crosswalk_match import assign

Rows = list[tuple[int, int, str]]
X, Y = -180_000.0, -2_270_000.0


def table(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """Id, name, kilometres east and north of a place in Greenland."""
    return pd.DataFrame(
        [(i, n, X + 1000 * x, Y + 1000 * y) for i, n, x, y in rows],
        columns=["id", "name", "x", "y"],
    )


def test_ids_of_one_glacier_stand_in_one_row() -> None:
    found = crosswalk(
        {
            "a": table(("1", "Jakobshavn Isbræ", 0, 0), ("2", "Eqip Sermia", 30, 0)),
            "b": table(("9", "Eqip Sermia", 31, 1), ("8", "JAKOBSHAVN_ISBRAE", 2, 0)),
        }
    )
    assert found[["a_id", "b_id"]].values.tolist() == [["1", "8"], ["2", "9"]]
    assert found["b_distance_m"].tolist() == pytest.approx([2000, 1414], rel=0.03)
    assert found["b_name_score"].tolist() == [1.0, 1.0]
    assert not found["b_doubtful"].any()


def test_glaciers_without_a_match_are_kept() -> None:
    found = crosswalk({"a": table(("1", "Eqip", 0, 0)), "b": table(("2", "Store", 60, 0))})
    assert found[["a_id", "b_id"]].values.tolist() == [["1", ""], ["", "2"]]
    assert found["b_reason"].tolist() == ["no_match", "first"]
    assert np.isnan(found["b_distance_m"].iloc[0])


def test_a_nearer_place_of_another_name_is_not_taken() -> None:
    found = crosswalk(
        {
            "a": table(("n", "Kjer", 0, 0), ("s", "Hayes", 0, 6)),
            "b": table(("1", "Hayes", 0, 2.5), ("2", "Kjer", 0, 3.5)),
        }
    )
    assert found[["a_id", "b_id"]].values.tolist() == [["n", "2"], ["s", "1"]]


def test_a_name_learnt_from_one_table_serves_the_next() -> None:
    found = crosswalk(
        {
            "number": table(("1", "", 0, 0), ("2", "", 7, 0)),
            "name": table(("a", "Kjer", 1, 0), ("b", "Hayes", 8, 0)),
            "far": table(("x", "Hayes", 4.4, 0)),
        }
    )
    assert found.loc[found["far_id"] == "x", "number_id"].tolist() == ["2"]


def test_several_gates_of_a_glacier_are_listed() -> None:
    found = crosswalk(
        {
            "a": table(("1", "Humboldt", 0, 0)),
            "b": table(("g1", "Humboldt", 1, 0), ("g2", "Humboldt", 4, 0), ("g3", "", 2, 0)),
        }
    )
    assert found["b_id"].tolist() == ["g1"]
    assert found["b_also"].tolist() == ["g2;g3"]


def test_two_glaciers_in_one_basin_share_it() -> None:
    basin = gpd.GeoDataFrame(
        {"id": ["B"], "name": ["CW_NONAME1"], "shared": [True]},
        geometry=[shapely.box(X - 9e3, Y - 9e3, X + 9e3, Y + 9e3)],
        crs="EPSG:3413",
    )
    found = crosswalk({"a": table(("1", "Eqip", 0, 0), ("2", "Store", 6, 0)), "basin": basin})
    assert found["basin_id"].tolist() == ["B", "B"]
    assert found["basin_reason"].tolist() == ["shared_outline"] * 2
    assert found["basin_distance_m"].tolist() == [0.0, 0.0]
    apart = crosswalk(
        {"a": table(("1", "", 0, 0), ("2", "", 6, 0)), "box": basin.drop(columns="shared")}
    )
    assert apart["box_id"].tolist() == ["B", ""]


def test_a_basin_taken_by_name_from_within_another_is_doubted() -> None:
    one = shapely.box(X - 2e3, Y, X + 2e3, Y + 9e3)
    two = shapely.box(X + 2e3, Y, X + 9e3, Y + 9e3)
    basins = gpd.GeoDataFrame(
        {"id": ["in", "named"], "name": ["Store", "Eqip"], "shared": [True, True]},
        geometry=[one, two],
        crs="EPSG:3413",
    )
    found = crosswalk({"a": table(("1", "Eqip", 1, 1)), "basin": basins})
    row = found[found["a_id"] == "1"].iloc[0]
    assert row["basin_id"] == "named"
    assert row["basin_doubtful"]
    assert row["basin_reason"] == "inside_another"


@pytest.mark.parametrize(
    ("place", "name", "reason", "doubtful"),
    [
        (1.0, "", "position_only", False),
        (4.0, "", "position_only", True),
        (3.0, "Store", "names_disagree", True),
        (3.0, "Eqip", "clear", False),
    ],
)
def test_doubts_are_said(place: float, name: str, reason: str, doubtful: bool) -> None:
    found = crosswalk({"a": table(("1", "Eqip", 0, 0)), "b": table(("2", name, place, 0))})
    assert found["b_reason"].iloc[0] == reason
    assert bool(found["b_doubtful"].iloc[0]) is doubtful


places = st.lists(
    st.tuples(
        st.integers(0, 40), st.integers(0, 40), st.sampled_from(["", "Eqip", "Kjer", "Rink"])
    ),
    min_size=1,
    max_size=7,
)


@given(places, places, places)
def test_every_id_stands_exactly_once(a: Rows, b: Rows, c: Rows) -> None:
    tables = {
        ns: table(*((f"{ns}{i}", name, x, y) for i, (x, y, name) in enumerate(rows)))
        for ns, rows in zip("abc", (a, b, c), strict=True)
    }
    found = crosswalk(tables)
    for ns, rows in tables.items():
        also = [i for text in found[f"{ns}_also"] for i in text.split(";") if i]
        ids = [i for i in found[f"{ns}_id"] if i]
        assert sorted(ids + also) == sorted(rows["id"])
        assert (found.loc[found[f"{ns}_id"] != "", f"{ns}_distance_m"] <= 10_000).all()


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 999))
def test_the_assignment_costs_least(n: int, m: int, seed: int) -> None:
    """Beside all ways of joining, where a glacier left out costs as much as the worst pair."""
    cost = np.random.default_rng(seed).uniform(0, 3, (n, m))
    record = assign(cost, np.zeros(m, dtype=bool))
    left_out = cost.max()

    def total(chosen: tuple[int, ...]) -> float:
        return sum(left_out if r < 0 else cost[i, r] for i, r in enumerate(chosen))

    choices = set(permutations([*range(m), *[-1] * n], n))
    assert total(tuple(record)) == pytest.approx(min(map(total, choices)))
    taken = record[record >= 0]
    assert len(set(taken)) == len(taken)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (table(("1", "", 0, 0)).drop(columns="name"), "table b: lacks the column.* name"),
        (table(("1", "", 0, 0), ("1", "", 5, 0)), "table b: holds '1' twice"),
        (table(("1", "", np.nan, 0)), "table b: '1' has no position"),
        (table(("1", "", 0, 0)).drop(columns="x"), "neither geometry nor"),
        (
            gpd.GeoDataFrame({"id": ["1"], "name": [""]}, geometry=[shapely.Point(1, 1)], crs=4326),
            "table b: is not in EPSG:3413",
        ),
    ],
)
def test_bad_tables_are_named(bad: pd.DataFrame, said: str) -> None:
    with pytest.raises(InputError, match=said):
        crosswalk({"a": table(("1", "", 0, 0)), "b": bad})


def test_a_glacier_is_found_by_id_name_or_part() -> None:
    found = crosswalk({"a": table(("1", "Jakobshavn Isbræ", 0, 0), ("2", "Eqip Sermia", 30, 0))})
    for text in ("a:1", "JAKOBSHAVN_ISBRAE", "obshav"):
        assert find_glacier(found, text)["a_id"].tolist() == ["1"]
    with pytest.raises(InputError, match=r"no such glacier.*NAMESPACE:ID with one of a"):
        find_glacier(found, "Atlantis")


def test_readers_name_the_file(tmp_path: Path) -> None:
    spoilt = tmp_path / "gate_meta.csv"
    spoilt.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"gate_meta\.csv: is not the published table 'mankoff'"):
        read_namespace("mankoff", spoilt)
    with pytest.raises(InputError, match="not found"):
        read_namespace("rignot", tmp_path / "none.mat")
    with pytest.raises(InputError, match="unknown; known are measures"):
        read_namespace("nobody")


def test_published_forms_are_read(tmp_path: Path) -> None:
    gates = tmp_path / "gates.csv"
    gates.write_text(
        "gate,mean_x,mean_y,Bjork_2015,Mouginot_2019\n231,300000,-2577000,Helheim Gletsjer,"
        "HELHEIMGLETSCHER\n"
    )
    boxes = tmp_path / "boxes.txt"
    boxes.write_text("GID181 -38.25 66.33 -38.13 66.41\n")
    traces = gpd.GeoDataFrame(
        {"GlacierID": [7, 7], "OfficialN": ["Helheim", None], "GrnlndcN": [None, None]},
        geometry=[shapely.LineString([(305_000, -2.577e6), (307_000, -2.577e6)])] * 2,
        crs="EPSG:3413",
    )
    traces.to_file(tmp_path / "TermPicks_V2.shp")
    tables = {
        "mankoff": read_namespace("mankoff", gates),
        "autoterm": read_namespace("autoterm", boxes),
        "termpicks": read_namespace("termpicks", tmp_path / "TermPicks_V2.shp"),
    }
    found = crosswalk(tables)
    row = found.iloc[0]
    assert (row["mankoff_id"], row["autoterm_id"], row["termpicks_id"]) == ("231", "181", "7")
    assert row["name"].startswith("Helheim Gletsjer; HELHEIMGLETSCHER")


def test_official_names_are_read(tmp_path: Path) -> None:
    """Every column of names counts; a file without ids says what it has."""
    points = gpd.GeoSeries.from_wkt(["POINT (-38.2 66.4)", "POINT (-49.6 69.2)"])
    names = {
        "ID": [181, 3],
        "Official_n": ["Helheim Gletsjer", "Sermeq Kujalleq"],
        "Grnl_name": ["", "Jakobshavn"],
        "Frgn_name": [None, "Jakobshavn Isbrae"],
    }
    path = tmp_path / "GreenlandGlacierNames_GGNv01_WGS84.shp"
    frame = gpd.GeoDataFrame(names, geometry=points, crs="EPSG:4326")
    frame.to_file(path)
    table = read_namespace("bjork", path)
    assert list(table["id"].astype(str)) == ["181", "3"]
    assert table["name"].str.contains("Jakobshavn").tolist() == [False, True]
    frame[["Official_n", "geometry"]].to_file(tmp_path / "bare.shp")
    with pytest.raises(InputError, match=r"bare\.shp: needs a column ID"):
        read_namespace("bjork", tmp_path / "bare.shp")


@pytest.mark.data
def test_the_published_tables_agree(data_root: Path) -> None:
    """Glaciers that were looked up by hand; every id of every table stands once."""
    tables = {n: read_namespace(n) for n in namespaces() if n not in ("bjork", "termpicks")}
    found = crosswalk(tables)
    for ns, rows in tables.items():
        ids = {i for i in found[f"{ns}_id"] if i}
        also = {i for text in found[f"{ns}_also"] for i in text.split(";") if i}
        assert ids | also == set(rows["id"])
    columns = [f"{ns}_id" for ns in ("morlighem", "roi", "rignot", "mankoff", "mouginot")]
    one = find_glacier(found, "measures:3").iloc[0]
    assert one[columns].tolist() == ["1", "49", "1", "184", "CW:JAKOBSHAVN_ISBRAE"]
    one = find_glacier(found, "measures:22").iloc[0]
    assert one[columns].tolist() == ["18", "122", "18", "135", "NW:UPERNAVIK_ISSTROM_C"]
