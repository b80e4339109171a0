"""Each planted type does what defines it, by its driver."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from termini.simulate import PLANTED_TYPES, SimulatedGlacier, SimulatedRegion, simulate_region
from termini.simulate.bed import depth_at
from termini.simulate.dynamics import frontal_melt

SEEDS = (0, 1)


@pytest.fixture(scope="module")
def regions() -> list[SimulatedRegion]:
    return [simulate_region(seed, 18) for seed in SEEDS]


def _of(regions: list[SimulatedRegion], kind: str) -> list[SimulatedGlacier]:
    return [g for region in regions for g in region.glaciers if g.planted_type == kind]


def _monthly(glacier: SimulatedGlacier) -> NDArray[np.float64]:
    """Monthly mean position, shape (years, 12)."""
    months = pd.DatetimeIndex(glacier.position.index).to_period("M")
    return glacier.position.groupby(months).mean().to_numpy().reshape(-1, 12)


def _cycle(glacier: SimulatedGlacier) -> NDArray[np.float64]:
    """Mean seasonal cycle, shape (12,)."""
    months = _monthly(glacier).ravel()
    slow = pd.Series(months).rolling(13, center=True).mean().to_numpy()
    return np.asarray(np.nanmean((months - slow).reshape(-1, 12), axis=0))


def _anomaly(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Departures from the mean of the calendar month, in one run."""
    return np.asarray((values - values.mean(axis=0)).ravel())


def _correlation_with_rate(glacier: SimulatedGlacier, forcing: str, lag: int = 0) -> float:
    """Correlation of a forcing's anomaly with that of the front's speed `lag` months later."""
    position = _monthly(glacier)
    rate = _anomaly(np.gradient(position.ravel()).reshape(-1, 12))
    drive = _anomaly(glacier.forcing[forcing].to_numpy().reshape(-1, 12))
    return float(np.corrcoef(drive[: len(drive) - lag], rate[lag:])[0, 1])


def test_every_type_has_its_share_and_its_driver(regions: list[SimulatedRegion]) -> None:
    for region in regions:
        kinds = [g.planted_type for g in region.glaciers]
        assert {kind: kinds.count(kind) for kind in PLANTED_TYPES} == dict.fromkeys(
            PLANTED_TYPES, 3
        )
        for glacier in region.glaciers:
            assert glacier.driver == PLANTED_TYPES[glacier.planted_type].driver


def test_stable_fronts_stay(regions: list[SimulatedRegion]) -> None:
    for glacier in _of(regions, "stable"):
        assert np.ptp(_monthly(glacier).mean(axis=1)) < 150.0
        assert np.ptp(_cycle(glacier)) < 60.0
        # but they are not frozen
        assert glacier.position.std() > 5.0


def test_runoff_fronts_retreat_in_summer_and_follow_runoff(regions: list[SimulatedRegion]) -> None:
    for glacier in _of(regions, "seasonal_runoff"):
        cycle = _cycle(glacier)
        assert 200.0 <= np.ptp(cycle) <= 600.0
        assert cycle.argmax() + 1 in (4, 5, 6)
        assert cycle.argmin() + 1 in (8, 9, 10)
        assert np.ptp(_monthly(glacier).mean(axis=1)) < 450.0
        assert _correlation_with_rate(glacier, "runoff") < -0.3
        assert abs(_correlation_with_rate(glacier, "melange")) < 0.35


def test_melange_fronts_advance_in_winter_and_fall_back_at_break_up(
    regions: list[SimulatedRegion],
) -> None:
    for glacier in _of(regions, "seasonal_melange"):
        cycle = _cycle(glacier)
        assert 180.0 <= np.ptp(cycle) <= 600.0
        assert cycle.argmax() + 1 in (3, 4, 5)
        # Low and flat from summer to freeze-up, when runoff glaciers already advance.
        assert np.ptp(cycle[6:11]) < 0.35 * np.ptp(cycle)
        assert _correlation_with_rate(glacier, "melange") > 0.2
        strength = glacier.forcing["melange"].to_numpy().reshape(-1, 12)[:, :4].mean(axis=1)
        height = _monthly(glacier).max(axis=1)
        assert np.corrcoef(strength, height)[0, 1] > 0.2


