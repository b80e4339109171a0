"""Front tables and folders against references, groups, overlays, the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.affinity import translate
from shapely.geometry import LineString, Polygon, box
from typer.testing import CliRunner

from termini.cli.app import app
from termini.domain import write_domains
from termini.errors import InputError
from termini.fronts import evaluate, write_pixel_line, write_pixel_polygon
from termini.fronts.evaluate_groups import cloud_class, group_errors, season_of
from termini.fronts.evaluate_tables import evaluate_fronts, evaluate_pictures
from termini.fronts.overlay import Overlay, draw_overlays
from termini.fronttable import front_table, write_fronts
from termini.variables import flag_bits

sys.path.insert(0, str(Path(__file__).parents[1] / "scenes"))
from scenes_made_up import straight_domain


def _tables() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, dict]:
    """Three references and two predictions, one 100 m up-glacier, of a straight glacier."""
    domain = straight_domain()
    middle = domain.centreline.interpolate(0.5, normalized=True)
    start, end = np.array(domain.centreline.coords[0]), np.array(domain.centreline.coords[-1])
    down = (end - start) / np.hypot(*(end - start))
    right = np.array([down[1], -down[0]])
    half = 0.5 * domain.reference_width
    at = np.array(middle.coords[0])
    line = LineString([at - half * right, at + half * right])
    moved = translate(line, *(-100 * down))
    common = {"glacier_id": domain.glacier_id, "sensor": "Landsat 8"}
    dates = [pd.Timestamp(d) for d in ("2015-02-01", "2015-07-01", "2015-10-01")]
    truth = [common | {"date": d, "geometry": line, "source": "hand"} for d in dates]
    bad = flag_bits()["low_confidence"]
    ours = [
        common | {"date": dates[0], "geometry": moved, "sigma_m": 20.0, "source": "termini"},
        common | {"date": dates[1], "geometry": line, "quality": bad, "source": "termini"},
        common | {"date": pd.Timestamp("2019-01-01"), "geometry": line, "source": "termini"},
    ]
    return (
        front_table(ours, domain.crs),
        front_table(truth, domain.crs),
        {domain.glacier_id: domain},
    )


def test_traces_are_matched_by_date_and_errors_are_true_metres() -> None:
    ours, truth, domains = _tables()
    for known in (domains, None):
        found = evaluate_fronts(ours, truth, known)
        errors = found.evaluation.images["nearest_mean"]
        assert found.unmatched == 1
        assert errors.isna().sum() == 1
        # map metres against true metres at this latitude
        assert errors.max() == pytest.approx(100, rel=0.1)
        assert errors.min() == pytest.approx(0, abs=0.1)
        assert sorted(found.tags["verdict"]) == ["kept", "lost", "rejected"]
        assert set(found.tags["season"]) == {"winter", "summer", "autumn"}
    ice = evaluate_fronts(ours, truth, domains).evaluation.images["ice_iou"].dropna()
    assert ice.max() == pytest.approx(1, abs=1e-3)
    assert 0.5 < ice.min() < 0.999


def test_tables_of_two_namespaces_are_refused() -> None:
    ours, truth, _ = _tables()
    ours["glacier_id"] = "other:1"
    with pytest.raises(InputError, match="share no glacier"):
        evaluate_fronts(ours, truth)


def test_groups_hold_every_image_once() -> None:
    line = LineString([(0, 0), (2000, 0)])
    pairs = {f"{k}": (translate(line, 0, 10.0 * k), line) for k in range(6)} | {"x": (None, line)}
    tags = pd.DataFrame(
        {
            "sensor": ["a", "b", "a", "b", "a", "b", "a"],
            "cloud": cloud_class(pd.Series([0, 0.05, 0.2, 0.5, 0.9, 1.0, np.nan])).tolist(),
        },
        index=list(pairs),
    )
    table = group_errors(evaluate(pairs), tags)
    sensors = table[table["by"] == "sensor"].set_index("group")
    assert sensors["images"].sum() == 7
    assert sensors.loc["a", "lost"] == 1
    assert sensors.loc["b", "nearest_mean, mean"] == pytest.approx(30, abs=0.5)
    assert list(table.loc[table["by"] == "cloud", "images"]) == [2, 2, 1, 1]
    assert season_of(pd.Series([pd.Timestamp("2020-12-01"), pd.NaT])).tolist() == ["winter", ""]


def test_overlays_are_drawn_and_an_empty_list_is_refused(tmp_path: Path) -> None:
    image = np.random.default_rng(0).random((40, 30))
    line = LineString([(0, 20), (29, 22)])
    shown = Overlay(image, "one", line, translate(line, 0, 2), box(2, 2, 28, 38))
    path = draw_overlays([shown, Overlay(image)], tmp_path / "figure.png")
    assert path.stat().st_size > 5000
    with pytest.raises(InputError, match="no scene"):
        draw_overlays([], tmp_path / "none.png")


def test_the_command_compares_folders_of_lines_in_pixels(tmp_path: Path) -> None:
    truth, ours = tmp_path / "truth", tmp_path / "ours"
    line = LineString([(5, 40), (95, 40)])
    for name, shift in (("one", 1.0), ("two", 3.0), ("three", None)):
        write_pixel_line(truth / f"{name}.geojson", line)
        if shift is not None:
            write_pixel_line(ours / f"{name}.geojson", translate(line, 0, shift))
    fjord = Polygon([(5, 0), (95, 0), (95, 90), (5, 90)])
    polygon = write_pixel_polygon(tmp_path / "fjord.geojson", fjord)
    found = evaluate_pictures(ours, truth, pixel_size=50.0, fjord=fjord)
    assert found.evaluation.images["nearest_mean"].max() == pytest.approx(150)
    arguments = [
        "evaluate", str(ours), str(truth), "--pixel-size", "50", "--domains", str(polygon),
        "--out", str(tmp_path / "out"), "--json", str(tmp_path / "all.json"),
    ]  # fmt: skip
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "all.json").read_text())
    values = {row["measure"]: row["value"] for row in content["summary"]}
    assert values["images without a front"] == 1
    assert values["nearest distance both ways, mean over images"] == pytest.approx(100)
    assert content["images"]["three"]["nearest_mean"] is None
    assert (tmp_path / "out" / "groups.csv").read_text().startswith("by,group,images")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no label"):
        evaluate_pictures(ours, tmp_path / "empty", pixel_size=50.0)
    with pytest.raises(InputError, match="pixel size"):
        evaluate_pictures(ours, truth, pixel_size=0.0)


def test_the_command_compares_front_tables(tmp_path: Path) -> None:
    ours, truth, domains = _tables()
    write_fronts(ours, tmp_path / "ours.parquet")
    write_fronts(truth, tmp_path / "truth.parquet")
    write_domains(domains.values(), tmp_path / "domains.parquet")
    arguments = [
        "evaluate", str(tmp_path / "ours.parquet"), str(tmp_path / "truth.parquet"),
        "--domains", str(tmp_path / "domains.parquet"), "--json", str(tmp_path / "all.json"),
    ]  # fmt: skip
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "1 predicted lines have no reference" in result.output
    content = json.loads((tmp_path / "all.json").read_text())
    assert {row["by"] for row in content["groups"]} == {"glacier", "sensor", "season", "verdict"}
