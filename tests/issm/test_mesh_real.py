"""Meshes and level sets of real glaciers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from termini.fronts import read_source
from termini.geo import true_area
from termini.geometry import domains_for_source
from termini.issm import ice_area, level_sets, mesh_quality, triangulate


@pytest.mark.data
def test_north_west_domains_mesh(north_west: gpd.GeoDataFrame) -> None:
    # one in eight, and those whose walls are the most crooked
    chosen = {*sorted(north_west["glacier_id"].unique())[::8]}
    chosen |= {"measures:29", "measures:25", "measures:30"}
    others: dict[str, str] = {}  # the glaciers whose fronts were left out
    mine = north_west[north_west["glacier_id"].isin(chosen)]
    domains = domains_for_source("nw_greenland", None, mine, failures=others)
    assert set(domains) == chosen
    for name, domain in sorted(domains.items()):
        fjord = domain.fjord
        mesh = triangulate(fjord, np.sqrt(fjord.area / 500))
        found = mesh_quality(mesh)
        assert found["minimum_angle"] > 25, name
        assert found["orphans"] == found["clockwise"] == found["open_boundary"] == 0, name
        assert found["segments_agree"], name
        assert found["area"] == pytest.approx(fjord.area, rel=1e-3), name


@pytest.mark.data
def test_level_sets_of_jakobshavn(data_root: Path) -> None:
    fronts = read_source("jakobshavn")
    domain = domains_for_source("jakobshavn", None, fronts)["measures:3"]
    mesh = triangulate(domain.fjord, 400.0)
    made = level_sets(mesh, domain, fronts, spacing_days=365.0)
    assert len(made.years) > 15
    for k in (0, len(made.years) - 1):
        brute = shapely.distance(shapely.points(mesh.x, mesh.y), made.lines[k])
        assert np.abs(np.abs(made.phi[:, k]) - brute).max() < 1e-6
    area = np.array([ice_area(mesh, column, domain.crs) for column in made.phi.T])
    truth = np.array([true_area(ice, domain.crs) for ice in made.ice])
    assert (area[-1] - area[0]) / (truth[-1] - truth[0]) == pytest.approx(1, abs=0.005)
    assert np.abs(area - truth).max() < 0.005 * np.ptp(truth)