def test_steady_fronts_retreat_as_the_ocean_warms(regions: list[SimulatedRegion]) -> None:
    for glacier in _of(regions, "steady_retreat"):
        yearly = _monthly(glacier).mean(axis=1)
        rate = np.polyfit(np.arange(len(yearly)), yearly, 1)[0]
        assert -300.0 <= rate <= -90.0
        assert np.diff(yearly).max() < 0.0
        assert np.ptp(_cycle(glacier)) < 120.0
        warmth = glacier.forcing["thermal_forcing"].to_numpy().reshape(-1, 12).mean(axis=1)
        assert np.corrcoef(warmth, yearly)[0, 1] < -0.7


def test_step_fronts_fall_back_over_an_overdeepening_and_stop(
    regions: list[SimulatedRegion],
) -> None:
    for glacier in _of(regions, "step_retreat"):
        position = glacier.position.to_numpy()
        total = position[:180].mean() - position[-180:].mean()
        assert 2000.0 <= total <= 5000.0
        gone = (position[:180].mean() - position) / total
        fast = np.flatnonzero(gone > 0.9)[0] - np.flatnonzero(gone > 0.1)[0]
        assert fast < 2.2 * 365
        yearly = _monthly(glacier).mean(axis=1)
        assert abs(yearly[1] - yearly[0]) < 0.2 * total
        assert abs(yearly[-1] - yearly[-2]) < 0.1 * total
        depth = depth_at(glacier.bed, np.linspace(position.min(), position.max(), 100))
        assert depth.max() > 1.5 * depth[-1]
        # It stopped where the bed shallows inland again.
        behind = depth_at(glacier.bed, position[-1] - 400.0)
        assert behind < depth_at(glacier.bed, position[-1])


def test_surging_fronts_advance_fast_and_fall_back_slowly(regions: list[SimulatedRegion]) -> None:
    for glacier in _of(regions, "surge"):
        position = glacier.position.to_numpy()
        top = int(position.argmax())
        advance = position[top] - position[:180].mean()
        assert 1000.0 <= advance <= 3000.0
        risen = np.flatnonzero(position[:top] > position[:180].mean() + 0.1 * advance)[0]
        assert 120 < top - risen < 2 * 365
        years_after = (len(position) - top) / 365.25
        assert 50.0 < (position[top] - position[-1]) / years_after < 450.0


def test_forcing_is_whole_and_within_bounds(regions: list[SimulatedRegion]) -> None:
    for region in regions:
        for glacier in region.glaciers:
            forcing = glacier.forcing
            assert list(forcing.columns) == [
                "runoff", "thermal_forcing", "melange", "surface_mass_balance",
            ]  # fmt: skip
            assert (pd.DatetimeIndex(forcing.index).day == 15).all()
            assert np.isfinite(forcing.to_numpy()).all()
            assert forcing["runoff"].min() > 0.0
            assert forcing["thermal_forcing"].between(0.2, 9.0).all()
            assert forcing["melange"].between(0.0, 1.0).all()
            months = forcing.groupby(pd.DatetimeIndex(forcing.index).month).mean()
            assert months["runoff"].idxmax() in (6, 7, 8)
            assert months["melange"].idxmax() in (1, 2, 3, 4)
            assert months["surface_mass_balance"].idxmin() in (7, 8)


def test_glaciers_of_a_coast_share_their_summers(regions: list[SimulatedRegion]) -> None:
    for region in regions:
        west = [g for g in region.glaciers if g.place.coast == "west"]
        yearly = np.array(
            [g.forcing["runoff"].to_numpy().reshape(-1, 12)[:, 5:8].mean(axis=1) for g in west]
        )
        alike = np.corrcoef(np.log(yearly))[np.triu_indices(len(west), 1)]
        assert np.median(alike) > 0.3


def test_frontal_melt_is_the_published_formula() -> None:
    # Rignot et al. 2016 by hand: h = 400 m, q = 8.64 m d-1 (200 m3 s-1 over 5 km), TF = 3 K.
    q = 86400.0 * 200.0 / (400.0 * 5000.0)
    expected = (3e-4 * 400.0 * q**0.39 + 0.15) * 3.0**1.18
    assert frontal_melt(400.0, 200.0, 3.0, 5000.0) == pytest.approx(expected)
    assert frontal_melt(400.0, 200.0, -1.0, 5000.0) == 0.0
