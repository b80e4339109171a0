"""Projections."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pyproj import CRS

from termini.geo import ARCTIC


def test_the_same_projection_in_every_process(tmp_path: Path) -> None:
    """Asking PROJ for the code of a projection first must not change what is written."""
    ask = "import pyproj; pyproj.CRS(open({wkt!r}).read()).to_epsg();"
    write = (
        "import sys, shapely; from termini.fronttable import front_table, write_fronts;"
        "{ask}"
        "write_fronts(front_table([dict(glacier_id='a:1', date='2015-01-01',"
        " geometry=shapely.LineString([(-2e5, -2.2e6), (-2e5, -2.1e6)]))]), sys.argv[1])"
    )
    wkt = tmp_path / "crs.wkt"
    wkt.write_text(CRS(ARCTIC).to_wkt())
    made = []
    for turn, extra in enumerate(["", ask.format(wkt=str(wkt))]):
        out = tmp_path / f"{turn}.parquet"
        command = [sys.executable, "-c", write.format(ask=extra), str(out)]
        subprocess.run(command, check=True)
        made.append(out.read_bytes())
    assert made[0] == made[1]
