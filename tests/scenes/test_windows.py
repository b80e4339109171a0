"""Large scenes and damaged ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.control import GroundControlPoint
from rasterio.windows import Window
from scenes_made_up import X0, Y0, straight_domain, write_tif

from termini.domain import write_domains
from termini.errors import SceneError
from termini.scenes import domain_grid, read_bands, read_place, read_scene, warp

SIDE, TILE = 50_000, 512

_PEAK = """
import resource, sys
from termini.domain import read_domains
from termini.scenes import read_scene
domain = next(iter(read_domains(sys.argv[2]).values()))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
scene = read_scene(sys.argv[1], domain=domain, margin=1000.0, pixel=30.0)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(scene.values.shape[0], scene.values.shape[1], (after - before) // 1024)
"""


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5 GB of pixels of which only those around the glacier are on disk."""
    path = tmp_path_factory.mktemp("huge") / "LC08_20160302.tif"
    transform = Affine(2.0, 0, X0 - SIDE, 0, -2.0, Y0 + SIDE)
    rng = np.random.default_rng(0)
    with rasterio.open(
        path, "w", driver="GTiff", height=SIDE, width=SIDE, count=1, dtype="uint16",
        crs="EPSG:3413", transform=transform, tiled=True, blockxsize=TILE, blockysize=TILE,
        compress="deflate", sparse_ok=True, bigtiff="yes",
    ) as target:  # fmt: skip
        for row in range(44 * TILE, 54 * TILE, TILE):
            block = rng.integers(1000, 9000, (TILE, 18 * TILE), dtype=np.uint16)
            target.write(block, 1, window=Window(46 * TILE, row, 18 * TILE, TILE))
    return path


def _spoilt(path: Path, row: int, column: int) -> Path:
    data = bytearray(path.read_bytes())
    with rasterio.open(path) as source:
        first, size = (
            int(source.get_tag_item(f"BLOCK_{what}_{column}_{row}", "TIFF", bidx=1))
            for what in ("OFFSET", "SIZE")
        )
    data[first : first + size] = np.random.default_rng(1).bytes(size)
    out = path.with_name(f"spoilt_{path.name}")
    out.write_bytes(data)
    return out


def test_memory_is_bounded_by_the_glacier(huge: Path, tmp_path: Path) -> None:
    domains = tmp_path / "domains.parquet"
    write_domains([straight_domain()], domains)
    command = [sys.executable, "-c", _PEAK, str(huge), str(domains)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    rows, columns, grown = (int(n) for n in said)
    assert (rows, columns) == (234, 467)
    assert grown < 300  # MB; the scene has 5000


def test_a_scene_too_large_to_hold_says_what_to_do(huge: Path) -> None:
    with pytest.raises(SceneError, match=r"2500 million pixels .*--domain"):
        read_scene(huge)


@pytest.mark.parametrize("pixel", [None, 30.0])
def test_a_spoilt_tile_is_not_seen_and_said(huge: Path, pixel: float | None) -> None:
    spoilt = _spoilt(huge, 48, 55)
    scene = read_scene(spoilt, domain=straight_domain(), margin=1000.0, pixel=pixel)
    whole = read_scene(huge, domain=straight_domain(), margin=1000.0, pixel=pixel)
    lost = whole.valid & ~scene.valid
    assert 0.008 < lost.mean() < 0.013
    # a mean at the tile's edge stands on fewer pixels
    assert np.mean(scene.values[scene.valid] == whole.values[scene.valid]) > 0.995
    assert scene.notes == ("1.1% of this part cannot be read",)
    row, column = np.nonzero(lost)
    edge = TILE * 2.0
    height, width = (
        (np.ptp(n) + 1) * abs(step)
        for n, step in ((row, scene.transform.e), (column, scene.transform.a))
    )
    assert height == pytest.approx(edge, abs=40.0)
    assert width == pytest.approx(edge, abs=40.0)


def test_nothing_but_spoilt_tiles_is_an_error(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(1, 9999, (64, 64)).astype(np.uint16)
    path = write_tif(
        tmp_path / "20160302.tif", values, Affine(30, 0, X0, 0, -30, Y0), tiled=True,
        blockxsize=64, blockysize=64, compress="deflate",
    )  # fmt: skip
    with pytest.raises(SceneError, match="no tile of this part unpacks; fetch it again"):
        read_scene(_spoilt(path, 0, 0))


@pytest.mark.parametrize("factor", [None, 60.0])
def test_a_tile_that_unpacks_to_other_numbers_is_not_seen(
    tmp_path: Path, factor: float | None
) -> None:
    values = np.random.default_rng(0).integers(1, 20000, (256, 256)).astype(np.uint16)
    path = write_tif(
        tmp_path / "20160302.tif", values, Affine(30, 0, X0, 0, -30, Y0), tiled=True,
        blockxsize=64, blockysize=64, compress="deflate",
    )  # fmt: skip
    whole = read_scene(path, pixel=factor)
    data = bytearray(path.read_bytes())
    with rasterio.open(path) as source:
        first, size = (
            int(source.get_tag_item(f"BLOCK_{what}_2_1", "TIFF", bidx=1))
            for what in ("OFFSET", "SIZE")
        )
    # what is packed goes on, with wrong numbers, to where the tile is full
    data[first + size // 4 : first + size] = b"\xff" * (size - size // 4)
    path.write_bytes(data)
    scene = read_scene(path, pixel=factor)
    step = 1 if factor is None else 2
    tile = np.s_[64 // step : 128 // step, 128 // step : 192 // step]
    assert not scene.valid[tile].any()
    assert scene.valid.sum() == whole.valid.sum() - scene.valid[tile].size
    assert np.array_equal(scene.values[scene.valid], whole.values[scene.valid])
    assert scene.notes == ("6.2% of this part cannot be read",)


@pytest.mark.parametrize(
    ("kind", "nothing"), [(np.uint16, 0), (np.float32, np.nan), (np.int16, -999)]
)
def test_coarse_pixels_are_means_of_what_was_seen(
    tmp_path: Path, kind: type[np.generic], nothing: float
) -> None:
    rng = np.random.default_rng(0)
    values: NDArray[np.generic] = rng.integers(1, 200, (203, 171)).astype(kind)
    values[20:60, 30:62] = nothing
    path = write_tif(
        tmp_path / "20160302.tif", values, Affine(10, 0, X0, 0, -10, Y0), nodata=nothing
    )
    scene = read_scene(path, pixel=41.0)
    assert scene.values.shape == (51, 43)
    assert scene.pixel_size == pytest.approx(4 * read_scene(path).pixel_size, rel=1e-3)
    assert scene.values[0, 0] == pytest.approx(np.mean(values[:4, :4].astype(float)), rel=1e-6)
    assert scene.values[50, 42] == pytest.approx(np.mean(values[200:, 168:].astype(float)))
    assert not scene.valid[6:14, 8:15].any()
    assert scene.valid[:5].all()
    assert scene.valid[6:14, 7].all()  # half of it was seen


def test_dark_pixels_of_pictures_are_not_averaged_away(tmp_path: Path) -> None:
    values = np.full((100, 100), 200, np.uint8)
    values[40:60, 40:60] = 0
    path = write_tif(tmp_path / "20160302.tif", values, Affine(10, 0, X0, 0, -10, Y0))
    scene = read_scene(path, pixel=50.0)
    assert scene.values.shape == (100, 100)
    assert scene.valid.all()


def test_too_few_bands(tmp_path: Path) -> None:
    values = np.arange(1, 10_001, dtype=np.uint16).reshape(100, 100)
    path = write_tif(tmp_path / "20160302.tif", values, Affine(10, 0, X0, 0, -10, Y0))
    with pytest.raises(SceneError, match=r"no band 2, only 1; 3 bands \(1, 2, 3\) are needed here"):
        read_bands(path, [1, 2, 3])
    (one,) = read_bands(path, [1])
    assert np.array_equal(one.values, values)


def test_a_radar_scene_is_laid_by_its_control_points(tmp_path: Path) -> None:
    """Ground-range products come in the order of acquisition, here turned by 20 degrees."""
    turn = Affine.translation(X0 - 6000.0, Y0 + 2000.0) @ Affine.rotation(20.0)
    truth = turn @ Affine.scale(40.0, -40.0)
    rows, columns = 500, 600
    row, column = np.mgrid[:rows, :columns] + 0.5
    x, _ = truth @ (column, row)
    values = np.where(x < X0 + 4000.0, 200, 60).astype(np.uint16)
    to_degrees = Transformer.from_crs("EPSG:3413", "EPSG:4326", always_xy=True)
    points = []
    for r in np.linspace(0, rows, 9):
        for c in np.linspace(0, columns, 9):
            lon, lat = to_degrees.transform(*(truth @ (c, r)))
            points.append(GroundControlPoint(r, c, lon, lat))
    path = tmp_path / "S1A_IW_GRDH_20180602_HH.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="uint16",
        gcps=points, crs="EPSG:4326",
    ) as target:  # fmt: skip
        target.write(values, 1)
    scene = read_scene(path, domain=straight_domain())
    assert scene.notes == ("placed by its ground control points, without correction for terrain",)
    assert (scene.sensor, scene.band) == ("Sentinel-1", "HH")
    assert read_place(path)[0] == "EPSG:4326"
    grid = domain_grid(straight_domain(), 40.0, margin=0.0)
    seen = warp(scene, grid)
    assert seen.valid.mean() > 0.6
    r, c = np.nonzero(seen.valid)
    along = grid.to_map(np.column_stack([c, r]).astype(float))[:, 0] - (X0 + 4000.0)
    found = seen.values[seen.valid]
    assert np.mean(found[along < -60.0] > 190) > 0.999
    assert np.mean(found[along > 60.0] < 70) > 0.999
