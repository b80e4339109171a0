"""What glacier types refuse, and what they leave out, each by name."""

import numpy as np
import pytest
import xarray as xr
from types_made_up import planted

from termini.cluster import TypeSettings, glacier_types
from termini.errors import InputError

QUICK = TypeSettings(n_null=5, draws=5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k_range": (5, 3)}, "k_range"),
        ({"band_months": -1}, "band_months is -1"),
        ({"seasonal_band_months": 6}, "between 0 and 5"),
        ({"scale": 0.0}, "must be positive"),
        ({"amplitude": "loud"}, "choose 'aware' or 'shape'"),
        ({"n_null": 0}, "at least 1"),
        ({"k": 2.5}, "k is 2.5; give a whole number"),
        ({"seed": -1}, "seed is -1"),
        ({"scale": float("nan")}, "must be positive"),
        ({"step_months": 90}, "the glaciers share 96 months"),
    ],
)
def test_senseless_settings_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        glacier_types(planted(0, of_each=1)[0], TypeSettings(**arguments))


def test_series_without_components_are_refused():
    series, _ = planted(0, of_each=1)
    with pytest.raises(InputError, match="length_interannual"):
        glacier_types(series.drop_vars("length_interannual"))


def test_bad_records_are_left_out_or_refused_and_named():
    series, _ = planted(3)
    series["length_interannual"][0] = np.nan  # all missing
    series["length_interannual"][1, 1:] = np.nan  # a single value
    series["length_interannual"][2] = 0.0  # never moves
    types = glacier_types(series, TypeSettings(n_null=5, draws=5))
    reasons = types["interannual_reason"].attrs["flag_meanings"].split()
    named = [reasons[code] for code in types["interannual_reason"].values[:2]]
    assert named == ["no_values", "record_too_short"]
    assert int(types["interannual_type"][2]) >= 0
    unsorted = series.isel(time=slice(None, None, -1))
    with pytest.raises(InputError, match="time does not increase"):
        glacier_types(unsorted, TypeSettings(n_null=5))
    series["length_interannual"][4, 7] = np.inf
    with pytest.raises(InputError, match=r"test:5.*infinite"):
        glacier_types(series, TypeSettings(n_null=5))


def test_series_in_other_units_are_refused():
    series, _ = planted(3)
    series["length_interannual"].attrs["units"] = "km"
    with pytest.raises(InputError, match=r"length_interannual is in 'km'.*metres"):
        glacier_types(series, TypeSettings(n_null=5))


def spoilt(name, where, value):
    """Made-up series of which some values of a variable are others."""
    series = planted(3)[0]
    series[name][where] = value
    return series


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("length_interannual_se", np.inf, r"length_interannual_se of test:5 .*infinite"),
        ("length_interannual_se", -5.0, r"length_interannual_se of test:5 .*negative"),
        ("seasonal_cycle", -np.inf, r"seasonal_cycle of test:5 .*infinite"),
        ("seasonal_cycle_se", np.inf, r"seasonal_cycle_se of test:5 .*infinite"),
    ],
)
def test_values_without_sense_are_refused_with_the_glacier(name, value, message):
    with pytest.raises(InputError, match=message):
        glacier_types(spoilt(name, (4, 7), value), QUICK)


@pytest.mark.parametrize(
    "name", ["length_interannual_se", "seasonal_cycle", "seasonal_amplitude_se"]
)
def test_one_variable_in_other_units_is_refused(name):
    series = planted(3)[0]
    series[name].attrs["units"] = "km"
    with pytest.raises(InputError, match=f"{name} is in 'km'"):
        glacier_types(series, QUICK)


def irregular(series):
    return series.isel(time=[0, 1, 5, 6])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (irregular, "2013-06-15 follows 2013-02-15"),
        (lambda s: s.isel(month=slice(None, None, -1)), "month does not go from 1 to 12"),
        (lambda s: s.isel(glacier=[0, 0, 1]), "test:1 comes more than once"),
        (lambda s: s.isel(glacier=slice(0, 0)), "no glacier"),
        (lambda s: s.drop_vars("glacier_id"), "no glacier_id"),
        (lambda s: s.isel(time=0), "no dimension 'time'"),
        (lambda s: s.assign_coords(time=np.arange(s.sizes["time"])), "not dates"),
        (lambda s: s.assign(length_interannual=s["seasonal_cycle"]), "has dimensions"),
        (lambda s: s.assign(seasonal_cycle=s["seasonal_cycle"].astype(str)), "not numbers"),
        (lambda s: s["length_interannual"], "but a DataArray"),
    ],
)
def test_series_of_another_form_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        glacier_types(change(planted(3)[0]), QUICK)


def test_a_constant_glacier_is_stable_and_constant_glaciers_are_one_type():
    series = spoilt("length_interannual", slice(None), 0.0)
    types = glacier_types(series, QUICK)
    assert set(types["interannual_type"].values) == {0}
    assert "too few or too equal" in types.attrs["interannual_verdict"]
    one_month = glacier_types(planted(3)[0].isel(time=[0]), QUICK)
    assert set(one_month["interannual_reason"].values) == {2}


def by_name(types, scale):
    return dict(zip(types["glacier_id"].values, types[f"{scale}_type"].values, strict=True))


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_glaciers_does_not_matter(seed):
    series, _ = planted(seed)
    order = np.random.default_rng(seed).permutation(series.sizes["glacier"])
    told = TypeSettings(k=4, seasonal_k=3, n_null=2, draws=2)
    one, other = glacier_types(series, told), glacier_types(series.isel(glacier=order), told)
    for scale in ("interannual", "seasonal"):
        assert by_name(one, scale) == by_name(other, scale)


def test_a_copy_of_a_glacier_has_its_type_and_changes_no_other():
    series, _ = planted(1)
    copy = series.isel(glacier=[4]).assign_coords(glacier_id=("glacier", ["test:copy"]))
    told = TypeSettings(k=4, seasonal_k=3, n_null=2, draws=2)
    more = glacier_types(xr.concat([series, copy], "glacier"), told)
    for scale in ("interannual", "seasonal"):
        found = by_name(more, scale)
        assert found.pop("test:copy") == found["test:5"]
        assert found == by_name(glacier_types(series, told), scale)


@pytest.mark.parametrize("amplitude", ["aware", "shape"])
def test_another_origin_of_the_lengths_changes_nothing(amplitude):
    series, _ = planted(1)
    moved = series.copy()
    moved["length_interannual"] = series["length_interannual"] + 5000.0
    told = TypeSettings(k=3, seasonal_k=3, amplitude=amplitude, n_null=2, draws=2)
    one, other = glacier_types(series, told), glacier_types(moved, told)
    assert by_name(one, "interannual") == by_name(other, "interannual")
    np.testing.assert_allclose(one["interannual_centre"], other["interannual_centre"], atol=1e-6)
