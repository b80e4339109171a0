import numpy as np
import pytest
from attribution_made_up import (
    TIME,
    YEAR,
    drivers_dataset,
    monthly_forcing,
    series_dataset,
    types_dataset,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kruskal

from termini.drivers import attribute
from termini.drivers.separate import separation
from termini.drivers.surrogate import holm, phase_randomised
from termini.errors import InputError


def case(seed=0, lag=3, n=12):
    """Half the glaciers answer to thermal forcing `lag` months later and lie deeper."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    varying = monthly_forcing(rng, n)
    weather = np.cumsum(rng.normal(size=(n, len(TIME) + 24)), axis=1)
    slow_weather = weather - np.mean(weather, axis=1, keepdims=True)
    warm = slow_weather[:, 24:] * 0.1
    varying["thermal_forcing"] = 5 + warm
    earlier = slow_weather[:, 24 - lag : -lag] * 0.1
    rate = -200 * earlier / 12 + rng.normal(size=warm.shape) * 3
    noise = np.cumsum(rng.normal(size=warm.shape) * 15, axis=1)
    length = np.where(labels[:, None] == 1, np.cumsum(rate, axis=1), noise)
    depth = 200 + 150 * labels + rng.normal(size=n) * 20
    series = series_dataset(length, np.zeros((n, 12)))
    return series, types_dataset(labels), drivers_dataset(varying, bed_depth=depth)


@pytest.fixture(scope="module")
def table():
    return attribute(*case(), seed=0, permutations=2000, surrogates=300)


def row(table, **wanted):
    chosen = table
    for column, value in wanted.items():
        chosen = chosen[chosen[column] == value]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_depth_separates_the_types(table):
    found = row(table, scale="interannual", type="all", driver="bed_depth", test="separates")
    assert found["p_adjusted"] < 0.05
    assert found["effect"] > 0.6
    assert found["n_glaciers"] == 12
    runoff = row(table, scale="interannual", type="all", driver="mean runoff", test="separates")
    assert runoff["p_adjusted"] > 0.05


def test_thermal_forcing_leads_the_type_that_answers_to_it(table):
    found = row(table, scale="interannual", type="1", driver="thermal_forcing", test="leads")
    assert found["p_adjusted"] < 0.05
    assert found["correlation"] < -0.5
    assert abs(found["lead_months"] - 3) <= 1
    other = row(table, scale="interannual", type="0", driver="thermal_forcing", test="leads")
    assert other["p_adjusted"] > 0.05
    assert found["confidence"] == pytest.approx(1 - found["p_adjusted"])


def test_one_type_is_said_to_be_one_type(table):
    found = row(table, scale="seasonal", type="all", driver="bed_depth", test="separates")
    assert np.isnan(found["p_value"])
    assert found["note"] == "there is only one type"


def test_same_seed_same_table(table):
    again = attribute(*case(), seed=0, permutations=2000, surrogates=300)
    assert again.to_csv() == table.to_csv()


def test_drivers_without_values_are_named():
    series, types, drivers = case()
    drivers["bed_depth"][:] = np.nan
    drivers["runoff"][:] = np.nan
    found = attribute(series, types, drivers, permutations=50, surrogates=20)
    empty = found[found["driver"].isin(["bed_depth", "mean runoff"])]
    assert empty["p_value"].isna().all()
    assert (empty["note"] == "the driver has no value at any glacier").all()
    lead = row(found, scale="interannual", type="all", driver="runoff", test="leads")
    assert lead["n_glaciers"] == 0
    assert "no glacier has" in lead["note"]


def test_annual_series_are_compared_by_year():
    series, types, drivers = case()
    for name in ("seasonal_cycle", "seasonal_amplitude"):
        series[name][:] = np.nan
    summers = drivers.isel(time=TIME.month == 7)
    found = attribute(series, types, summers, permutations=50, surrogates=20)
    leads = found[found["test"] == "leads"]
    assert set(leads["note"]) == {"compared by year"} or "no glacier has 8 years" in str(
        set(leads["note"])
    )
    assert set(leads["lead_months"].dropna()) <= {0.0, 12.0}


def test_glaciers_in_another_order_and_lacking_ones_are_joined_by_id():
    series, types, drivers = case()
    mixed = drivers.isel(glacier=[5, 3, 1, 0, 2, 4, 6, 7, 8, 9])
    found = attribute(series, types, mixed, permutations=200, surrogates=20)
    depth = row(found, scale="interannual", type="all", driver="bed_depth", test="separates")
    assert depth["n_glaciers"] == 10
    assert depth["effect"] > 0.6


def test_other_glaciers_are_refused():
    series, types, drivers = case()
    with pytest.raises(InputError, match="same glaciers in the same order"):
        attribute(series, types.isel(glacier=slice(3)), drivers)
    strangers = drivers.assign_coords(
        glacier_id=("glacier", np.array([f"other:{k}" for k in range(12)], dtype=object))
    )
    with pytest.raises(InputError, match="no glacier in common"):
        attribute(series, types, strangers)


def test_noise_seldom_leads():
    rng = np.random.default_rng(5)
    low = 0
    for seed in range(20):
        n = 4
        length = np.cumsum(rng.normal(size=(n, len(TIME))) * 20, axis=1)
        forcing = {"thermal_forcing": 3 + np.cumsum(rng.normal(size=(n, len(TIME))), axis=1) * 0.1}
        series = series_dataset(length - 10 * YEAR, np.zeros((n, 12)))
        found = attribute(
            series, types_dataset([0] * n), drivers_dataset(forcing), seed=seed, surrogates=60
        )
        lead = row(found, scale="interannual", type="all", driver="thermal_forcing", test="leads")
        low += lead["p_value"] < 0.05
    assert low <= 4


def test_rank_statistics_are_those_of_scipy():
    rng = np.random.default_rng(1)
    values, labels = rng.normal(size=20), np.arange(20) % 3
    found = separation(values, labels, None, rng=rng, permutations=20)
    expected = kruskal(*(values[labels == k] for k in range(3))).statistic / 19
    assert found.effect == pytest.approx(expected)
    apart = separation(np.arange(10.0), np.repeat([0, 1], 5), 1, rng=rng, permutations=2000)
    assert apart.effect == 1.0
    assert apart.p == pytest.approx(2 / 252, abs=0.008)


@given(st.lists(st.floats(0.0001, 1.0), min_size=1, max_size=8))
def test_correction_only_raises_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    assert (adjusted >= np.array(p_values) - 1e-12).all()
    assert (adjusted <= 1.0).all()
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(adjusted[order]) >= -1e-12).all()


def test_surrogates_keep_spectrum_and_what_series_share():
    rng = np.random.default_rng(0)
    common = np.cumsum(rng.normal(size=64))
    series = np.array([common, 2 * common])
    turned = phase_randomised(series, rng, 5)
    spectrum = np.abs(np.fft.rfft(turned, axis=2))
    np.testing.assert_allclose(spectrum, np.abs(np.fft.rfft(series))[None].repeat(5, 0), atol=1e-6)
    np.testing.assert_allclose(turned[:, 1], 2 * turned[:, 0], atol=1e-6)
    assert abs(np.corrcoef(turned[0, 0], common)[0, 1]) < 0.95
