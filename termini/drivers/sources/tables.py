"""What all readers of published driver tables share."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from termini.errors import InputError
from termini.files import data_root
from termini.variables import attributes

# What scipy raises on a file that is cut short, altered or of another format.
_BROKEN_MAT = (
    MatReadError,
    zlib.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
)


def table_file(path: str | Path | None, *parts: str) -> Path:
    """File of a published dataset.

    Parameters
    ----------
    path : path, optional
        Root folder of the published data; by default `termini.files.data_root`.
    *parts : str
        Folders and file name below it.

    Returns
    -------
    pathlib.Path
        An existing file.

    Raises
    ------
    InputError
        If it does not exist.
    """
    root = data_root() if path is None else Path(path)
    assert root is not None  # data_root raises where there is none
    file = root.joinpath(*parts)
    if not file.is_file():
        raise InputError(f"{file}: not found; docs/data.md says where to get it")
    return file


def read_mat(file: Path, variable: str) -> Any:
    """One variable of a MATLAB file.

    Parameters
    ----------
    file : pathlib.Path
        MATLAB file, version 5.
    variable : str
        Its name; nothing else is read.

    Returns
    -------
    numpy array
        The variable, without dimensions of length one.

    Raises
    ------
    InputError
        If the file cannot be read or holds no such variable.
    """
    try:
        content = loadmat(file, squeeze_me=True, variable_names=[variable])
    except _BROKEN_MAT as error:
        raise InputError(
            f"{file}: cannot be read as a MATLAB file ({error}); download it again"
        ) from error
    if variable not in content:
        raise InputError(f"{file}: holds no variable {variable!r}; is it the published file?")
    return content[variable]


def column(struct: Any, field: str) -> list[Any]:
    """One field of an array of MATLAB structures.

    Parameters
    ----------
    struct : numpy array
        What `read_mat` gave.
    field : str
        Name of the field.

    Returns
    -------
    list
        One value a structure.

    Raises
    ------
    InputError
        If the structures have no such field.
    """
    names = struct.dtype.names or ()
    if field not in names:
        raise InputError(f"a MATLAB structure lacks the field {field!r}; it has {', '.join(names)}")
    return list(np.atleast_1d(struct)[field])


def unmangled(text: str) -> str:
    """Text whose UTF-8 was read as Latin-1, put right.

    Parameters
    ----------
    text : str
        Like Isbrae with its last letter as two strange ones.

    Returns
    -------
    str
        With that letter as one; unchanged where it was right.
    """
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def records(
    name: Sequence[str],
    x: ArrayLike,
    y: ArrayLike,
    values: dict[str, NDArray[Any]],
    *,
    source: str,
    citation: str,
    comment: str,
    time: pd.DatetimeIndex | None = None,
    outline: Sequence[str] | None = None,
) -> xr.Dataset:
    """Table of drivers as `termini.drivers.join_drivers` takes it.

    Parameters
    ----------
    name : sequence of str
        Names as published, one a record.
    x, y : array_like
        Positions in EPSG:3413, metres; NaN where the source gives none.
    values : dict
        Variable of ``variables.yml`` to its values, on ``record`` or ``record, time``.
    source, citation, comment : str
        What it is, how to cite it, and what to know before using it.
    time : DatetimeIndex, optional
        Times of two-dimensional values.
    outline : sequence of str, optional
        Outlines of the records, WKT in EPSG:3413.

    Returns
    -------
    xarray.Dataset
        The table.
    """
    data: dict[str, Any] = {
        "name": ("record", np.asarray(name, dtype=object)),
        "x": ("record", np.asarray(x, dtype=np.float64)),
        "y": ("record", np.asarray(y, dtype=np.float64)),
    }
    if outline is not None:
        data["outline"] = ("record", np.asarray(outline, dtype=object))
    for variable, value in values.items():
        dims = ("record", "time")[: value.ndim]
        data[variable] = (dims, value, attributes(variable))
    coords = {} if time is None else {"time": time.as_unit("ns")}
    attrs = {"source": source, "citation": citation, "comment": comment}
    return xr.Dataset(data, coords=coords, attrs=attrs)


def mid_year(years: ArrayLike) -> pd.DatetimeIndex:
    """Time stamp of annual and of summer values: 15 July.

    Parameters
    ----------
    years : array_like of int
        Calendar years.

    Returns
    -------
    DatetimeIndex
        15 July of each year, so that annual tables share their times.
    """
    return pd.DatetimeIndex([pd.Timestamp(int(year), 7, 15) for year in np.asarray(years)])
