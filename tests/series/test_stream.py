"""Observations of a file, some glaciers at a time."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.fronttable import front_table, read_fronts, write_fronts
from termini.series import observe, observe_file, write_observations
from termini.series.stream import glacier_groups


def domain_of(number):
    x = -300_000.0 + 20_000 * number
    left, right = [(x, -2e6), (x, -1.99e6)], [(x + 4000, -2e6), (x + 4000, -1.99e6)]
    left, right = right, left  # down-glacier is north: left lies in the west
    west, east = LineString(right), LineString(left)
    return GlacierDomain(
        glacier_id=f"test:{number}",
        name="box",
        fjord=Polygon([*west.coords, *list(east.coords)[::-1]]),
        gate=LineString([west.coords[0], east.coords[0]]),
        left_wall=west,
        right_wall=east,
        centreline=LineString([(x + 2000, -2e6), (x + 2000, -1.99e6)]),
        reference_width=4000.0,
    )


@pytest.fixture
def made(tmp_path):
    domains = {f"test:{n}": domain_of(n) for n in range(5)}
    rng = np.random.default_rng(1)
    rows = []
    for number, glacier_id in enumerate(domains):
        x = -300_000.0 + 20_000 * number
        for day in range(12 + number):
            y = -1.995e6 + rng.normal(0, 300)
            high = 1.0 if day % 4 else 0.7
            rows.append(
                {
                    "glacier_id": glacier_id,
                    "date": pd.Timestamp("2001-05-01") + pd.Timedelta(days=40 * day),
                    "method": "manual",
                    "geometry": LineString(
                        [(x, y), (x + 2000 * high, y + 90), (x + 4000 * high, y)]
                    ),
                }
            )
    fronts = front_table(gpd.GeoDataFrame(rows, crs="EPSG:3413"))
    return write_fronts(fronts, tmp_path / "fronts.parquet"), domains, fronts


@pytest.mark.parametrize("rows", [1, 30, 10_000])
def test_a_file_in_parts_gives_what_the_whole_table_gives(made, rows):
    path, domains, fronts = made
    parts = list(observe_file(path, domains, rows=rows, workers=1))
    whole, flagged = observe(fronts, domains, workers=1)
    together = pd.concat([part for part, _ in parts], ignore_index=True)
    pd.testing.assert_frame_equal(together, whole)
    quality = pd.concat([table["quality"] for _, table in parts], ignore_index=True)
    assert quality.equals(flagged["quality"])
    assert len(parts) == len(glacier_groups(path, rows))


def test_parts_are_written_as_one_file(made, tmp_path):
    path, domains, fronts = made
    parts = (part for part, _ in observe_file(path, domains, rows=20, workers=1))
    count = write_observations(parts, tmp_path / "observations.parquet")
    found = pd.read_parquet(tmp_path / "observations.parquet")
    whole, _ = observe(fronts, domains, workers=1)
    assert count == len(whole)
    assert np.array_equal(found["length_change"], whole["length_change"], equal_nan=True)


def test_only_the_glaciers_asked_for_are_read(made):
    path, _, fronts = made
    some = read_fronts(path, ["test:1", "test:3"])
    assert set(some["glacier_id"]) == {"test:1", "test:3"}
    assert len(some) == fronts["glacier_id"].isin(["test:1", "test:3"]).sum()


def test_what_cannot_be_read_is_said(made, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        glacier_groups(tmp_path / "none.parquet")
    with pytest.raises(InputError, match="no observations"):
        write_observations([], tmp_path / "nothing.parquet")
