"""What holds for the reader of every published dataset, on its miniature."""

from __future__ import annotations

import shutil
from pathlib import Path

import front_miniatures
import geopandas as gpd
import miniatures
import miniatures_a
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.fronts import read_source, screen, source_glaciers, sources
from termini.fronttable import COLUMNS, crs_text, read_fronts, write_fronts
from termini.variables import is_rejected

WRITERS = {
    "nw_greenland": miniatures.write_nw_greenland,
    "jakobshavn": miniatures.write_jakobshavn,
    "harald_moltke": miniatures.write_harald_moltke,
    "daugaard_jensen": miniatures.write_central_east,
    "svalbard": miniatures.write_svalbard,
    "termpicks": miniatures_a.write_termpicks,
    "calfin": miniatures_a.write_calfin,
    "autoterm": miniatures_a.write_autoterm,
    **front_miniatures.WRITERS,
}
NAMES = [name for name in sources() if name in WRITERS]
ANTARCTIC = {"icelines", "tu_dresden_antarctica", "cobra_antarctica"}


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    """Miniature of each dataset and what is read of it."""
    made = {}
    for name in NAMES:
        folder = WRITERS[name](tmp_path_factory.mktemp(name))
        made[name] = folder, read_source(name, folder)
    return made


def test_every_dataset_has_a_miniature():
    assert set(sources()) == set(WRITERS)


@pytest.mark.parametrize("name", NAMES)
def test_the_table_is_a_front_table_with_provenance(roots, name):
    folder, table = roots[name]
    assert list(table.columns) == [*COLUMNS, "geometry"]
    assert crs_text(table) == ("EPSG:3031" if name in ANTARCTIC else "EPSG:3413")
    assert table["trace_id"].is_unique
    assert (table["source"] == name).all()
    assert (table["method"] != "").all()
    assert (table["sigma_m"] > 0).all()
    assert (table["date_sigma_days"] >= 0).all()
    assert table["glacier_id"].str.fullmatch(r"[a-z]+:\w+").all()
    scenes = table[table["scene_id"] != ""]
    assert (scenes["correlation_group"] == scenes["scene_id"]).all()
    pd.testing.assert_frame_equal(table, read_source(name, folder))


@pytest.mark.parametrize("name", NAMES)
def test_the_table_comes_back_from_disk(roots, tmp_path, name):
    _, table = roots[name]
    again = read_fronts(write_fronts(table, tmp_path / "fronts.parquet"))
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(table))
    assert crs_text(again) == crs_text(table)


@pytest.mark.parametrize("name", NAMES)
def test_the_glaciers_of_the_fronts_are_known_and_near_them(roots, name):
    folder, table = roots[name]
    glaciers = source_glaciers(name, folder)
    assert {"glacier_id", "name", "other_names", "x", "y"} <= set(glaciers)
    assert glaciers["glacier_id"].is_unique
    places = glaciers.set_index("glacier_id")[["x", "y"]]
    held = table[~table.geometry.isna()]
    middle = shapely.get_coordinates(shapely.centroid(held.geometry.to_numpy()))
    away = np.hypot(*(middle - places.loc[held["glacier_id"]].to_numpy()).T)
    assert (away < 30e3).all()


