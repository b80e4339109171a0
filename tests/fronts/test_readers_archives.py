"""PROMICE, ESA CCI, IceLines, TU Dresden and COBRA: on miniatures, and on real files where any."""

from __future__ import annotations

import json

import front_miniatures
import miniatures
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.geometry import LineString

from termini.errors import InputError
from termini.fronts import read_source, source_glaciers
from termini.fronts.readers.cobra_places import PLACES, place_name
from termini.fronts.readers.esa_cci import glims_place
from termini.fronts.readers.icelines import icelines
from termini.fronts.readers.places import slug
from termini.geo import ANTARCTIC, ARCTIC, LONLAT
from termini.variables import flag_names


@pytest.fixture
def made(tmp_path):
    return {name: write(tmp_path) for name, write in front_miniatures.WRITERS.items()}


def test_promice_has_a_file_for_each_glacier_and_year(made):
    table = read_source("promice", made["promice"]).sort_values(["glacier_id", "date"])
    assert table["glacier_id"].tolist() == ["promice:docker_smith"] * 2 + ["promice:jakobshavn"] * 2
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["1999-09-15", "2018-09-15"] * 2
    assert table["date_sigma_days"].tolist() == pytest.approx([61 / 12**0.5] * 4)
    flags = [flag_names(q) for q in table["quality"]]
    # two lines in a file are pieces of its front
    assert flags == [["date_coarse"]] * 3 + [["several_pieces", "date_coarse"]]
    assert table["geometry"].iloc[0].hausdorff_distance(front_miniatures.front("helheim")) < 0.01
    names = source_glaciers("promice", made["promice"]).set_index("glacier_id")["name"]
    assert names["promice:docker_smith"] == "Døcker Smith"
    one = next(made["promice"].rglob("Jakobshavn1999.shp"))
    assert read_source("promice", one)["glacier_id"].tolist() == ["promice:jakobshavn"]


@pytest.mark.parametrize(
    ("stated", "day", "flag"),
    [("2018-08-29", "2018-08-29", []), ("2020-02-01", "2018-09-15", ["source_uncertain"])],
)
def test_a_date_of_promice_counts_in_the_year_of_its_file(made, stated, day, flag):
    file = next(made["promice"].rglob("Døcker_Smith2018.shp"))
    table = pyogrio.read_dataframe(file).assign(Date=stated)
    pyogrio.write_dataframe(table, file)
    row = read_source("promice", file).iloc[0]
    assert row["date"] == pd.Timestamp(day)
    assert [f for f in flag_names(row["quality"]) if f == "source_uncertain"] == flag
    assert ("its date says 2020-02-01, its file 2018" in row["note"]) == bool(flag)


def test_a_year_alone_is_the_end_of_the_melt_season(tmp_path):
    table = read_source("promice", front_miniatures.write_promice_tables(tmp_path))
    row = table[table["date"] == pd.Timestamp("1999-09-15")].iloc[0]
    assert row["glacier_id"] == "promice:jakobshavn_isbrae"
    assert row["date_sigma_days"] == pytest.approx(61 / 12**0.5)
    assert flag_names(row["quality"]) == ["date_coarse"]
    exact = table[table["date"] == pd.Timestamp("2018-09-03")].iloc[0]
    assert (exact["date_sigma_days"], exact["sensor"]) == (0.0, "Landsat-8")
    # reprojected from UTM
    assert exact["geometry"].hausdorff_distance(front_miniatures.front("jakobshavn")) < 0.01
    assert "no date" in table[table["date"].isna()]["note"].iloc[0]


def test_promice_takes_name_and_year_from_the_file_where_no_column_has_them(tmp_path):
    for name in ["Helheim_1999", "Jakobshavn_Isbrae_2001"]:
        place = name.split("_")[0].lower()
        line = front_miniatures.front(place)
        front_miniatures.write(tmp_path / f"{name}.shp", [{"Id": 0}], [line], ARCTIC)
    table = read_source("promice", tmp_path)
    assert table["glacier_id"].tolist() == ["promice:helheim", "promice:jakobshavn_isbrae"]
    assert table["date"].dt.year.tolist() == [1999, 2001]
    (tmp_path / "Helheim_1999.shp").unlink()
    with pytest.raises(InputError, match=r"lacks the column\(s\) for the glacier name"):
        read_source("promice", tmp_path)


