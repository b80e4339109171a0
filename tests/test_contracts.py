"""The contracts that all rooms share: tables, variables, projections, dates, files."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from termini import domain, files, fronttable, geo, times, variables
from termini.errors import DomainError, InputError

LINE = LineString([(0.0, 0.0), (1000.0, 500.0)])


def some_fronts() -> gpd.GeoDataFrame:
    rows = [
        {"glacier_id": "a:2", "date": "2016-03-02", "scene_id": "s1", "geometry": LINE},
        {"glacier_id": "a:1", "date": "2015-03-02T10:00", "sigma_m": 12.0, "geometry": LINE},
        {"glacier_id": "a:1", "date": None, "geometry": None},
    ]
    return fronttable.front_table(rows)


# --- front table ------------------------------------------------------------------


def test_front_table_is_sorted_filled_and_round_trips(tmp_path: Path) -> None:
    table = some_fronts()
    assert list(table["glacier_id"]) == ["a:1", "a:1", "a:2"]
    assert table["trace_id"].is_unique
    assert (table["quality"] == 0).all()
    again = fronttable.read_fronts(fronttable.write_fronts(table, tmp_path / "f.parquet"))
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(table))
    assert fronttable.crs_text(again) == geo.ARCTIC


def test_trace_ids_do_not_depend_on_the_order_of_rows() -> None:
    table = some_fronts()
    columns = ["glacier_id", "date", "scene_id", "geometry"]
    turned = fronttable.front_table(gpd.GeoDataFrame(table[columns].iloc[::-1], crs=geo.ARCTIC))
    assert set(turned["trace_id"]) == set(table["trace_id"])


def test_same_table_same_bytes(tmp_path: Path) -> None:
    first = fronttable.write_fronts(some_fronts(), tmp_path / "a.parquet")
    second = fronttable.write_fronts(some_fronts(), tmp_path / "b.parquet")
    assert first.read_bytes() == second.read_bytes()


def test_flags_add_up_and_keep_their_reasons() -> None:
    table = some_fronts()
    fronttable.flag(table, [True, False, False], "outlier", "too far")
    fronttable.flag(table, [True, True, False], "open_end", ["left", "right"])
    assert variables.flag_names(table["quality"].iloc[0]) == ["outlier", "open_end"]
    assert list(table["note"]) == ["too far; left", "right", ""]
    assert list(variables.is_rejected(table["quality"])) == [True, False, False]


def test_bad_tables_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks the column\(s\) \['date'\]"):
        fronttable.front_table([{"glacier_id": "a:1", "geometry": LINE}])
    with pytest.raises(InputError, match=r"unknown column\(s\) \['colour'\]"):
        fronttable.front_table(
            [{"glacier_id": "a:1", "date": "2015", "geometry": LINE, "colour": "red"}]
        )
    with pytest.raises(InputError, match="row 1: 'soon' is not a date"):
        fronttable.front_table(
            [{"glacier_id": "a:1", "date": d, "geometry": LINE} for d in ("2015-01-01", "soon")]
        )
    with pytest.raises(InputError, match="no such file"):
        fronttable.read_fronts(tmp_path / "none.parquet")
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"not parquet")
    with pytest.raises(InputError, match=r"bad\.parquet: not a GeoParquet file"):
        fronttable.read_fronts(bad)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("sigma_m", -5.0, r"sigma_m: row 1 .* holds '-5\.0', needed is a number"),
        ("sigma_m", "big", r"sigma_m: row 1 .* holds 'big'"),
        ("quality", "x", r"quality: row 1 .* holds 'x'"),
        ("date", "soon", r"f\.parquet: date: row 1: 'soon' is not a date"),
        ("trace_id", "one", r"trace_id: row 1 .* needed is an id that no other row has"),
    ],
)
def test_a_bad_value_of_a_file_is_named_with_its_row(
    tmp_path: Path, column: str, value: object, message: str
) -> None:
    rows = [{"glacier_id": "a:1", "date": "2015", "geometry": LINE, "trace_id": i}
            for i in ("one", "two")]  # fmt: skip
    table = fronttable.front_table(rows)
    table[column] = [table[column].astype(str)[0] if isinstance(value, str) else 1.0, value]
    if isinstance(value, str) and column in ("sigma_m", "quality"):
        table[column] = ["1", value]
    table.to_parquet(tmp_path / "f.parquet")
    with pytest.raises(InputError, match=message):
        fronttable.read_fronts(tmp_path / "f.parquet")


def test_a_file_without_projection_is_named(tmp_path: Path) -> None:
    table = fronttable.front_table([{"glacier_id": "a:1", "date": "2015", "geometry": LINE}])
    table.set_crs(None, allow_override=True).to_parquet(tmp_path / "f.parquet")
    with pytest.raises(InputError, match=r"f\.parquet: the table states no projection"):
        fronttable.read_fronts(tmp_path / "f.parquet")


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; give the name of a file"):
        files.write_text(tmp_path, "x")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file: is a file; give a folder"):
        files.write_text(tmp_path / "file" / "x", "x")
    with pytest.raises(InputError, match="cannot be written"):
        files.check_writable("/proc/termini")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "file"]


# --- domains ----------------------------------------------------------------------


def some_domain(glacier_id: str) -> domain.GlacierDomain:
    return domain.GlacierDomain(
        glacier_id=glacier_id,
        name="Sermeq",
        fjord=box(0, 0, 5000, 2000),
        gate=LineString([(0, 2000), (0, 0)]),
        left_wall=LineString([(0, 2000), (5000, 2000)]),
        right_wall=LineString([(0, 0), (5000, 0)]),
        centreline=LineString([(0, 1000), (5000, 1000)]),
        reference_width=2000.0,
        reference_date=pd.Timestamp("2015-06-01"),
    )


def test_domains_round_trip(tmp_path: Path) -> None:
    given_domains = [some_domain("a:2"), some_domain("a:1")]
    path = domain.write_domains(given_domains, tmp_path / "d.parquet")
    found = domain.read_domains(path)
    assert list(found) == ["a:1", "a:2"]
    assert found["a:2"] == given_domains[0]


def test_domains_refuse_a_glacier_twice(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match=r"more than one domain for \['a:1'\]"):
        domain.write_domains([some_domain("a:1"), some_domain("a:1")], tmp_path / "d.parquet")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fjord": None}, r"row 0 \(a:1\): fjord must be a Polygon"),
        ({"reference_width": -1.0}, r"row 0 \(a:1\): reference_width is -1\.0"),
        ({"glacier_id": "a:2"}, r"row 1 \(a:2\): comes a second time"),
    ],
)
def test_a_bad_row_of_domains_is_named(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    path = domain.write_domains([some_domain("a:1"), some_domain("a:2")], tmp_path / "d.parquet")
    table = gpd.read_parquet(path)
    for name, value in changes.items():
        table.loc[0, name] = value
    table.to_parquet(path)
    with pytest.raises(DomainError, match=message):
        domain.read_domains(path)


# --- variables --------------------------------------------------------------------


def test_every_column_of_the_front_table_is_described() -> None:
    for name in fronttable.COLUMNS:
        assert variables.attributes(name)["long_name"]


def test_flag_bits_are_distinct_and_documented() -> None:
    bits = variables.flag_bits()
    assert len(set(bits.values())) == len(bits)
    assert all(mask & (mask - 1) == 0 for mask in bits.values())
    with pytest.raises(InputError, match=r"described in variables\.yml"):
        variables.attributes("no_such_thing")


# --- projections ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "inflation"), [(60.0, 1.080), (66.0, 1.027), (76.0, 0.969), (80.0, 0.955)]
)
def test_area_inflation_of_polar_stereographic(latitude: float, inflation: float) -> None:
    x, y = geo.transformer(geo.LONLAT, geo.ARCTIC).transform(-45.0, latitude)
    square = box(x - 2000, y - 2000, x + 2000, y + 2000)
    assert square.area / geo.true_area(square, geo.ARCTIC) == pytest.approx(inflation, abs=1e-3)
    assert geo.scale_factor(x, y) ** 2 == pytest.approx(inflation, abs=1e-3)


@given(st.floats(60, 82), st.floats(-70, -20), st.floats(500, 40_000))
def test_true_sizes_do_not_depend_on_the_projection(lat: float, lon: float, size: float) -> None:
    x, y = geo.transformer(geo.LONLAT, geo.ARCTIC).transform(lon, lat)
    square = box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    utm = f"EPSG:{32600 + int((lon + 180) // 6) + 1}"
    moved = geo.to_plane(square, geo.ARCTIC, utm)
    assert geo.true_area(moved, utm) == pytest.approx(geo.true_area(square, geo.ARCTIC), rel=1e-6)
    line, moved_line = square.exterior, geo.to_plane(square.exterior, geo.ARCTIC, utm)
    expected = geo.true_length(line, geo.ARCTIC)
    assert geo.true_length(moved_line, utm) == pytest.approx(expected, rel=1e-5)


def test_not_a_projection() -> None:
    with pytest.raises(InputError, match="write them like 'EPSG:3413'"):
        geo.transformer("nonsense", geo.ARCTIC)


# --- dates ------------------------------------------------------------------------


@given(st.datetimes(min_value=pd.Timestamp("1900-01-01"), max_value=pd.Timestamp("2100-12-31")))
def test_decimal_years_round_trip(moment: pd.Timestamp) -> None:
    date = pd.DatetimeIndex([moment])
    year = times.decimal_year(date)
    assert int(year[0]) == moment.year
    assert abs(times.from_decimal_year(year)[0] - date[0]) < pd.Timedelta("50us")


def test_decimal_year_knows_leap_years() -> None:
    assert times.decimal_year(["2016-07-02"])[0] == 2016.5
    assert times.decimal_year(["2015-07-02T12:00"])[0] == 2015.5


def test_months_are_stamped_on_the_15th() -> None:
    months = times.month_index("2015-11-30", "2016-02-01")
    assert [str(m.date()) for m in months] == [
        "2015-11-15",
        "2015-12-15",
        "2016-01-15",
        "2016-02-15",
    ]


# --- files ------------------------------------------------------------------------


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = files.write_text(tmp_path / "new" / "a.txt", "old")

    def fail() -> None:
        with files.written_whole(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_data_root_says_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TERMINI_DATA", str(tmp_path / "none"))
    with pytest.raises(InputError, match="set TERMINI_DATA"):
        files.data_root()
    assert files.data_root(required=False) is None
    assert np.isnan(fronttable.COLUMNS["sigma_m"])
