"""What near-day traces say of the errors of those who drew them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from termini.errors import InputError
from termini.series.near_days import steady_rate
from termini.series.repeats import near_pairs, repeat_errors, with_repeat_errors

RATE, STATED, EXTRA = 9.0, 12.0, 30.0


def record(
    seed: int, years: int = 24, *, calving: float = 0.3
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs two days apart: A draws as stated, B worse; the front flows and calves."""
    rng = np.random.default_rng(seed)
    start = pd.date_range("1998-01-01", periods=12 * years, freq="30D")
    dates = np.sort(np.concatenate([start, start + pd.Timedelta(days=2)]))
    number = len(dates)
    who = np.repeat(rng.choice(["A", "B"], number // 2), 2)
    true = rng.normal(0.0, 300.0, number // 2).repeat(2)
    gain = np.where(rng.random(number // 2) < calving, -rng.exponential(300.0, number // 2), 0.0)
    true[1::2] += 2 * RATE + gain
    sigma = np.where(who == "B", np.hypot(STATED, EXTRA), STATED)
    length = true + rng.normal(size=number) * sigma
    names = [f"t{k:05d}" for k in range(number)]
    rows = pd.DataFrame(
        {
            "glacier_id": "one", "trace_id": names, "date": dates, "measure": "length_area",
            "length_change": length, "length_change_se": STATED, "area_change": length * 4e3,
            "area_change_se": STATED * 4e3, "sigma_geolocation": 0.0, "sigma_digitising": STATED,
            "sigma_coverage": 0.0, "sigma_definition": 0.0, "sigma_date": 0.0,
            "correlation_group": "", "quality": np.zeros(number, dtype="int32"),
            "reference_date": dates[0],
        }
    )  # fmt: skip
    fronts = pd.DataFrame({"trace_id": names, "analyst": who, "sensor": "Landsat-7"})
    return rows, fronts


def test_the_steady_rate_is_not_moved_by_calving() -> None:
    rng = np.random.default_rng(1)
    change = 2 * RATE + rng.normal(0.0, 5.0, 200)
    change[:70] -= rng.exponential(400.0, 70)
    assert steady_rate(change, np.full(200, 2.0)) == pytest.approx(RATE, abs=1.0)
    assert steady_rate(change[:3], np.full(3, 2.0)) == 0.0


def test_errors_of_analysts_are_found_whatever_the_glacier_does() -> None:
    rows, fronts = record(3)
    found = repeat_errors(rows, fronts).set_index("analyst")
    assert found["sigma_m"]["B"] == pytest.approx(EXTRA, rel=0.3)
    assert found["sigma_m"]["A"] < 0.4 * EXTRA
    assert found["rate"].to_numpy() == pytest.approx(RATE, abs=3.0)


def test_they_hold_for_traces_that_they_were_not_taken_from() -> None:
    rows, fronts = record(4)
    known = repeat_errors(rows, fronts)
    fresh, drawn = record(5, calving=0.0)
    better = with_repeat_errors(fresh, drawn, known)
    for table, least, most in ((fresh, 0.0, 0.6), (better, 0.6, 0.76)):
        change = np.diff(table["length_change"].to_numpy())[::2] - 2 * RATE
        error = np.hypot(*table["length_change_se"].to_numpy().reshape(-1, 2).T)
        assert least < np.mean(np.abs(change / error) < 0.99446) < most
    widths = better["area_change_se"] / better["length_change_se"]
    np.testing.assert_allclose(widths, 4e3)


def test_pairs_are_near_and_of_one_glacier() -> None:
    rows, fronts = record(6, 2)
    two = pd.concat([rows, rows.assign(glacier_id="two")])
    assert len(near_pairs(two, "length_area", 3.0)) == 2 * len(rows) // 2
    assert near_pairs(rows, "length_area", 1.0) == []
    with pytest.raises(InputError, match="analyst"):
        repeat_errors(rows, fronts.drop(columns="analyst"))