def test_cci_files_are_traces_of_one_or_more_pieces(made):
    table = read_source("esa_cci", made["esa_cci"])
    assert len(table) == 5
    assert table["sensor"].tolist() == ["ERS-1", "Landsat-8", "ERS-1", "Landsat-8", ""]
    assert [flag_names(q) for q in table["quality"]][3:] == [["several_pieces"], ["bad_geometry"]]
    assert "20160101.shp" in table["note"].iloc[4]
    glaciers = source_glaciers("esa_cci", made["esa_cci"]).set_index("glacier_id")
    assert glaciers.loc["glims:G310846E69083N", "name"] == "Jakobshavn Isbræ"
    assert glims_place("G310846E69083N") == pytest.approx((-49.154, 69.083))
    assert glims_place("g294000e65100s") == pytest.approx((-66.0, -65.1))
    with pytest.raises(InputError, match="G310846E69083N"):
        glims_place("RGI60-05")


def test_a_cci_time_of_another_day_than_the_file_name_is_doubted(made):
    file = next(made["esa_cci"].rglob("*_19950820.shp"))
    table = pyogrio.read_dataframe(file).assign(acq_time="1995-08-02 09:00:00")
    pyogrio.write_dataframe(table, file)
    read = read_source("esa_cci", file)
    assert flag_names(read["quality"].iloc[0]) == ["source_uncertain"]
    assert read["note"].tolist() == ["acq_time says 19950802, the file name 19950820"]
    assert read["date"].tolist() == [pd.Timestamp("1995-08-20")]


def test_a_file_without_projection_is_said_with_the_remedy(made):
    for part in made["esa_cci"].rglob("*_20150819.prj"):
        part.unlink()
    table = read_source("esa_cci", made["esa_cci"])
    notes = table[table["date"] == pd.Timestamp("2015-08-19")]["note"]
    assert notes.str.contains(r"states no projection; put its \.prj file beside it").all()
    for part in made["esa_cci"].rglob("*.prj"):
        part.unlink()
    with pytest.raises(InputError, match="states no projection"):
        read_source("esa_cci", made["esa_cci"])


def test_metres_that_are_called_degrees_are_said_with_the_remedy(made):
    file = next(made["esa_cci"].rglob("*_19950820.shp"))
    table = pyogrio.read_dataframe(file).to_crs(ARCTIC)
    pyogrio.write_dataframe(table.set_crs(LONLAT, allow_override=True), file)
    read = read_source("esa_cci", made["esa_cci"])
    notes = read[read["note"].str.contains(file.name)]["note"].tolist()
    assert len(notes) == 1
    assert "its coordinates are metres; label it EPSG:3413 or EPSG:3031" in notes[0]


def test_icelines_stay_antarctic_and_are_read_at_their_finest(made):
    table = icelines(made["icelines"])
    assert table.crs.to_epsg() == 3031
    assert table["glacier_id"].tolist() == ["icelines:abbot1", "icelines:amery", "icelines:amery"]
    assert table["sigma_m"].tolist() == [209.0, 209.0, 432.0]
    assert table["date_sigma_days"].tolist() == pytest.approx([365.25 / 12**0.5, 0.0, 0.0])
    assert flag_names(table["quality"].iloc[2]) == ["source_uncertain"]
    # the line that a file repeats is there once
    assert table["geometry"].iloc[1].equals(front_miniatures.front("amery"))
    monthly = icelines(made["icelines"], product="monthly")
    assert monthly["date"].tolist() == [pd.Timestamp("2018-06-15")]
    assert monthly["method"].iloc[0].endswith("monthly mean")
    # one polarisation, as the beginning of the file name says
    assert monthly["sigma_m"].tolist() == [432.0]
    quarterly = icelines(made["icelines"], product="quarterly")
    assert quarterly["date"].tolist() == [pd.Timestamp("2018-05-15")]
    assert quarterly["date_sigma_days"].tolist() == pytest.approx([365.25 / 4 / 12**0.5])
    assert quarterly["glacier_id"].tolist() == ["icelines:amery"]
    with pytest.raises(InputError, match="daily, monthly"):
        icelines(made["icelines"], product="hourly")


def test_tu_dresden_reads_each_hemisphere_in_its_own_projection(made):
    folder = made["tu_dresden"]
    north, south = (read_source(name, folder) for name in ["tu_dresden", "tu_dresden_antarctica"])
    assert (len(north), len(south)) == (3, 1)
    assert (north.crs.to_epsg(), south.crs.to_epsg()) == (3413, 3031)
    assert north["sensor"].tolist() == ["Landsat-8", "Landsat", "Landsat-8"]
    drawn = front_miniatures.front("drygalski", 450.0)
    assert south["geometry"].iloc[0].hausdorff_distance(drawn) < 0.01
    with pytest.raises(InputError, match="read it as 'tu_dresden'"):
        read_source("tu_dresden_antarctica", folder / "helheim")


