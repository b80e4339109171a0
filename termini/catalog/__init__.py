"""Versioned releases of the dataset and their intake catalog."""

from termini.catalog.diff import ReleaseDiff, diff_releases
from termini.catalog.intake_catalog import open_catalog, write_catalog
from termini.catalog.netcdf import read_netcdf, read_series, write_netcdf
from termini.catalog.observations import (
    observations_dataset,
    observations_table,
    read_observations,
)
from termini.catalog.release import write_release
from termini.catalog.verify import verify_release
from termini.catalog.versions import release_path, versions

__all__ = [
    "ReleaseDiff",
    "diff_releases",
    "observations_dataset",
    "observations_table",
    "open_catalog",
    "read_netcdf",
    "read_observations",
    "read_series",
    "release_path",
    "verify_release",
    "versions",
    "write_catalog",
    "write_netcdf",
    "write_release",
]