def rewritten(folder: Path, to: Path, orders: st.DataObject | None, turned: bool) -> Path:
    """Copy of a miniature with the rows of its files in another order, or its lines turned."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    for file in sorted(to.rglob("*")):
        if file.suffix not in {".shp", ".gpkg", ".geojson", ".json", ".gdb"}:
            continue
        try:
            names = [str(layer[0]) for layer in pyogrio.list_layers(file)]
            layers = {n: pyogrio.read_dataframe(file, layer=n, on_invalid="ignore") for n in names}
        except pyogrio.errors.DataSourceError:
            continue  # one that is broken on purpose
        if file.suffix == ".gdb":
            shutil.rmtree(file)
        else:
            file.unlink()
        for layer, held in layers.items():
            table = held
            if orders is not None:
                order = orders.draw(st.permutations(range(len(table))), label=f"{file.name}")
                table = table.iloc[list(order)].reset_index(drop=True)
            if turned:
                table = table.set_geometry(
                    shapely.reverse(table.geometry.to_numpy()), crs=table.crs
                )
            # only a file with layers can be added to
            more = {"layer": layer, "append": file.exists()} if len(layers) > 1 else {}
            drivers = {".gdb": "OpenFileGDB", ".json": "GeoJSON"}
            more |= {"driver": drivers[file.suffix]} if file.suffix in drivers else {}
            pyogrio.write_dataframe(table, file, **more)
    return to


def content(table: gpd.GeoDataFrame, directed: bool) -> list[tuple]:
    """Rows as they can be compared: without ids, paths and order, lines to the millimetre."""
    lines = shapely.set_precision(table.geometry.to_numpy(), 1e-3, mode="pointwise")
    if not directed:
        lines = shapely.normalize(lines)
    plain = table.drop(columns=["trace_id", "note", "geometry"]).map(str)
    return sorted(zip(*(plain[c] for c in plain), map(str, shapely.to_wkt(lines)), strict=True))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=5)
@given(orders=st.data())
def test_the_order_of_rows_does_not_matter(roots, tmp_path_factory, name, orders):
    folder, table = roots[name]
    to = tmp_path_factory.getbasetemp() / f"{name}_shuffled" / folder.name
    shuffled = read_source(name, rewritten(folder, to, orders, turned=False))
    assert content(shuffled, directed=False) == content(table, directed=False)


def boxes(table: gpd.GeoDataFrame, upstream: int) -> dict[str, GlacierDomain]:
    """A box around the fronts of each glacier, its gate at either end of the first one's normal."""
    domains = {}
    usable = table[~is_rejected(table["quality"].to_numpy()) & (table.geom_type == "LineString")]
    for glacier, rows in usable.groupby("glacier_id"):
        xy = np.asarray(rows.geometry.iloc[0].coords)
        across = (xy[-1] - xy[0]) / np.hypot(*(xy[-1] - xy[0]))
        # across may point either way, as the line is drawn; the domain must not
        across = across * (1.0 if (across > 0)[np.argmax(np.abs(across))] else -1.0)
        down = np.array([across[1], -across[0]]) * upstream
        left_of = np.array([-down[1], down[0]])
        middle = shapely.get_coordinates(rows.geometry.iloc[0].envelope.centroid)[0]
        half = np.abs(np.vstack([line.coords for line in rows.geometry]) - middle).max() + 2000.0
        a, b = middle - half * down, middle + half * down
        left = LineString([a + half * left_of, b + half * left_of])
        right = LineString([a - half * left_of, b - half * left_of])
        domains[str(glacier)] = GlacierDomain(
            glacier_id=str(glacier),
            name="",
            fjord=Polygon([*left.coords, *reversed(right.coords)]),
            gate=LineString([left.coords[0], right.coords[0]]),
            left_wall=left,
            right_wall=right,
            centreline=LineString([a, b]),
            reference_width=2 * half,
            crs=crs_text(table),
        )
    return domains


@pytest.mark.parametrize("upstream", [1, -1])
@pytest.mark.parametrize("name", NAMES)
def test_lines_drawn_either_way_come_out_left_to_right(roots, tmp_path, name, upstream):
    folder, table = roots[name]
    turned = read_source(name, rewritten(folder, tmp_path / folder.name, None, turned=True))
    domains = boxes(table, upstream)
    assert domains
    one, other = (screen(t, domains, today="2026-01-01") for t in (table, turned))
    inside = one["glacier_id"].isin(domains) & (one.geom_type == "LineString")
    assert inside.any()
    assert content(one[inside], directed=True) == content(other[inside.to_numpy()], directed=True)
    for glacier, line in zip(one["glacier_id"][inside], one.geometry[inside], strict=True):
        left, right = domains[glacier].left_wall, domains[glacier].right_wall
        first, last = (shapely.get_point(line, k) for k in (0, -1))
        assert left.distance(first) + right.distance(last) <= left.distance(last) + right.distance(
            first
        )
