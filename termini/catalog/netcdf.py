"""NetCDF files that follow CF-1.11, the same bytes for the same content.

Names, units and flags come from ``variables.yml``; a variable that is not
described there is refused. Texts are stored as characters of fixed width, which
every NetCDF library reads and zlib shrinks; times as whole days where they are
whole days, which no floating-point rounding can move.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from termini.catalog.attributes import bare_bounds, content_type, global_attributes
from termini.catalog.texts import fixed_width
from termini.errors import InputError
from termini.files import written_whole
from termini.variables import attributes as variable_attributes
from termini.variables import description, place

EPOCH = "1970-01-01 00:00:00"
_TIME_STEPS = [  # microseconds, unit, stored as; the coarsest that is exact is taken
    (86_400_000_000, "days", "int32"),
    (1_000_000, "seconds", "int64"),
    (1, "microseconds", "int64"),
]
# Uncertainties and flags that tell how far a value is to be trusted (CF 3.4).
_ANCILLARY = {
    "{name}": ["{name}_se", "{name}_match_distance", "{name}_match_name"],
    "length_change": ["quality", "coverage", "observed", "n_observations"],
    "area_change": ["quality", "coverage", "observed", "n_observations"],
    "interannual_type": ["interannual_silhouette", "interannual_stability"],
    "seasonal_type": ["seasonal_silhouette", "seasonal_stability"],
}

# Of zlib, 1 to 9: more than 1 takes longer and makes observations smaller by 6 % at most.
_EFFORT = 1

# Attributes that depend on the rest of the file; those of a file read before are stale.
_MADE_HERE = {"ancillary_variables", "coordinates", "coverage_content_type", "_FillValue"}


def write_netcdf(
    dataset: xr.Dataset,
    path: str | Path,
    *,
    title: str,
    date: Any,
    summary: str = "",
    history: str = "",
    attributes: Mapping[str, Any] | None = None,
) -> Path:
    """Write a dataset as a NetCDF-4 file that is CF-1.11 without reserve.

    Parameters
    ----------
    dataset : xarray.Dataset
        Any dataset of termini; every variable is described in ``variables.yml``.
    path : path
        File to write.
    title, summary : str
        What the file holds, in a line and in a paragraph.
    date : date-like
        Date of the release. It stands in every time stamp of the file, so that
        writing the same content again gives the same bytes.
    history : str
        What was done to the data, one line a step.
    attributes : mapping, optional
        Further global attributes; they win over those made here.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    InputError
        If a variable is not described or its values do not fit its description.
    """
    encoded = encode(dataset)
    encoded.attrs = global_attributes(
        dataset, title=title, date=date, summary=summary, history=history
    )
    encoded.attrs.update(attributes or {})
    with written_whole(path) as temporary:
        encoded.to_netcdf(
            temporary, engine="h5netcdf", format="NETCDF4", encoding=_storage(encoded)
        )
    return Path(path)


def read_netcdf(path: str | Path) -> xr.Dataset:
    """Read a file that `write_netcdf` wrote, whole and into memory.

    Parameters
    ----------
    path : path
        NetCDF file.

    Returns
    -------
    xarray.Dataset
        The dataset with times and texts decoded.

    Raises
    ------
    InputError
        If the file is missing or is not NetCDF.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; give a NetCDF file of a release")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            return opened.load()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path}: cannot be read as NetCDF ({error}); fetch the release again"
        ) from error


def read_series(path: str | Path) -> xr.Dataset:
    """Read the monthly series of a release.

    Parameters
    ----------
    path : path
        ``terminus_series.nc``.

    Returns
    -------
    xarray.Dataset
        Monthly series.

    Raises
    ------
    InputError
        If the file is missing, is not NetCDF, or holds no monthly series.
    """
    series = read_netcdf(path)
    needed = {"glacier_id", "time", "longitude", "latitude", "length_change", "length_interannual"}
    if missing := needed - set(series.variables):
        raise InputError(
            f"{path}: not a monthly series, it lacks {', '.join(sorted(missing))}; "
            "make it with 'termini series', or fetch the release again"
        )
    return series


def encode(dataset: xr.Dataset) -> xr.Dataset:
    """Dataset as it is stored: numbers and characters with CF attributes.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset with variables of ``variables.yml``.

    Returns
    -------
    xarray.Dataset
        Times as whole numbers, and on every variable its attributes, its
        ``coordinates`` and its ``ancillary_variables``.
    """
    encoded = dataset.reset_coords()
    for name in map(str, dataset.variables):
        encoded[name] = _encoded_variable(dataset[name].variable, name)
        encoded[name].attrs["coverage_content_type"] = content_type(
            name, description(name)["dtype"], name in dataset.coords
        )
    for name in map(str, encoded.data_vars):
        if name not in dataset.coords:
            _link(encoded, dataset, name)
    bare_bounds(encoded)
    # One order of dimensions, variables and attributes, however the dataset was put together.
    ordered = xr.Dataset(
        {name: encoded[name] for name in sorted(map(str, encoded.variables), key=place)}
    )
    for variable in ordered.variables.values():
        variable.attrs = dict(sorted(variable.attrs.items(), key=_last_encoding))
    return ordered


