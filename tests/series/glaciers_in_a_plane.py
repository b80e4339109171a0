"""Made-up glaciers in an equal-area plane, to be moved, turned and mirrored without changing."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from termini.fronttable import front_table
from termini.series import ObservationSettings

PLANE = CRS("+proj=laea +lat_0=72 +lon_0=-50 +datum=WGS84 +units=m +no_defs").to_wkt()
PLAIN = ObservationSettings(fill_missing=False)
WIDTH, LENGTH = 4000.0, 14_000.0


def moved(degrees=0.0, shift=(0.0, 0.0), *, mirror=False):
    """Mover of points: mirrored about the fjord's axis, turned about its middle, shifted."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = matrix @ np.diag([-1.0, 1.0]) if mirror else matrix

    def move(shape):
        about = np.array([WIDTH / 2, LENGTH / 2])
        return shapely.transform(shape, lambda xy: (xy - about) @ matrix.T + shift)

    return move


def table_of(lines):
    rows = gpd.GeoDataFrame(
        {"glacier_id": "test:1", "sensor": "Landsat-8",
         "trace_id": [f"t{k}" for k in range(len(lines))],
         "date": pd.date_range("2001-01-01", periods=len(lines), freq="1600D")},
        geometry=list(lines), crs=PLANE,
    )  # fmt: skip
    return front_table(rows)
