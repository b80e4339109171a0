"""Direction of flow from grids of bed, surface and mask, in the layouts of their publishers."""

import numpy as np
import pytest
import rasterio
import shapely
import xarray as xr
from affine import Affine
from made_up_glaciers import X0, Y0, fronts_at, open_box
from pyproj import Transformer
from shapely.geometry import LineString, Polygon

from termini.domain import read_domains, write_domains
from termini.errors import DomainError, InputError
from termini.geometry import GroundFile, domain_from
from termini.geometry.decide import decide

CELL, ROOM = 500.0, 34e3
X = np.arange(X0 - ROOM, X0 + 4000 + ROOM, CELL)
Y = np.arange(Y0 + 12e3 + ROOM, Y0 - ROOM, -CELL)
# distances up the page: the fjord runs from 0 to 12 km, the sea begins at 12
UP = (Y - Y0)[:, None] * np.ones(len(X))
FJORD = (X > X0) & (X < X0 + 4000) & np.ones((len(Y), 1), dtype=bool)
FRONTS = fronts_at([6000, 6050, 6000, 6020])
BOX = Polygon(shapely.get_coordinates(open_box()))


def charted(turned=False, inland=-150.0, trough=0.0):
    """Bed: fjord, sea to the north, land around; turned, the sea lies to the south."""
    up = 12e3 - UP if turned else UP
    bed = np.where(FJORD, np.where(up > 0, -300.0, inland), 200.0)
    bed = np.where(FJORD & (up > -trough) & (up < 0), -900.0, bed)
    return np.where(up > 12e3, -250.0, bed).astype(np.float32)


def bedmachine(path, *, mapping="global", units="meters", **grids):
    """Layout of BedMachine v5: y downwards, bytes for the mask, no coordinates elsewhere."""
    data = xr.Dataset(
        {name: (("y", "x"), grid) for name, grid in grids.items()},
        {"y": Y.astype(np.int32), "x": X.astype(np.int32)},
    )
    for name in grids:
        data[name].attrs = {"long_name": name, "grid_mapping": "mapping", "source": "made up"}
        if name == "mask":
            data[name].attrs |= {
                "flag_values": np.arange(5, dtype=np.int8),
                "flag_meanings": "ocean ice_free_land grounded_ice floating_ice non-Greenland_land",
            }
        else:
            data[name].attrs["units"] = units
    if mapping == "global":
        data.attrs |= {"Projection": "Polar Stereographic North (70N, 45W)",
                       "proj4": "+init=epsg:3413", "no_data": -9999.0}  # fmt: skip
    elif mapping == "cf":
        data["mapping"] = xr.DataArray(
            b"", attrs={"grid_mapping_name": "polar_stereographic",
                        "latitude_of_projection_origin": 90.0, "standard_parallel": 70.0,
                        "straight_vertical_longitude_from_pole": -45.0, "false_easting": 0.0,
                        "false_northing": 0.0, "semi_major_axis": 6378137.0,
                        "inverse_flattening": 298.257223563},
        )  # fmt: skip
    # as published: gaps are -9999, declared for some variables only
    data.to_netcdf(path, engine="h5netcdf", encoding={n: {"zlib": True} for n in grids})
    return path


def geotiff(path, bed, crs="EPSG:3413", nodata=-9999.0):
    profile = {"driver": "GTiff", "height": bed.shape[0], "width": bed.shape[1], "count": 1,
               "dtype": "float32", "crs": crs, "nodata": nodata}  # fmt: skip
    profile["transform"] = Affine(CELL, 0, X[0] - CELL / 2, 0, -CELL, Y[0] + CELL / 2)
    with rasterio.open(path, "w", **profile) as target:
        target.write(bed.astype(np.float32), 1)
    return path


def flows(path, box=BOX, **given):
    """Whether a domain of a closed box flows up the page, and by what evidence."""
    domain = domain_from("test:1", "", FRONTS, box=box, ground=GroundFile(path), **given)
    step = np.diff(shapely.get_coordinates(domain.centreline)[[0, -1]], axis=0)[0]
    return step[1] > 0, domain.direction_from


@pytest.mark.parametrize("turned", [False, True])
def test_a_bed_alone_by_the_sea_that_water_reaches(tmp_path, turned):
    bed = charted(turned)
    assert flows(geotiff(tmp_path / "bed.tif", bed)) == (not turned, "bed")
    assert flows(bedmachine(tmp_path / "bed.nc", bed=bed)) == (not turned, "bed")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("mapping", ["global", "cf"])
def test_mask_and_surface_go_before_a_bed_that_deepens_inland(tmp_path, turned, mapping):
    up = 12e3 - UP if turned else UP
    bed = charted(turned, inland=-1200.0)
    ice = (up < 6000) & (FJORD | (up < 0))
    surface = np.where(ice, 60 + 0.015 * (6000 - up), np.maximum(bed, 0)).astype(np.float32)
    mask = np.where(ice, 2, np.where(bed < 0, 0, 1)).astype(np.int8)
    thickness = np.where(ice, surface - bed, 0.0).astype(np.float32)
    whole = {"bed": bed, "surface": surface, "thickness": thickness, "mask": mask}
    for names, by in [
        (("mask", "surface", "thickness", "bed"), "mask"),
        (("mask",), "mask"),
        (("bed", "thickness"), "mask"),
        (("surface",), "surface"),
    ]:
        grids = {name: whole[name] for name in names}
        path = bedmachine(tmp_path / f"{'_'.join(names)}.nc", mapping=mapping, **grids)
        assert flows(path) == (not turned, by)


