"""A scene: one band of one satellite image, on a regular grid."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scene:
    """One band on a grid, with where it lies and what is valid.

    Parameters
    ----------
    values : ndarray of float32, shape (rows, columns)
        Brightness in the file's own units; anything where not `valid`.
    valid : ndarray of bool, shape (rows, columns)
        False where the sensor saw nothing (outside the swath, scan-line gaps).
    transform : affine.Affine
        (column, row) of a pixel's upper left corner to coordinates in `crs`.
        For a picture without georeference the identity shifted by half a pixel,
        so that pixel centres lie at whole numbers, x right and y down.
    crs : str or None
        Projection; None for a picture without georeference.
    sensor : str
        Name as in `termini.sensors.SENSORS`, or empty.
    scene_id : str
        Name of the scene, the stem of its file.
    date : pandas.Timestamp or None
        Acquisition, UTC.
    pixel_size : float
        Edge of a pixel on the ground, metres.
    band : str
        Band or polarisation.
    path : str
        File or address it was read from, for messages.
    orbit : str
        ``ascending`` or ``descending``, or empty where it is not stated.
    cloud_cover : float
        Share of the whole scene under cloud as its provider states it, 0 to 1;
        NaN where nothing is stated.
    notes : tuple of str
        What is wrong with it, as parts that could not be read.
    """

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]
    transform: Affine
    crs: str | None
    sensor: str
    scene_id: str
    date: pd.Timestamp | None
    pixel_size: float
    band: str = ""
    path: str = field(default="", compare=False)
    orbit: str = ""
    cloud_cover: float = math.nan
    notes: tuple[str, ...] = ()
