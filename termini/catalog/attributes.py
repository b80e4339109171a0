"""Global attributes of a NetCDF file: where it comes from, what it covers.

CF-1.11 section 2.6.2 and the Attribute Convention for Data Discovery 1.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import termini
from termini.errors import InputError

HOME = "https://github.com/termini/termini"
CREATOR = "The termini developers"
KEYWORDS = (
    "EARTH SCIENCE > CRYOSPHERE > GLACIERS/ICE SHEETS > GLACIERS, "
    "EARTH SCIENCE > CRYOSPHERE > GLACIERS/ICE SHEETS > GLACIER TERMINUS, calving front"
)


def global_attributes(
    dataset: xr.Dataset, *, title: str, date: Any, summary: str = "", history: str = ""
) -> dict[str, Any]:
    """Global attributes of one file.

    Parameters
    ----------
    dataset : xarray.Dataset
        What the file will hold; ``longitude``, ``latitude`` and ``time`` give
        the extents, as far as they are there.
    title, summary, history : str
        As for `termini.catalog.write_netcdf`.
    date : date-like
        Date of the release, the only time stamp used.

    Returns
    -------
    dict
        Attributes in a fixed order. Those of the dataset stay as far as they are
        not made here; its ``comment`` and ``references`` stand before those of all
        files.
    """
    stamp = pd.Timestamp(date).strftime("%Y-%m-%dT%H:%M:%SZ")
    written = f"{stamp} written by termini {termini.__version__}"
    found: dict[str, Any] = {
        "Conventions": "CF-1.11, ACDD-1.3",
        "title": title,
        "summary": summary or title,
        "keywords": KEYWORDS,
        "keywords_vocabulary": "GCMD Science Keywords",
        "source": f"termini {termini.__version__}",
        "history": f"{history}\n{written}" if history else written,
        "references": HOME,
        "institution": CREATOR,
        "project": "termini",
        "program": "termini",
        "naming_authority": "termini",
        "creator_name": CREATOR,
        "creator_type": "group",
        "creator_institution": CREATOR,
        "creator_url": HOME,
        "publisher_name": CREATOR,
        "publisher_type": "group",
        "publisher_institution": CREATOR,
        "publisher_url": HOME,
        "metadata_link": HOME,
        "date_created": stamp,
        "date_issued": stamp,
        "date_modified": stamp,
        "date_metadata_modified": stamp,
        "processing_level": "derived",
        "standard_name_vocabulary": "CF standard names, https://cfconventions.org/standard-names",
        "comment": "Lengths in metres, areas in square metres on the ellipsoid, advance positive.",
    }
    found |= _extent(dataset) | _span(dataset)
    for key in ("comment", "references"):
        said = str(dataset.attrs.get(key, ""))
        if said and found[key] not in said:
            found[key] = f"{said}\n{found[key]}"
        elif said:  # of a file that was read and is written again
            found[key] = said
    return found | {k: v for k, v in sorted(dataset.attrs.items()) if k not in found}


def content_type(name: str, dtype: str, coordinate: bool) -> str:
    """Kind of content of a variable, ISO 19115-1 as ACDD 1.3 uses it.

    Parameters
    ----------
    name : str
        Name of the variable.
    dtype : str
        Its ``dtype`` in ``variables.yml``.
    coordinate : bool
        Whether it is a coordinate.

    Returns
    -------
    str
        A code of ISO 19115-1.
    """
    if coordinate:
        return "coordinate"
    if name.endswith("_type"):
        return "thematicClassification"
    if dtype == "str":
        return "referenceInformation"
    endings = ("_se", "_silhouette", "_stability", "_match_distance", "_reason", "_p")
    names = ("quality", "coverage", "observed", "n_observations", "crossings")
    if name.endswith(endings) or name in names or name.startswith(("sigma_", "gap_")):
        return "qualityInformation"
    if dtype == "datetime" or "_k_" in name or name == "glacier_index":
        return "auxiliaryInformation"
    return "physicalMeasurement"


def bare_bounds(encoded: xr.Dataset) -> None:
    """Leave bounds without attributes: they have those of their coordinate (CF 7.1).

    Parameters
    ----------
    encoded : xarray.Dataset
        As it is to be stored; changed in place.

    Raises
    ------
    InputError
        If bounds and coordinate are stored in different units.
    """
    for name, variable in encoded.variables.items():
        bounds = variable.attrs.get("bounds")
        if bounds not in encoded:
            continue
        if encoded[bounds].attrs.get("units") != variable.attrs.get("units"):
            raise InputError(f"{bounds}: not stored in the units of {name}; give both whole days")
        encoded[bounds].attrs = {}


def _extent(dataset: xr.Dataset) -> dict[str, Any]:
    """Where the file's glaciers lie."""
    found: dict[str, Any] = {}
    for name, short in [("latitude", "lat"), ("longitude", "lon")]:
        if name not in dataset:
            continue
        values = dataset[name].to_numpy()
        values = values[np.isfinite(values)]
        if values.size:
            found[f"geospatial_{short}_min"] = float(values.min())
            found[f"geospatial_{short}_max"] = float(values.max())
            found[f"geospatial_{short}_units"] = (
                "degrees_north" if short == "lat" else "degrees_east"
            )
    if len(found) == 6:
        south, north = found["geospatial_lat_min"], found["geospatial_lat_max"]
        west, east = found["geospatial_lon_min"], found["geospatial_lon_max"]
        # Axis order latitude before longitude, as ACDD has it for EPSG:4326.
        corners = [(south, west), (south, east), (north, east), (north, west), (south, west)]
        ring = ", ".join(f"{lat:.4f} {lon:.4f}" for lat, lon in corners)
        found["geospatial_bounds"] = f"POLYGON (({ring}))"
        found["geospatial_bounds_crs"] = "EPSG:4326"
    return found


def _span(dataset: xr.Dataset) -> dict[str, Any]:
    """When the file's data were taken."""
    if "time" not in dataset or dataset["time"].dtype.kind != "M":
        return {}
    stamps = pd.DatetimeIndex(dataset["time"].to_numpy().ravel()).dropna()
    if not len(stamps):
        return {}
    first, last = stamps.min(), stamps.max()
    found = {
        "time_coverage_start": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "time_coverage_end": last.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "time_coverage_duration": f"P{(last - first).days}D",
    }
    if dataset["time"].dims == ("time",) and len(stamps) > 1:
        months = (stamps[1].year - stamps[0].year) * 12 + stamps[1].month - stamps[0].month
        found["time_coverage_resolution"] = f"P{months}M"
    return found
