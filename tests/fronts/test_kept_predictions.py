"""The fronts of Helheim's test crops that are kept with the code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from termini.fronts import (
    PathSettings,
    extract_pictures,
    open_networks,
    read_pixel_line,
    read_pixel_polygon,
)
from termini.segment import Views

DATA = Path(__file__).parents[2] / "data"
KEPT = sorted((DATA / "predictions" / "helheim").glob("*.geojson"))
FJORD = DATA / "predictions" / "helheim_fjord.geojson"


def test_every_line_crosses_the_fjord_from_left_to_right() -> None:
    fjord = read_pixel_polygon(FJORD)
    assert len(KEPT) == 10
    for path in KEPT:
        line = read_pixel_line(path)
        xy = shapely.get_coordinates(line)
        assert line.is_simple, path.name
        assert (xy >= -0.5).all(), path.name
        assert (xy <= (199.5, 299.5)).all(), path.name
        assert fjord.exterior.distance(shapely.Point(xy[0])) < 4, path.name
        assert fjord.exterior.distance(shapely.Point(xy[-1])) < 4, path.name
        assert xy[-1, 0] - xy[0, 0] > 0.5 * (fjord.bounds[2] - fjord.bounds[0]), path.name


def test_the_kept_weights_draw_the_kept_lines(data_root: Path) -> None:
    crops = sorted((data_root / "images/landsat_fronts/test/images").glob("*.png"))
    if not crops:
        pytest.skip("the test crops of Helheim are not under TERMINI_DATA")
    views = Views(flips=True)
    weights = [DATA / "weights" / f"termini-unet-{name}.safetensors" for name in ("first", "crops")]
    networks = open_networks(weights, views)
    found, failures = extract_pictures(
        crops, networks, pixel_size=48.9, fjord=read_pixel_polygon(FJORD), views=views,
        settings=PathSettings(trim_in_fjord=0.0, floor=0.01), progress=False,
    )  # fmt: skip
    assert failures.empty
    assert sorted(found) == [path.stem for path in KEPT]
    for path in KEPT:
        kept = read_pixel_line(path)
        along = kept.interpolate(np.linspace(0, 1, 101), normalized=True)
        away = shapely.distance(along, found[path.stem].line)
        # processors without matrix units round in other places
        assert np.median(away) < 0.1, path.name
