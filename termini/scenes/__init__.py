"""Satellite scenes: reading, warping to a glacier's grid, normalising."""

from termini.scenes.grid import (
    Grid,
    domain_grid,
    fjord_raster,
    pixel_walls,
    raster_polygon,
    rescale,
    warp,
)
from termini.scenes.metadata import find_date, find_sensor_name, has_stripes
from termini.scenes.normalise import normalise, normalise_values
from termini.scenes.place import check_place, footprint, true_pixel_size
from termini.scenes.read import read_place, read_scene
from termini.scenes.scene import Scene
from termini.scenes.screen import SceneLimits, screen_scene
from termini.scenes.validity import seen_pixels

__all__ = [
    "Grid",
    "Scene",
    "SceneLimits",
    "check_place",
    "domain_grid",
    "find_date",
    "find_sensor_name",
    "fjord_raster",
    "footprint",
    "has_stripes",
    "normalise",
    "normalise_values",
    "pixel_walls",
    "raster_polygon",
    "read_place",
    "read_scene",
    "rescale",
    "screen_scene",
    "seen_pixels",
    "true_pixel_size",
    "warp",
]
