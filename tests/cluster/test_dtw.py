import numpy as np
import pytest
import xarray as xr
from dtw_reference import accumulated, cell_costs
from hypothesis import given, settings
from hypothesis import strategies as st
from tslearn.metrics import cdist_dtw
from tslearn.metrics import dtw_path as path_of_tslearn
from tslearn.utils import to_time_series_dataset

from termini.cluster import dtw_distances, dtw_path
from termini.cluster.distance_align import envelopes, nearest_centres
from termini.cluster.distance_blocks import Engine, Metric
from termini.cluster.distance_input import read_series
from termini.cluster.distance_window import Window, window_of
from termini.errors import InputError

LIMITS = [
    {},
    {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": 4},
    {"sakoe_chiba_radius": 0},
    {"global_constraint": "itakura", "itakura_max_slope": 2.0},
]


def walks(n, length, seed=0, channels=None):
    shape = (n, length) if channels is None else (n, length, channels)
    return np.random.default_rng(seed).normal(size=shape).cumsum(axis=1)


def assert_close(found, expected, relative=1e-12):
    assert np.abs(found - expected).max() <= relative * np.abs(expected).max()


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("length", [1, 2, 7, 33])
def test_distances_are_those_of_tslearn(limits, length):
    a, b = walks(19, length), walks(5, length, 1)
    if length == 1 and "itakura_max_slope" in limits:
        pytest.skip("a single sample has no slope")
    assert_close(dtw_distances(a, metric_params=limits), cdist_dtw(a, **limits))
    assert_close(dtw_distances(a, b, metric_params=limits), cdist_dtw(a, b, **limits))
    single = dtw_distances(a, b, metric_params=limits, precision="float32", n_jobs=2)
    assert_close(single, cdist_dtw(a, b, **limits), 1e-5)


@pytest.mark.parametrize("limits", [LIMITS[0], LIMITS[1], LIMITS[3]])
def test_unequal_lengths_and_channels_are_those_of_tslearn(limits):
    rng = np.random.default_rng(2)
    rows = [rng.normal(size=int(n)).cumsum() for n in rng.integers(20, 27, 17)]
    padded = to_time_series_dataset(rows)
    expected = cdist_dtw(padded, **limits)
    assert_close(dtw_distances(rows, metric_params=limits), expected)
    assert_close(dtw_distances(padded, metric_params=limits), expected)
    three = walks(9, 21, 3, 3)
    assert_close(dtw_distances(three, metric_params=limits), cdist_dtw(three, **limits))


def test_independent_channels_are_warped_one_by_one():
    series = walks(6, 18, 4, 2)
    each = [dtw_distances(series[:, :, c], band=3) ** 2 for c in range(2)]
    found = dtw_distances(series, band=3, independent=True)
    assert_close(found, np.sqrt(each[0] + each[1]))
    assert (found <= dtw_distances(series, band=3) + 1e-9).all()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(LIMITS))
def test_paths_are_those_of_tslearn_even_where_several_are_best(seed, limits):
    rng = np.random.default_rng(seed)
    a, b = np.round(rng.normal(size=14)), np.round(rng.normal(size=int(rng.integers(12, 16))))
    assert dtw_path(a, b, metric_params=limits) == path_of_tslearn(a, b, **limits)


def test_gaps_and_errors_cost_what_is_said():
    a, b = walks(3, 17, 5), walks(2, 17, 6)
    a[0, 4:7] = b[1, 9] = np.nan
    sigma = np.abs(walks(3, 17, 7)) + 0.1
    found = dtw_distances(
        a, b, errors=sigma, other_errors=np.ones_like(b), error_scale=0.8, missing_penalty=1.7
    )
    u = np.where(np.isfinite(a), 0.64 / (0.64 + sigma**2), 0.0)
    v = np.where(np.isfinite(b), 0.64 / 1.64, 0.0)
    for i in range(3):
        for j in range(2):
            both = np.nan_to_num(a[i])[:, None], np.nan_to_num(b[j])[:, None]
            cost = cell_costs(*both, weights=(u[i][:, None], v[j][:, None]), penalty=1.7)
            assert found[i, j] == pytest.approx(np.sqrt(accumulated(cost)[-1, -1]), rel=1e-12)
    with pytest.raises(InputError, match=r"series 0 holds NaN.*missing_penalty"):
        dtw_distances(a, b)


