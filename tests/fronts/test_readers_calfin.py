"""CALFIN: lines, closed polygons, and which of them is read."""

from __future__ import annotations

import geopandas as gpd
import miniatures_a
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from miniatures import front
from shapely.affinity import rotate
from shapely.geometry import LineString, Polygon

from termini.errors import InputError
from termini.fronts import read_source, source_glaciers
from termini.fronts.readers import calfin
from termini.fronts.readers.calfin import METHOD, SIGMA_M
from termini.fronts.readers.calfin_polygons import TOLERANCE_M, fronts_of_polygons
from termini.fronttable import COLUMNS
from termini.variables import flag_names

ROWS = miniatures_a.CALFIN_ROWS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return miniatures_a.write_calfin(tmp_path_factory.mktemp("published"))


def near(line, other):
    """Largest distance from `line` to `other`: how far it strays, wherever it ends."""
    return max(other.distance(shapely.Point(xy)) for xy in line.segmentize(20.0).coords)


def test_each_scene_once_lines_before_polygons(folder):
    table = read_source("calfin", folder)
    assert list(table.columns) == [*COLUMNS, "geometry"]
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == sorted(row[3] for row in ROWS)
    assert (table["glacier_id"] == "calfin:3").all()
    for advance, _, _, date, _ in ROWS[:3]:
        line = table.loc[table["date"] == date, "geometry"].iloc[0]
        assert line.hausdorff_distance(front(3, advance)) < 1e-6
    # of the fourth scene there is a closed polygon only: its front, short of the walls
    line = table.loc[table["date"] == ROWS[3][3], "geometry"].iloc[0]
    whole = front(3, ROWS[3][0])
    assert near(line, whole) < 1e-6
    assert line.length == pytest.approx(whole.length - 2 * TOLERANCE_M, rel=0.01)


def test_quality_flag_says_by_whom_and_slc(folder):
    table = read_source("calfin", folder).set_index("date")
    manual, automatic = table.loc["1986-07-11"], table.loc["2014-05-02"]
    assert (manual["method"], manual["sigma_m"]) == ("manual", 22.0)
    assert (automatic["method"], automatic["sigma_m"]) == (METHOD, SIGMA_M)
    assert flag_names(automatic["quality"]) == []
    assert flag_names(table.loc["2008-07-23", "quality"]) == ["slc_off"]
    assert table.loc["2008-07-23", "method"] == METHOD
    assert flag_names(table.loc["2004-10-03", "quality"]) == ["slc_off"]
    assert table.loc["2004-10-03", "method"] == "manual"
    assert (table["analyst"] == "Cheng_D").all()
    assert (table["correlation_group"] == table["scene_id"]).all()
    assert table["scene_id"].str.startswith(("LT05", "LE07", "LC08")).all()


def test_closed_polygons_alone(folder):
    file = next(folder.rglob("*Jakobshavn*closed*.shp"))
    table = calfin(file, fjords={"calfin:3": miniatures_a.fjord()})
    assert len(table) == 4
    for advance, _, _, date, _ in ROWS:
        line = table.loc[table["date"] == date, "geometry"].iloc[0]
        assert near(line, front(3, advance)) < 1e-6
    without = calfin(file).set_index("date")
    assert without.loc["2008-07-23", "quality"] != 0
    assert flag_names(without.loc["2008-07-23", "quality"]) == ["slc_off", "doubtful"]
    assert "may run along the walls" in without.loc["2008-07-23", "note"]
    assert without.geometry.notna().all()


def test_two_polygons_of_one_scene_are_two_rows(folder, tmp_path):
    file = next(folder.rglob("*Jakobshavn*closed*.shp"))
    twice = pd.concat([gpd.read_file(file), gpd.read_file(file).iloc[:1]])
    again = miniatures_a.shapefile(twice, tmp_path / file.name)
    assert len(calfin(again, fjords={"calfin:3": miniatures_a.fjord()})) == 5


def test_files_of_all_basins_only_where_there_is_no_other(folder, tmp_path):
    assert len(read_source("calfin", folder)) == 4
    greenland = next(folder.rglob("termini_*_Greenland_v1.0.shp"))
    assert len(read_source("calfin", greenland)) == 3
    packed = miniatures_a.zipped(folder, tmp_path / "calfin.zip")
    pd.testing.assert_frame_equal(
        pd.DataFrame(read_source("calfin", packed)), pd.DataFrame(read_source("calfin", folder))
    )
    annual = miniatures_a.calfin_frame(ROWS[:1], False)
    miniatures_a.shapefile(annual, tmp_path / "a" / "termini_1972-2019_Greenland_annual_v1.0.shp")
    assert len(read_source("calfin", tmp_path / "a")) == 1


