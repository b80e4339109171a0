import numpy as np
import pytest
from attribution_made_up import (
    YEAR,
    cycle_by_melange,
    cycle_by_runoff,
    drivers_dataset,
    monthly_forcing,
    series_dataset,
)

from termini.drivers import CANDIDATES, Thresholds, mechanism
from termini.drivers.evidence import change_of, forcing_change, melange_fit, runoff_fit
from termini.drivers.rule import Evidence, decide

PLANTED = ["none", "runoff", "melange", "thermal_forcing", "bed", "internal"]


def case(seed=0, of_each=2):
    rng = np.random.default_rng(seed)
    kinds = PLANTED * of_each
    n = len(kinds)
    varying = monthly_forcing(rng, n)
    slow = np.cumsum(rng.normal(size=(n, len(YEAR))) * 3, axis=1)
    cycle = rng.normal(size=(n, 12)) * 5
    overdeepening = np.zeros(n)
    for row, kind in enumerate(kinds):
        if kind == "runoff":
            cycle[row] += cycle_by_runoff()
        elif kind == "melange":
            cycle[row] += cycle_by_melange()
        elif kind == "thermal_forcing":
            varying["thermal_forcing"][row] += 0.25 * YEAR
            slow[row] -= 180 * YEAR
        elif kind == "bed":
            slow[row] -= 3000 / (1 + np.exp(-(YEAR - 3) / 0.3))
            overdeepening[row] = 400.0
        elif kind == "internal":
            slow[row] += 1500 * np.clip(YEAR - 3, 0, 1)
    drivers = drivers_dataset(varying, overdeepening=overdeepening)
    return series_dataset(slow, cycle), drivers, kinds


@pytest.fixture(scope="module")
def example():
    series, drivers, kinds = case()
    return series, drivers, kinds, mechanism(series, drivers, seed=0, draws=40)


def test_planted_drivers_are_named(example):
    _, _, kinds, table = example
    assert table["likeliest"].tolist() == kinds
    named = table["driver"] != "undetermined"
    assert (table.loc[named, "driver"] == np.array(kinds)[named]).all()
    assert named.sum() >= 10


def test_confidence_and_shares_are_shares(example):
    _, _, _, table = example
    assert table["confidence"].between(0, 1).all()
    shares = table[[f"share_{name}" for name in (*CANDIDATES, "undetermined")]]
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert (table["reason"] != "").all()


def test_same_seed_same_table(example):
    series, drivers, _, table = example
    assert mechanism(series, drivers, seed=0, draws=40).to_csv() == table.to_csv()


@pytest.mark.parametrize("keep", [[], ["runoff"], ["thermal_forcing"], ["overdeepening"]])
def test_no_driver_is_named_without_its_data(keep):
    series, drivers, _ = case()
    left = drivers[[*keep]].assign_coords(glacier_id=drivers["glacier_id"])
    table = mechanism(series, left, draws=5)
    allowed = {"none", "undetermined", *(name.replace("overdeepening", "bed") for name in keep)}
    if keep in (["runoff"], ["thermal_forcing"]):
        allowed.add("internal")
    assert set(table["likeliest"]) <= allowed


def test_missing_values_are_said_to_be_missing():
    series, drivers, _ = case()
    table = mechanism(series, drivers * np.nan, draws=3)
    assert set(table["driver"]) <= {"none", "undetermined"}
    assert table["reason"].str.contains("is known|is not known|neither").all()


def test_annual_records_speak_of_years_only():
    series, drivers, kinds = case()
    for name in ("seasonal_cycle", "seasonal_cycle_se", "seasonal_amplitude"):
        series[name][:] = np.nan
    table = mechanism(series, drivers, draws=10)
    expected = ["undetermined" if k in ("none", "runoff", "melange") else k for k in kinds]
    assert table["likeliest"].tolist() == expected
    quiet = table[np.isin(kinds, ["none", "runoff", "melange"])]
    assert (quiet["reason"] == "no change over the years; the season is not known").all()


