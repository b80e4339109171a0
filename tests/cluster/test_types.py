import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from types_made_up import dataset, planted, red

from termini.catalog import write_netcdf
from termini.cluster import TypeSettings, choose_k, dtw_distances, glacier_types
from termini.cluster.features import press, unpress
from termini.cluster.interannual import common_window
from termini.cluster.words import interannual_words, seasonal_words
from termini.errors import InputError
from termini.simulate import PLANTED_TYPES, simulate_region
from termini.times import month_index


@pytest.fixture(scope="module")
def example():
    series, kinds = planted(1)
    return series, kinds, glacier_types(series, TypeSettings(n_null=30))


def test_planted_types_are_found_at_both_scales(example):
    _, kinds, types = example
    seasonal = np.where(np.isin(kinds, ["runoff", "melange"]), kinds, "none")
    years = np.where(np.isin(kinds, ["retreat", "step", "advance"]), kinds, "flat")
    assert adjusted_rand_score(years, types["interannual_type"]) > 0.9
    assert adjusted_rand_score(seasonal, types["seasonal_type"]) > 0.9


def test_types_are_ordered_from_retreat_to_advance_and_by_phase(example):
    _, _, types = example
    assert (np.diff(types["interannual_centre"].values[:, -1]) > 0).all()
    assert (np.diff(types["seasonal_centre"].values[1:].argmax(axis=1)) >= 0).all()
    words = types["interannual_label"].values
    assert words[0].startswith("step retreat")
    assert "advance" in words[-1]


def test_what_is_written_fits_together(example):
    series, _, types = example
    assert types.sizes["glacier"] == series.sizes["glacier"]
    np.testing.assert_array_equal(types["glacier_id"], series["glacier_id"])
    labels = types["interannual_type"].values
    counted = np.bincount(labels, minlength=types.sizes["interannual_cluster"])
    np.testing.assert_array_equal(types["interannual_members"], counted)
    nearest = types["interannual_distance"].values.argmin(axis=1)
    np.testing.assert_array_equal(nearest, labels)
    assert types["interannual_stability"].values.min() >= 0
    assert types["interannual_silhouette"].values.max() <= 1
    assert json.loads(types.attrs["settings"])["seed"] == 0
    assert {"units", "long_name"} <= set(types["interannual_centre"].attrs)


