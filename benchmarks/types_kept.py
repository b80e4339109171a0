"""Results that stay on disk, so that a long benchmark can be stopped and gone on with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import types_world
import xarray as xr
from types_world import Seeing, observed_region, region_of

import termini
from termini.files import write_text, written_whole

ROOMS = ("simulate", "series")


@cache
def code(*rooms: str, also: tuple[str, ...] = ()) -> str:
    """Checksum of the sources of rooms of the package and of other files, as at first asked."""
    base = Path(termini.__file__).parent
    files = [path for room in rooms for path in sorted((base / room).glob("*.py"))]
    found = hashlib.sha256()
    for path in [*files, Path(types_world.__file__), *map(Path, also)]:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


class Kept:
    """Results by name in a folder; without a folder nothing is kept.

    Parameters
    ----------
    folder : path or None
        Where results are kept. Names hold a checksum of the code that made them, so
        that a result of other code is made again.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def result(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, as JSON has it; made once."""
        if self.folder is None:
            return json.loads(json.dumps(make()))
        path = self.folder / f"{name}.json"
        if not path.is_file():
            write_text(path, json.dumps(make()) + "\n")
        return json.loads(path.read_text())

    def region(
        self, seed: int, glaciers: int, seeing: Seeing, null: str = ""
    ) -> tuple[pd.DataFrame, xr.Dataset]:
        """Observations and monthly series as `observed_region` gives them; made once."""

        def make() -> tuple[pd.DataFrame, xr.Dataset]:
            return observed_region(region_of(seed, glaciers), seeing, seed, null=null)

        if self.folder is None:
            return make()
        name = f"{code(*ROOMS)}-{glaciers}-{label(seed, seeing, null)}"
        table, path = self.folder / f"{name}.parquet", self.folder / f"{name}.nc"
        if not path.is_file():
            observations, series = make()
            with written_whole(table) as part:
                observations.to_parquet(part)
            with written_whole(path) as part:
                series.to_netcdf(part)
        with xr.open_dataset(path) as opened:
            return pd.read_parquet(table), opened.load()


def label(seed: int, seeing: Seeing, null: str = "") -> str:
    """How a region was seen, as a part of a file name."""
    return "-".join([str(seed), *(f"{value:g}" for value in astuple(seeing)), null or "types"])