def test_a_bed_that_lies_against_the_sea_is_refused_with_its_numbers(tmp_path):
    path = geotiff(tmp_path / "bed.tif", charted(inland=-900.0))
    with pytest.raises(DomainError, match=r"test:1: .*bed.tif lies on average at -900 m .* km2"):
        flows(path)


def test_a_bed_of_the_fjord_only_is_refused_for_its_slope_tells_nothing(tmp_path):
    bed = np.where(FJORD & (UP > -20e3) & (UP < 20e3), -300.0 + 0.01 * UP, -9999.0)
    with pytest.raises(DomainError, match=r"test:1.*-\d+ m at one end and -\d+ m at the other"):
        flows(geotiff(tmp_path / "bed.tif", bed))
    # but a dry end and a deep one do
    bed = np.where(bed > -9000, np.where(UP < 0, 50.0, -300.0), bed)
    assert flows(geotiff(tmp_path / "dry.tif", bed)) == (True, "bed")


def test_gaps_are_not_taken_for_depth(tmp_path):
    bed = charted()
    bed[UP < 4000] = -9999.0
    for nodata in (-9999.0, None):
        with pytest.raises(DomainError, match=r"test:1.*covers 1\d% of one side and 100%"):
            flows(geotiff(tmp_path / f"{nodata}.tif", bed[:, :], nodata=nodata))


def test_a_grid_in_degrees(tmp_path):
    west, south, east, north = (
        Transformer.from_crs("EPSG:3413", "EPSG:4326", always_xy=True)
        .transform_bounds(X[0], Y[-1], X[-1], Y[0])
    )  # fmt: skip
    lon, lat = np.linspace(west, east, 300), np.linspace(south, north, 300)
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:3413", always_xy=True).transform(
        *np.meshgrid(lon, lat)
    )
    row = np.clip(np.rint((Y[0] - y) / CELL).astype(int), 0, len(Y) - 1)
    column = np.clip(np.rint((x - X[0]) / CELL).astype(int), 0, len(X) - 1)
    data = xr.Dataset({"bed": (("lat", "lon"), charted()[row, column])}, {"lat": lat, "lon": lon})
    data.to_netcdf(tmp_path / "bed.nc", engine="h5netcdf")
    assert flows(tmp_path / "bed.nc") == (True, "bed")


def test_a_grid_elsewhere_says_so_and_other_evidence_stays(tmp_path):
    far = geotiff(tmp_path / "far.tif", charted())
    with rasterio.open(far, "r+") as target:
        target.transform = Affine(CELL, 0, 0.0, 0, -CELL, -900e3)
    with pytest.raises(DomainError, match=r"test:1.*far.tif does not reach there"):
        flows(far)
    assert flows(far, box=open_box()) == (True, "open side")


def test_evidence_that_contradicts_itself_is_refused(tmp_path):
    mask = np.where(UP > 6000, 2, 0).astype(np.int8)
    path = bedmachine(tmp_path / "mask.nc", mask=mask)
    with pytest.raises(DomainError, match=r"test:1: the open side of its box and the mask contra"):
        flows(path, box=open_box())
    advance = fronts_at([9000 - 300 * k for k in range(20)])
    bed = GroundFile(geotiff(tmp_path / "bed.tif", charted(turned=True)))
    way = LineString([(X0 + 2000, Y0), (X0 + 2000, Y0 + 12_000)])
    with pytest.raises(DomainError, match=r"test:1.*fronts move as if the sea lay at the other"):
        decide("test:1", way, advance, None, ground=bed)
    # a mask is stronger than the movement of fronts
    assert decide("test:1", way, advance, None, ground=GroundFile(path)) == (False, "mask")


def test_grids_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(InputError, match=r"none.tif: no such file"):
        GroundFile(tmp_path / "none.tif")
    (tmp_path / "text.tif").write_text("no grid")
    (tmp_path / "text.nc").write_text("no grid")
    for name in ("text.tif", "text.nc"):
        with pytest.raises(InputError, match=rf"{name}: cannot be read as a grid"):
            GroundFile(tmp_path / name)
    with pytest.raises(InputError, match=r"km.nc: its bed is in 'km'"):
        GroundFile(bedmachine(tmp_path / "km.nc", units="km", bed=charted()))
    with pytest.raises(InputError, match=r"nowhere.nc: states no projection"):
        GroundFile(bedmachine(tmp_path / "nowhere.nc", mapping="none", bed=charted()))
    with pytest.raises(InputError, match=r"other.nc: holds speed"):
        GroundFile(bedmachine(tmp_path / "other.nc", speed=charted()))
    with pytest.raises(InputError, match=r"place.tif: states no projection"):
        GroundFile(geotiff(tmp_path / "place.tif", charted(), crs=None))


def test_the_evidence_stands_in_the_file_of_domains(tmp_path):
    ground = GroundFile(bedmachine(tmp_path / "bed.nc", bed=charted()))
    made = domain_from("test:1", "", FRONTS, box=BOX, ground=ground)
    path = write_domains([made], tmp_path / "domains.parquet")
    assert read_domains(path)["test:1"] == made
    assert made.direction_from == "bed"
