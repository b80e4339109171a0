import subprocess
import sys
from pathlib import Path

import catalog_made_up as made_up
import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from termini.catalog import observations_dataset, read_netcdf, write_netcdf
from termini.errors import InputError


def datasets() -> dict[str, xr.Dataset]:
    content = made_up.content()
    observed = observations_dataset(content["observations"], content["fronts"], content["domains"])
    nothing = observations_dataset(
        content["observations"].iloc[:0], content["fronts"], content["domains"]
    )
    unknown = content["series"].copy()
    for name in ("trend", "length_change"):
        unknown[name] = unknown[name] * np.nan
    return {
        "observations": observed,
        "no_observations": nothing,
        "one_observation": observations_dataset(
            content["observations"].iloc[:1], content["fronts"], content["domains"]
        ),
        "series": content["series"],
        "unknown_series": unknown,
        "types": content["types"],
        "drivers": content["drivers"],
    }


def write(dataset: xr.Dataset, path: Path) -> Path:
    return write_netcdf(dataset, path, title="Made up", date=made_up.DATE)


@pytest.mark.timeout(900)  # a process of its own, slow on a busy machine
def test_every_kind_of_file_is_cf_strictly(tmp_path):
    paths = [str(write(ds, tmp_path / f"{name}.nc")) for name, ds in datasets().items()]
    checker = Path(sys.executable).with_name("compliance-checker")
    run = subprocess.run(
        [checker, "--test=cf:1.11", "--criteria=strict", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("All tests passed!") == len(paths)


@pytest.mark.parametrize("name", list(datasets()))
def test_written_and_read_is_the_same(name, tmp_path):
    dataset = datasets()[name]
    back = read_netcdf(write(dataset, tmp_path / "a.nc"))
    assert set(back.variables) == set(dataset.variables)
    assert set(back.coords) == set(dataset.coords)
    for key, variable in dataset.variables.items():
        found = back[key]
        assert found.dims == variable.dims
        if variable.dtype.kind in "OUT":
            assert found.to_numpy().astype(str).tolist() == variable.values.astype(str).tolist()
        else:
            np.testing.assert_array_equal(found.to_numpy(), variable.values)


def test_written_twice_is_the_same_bytes(tmp_path):
    for name in ("observations", "series", "types", "drivers"):
        dataset = datasets()[name]
        first, second = (write(dataset, tmp_path / f"{name}-{i}.nc") for i in (1, 2))
        assert first.read_bytes() == second.read_bytes()


def test_what_another_reader_finds(tmp_path):
    with netCDF4.Dataset(write(datasets()["observations"], tmp_path / "a.nc")) as file:
        assert file.featureType == "timeSeries"
        assert file.Conventions == "CF-1.11, ACDD-1.3"
        assert file["glacier_index"].instance_dimension == "glacier"
        assert file["glacier_id"].cf_role == "timeseries_id"
        assert file["glacier_id"].dtype == "S1"
        assert file["length_change"].units == "m"
        assert np.isnan(file["length_change"]._FillValue)
        assert set(file["length_change"].ancillary_variables.split()) >= {
            "length_change_se",
            "quality",
        }
        assert {"time", "longitude", "latitude"} <= set(file["length_change"].coordinates.split())
        assert file["time"].units_metadata == "leap_seconds: none"
        assert file["time"].units.startswith("microseconds since 1970-01-01")
        assert file["length_change"].filters()["zlib"]
        assert file["quality"].flag_masks.dtype == file["quality"].dtype
    with netCDF4.Dataset(write(datasets()["series"], tmp_path / "b.nc")) as file:
        assert file["observed"].dtype == "int8"
        assert file["observed"].flag_meanings == "not_observed observed"
        assert file["time"].units == "days since 1970-01-01 00:00:00"
        assert file["time"].dtype == "int32"
    with netCDF4.Dataset(write(datasets()["drivers"], tmp_path / "c.nc")) as file:
        assert file["thermal_forcing"].units_metadata == "temperature: difference"
        linked = file["runoff"].ancillary_variables.split()
        assert linked == ["runoff_match_distance", "runoff_match_name"]


def test_no_time_stamp_but_the_release_date(tmp_path):
    attrs = read_netcdf(write(datasets()["series"], tmp_path / "a.nc")).attrs
    stamps = {v for k, v in attrs.items() if k.startswith("date_")}
    assert stamps == {"2026-11-20T00:00:00Z"}
    assert attrs["history"].startswith("2026-11-20T00:00:00Z written by termini")


def test_global_attributes_of_the_caller_win(tmp_path):
    dataset = datasets()["series"]
    path = write_netcdf(
        dataset, tmp_path / "a.nc", title="T", date="2020-01-02", attributes={"license": "CC0-1.0"}
    )
    assert read_netcdf(path).attrs["license"] == "CC0-1.0"
    assert read_netcdf(path).attrs["time_coverage_resolution"] == "P1M"


def test_read_and_written_again(tmp_path):
    first = write(
        datasets()["drivers"].assign_attrs(comment="Own.", settings="k"), tmp_path / "a.nc"
    )
    again = read_netcdf(first)
    assert write(again, tmp_path / "b.nc").read_bytes() == first.read_bytes()
    assert again.attrs["comment"].startswith("Own.\nLengths in metres")
    less = again.drop_vars("runoff_match_name")
    path = write_netcdf(less, tmp_path / "c.nc", title="Another", date="2027-01-01")
    back = read_netcdf(path)
    assert back.attrs["title"] == "Another"
    assert back.attrs["date_created"] == "2027-01-01T00:00:00Z"
    assert back.attrs["settings"] == "k"
    assert back["runoff"].attrs["ancillary_variables"] == "runoff_match_distance"


def test_a_variable_that_is_not_described_is_refused(tmp_path):
    dataset = datasets()["series"].rename(trend="trand")
    with pytest.raises(InputError, match=r"'trand' is not described in variables\.yml"):
        write(dataset, tmp_path / "a.nc")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("n_observations", 1.5, "whole numbers of int32"),
        ("observed", 400, "whole numbers of int8"),
        ("trend", "fast", "not numbers"),
        ("reference_date", 3.0, "not dates"),
    ],
)
def test_values_that_do_not_fit_are_refused(name, values, message, tmp_path):
    dataset = datasets()["series"]
    dataset[name] = ("glacier", np.array([values] * 3))
    with pytest.raises(InputError, match=f"{name}: .*{message}"):
        write(dataset, tmp_path / "a.nc")