def _last_encoding(attribute: tuple[str, Any]) -> tuple[bool, str]:
    """Attributes by name, that of the character set last."""
    return attribute[0] == "_Encoding", attribute[0]


def _encoded_variable(variable: xr.Variable, name: str) -> xr.Variable:
    """One variable in the type that ``variables.yml`` gives it."""
    kind = description(name)["dtype"]
    own = {k: v for k, v in variable.attrs.items() if k not in _MADE_HERE}
    attrs = {**variable_attributes(name), **own}
    values = variable.values
    fill: Any = None
    if kind == "datetime":
        values, fill, units = _whole_times(values, name)
        attrs |= {"units": units, "calendar": "standard", "units_metadata": "leap_seconds: none"}
    elif kind == "str":
        values = fixed_width(values)
        attrs["_Encoding"] = "utf-8"
    else:
        values, fill = _numbers(values, kind, name)
    # A coordinate variable has no missing values, and CF forbids it a fill value.
    if variable.dims == (name,):
        if fill is not None and fill == fill:
            raise InputError(f"{name}: a coordinate may not have missing values")
        fill = None
    if fill is not None:
        attrs["_FillValue"] = fill
    return xr.Variable(variable.dims, values, attrs)


def _whole_times(values: NDArray[Any], name: str) -> tuple[NDArray[Any], Any, str]:
    """Times as whole steps since `EPOCH`, the value for none, and the unit."""
    if values.dtype.kind != "M":
        raise InputError(
            f"{name}: holds {values.dtype}, not dates; convert with pandas.to_datetime"
        )
    stamps = values.astype("datetime64[us]")
    missing = np.isnat(stamps)
    counts = np.where(missing, 0, stamps.astype("int64"))
    step, unit, dtype = next(s for s in _TIME_STEPS if np.all(counts % s[0] == 0))
    whole = (counts // step).astype(dtype)
    fill = np.array(np.iinfo(dtype).min, dtype=dtype)[()] if missing.any() else None
    if fill is not None:
        whole[missing] = fill
    return whole, fill, f"{unit} since {EPOCH}"


def _numbers(values: NDArray[Any], kind: str, name: str) -> tuple[NDArray[Any], Any]:
    """Numbers of the described type, and the value that stands for none."""
    try:
        floats = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: holds values that are not numbers ({error})") from error
    if np.dtype(kind).kind == "f":
        return floats.astype(kind), np.array(np.nan, dtype=kind)[()]
    missing = np.isnan(floats)
    limits = np.iinfo(kind)
    known = floats[~missing]
    if known.size and (
        np.any(known != np.rint(known)) or known.min() < limits.min or known.max() > limits.max
    ):
        raise InputError(f"{name}: holds values that are not whole numbers of {kind}")
    if not missing.any():
        return floats.astype(kind), None
    fill = np.array(limits.min, dtype=kind)[()]
    return np.where(missing, float(limits.min), floats).astype(kind), fill


def _link(encoded: xr.Dataset, dataset: xr.Dataset, name: str) -> None:
    """Name on a variable its auxiliary coordinates and its ancillary variables."""
    dims = set(encoded[name].dims)
    if "instance_dimension" in encoded[name].attrs:
        return
    for index in encoded.data_vars.values():
        # The observations of an indexed ragged array share their glacier's coordinates.
        if "instance_dimension" in index.attrs and set(index.dims) <= dims:
            dims.add(index.attrs["instance_dimension"])
    near = [str(c) for c in dataset.coords if c not in dims and set(dataset[c].dims) <= dims]
    if near and set(encoded[name].dims):
        encoded[name].attrs["coordinates"] = " ".join(sorted(near))
    wanted = [t.format(name=name) for t in _ANCILLARY["{name}"] + _ANCILLARY.get(name, [])]
    own = [w for w in wanted if w in encoded and set(encoded[w].dims) <= set(encoded[name].dims)]
    if own:
        encoded[name].attrs["ancillary_variables"] = " ".join(own)


def _storage(encoded: xr.Dataset) -> dict[str, dict[str, Any]]:
    """How each variable is stored: compressed, texts as characters."""
    storage: dict[str, dict[str, Any]] = {}
    for name, variable in encoded.variables.items():
        how: dict[str, Any] = {}
        if "_FillValue" not in variable.attrs:
            how["_FillValue"] = None
        if variable.dtype.kind in "US":
            how["dtype"] = "S1"
        if variable.ndim and variable.size:
            how |= {"zlib": True, "complevel": _EFFORT, "shuffle": True}
        storage[str(name)] = how
    return storage
