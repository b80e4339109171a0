"""Sensors found in the names that files and tables use."""

from __future__ import annotations

import pytest

from termini.errors import InputError
from termini.sensors import SENSORS, find_sensor, get_sensor


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LC08_L1TP_020007_20140801_20170420_01_T1_B2_Subset", "Landsat-8"),
        ("LE07_L1GT_233013_20010318_20170206_01_T2_B8", "Landsat-7"),
        ("LT05_L1TP_231014_19850908", "Landsat-5"),
        ("LC09_sim1_20230101", "Landsat-9"),
        ("S1A_IW_GRDH_1SDH_20180602", "Sentinel-1"),
        ("S2A_sim3_20160302", "Sentinel-2"),
        ("TSX_sim1_20160302", "TerraSAR-X"),
        ("20140404_003_TSX_Helheim_stretch", "TerraSAR-X"),
        ("20040216_ENVISAT_stretch", "Envisat"),
        ("20130724_JI_Landsat7-slc", "Landsat-7"),
        ("ALOS1_sim2_20080101", "ALOS-1"),
        ("ALOS2_sim2_20160101", "ALOS-2"),
        ("Sentinel-1B", "Sentinel-1"),
        ("L8", "Landsat-8"),
        ("LM01_L1GS_009011_19720726", "Landsat-1"),
        ("LM10160041972208AAA01", "Landsat-1"),
        ("Landsat 3 MSS", "Landsat-3"),
        ("LT04_L1TP_009011_19880505", "Landsat-4"),
        ("SAR_IMP_1PNESA19960101_095215_00000016G145_00337_24706_0000.E1", "ERS-1"),
        ("ERS-2", "ERS-2"),
        ("ASA_IMP_1PNUPA20040216_123456", "Envisat"),
        ("RADARSAT-1", "Radarsat-1"),
        ("AST_L1T_00307082014150912_20150621", "ASTER"),
        ("TSX1_SAR__SSC______SM_S_SRA_20140404T095959", "TerraSAR-X"),
        ("TDX-1", "TerraSAR-X"),
        ("Sentinel-1C", "Sentinel-1"),
        ("ALPSRP123451340", "ALOS-1"),
    ],
)
def test_spellings(text: str, name: str) -> None:
    sensor = find_sensor(text)
    assert sensor is not None
    assert sensor.name == name


def test_every_sensor_is_found_by_its_own_name() -> None:
    for name in SENSORS:
        found = find_sensor(name)
        assert found is not None
        assert found.name == name


def test_unknown() -> None:
    for text in ("aerial photograph", "radarsat-2", "easter 2004", "ERS", "landsat"):
        assert find_sensor(text) is None, text
    with pytest.raises(InputError, match="'Sentinel-9' is unknown; known are Landsat-5"):
        get_sensor("Sentinel-9")


def test_figures_that_releases_rest_on_stay() -> None:
    """Values of the shipped series: a change of them is a change of the dataset."""
    assert {name: (s.pixel, s.geolocation, s.prior_sigma) for name, s in SENSORS.items()} == {
        "Landsat-5": (30.0, 15.0, 22.0),
        "Landsat-7": (15.0, 12.0, 20.0),
        "Landsat-8": (15.0, 6.0, 16.0),
        "Landsat-9": (15.0, 6.0, 16.0),
        "Sentinel-2": (10.0, 6.0, 14.0),
        "Sentinel-1": (10.0, 7.0, 29.0),
        "TerraSAR-X": (3.0, 1.0, 6.0),
        "Envisat": (12.5, 15.0, 25.0),
        "ALOS-1": (12.5, 10.0, 25.0),
        "ALOS-2": (10.0, 6.0, 20.0),
        # as they stood for traces before these were in the table
        "Landsat-1": (60.0, 30.0, 120.0),
        "Landsat-2": (60.0, 30.0, 120.0),
        "Landsat-3": (60.0, 30.0, 120.0),
        "Landsat-4": (30.0, 30.0, 22.0),
        "Radarsat-1": (20.0, 30.0, 40.0),
        "ERS-1": (12.5, 10.0, 25.0),
        "ERS-2": (12.5, 10.0, 25.0),
        "ASTER": (15.0, 25.0, 30.0),
    }


@pytest.mark.parametrize("name", SENSORS)
def test_every_row_is_whole(name: str) -> None:
    sensor = SENSORS[name]
    assert sensor.kind in ("optical", "sar")
    assert sensor.years[0] <= sensor.years[1]
    assert sensor.band
    assert sensor.band.casefold() in {
        asset.casefold().split("_band")[-1] for asset in sensor.assets
    }
    assert sensor.artefacts
    assert sensor.source
    if sensor.kind == "sar":
        assert {a.upper() for a in sensor.assets} == {"HH", "HV", "VV", "VH"}
