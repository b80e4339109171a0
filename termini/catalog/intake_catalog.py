"""The intake 2 catalog of all releases: written from the folder, opened from anywhere.

It uses intake's own readers, so that loading the dataset needs intake, xarray,
h5netcdf and geopandas, but not termini. The paths in it are relative to the
catalog, which may be moved.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from termini.catalog.dictionary import FILES
from termini.catalog.versions import RELEASES, versions
from termini.errors import ReleaseError
from termini.files import write_text

CATALOG = "catalog.yaml"
_READERS: dict[str, dict[str, Any]] = {
    ".nc": {
        "datatype": "intake.readers.datatypes:HDF5",
        "data": {"path": ""},
        "reader": "intake.readers.readers:XArrayDatasetReader",
        # netCDF4 cannot read the file:// address that the template gives.
        "options": {"engine": "h5netcdf"},
        "output": "xarray:Dataset",
    },
    ".parquet": {
        "datatype": "intake.readers.datatypes:Parquet",
        "data": {},
        "reader": "intake.readers.readers:GeoPandasTabular",
        "options": {},
        "output": "geopandas:GeoDataFrame",
    },
}


def write_catalog(root: str | Path) -> Path:
    """Write ``catalog.yaml`` from the releases that stand beside it.

    Parameters
    ----------
    root : path
        Folder with ``releases/``.

    Returns
    -------
    pathlib.Path
        ``catalog.yaml``; the same bytes for the same releases.

    Raises
    ------
    ReleaseError
        If there is no release.
    """
    found = versions(root)
    if not found:
        raise ReleaseError(f"{root}: holds no release; make one with 'termini release'")
    base = Path(root)
    listed = [f for f in FILES if any((base / RELEASES / v / f).is_file() for v in found)]
    document = {
        "version": 2,
        "metadata": {
            "name": "termini",
            "description": "Fronts, length and area change of marine-terminating glaciers",
        },
        "user_parameters": {
            "version": {
                "cls": "intake.readers.user_parameters:OptionsUserParameter",
                "dtype": "str",
                "default": found[-1],
                "description": f"release of the dataset, one of {', '.join(found)}",
                "options": found,
            }
        },
        "aliases": {Path(name).stem: Path(name).stem for name in listed},
        "data": {f"{Path(name).stem}_file": _data(name) for name in listed},
        "entries": {Path(name).stem: _entry(name) for name in listed},
    }
    text = "# Written by termini from the folder releases/; edits are lost.\n"
    return write_text(base / CATALOG, text + yaml.safe_dump(document, sort_keys=False, width=100))


def _data(name: str) -> dict[str, Any]:
    how = _READERS[Path(name).suffix]
    url = f"{{CATALOG_DIR}}/{RELEASES}/{{version}}/{name}"
    return {
        "datatype": how["datatype"],
        "kwargs": {"url": url, "storage_options": None, **how["data"]},
        "metadata": {},
        "user_parameters": {},
    }


def _entry(name: str) -> dict[str, Any]:
    how = _READERS[Path(name).suffix]
    return {
        "reader": how["reader"],
        "kwargs": {"args": [f"{{data({Path(name).stem}_file)}}"], **how["options"]},
        "output_instance": how["output"],
        "metadata": {"description": FILES[name]},
        "user_parameters": {},
    }


def shipped_catalog() -> Path:
    """The catalog that came with this installation of termini.

    Returns
    -------
    pathlib.Path
        ``catalog.yaml``: inside the package if installed from a wheel, else
        the one of the working copy.

    Raises
    ------
    ReleaseError
        If there is none.
    """
    package = Path(__file__).resolve().parents[1]
    places = (package / "shipped_catalog", package.parent / "catalog")
    for folder in places:
        if (folder / CATALOG).is_file():
            return folder / CATALOG
    raise ReleaseError(
        f"this installation of termini brought no catalog (looked in {places[0]} and {places[1]}); "
        "give the path of a catalog.yaml, or make a release with 'termini release'"
    )


def open_catalog(path: str | Path | None = None) -> Any:
    """Open a catalog of releases with intake.

    Parameters
    ----------
    path : path or address, optional
        A ``catalog.yaml``, or the folder that holds it; the catalog that came
        with termini if left out.

    Returns
    -------
    intake.Catalog
        ``cat["terminus_series"].read()`` gives the newest release,
        ``cat(version="0.1.0")["terminus_series"].read()`` a named one.

    Raises
    ------
    ReleaseError
        If there is no catalog.
    """
    import intake  # takes a second; only who opens a catalog waits for it

    address = str(shipped_catalog() if path is None else path)
    if "://" not in address:
        local = Path(address)
        local = local / CATALOG if local.is_dir() else local
        if not local.is_file():
            raise ReleaseError(f"{local}: no such file; give a catalog.yaml that termini wrote")
        address = str(local.resolve())
    catalog = intake.open_catalog(address)
    # intake's catalog of entry points, intake.cat, asks each for its container and
    # takes what says "catalog" for one of the old format, which this is not.
    catalog.container = "catalog2"
    return catalog