def test_glaciers(folder):
    glaciers = source_glaciers("calfin", folder)
    assert glaciers["glacier_id"].tolist() == ["calfin:3"]
    assert glaciers["name"].tolist() == ["Jakobshavn Isbræ"]
    assert glaciers["other_names"].tolist() == ["Sermeq Kujalleq; Jakobshavn-Isbrae"]
    assert abs(glaciers["x"].iloc[0] - miniatures_a.PLACES[3][0]) < 2e3


def write(folder, **columns):
    frame = miniatures_a.calfin_frame(ROWS[:2], False).assign(**columns)
    return miniatures_a.shapefile(frame, folder / "termini_1972-2019_X_v1.0.shp")


def test_bad_input(tmp_path):
    with pytest.raises(InputError, match="holds no vector file"):
        read_source("calfin", tmp_path)
    file = write(tmp_path)
    frame = gpd.read_file(file).drop(columns="QualFlag")
    miniatures_a.shapefile(frame, tmp_path / "b" / file.name)
    with pytest.raises(InputError, match=r"lacks the column\(s\) quality \(as QualFlag\)"):
        read_source("calfin", tmp_path / "b")
    table = read_source("calfin", write(tmp_path / "c", Date=["2015-02-30", None]))
    assert [flag_names(value) for value in table["quality"]] == [["bad_date"]] * 2
    assert "2015-02-30" in "".join(table["note"])
    table = read_source("calfin", write(tmp_path / "d", geometry=[None, front(3)]))
    assert sorted(map(tuple, map(flag_names, table["quality"]))) == [(), ("bad_geometry",)]
    wkt = write(tmp_path / "e")
    wkt.with_suffix(".prj").write_text(miniatures_a.ESRI_WKT)
    assert near(read_source("calfin", wkt).geometry.iloc[0], front(3, 0.0)) < 1e-6
    same = write(tmp_path / "f", Date="2015-08-01", ImageID="LC08_x")
    table = read_source("calfin", same)
    assert len(table) == 2
    assert table["trace_id"].is_unique


def test_glacier_without_number_has_its_name(tmp_path):
    table = read_source("calfin", write(tmp_path, GlacierID=None))
    assert (table["glacier_id"] == "calfin:Jakobshavn-Isbrae").all()


def closed(position, width=4000.0, seaward=True):
    """Polygon of ice (or sea) with a bulging front at `position` in a straight fjord."""
    across = np.linspace(0, width, 9)
    bulge = 300.0 * np.sin(across / width * np.pi)
    line = np.column_stack([position + bulge, across])
    end = -20e3 if seaward else 20e3
    return LineString(line), Polygon([*line, (end, width), (end, 0.0)])


@given(
    st.lists(st.integers(-20, 20), min_size=3, max_size=6, unique=True),
    st.floats(0, 360),
    st.booleans(),
    st.booleans(),
)
def test_fronts_lie_where_they_were_drawn(steps, angle, ice, known):
    """Ice or sea, whichever way the fjord runs, with the fjord given or only the others."""
    drawn = [closed(500.0 * step, seaward=ice) for step in steps]
    fjord = Polygon([(-20e3, 0), (20e3, 0), (20e3, 4000), (-20e3, 4000)])
    polygons = [rotate(polygon, angle, origin=(0, 0)) for _, polygon in drawn]
    outline = rotate(fjord, angle, origin=(0, 0)) if known else None
    found = fronts_of_polygons(polygons, outline)
    # without the fjord, that farthest out may run along the walls
    extreme = steps.index(max(steps) if ice else min(steps))
    for k, ((line, _), (front_line, words)) in enumerate(zip(drawn, found, strict=True)):
        assert front_line is not None, words
        whole = rotate(line, angle, origin=(0, 0))
        if known or k != extreme:
            assert words == ""
            assert near(front_line, whole) < 1e-6
            assert front_line.length > whole.length - 2.2 * TOLERANCE_M
        else:
            assert "farthest out" in words
            assert near(whole, front_line) < 1e-6


def test_polygons_that_do_not_tell_say_why():
    polygon = closed(0.0)[1]
    assert "only polygon of its basin" in fronts_of_polygons([polygon])[0][1]
    twice = fronts_of_polygons([polygon, polygon])
    assert [line for line, _ in twice] == [None, None]
    assert "fjords=" in twice[0][1]
    nothing = fronts_of_polygons([None, Polygon(), polygon, closed(900.0)[1]])
    assert [line is None for line, _ in nothing] == [True, True, False, False]
    assert "no polygon" in nothing[0][1]