def test_a_short_record_is_undetermined():
    series, drivers, _ = case()
    early = series["time"] < np.datetime64("2015-01-01")
    series["length_interannual"] = series["length_interannual"].where(early)
    series["seasonal_amplitude"][:] = np.nan
    table = mechanism(series, drivers, draws=3)
    assert (table["reason"] == "the record is too short").all()


def test_two_trends_share_the_confidence():
    series, drivers, kinds = case()
    grown = drivers.copy(deep=True)
    grown["runoff"] = drivers["runoff"] * (1 + 0.1 * (np.asarray(drivers["time"].dt.year) - 2013))
    rows = np.flatnonzero(np.array(kinds) == "thermal_forcing")
    alone = mechanism(series, drivers, draws=20).loc[rows]
    shared = mechanism(series, grown, draws=20).loc[rows]
    assert (shared["unshared"] < 0.6).all()
    assert (shared["confidence"] < alone["confidence"]).all()


def test_an_unknown_rival_halves_the_confidence():
    series, drivers, kinds = case()
    rows = np.flatnonzero(np.array(kinds) == "runoff")
    table = mechanism(series, drivers.drop_vars("melange"), draws=20).loc[rows]
    assert (table["likeliest"] == "runoff").all()
    assert (table["unshared"] == 0.5).all()
    assert (table["confidence"] <= 0.5).all()


def test_a_trend_that_all_glaciers_see_names_no_driver():
    series, drivers, kinds = case()
    drivers["thermal_forcing"] = drivers["thermal_forcing"] + 0.25 * (
        drivers["time"].dt.year - 2013
    )
    rows = np.flatnonzero(np.array(kinds) == "thermal_forcing")
    table = mechanism(series, drivers, draws=20).loc[rows]
    assert (table["chance"] > 0.9).all()
    assert (table["driver"] == "undetermined").all()


def test_each_seasonal_model_fits_its_own_cycle_best():
    runoff = np.array([5 + 100 * np.exp(-0.5 * ((m - 6.0) / 1.2) ** 2) for m in range(12)])
    melange = np.isin(np.arange(12), [0, 1, 2, 3, 4]) * 0.9
    assert runoff_fit(cycle_by_runoff(), runoff) > 0.9
    assert runoff_fit(cycle_by_runoff(), runoff) > melange_fit(cycle_by_runoff(), melange)
    assert melange_fit(cycle_by_melange(), melange) > 0.7
    assert melange_fit(cycle_by_melange(), melange) > runoff_fit(cycle_by_melange(), runoff)
    assert np.isnan(runoff_fit(cycle_by_runoff(), np.full(12, np.nan)))
    assert np.isnan(melange_fit(cycle_by_runoff(), np.zeros(12)))


def test_change_and_forcing_are_measured():
    months = np.arange(96)
    steady = change_of(-10.0 * months)
    assert steady.furthest == pytest.approx(-895, abs=1)
    assert steady.share == pytest.approx(24 / 95)
    step = change_of(np.where(months < 48, 0.0, -2000.0))
    assert step.share == 1.0
    assert np.isnan(change_of(np.zeros(30)).furthest)
    change, correlation = forcing_change(-np.arange(8.0), 0.5 * np.arange(8.0))
    assert change == pytest.approx(3.5)
    assert correlation == pytest.approx(-1.0)
    assert np.isnan(forcing_change(np.arange(3.0), np.arange(3.0))).all()


def test_thresholds_are_those_of_the_caller():
    nan = float("nan")
    evidence = Evidence(-400.0, 0.3, 0.0, 1.0, -0.9, nan, nan, 20.0, 10.0, nan, nan)
    assert decide(evidence, Thresholds())[0] == "none"
    assert decide(evidence, Thresholds(least_change=300.0))[0] == "thermal_forcing"
