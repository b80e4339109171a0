"""Satellite scenes: finding, reading, warping to a glacier's grid, screening, normalising."""

from termini.scenes.download import download_item, read_item
from termini.scenes.fetching import Checksum, fetch, read_multihash
from termini.scenes.find import FoundScenes, find_scenes
from termini.scenes.grid import (
    Grid,
    domain_grid,
    fjord_raster,
    pixel_walls,
    raster_polygon,
    rescale,
    warp,
)
from termini.scenes.masks import CloudMask, decode_mask, mask_kind, read_mask
from termini.scenes.metadata import find_date, find_sensor_name, has_stripes
from termini.scenes.normalise import normalise, normalise_values
from termini.scenes.place import check_place, footprint, true_pixel_size
from termini.scenes.read import read_bands, read_place, read_scene
from termini.scenes.scene import Scene
from termini.scenes.screen import (
    AUTOTERM,
    SceneLimits,
    along_range,
    broad_share,
    screen_file,
    screen_scene,
)
from termini.scenes.speckle import despeckle, to_decibel
from termini.scenes.stac import item_asset, item_scene, item_sensor
from termini.scenes.validity import seen_pixels

__all__ = [
    "AUTOTERM",
    "Checksum",
    "CloudMask",
    "FoundScenes",
    "Grid",
    "Scene",
    "SceneLimits",
    "along_range",
    "broad_share",
    "check_place",
    "decode_mask",
    "despeckle",
    "domain_grid",
    "download_item",
    "fetch",
    "find_date",
    "find_scenes",
    "find_sensor_name",
    "fjord_raster",
    "footprint",
    "has_stripes",
    "item_asset",
    "item_scene",
    "item_sensor",
    "mask_kind",
    "normalise",
    "normalise_values",
    "pixel_walls",
    "raster_polygon",
    "read_bands",
    "read_item",
    "read_mask",
    "read_multihash",
    "read_place",
    "read_scene",
    "rescale",
    "screen_file",
    "screen_scene",
    "seen_pixels",
    "to_decibel",
    "true_pixel_size",
    "warp",
]
