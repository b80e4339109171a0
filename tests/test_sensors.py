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
    assert find_sensor("aerial photograph") is None
    with pytest.raises(InputError, match="'Sentinel-9' is unknown; known are Landsat-5"):
        get_sensor("Sentinel-9")