def test_harald_moltke_is_one_glacier_of_the_same_archive(tmp_path):
    folder = miniatures.write_harald_moltke(tmp_path)
    one, all_of_it = read_source("harald_moltke", folder), read_source("tu_dresden", folder)
    assert set(all_of_it["glacier_id"]) == {"loebel:harald_moltke_brae"}
    assert one["date"].tolist() == all_of_it["date"].tolist()
    held = one.geometry.notna().to_numpy()
    away = shapely.hausdorff_distance(one.geometry[held], all_of_it.geometry[held])
    assert (np.asarray(away) < 0.01).all()


def test_cobra_tells_glacier_date_and_scene_from_the_image(made):
    table = read_source("cobra", made["cobra"]).set_index("glacier_id")
    assert table.loc["cobra:calfin_helheim", "scene_id"].tolist() == [
        "LT05_L1TP_232013_19920902_T1",
        "LE07_L1TP_232013_20100405_T2",
    ]
    assert table.loc["cobra:tud_jakobshavn_isbrae", "sensor"] == "Landsat-8"
    assert "'scene.tif' is not a date" in table.loc["cobra:tud_helheim", "note"]
    south = read_source("cobra_antarctica", made["cobra"])
    assert south["glacier_id"].tolist() == ["cobra:baumhoer_amery", "cobra:tud_drygalski"]
    with pytest.raises(InputError, match="read it as 'cobra_antarctica'"):
        read_source("cobra", made["cobra"] / "Baumhoer.geo.json")


def test_cobra_without_image_names(made):
    file = made["cobra"] / "CALFIN.geo.json"
    document = json.loads(file.read_text())
    for feature in document["features"]:
        feature["properties"] = {"model": "a"}
    file.write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"CALFIN\.geo\.json: lacks the column.*src.*has model"):
        read_source("cobra", made["cobra"])


def test_places_are_found_within_their_window_only():
    for name, (lon, lat) in PLACES.items():
        assert place_name(lon, lat) == name
    assert place_name(-40.04, 65.52) == "n655_w0400"


@pytest.mark.parametrize(
    ("name", "text"),
    [("Jakobshavn Isbræ", "jakobshavn_isbrae"), ("Kjær-Ø", "kjaer_o"), ("LarsenC", "larsenc")],
)
def test_names_become_ids(name, text):
    assert slug(name) == text


@pytest.mark.parametrize("name", front_miniatures.WRITERS)
def test_a_folder_that_is_empty_or_not_there(tmp_path, name):
    with pytest.raises(InputError, match=r"docs/data\.md"):
        read_source(name, tmp_path)
    with pytest.raises(InputError, match=r"docs/data\.md"):
        read_source(name, tmp_path / "nowhere")


def test_a_line_of_nothing_is_flagged(made):
    file = next(made["icelines"].rglob("*mean-Abbot1.gpkg"))
    table = pyogrio.read_dataframe(file).iloc[:1]
    pyogrio.write_dataframe(table.set_geometry([LineString()], crs=ANTARCTIC), file)
    row = icelines(made["icelines"]).iloc[0]
    assert flag_names(row["quality"])[0] == "bad_geometry"


@pytest.mark.data
def test_the_real_predictions(data_root):
    north, south = (
        read_source(n, data_root / "model_fronts") for n in ["cobra", "cobra_antarctica"]
    )
    assert (len(north), len(south)) == (341, 81)
    for table in (north, south):
        assert (table["quality"] == 0).all()
        assert table["date"].notna().all()
        assert (shapely.get_num_coordinates(table.geometry.to_numpy()) == 64).all()
    assert not north["glacier_id"].str.contains(r"tud_[ns]\d").any()


@pytest.mark.data
def test_the_real_harald_moltke_files_read_as_the_archive(data_root):
    archive = read_source("tu_dresden", data_root / "harald_moltke" / "lines")
    one = read_source("harald_moltke", data_root / "harald_moltke")
    assert len(archive) == len(one) == 159
    away = shapely.hausdorff_distance(archive.geometry.to_numpy(), one.geometry.to_numpy())
    assert away.max() < 1e-3