def test_lag_weights_and_slopes_are_those_of_the_definitions():
    a, b = walks(1, 20, 8)[0], walks(1, 20, 9)[0]
    cost = cell_costs(a[:, None], b[:, None], steepness=0.3)
    found = dtw_distances([a], [b], lag_steepness=0.3)[0, 0]
    assert found == pytest.approx(np.sqrt(accumulated(cost)[-1, -1]), rel=1e-12)

    def slope(x):
        return ((x[1:-1] - x[:-2]) + (x[2:] - x[:-2]) / 2) / 2

    expected = dtw_distances([slope(a)], [slope(b)])
    assert_close(dtw_distances([a], [b], slopes=True), expected)
    lifted = dtw_distances([a + 100.0], [b], slopes=True)
    np.testing.assert_allclose(lifted, expected, rtol=1e-9)


def test_a_band_in_time_follows_the_clock():
    clock = np.array([0.0, 1, 2, 10, 11, 12, 30, 31, 60])
    a, b = walks(2, 9, 10)
    allowed = np.abs(clock[:, None] - clock) <= 20.0
    cost = cell_costs(a[:, None], b[:, None])
    expected = np.sqrt(accumulated(cost, allowed)[-1, -1])
    assert dtw_distances([a], [b], band=20.0, times=clock)[0, 0] == pytest.approx(expected)
    own = dtw_distances([a], [b], band=20.0, times=clock[None], other_times=clock[None])
    assert own[0, 0] == pytest.approx(expected)
    days = np.datetime64("2020-01-01") + clock.astype("timedelta64[D]")
    assert dtw_distances([a], [b], band=20, times=days)[0, 0] == pytest.approx(expected)
    moved = dtw_distances([a], [b], band=5.0, times=clock[None], other_times=clock[None] + 3.0)
    allowed = np.abs(clock[:, None] - (clock + 3.0)) <= 5.0
    assert moved[0, 0] == pytest.approx(np.sqrt(accumulated(cost, allowed)[-1, -1]))


def test_windows_without_a_path_are_refused():
    with pytest.raises(InputError, match="times must be"):
        window_of(3.0, [0.0, 2.0, 1.0])
    with pytest.raises(InputError, match="samples are whole"):
        window_of(1.5)
    with pytest.raises(InputError, match="not both"):
        window_of(2, None, {"itakura_max_slope": 2.0})
    with pytest.raises(InputError, match="unknown radius"):
        window_of(None, None, {"radius": 2})
    with pytest.raises(InputError, match="no alignment of series"):
        dtw_distances(walks(2, 30), walks(2, 10), metric_params={"itakura_max_slope": 1.0})


@pytest.mark.parametrize("radius", [None, 3])
def test_nearest_centres_are_found_without_all_distances(radius):
    series, centres = walks(90, 64, 11), walks(7, 64, 12) * 2.0
    engine = Engine(read_series(series), Metric(Window(radius=radius)))
    labels, squared, done = nearest_centres(engine, centres[:, :, None])
    table = dtw_distances(series, centres, band=radius)
    np.testing.assert_array_equal(labels, table.argmin(axis=1))
    np.testing.assert_allclose(squared, table.min(axis=1) ** 2, rtol=1e-12)
    assert done.sum() == 7 * 12
    assert done[1:].sum() > 0


def test_envelopes_hold_what_a_column_may_meet():
    centre = walks(2, 15, 13)
    lo, hi = Window(radius=2).rows(15, 15)
    lower, upper = envelopes(centre, lo, hi, 15)
    for j in range(15):
        near = centre[:, max(0, j - 2) : j + 3]
        np.testing.assert_array_equal(lower[:, j], near.min(axis=1))
        np.testing.assert_array_equal(upper[:, j], near.max(axis=1))


def test_xarray_and_lists_are_read_and_named():
    values = walks(3, 5, 14)
    names, time = ["a", "b", "c"], np.arange(5)
    table = xr.DataArray(
        values.T, dims=("time", "glacier"), coords={"glacier": names, "time": time}
    )
    assert_close(dtw_distances(table), dtw_distances(values))
    with pytest.raises(InputError, match=r"series 1 \(b\) holds NaN only"):
        dtw_distances(table.where(table.glacier != "b"))
    with pytest.raises(InputError, match="time does not increase"):
        dtw_distances(table.isel(time=slice(None, None, -1)))
    with pytest.raises(InputError, match="glacier and time are needed"):
        dtw_distances(table.rename(glacier="place"))
    with pytest.raises(InputError, match="a has 1 channels, b 2"):
        dtw_distances(values, walks(2, 5, 15, 2))


def test_single_precision_keeps_the_digits_of_a_small_signal_on_a_large_level():
    series = walks(6, 40, 16)
    found = dtw_distances(series + 1e7, precision="float32")
    assert_close(found, dtw_distances(series), 1e-5)