def test_same_seed_same_bytes(example, tmp_path):
    series, _, types = example
    again = glacier_types(series, TypeSettings(n_null=30))
    xr.testing.assert_identical(types, again)
    paths = [
        write_netcdf(each, tmp_path / f"{name}.nc", title="Glacier types", date="2026-01-01")
        for name, each in (("one", types), ("two", again))
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("seed", range(3))
def test_red_noise_gives_one_type(seed):
    time = month_index("2013-01-01", "2020-12-31")
    rng = np.random.default_rng(seed)
    noise = dataset(red(rng, 20, len(time), 400.0), rng.normal(size=(20, 12)) * 60.0, time)
    types = glacier_types(noise, TypeSettings(n_null=60), seed=seed)
    assert set(types["interannual_type"].values) == {0}
    assert "all in one type" in types.attrs["interannual_verdict"]
    assert str(types["interannual_label"].values[0]).startswith("no types told apart; on average")
    assert np.isnan(types["interannual_silhouette"]).all()
    assert len(set(types["seasonal_type"].values) - {0}) <= 1


def test_annual_records_have_no_seasonal_type():
    series, _ = planted(2, years=30)
    series["seasonal_cycle"][:] = np.nan
    series["seasonal_amplitude"][:] = np.nan
    series["seasonal_amplitude_se"][:] = np.nan
    types = glacier_types(series, TypeSettings(n_null=20))
    assert (types["seasonal_type"] == -1).all()
    assert (types["seasonal_reason"] == 1).all()
    assert types.attrs["seasonal_verdict"] == "no glacier has the data for this scale"
    assert (types["interannual_type"] >= 0).all()
    assert json.loads(types.attrs["settings"])["step_months"] == 12


def test_glaciers_with_little_data_are_left_out_with_the_reason():
    series, _ = planted(3)
    series["length_interannual"][0] = np.nan
    series["length_interannual"][1, 40:] = np.nan
    series["length_interannual"][2, 30:36] = np.nan
    types = glacier_types(series, TypeSettings(n_null=20))
    np.testing.assert_array_equal(types["interannual_type"][:2], [-1, -1])
    np.testing.assert_array_equal(types["interannual_reason"][:3], [1, 2, 0])
    assert (types["interannual_type"][2:] >= 0).all()
    assert np.isnan(types["interannual_distance"][:2]).all()


def test_a_cycle_within_its_error_is_type_zero():
    series, _ = planted(4)
    series["seasonal_amplitude_se"][:] = 1000.0
    types = glacier_types(series, TypeSettings(n_null=20))
    assert (types["seasonal_type"] == 0).all()
    assert (types["seasonal_reason"] == 2).all()


def test_nothing_to_compare_gives_a_complete_dataset():
    series, _ = planted(5, of_each=1)
    empty = series.copy()
    for name in empty.data_vars:
        empty[name] = empty[name] * np.nan
    types = glacier_types(empty)
    full = glacier_types(series, TypeSettings(n_null=5))
    assert set(types.variables) == set(full.variables)
    assert (types["interannual_type"] == -1).all()


def test_number_of_types_on_request_and_its_limits():
    series, _ = planted(6)
    types = glacier_types(series, TypeSettings(n_null=10), k=2, seasonal_k=3)
    assert set(types["interannual_type"].values) == {0, 1}
    assert types.attrs["interannual_verdict"].startswith("k=2 was asked for")
    with pytest.raises(InputError, match="only 18 different series"):
        glacier_types(series, TypeSettings(n_null=5), k=19)


def test_shape_only_joins_small_and_large_retreats():
    time = month_index("2013-01-01", "2020-12-31")
    rng = np.random.default_rng(0)
    fall = -np.linspace(0, 1, len(time))
    sizes = [300, 600, 3000, 6000] * 3
    slow = np.array([size * fall for size in sizes] + [-size * fall for size in sizes])
    slow += red(rng, len(slow), len(time), 5.0)
    series = dataset(slow, np.zeros((len(slow), 12)), time)
    types = glacier_types(series, TypeSettings(amplitude="shape", n_null=10), k=2)
    assert adjusted_rand_score([0] * 12 + [1] * 12, types["interannual_type"]) == 1.0


def test_simulated_region_gives_its_planted_types_back():
    region = simulate_region(11, 18)
    time = month_index(region.start, region.end)
    slow, cycles = [], []
    for glacier in region.glaciers:
        daily = glacier.position
        month = daily.groupby(daily.index.to_period("M")).mean()
        smooth = month.rolling(13, center=True, min_periods=7).mean()
        cycles.append((month - smooth).groupby(month.index.month).mean().to_numpy())
        slow.append((smooth - smooth.iloc[0]).to_numpy())
    series = dataset(np.array(slow), np.array(cycles), time)
    types = glacier_types(series, TypeSettings(n_null=30))
    kinds = [PLANTED_TYPES[g.planted_type] for g in region.glaciers]
    years = adjusted_rand_score([k.interannual for k in kinds], types["interannual_type"])
    season = adjusted_rand_score([k.seasonal for k in kinds], types["seasonal_type"])
    assert years > 0.8
    assert season > 0.6


def test_groups_are_counted_right():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.eye(3, 10) * 4, 10, axis=0) + rng.normal(size=(30, 10)) * 0.3
    choice = choose_k(groups, lambda x: dtw_distances(x, band=0), n_null=20)
    assert choice.chosen == 3
    assert choice.p_any < 0.05


@given(st.floats(-8000, 8000), st.floats(10, 500))
def test_pressing_is_undone_by_unpressing(size, scale):
    series = size * np.array([[0.0, 0.2, 0.5, 1.0, 0.9]])
    np.testing.assert_allclose(
        unpress(press(series, scale, "aware"), scale), series, rtol=1e-9, atol=1e-9
    )


def test_window_keeps_most_of_the_record():
    present = np.zeros((5, 240), dtype=bool)
    present[:4, 60:200] = True
    present[4, :80] = True
    first, last = common_window(present, hold=0)
    assert (first, last) == (60, 199)


def test_words_follow_the_centre():
    years = np.linspace(0, 1, 33)
    steady = -1500 * years
    assert interannual_words(steady, 200.0) == "steady retreat, -1.5 km"
    step = -3000 / (1 + np.exp(-(years - 0.4) * 60))
    assert interannual_words(step, 200.0) == "step retreat, -3.0 km"
    assert interannual_words(50 * years, 200.0) == "stable, +50 m"
    cycle = 100 * np.cos(2 * np.pi * (np.arange(12) - 4) / 12)
    assert seasonal_words(cycle) == "most advanced in May, least in November, range 200 m"


def test_a_shorter_window_is_taken_rather_than_leaving_glaciers_out():
    present = np.ones((10, 100), dtype=bool)
    present[:2, 72:] = False
    assert common_window(present, hold=0) == (0, 69)
    present[:2, 40:] = False
    assert common_window(present, hold=0) == (0, 99)
