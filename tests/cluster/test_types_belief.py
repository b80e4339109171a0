"""What glacier types say of themselves: probability, errors, years, who is left out."""

import numpy as np
import pytest
from types_made_up import dataset, planted

from termini.cluster import (
    TypeSettings,
    glacier_types,
    left_out,
    years_as_glaciers,
)
from termini.cluster.interannual import interannual_features
from termini.cluster.seasonal import STEP_SHARE, seasonal_change, seasonal_features, step_error
from termini.errors import InputError
from termini.times import month_index


def test_types_say_how_probable_they_are_and_which_come_together():
    series, _ = planted(7)
    types = glacier_types(series, TypeSettings(n_null=20, draws=50))
    for scale in ("interannual", "seasonal"):
        chance = types[f"{scale}_probability"].values
        np.testing.assert_allclose(chance.sum(axis=1), 1.0)
        agreed = types[f"{scale}_consensus"].values == types[f"{scale}_type"].values
        assert agreed.mean() > 0.9
        assert types[f"{scale}_method_agreement"].values[0] > 0.8
    pairs = {
        (int(a), int(b))
        for a, b in zip(
            types["interannual_type"].values, types["seasonal_type"].values, strict=True
        )
    }
    assert types.sizes["joint_cluster"] == len(pairs)
    assert int(types["joint_members"].sum()) == types.sizes["glacier"]
    assert left_out(types).empty


def test_years_of_one_glacier_take_the_place_of_glaciers():
    series, kinds = planted(1)
    row = int(np.flatnonzero(kinds == "runoff")[0])
    name = str(series["glacier_id"].values[row])
    shape = series["length_change"].shape
    series["length_change_se"] = (("glacier", "time"), np.full(shape, 15.0))
    series["observed"] = (("glacier", "time"), np.ones(shape, dtype=np.int8))
    series["observed"][row, :6] = 0
    years = years_as_glaciers(series, name)
    assert years.sizes["glacier"] == 7
    assert years.attrs["years_left_out"] == [2013]
    assert str(years["glacier_id"].values[0]) == f"{name}:2014"
    for cycle in years["seasonal_cycle"].values:
        np.testing.assert_allclose(cycle, series["seasonal_cycle"].values[row], atol=1e-9)
    types = glacier_types(years, TypeSettings(n_null=10, draws=10))
    assert (types["interannual_type"] == -1).all()
    assert len(np.unique(types["seasonal_type"].values)) == 1
    with pytest.raises(InputError, match="known are test:1"):
        years_as_glaciers(series, "test:99")
    with pytest.raises(InputError, match="smaller least_months"):
        years_as_glaciers(series, name, least_months=13)


def test_what_is_left_out_is_listed_with_the_reason():
    series, _ = planted(3)
    series["length_interannual"][1, 40:] = np.nan
    series["seasonal_cycle"][2] = np.nan
    table = left_out(glacier_types(series, TypeSettings(n_null=5, draws=5)))
    assert table.to_numpy().tolist() == [
        ["test:2", "interannual", "record_too_short"],
        ["test:3", "seasonal", "no_seasonal_cycle"],
    ]


def test_a_step_within_one_year_is_part_of_the_error_of_the_season():
    time = month_index("2013-01-01", "2020-12-31")
    step = np.where(np.arange(len(time)) < 40, 0.0, -3200.0)
    steady = -np.linspace(0, 3200.0, len(time))
    series = dataset(np.array([step, steady]), np.zeros((2, 12)), time)
    np.testing.assert_allclose(step_error(series), [STEP_SHARE * 400.0, 0.0], atol=1e-6)
    assert step_error(series.isel(time=slice(0, 30))).tolist() == [0.0, 0.0]
    assert step_error(series.drop_vars("length_interannual")).tolist() == [0.0, 0.0]


def test_errors_move_the_features_but_not_the_values():
    series, _ = planted(2)
    one = interannual_features(series, draws=20)
    series["length_interannual_se"][:] = 0.0
    exact = interannual_features(series, draws=20)
    np.testing.assert_array_equal(one.scaled, exact.scaled)
    np.testing.assert_allclose(exact.moved, np.broadcast_to(exact.scaled, exact.moved.shape))
    assert np.abs(one.moved - one.scaled).max() > 0.01


def test_a_season_that_grows_shows_in_its_change():
    time = month_index("2013-01-01", "2020-12-31")
    wave = np.cos(2 * np.pi * (np.asarray(time.month) - 4) / 12)
    late = np.arange(len(time)) >= len(time) // 2
    series = dataset(np.zeros((2, len(time))), np.zeros((2, 12)), time)
    series["length_seasonal"] = (
        ("glacier", "time"),
        np.array([100 * wave, np.where(late, 150, 50) * wave]),
    )
    change, error = seasonal_change(series)
    np.testing.assert_allclose(change, [0.0, 200.0], atol=1e-9)
    np.testing.assert_allclose(error, 40.0)
    assert len(seasonal_features(series).without) == 4
    assert np.isnan(seasonal_change(series.drop_vars("length_seasonal"))[0]).all()
