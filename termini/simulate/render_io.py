"""Write simulated scenes as the GeoTIFF files that an archive would deliver."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

from termini.files import written_whole
from termini.simulate.render import RenderedScene
from termini.simulate.render_ground import NOTHING

BANDS: dict[str, str] = {
    "Landsat-5": "B3",
    "Landsat-7": "B8",
    "Landsat-8": "B8",
    "Landsat-9": "B8",
    "Sentinel-2": "B04",
    "Sentinel-1": "HH",
    "TerraSAR-X": "HH",
    "Envisat": "VV",
    "ALOS-1": "HH",
    "ALOS-2": "HH",
}
"""Band or polarisation that front studies use of each sensor."""


def write_rendered(scene: RenderedScene, folder: str | Path, *, truth: bool = False) -> Path:
    """Write a simulated scene as GeoTIFF.

    Parameters
    ----------
    scene : RenderedScene
        Scene.
    folder : path
        Where; made if missing.
    truth : bool
        Write the truth mask beside it as ``<scene_id>_truth.tif`` (0 land, 1 ice,
        2 sea, 255 not seen).

    Returns
    -------
    pathlib.Path
        ``<folder>/<scene_id>.tif``: one band, 0 where nothing was seen, tags
        ``SENSOR``, ``DATE`` (ISO), ``BAND`` and ``SCENE_ID``. The same scene gives
        the same bytes.
    """
    path = Path(folder) / f"{scene.scene_id}.tif"
    tags = {
        "SENSOR": scene.sensor,
        "DATE": f"{scene.date:%Y-%m-%d}",
        "BAND": BANDS[scene.sensor],
        "SCENE_ID": scene.scene_id,
    }
    _write(path, scene.values, 0, scene, tags)
    if truth:
        mask = path.with_name(f"{scene.scene_id}_truth.tif")
        _write(mask, scene.truth, NOTHING, scene, tags | {"BAND": "truth"})
    return path


def _write(
    path: Path,
    values: NDArray[np.uint8] | NDArray[np.uint16],
    nodata: int,
    scene: RenderedScene,
    tags: dict[str, str],
) -> None:
    rows, columns = values.shape
    with (
        written_whole(path) as temporary,
        rasterio.open(
            temporary,
            "w",
            driver="GTiff",
            height=rows,
            width=columns,
            count=1,
            dtype=values.dtype.name,
            crs=scene.crs,
            transform=scene.transform,
            nodata=nodata,
            compress="deflate",
            predictor=2,
        ) as target,
    ):
        target.write(values, 1)
        target.update_tags(**tags)