def test_a_coordinate_without_a_value_is_refused(tmp_path):
    dataset = datasets()["series"]
    time = dataset["time"].to_numpy().copy()
    time[3] = np.datetime64("NaT")
    with pytest.raises(InputError, match="time: a coordinate"):
        write(dataset.assign_coords(time=time), tmp_path / "a.nc")


def test_missing_whole_numbers_come_back_missing(tmp_path):
    dataset = datasets()["series"]
    dataset["crossings"] = ("glacier", np.array([1.0, np.nan, 3.0]))
    with netCDF4.Dataset(write(dataset, tmp_path / "a.nc")) as file:
        assert file["crossings"].dtype == "int32"
    np.testing.assert_array_equal(read_netcdf(tmp_path / "a.nc")["crossings"], [1, np.nan, 3])


@pytest.mark.parametrize("spoil", ["missing", "empty", "text", "truncated"])
def test_what_cannot_be_read(spoil, tmp_path):
    path = write(datasets()["series"], tmp_path / "a.nc")
    if spoil == "missing":
        path.unlink()
    else:
        content = {"empty": b"", "text": b"no such thing", "truncated": path.read_bytes()[:5000]}
        path.write_bytes(content[spoil])
    with pytest.raises(InputError, match=r"a\.nc: "):
        read_netcdf(path)


numbers = hnp.arrays(
    np.float64, 4, elements=st.floats(allow_infinity=False, allow_nan=True, width=64)
)
# Characters of fixed width cannot tell a text from the same one with NUL at its end.
texts = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    min_size=4,
    max_size=4,
)
instants = hnp.arrays(
    "datetime64[us]",
    4,
    elements=st.datetimes().map(lambda d: np.datetime64(d, "us")) | st.just(np.datetime64("NaT")),
)
# nanoseconds, in which times come back, reach from 1678 to 2261
near = instants.map(
    lambda a: np.where(
        (a > np.datetime64("1680")) & (a < np.datetime64("2260")), a, np.datetime64("NaT")
    )
)


@settings(max_examples=15)
@given(numbers, texts, near)
def test_any_values_come_back(tmp_path_factory, values, names, dates):
    dataset = xr.Dataset(
        {
            "length_change": ("glacier", values),
            "glacier_name": ("glacier", np.array(names, dtype=object)),
            "reference_date": ("glacier", dates),
        }
    )
    back = read_netcdf(write(dataset, tmp_path_factory.mktemp("any") / "a.nc"))
    np.testing.assert_array_equal(back["length_change"].to_numpy(), values)
    assert back["glacier_name"].to_numpy().tolist() == names
    np.testing.assert_array_equal(back["reference_date"].to_numpy().astype("datetime64[us]"), dates)
