"""What the browser cuts up again: every glacier gets back its own values."""

from __future__ import annotations

import numpy as np
import pytest

from termini.report.data import load_release, natural_order
from termini.report.pack import pack_fronts, pack_series, pack_traces
from termini.variables import is_rejected


@pytest.fixture(scope="module")
def data(release):
    return load_release(release)


def test_series_of_each_glacier(data):
    packed = pack_series(data)
    n, steps = data.series.sizes["glacier"], data.series.sizes["time"]
    change = packed["change"].reshape(n, steps)
    np.testing.assert_allclose(change, data.series["length_change"].to_numpy(), rtol=1e-6)
    assert packed["cycle"].shape == (n * 12,)
    assert np.isnan(change[-1]).all()
    month = np.datetime64("1970-01-01") + packed["months"].astype("timedelta64[D]")
    np.testing.assert_array_equal(month, data.series["time"].to_numpy().astype("datetime64[D]"))


def test_traces_of_each_glacier(data):
    packed = pack_traces(data)
    for row, glacier_id in enumerate(data.glaciers["glacier_id"]):
        mine = data.observations[data.observations["glacier_id"] == glacier_id].sort_values("date")
        part = slice(*packed["trace_from"][row : row + 2])
        np.testing.assert_allclose(packed["trace_change"][part], mine["length_change"], rtol=1e-6)
        assert (np.diff(packed["trace_day"][part]) >= 0).all()
    assert packed["sensors"] == ["Sentinel-1"]


def test_fronts_of_each_glacier(data):
    packed = pack_fronts(data)
    points = packed["points"].reshape(-1, 2) * packed["step"]
    for row, glacier_id in enumerate(data.glaciers["glacier_id"]):
        mine = data.fronts[data.fronts["glacier_id"] == glacier_id].sort_values("date")
        lines = np.arange(*packed["line_from"][row : row + 2])
        kinds = packed["line_kind"][lines]
        rejected = is_rejected(mine["quality"])
        assert (kinds == 0).sum() == (~rejected).sum()
        assert (kinds == 1).sum() == rejected.sum()
        assert (kinds == 2).sum() == (kinds == 3).sum() == 1
        first = lines[kinds == 0][:1]
        for line in first:
            part = slice(*packed["point_from"][line : line + 2])
            drawn = points[part] + packed["origin"].reshape(-1, 2)[row]
            ends = np.asarray(mine.geometry[~rejected].iloc[0].coords)[[0, -1]]
            np.testing.assert_allclose(drawn[[0, -1]], ends, atol=packed["step"])


def test_rejected_fronts_say_why(data):
    packed = pack_fronts(data)
    labels = np.array(packed["labels"])[packed["line_label"]]
    assert all("rejected: outlier" in label for label in labels[packed["line_kind"] == 1])
    assert not any("rejected" in label for label in labels[packed["line_kind"] != 1])


def test_people_count_so():
    ids = ["b:2", "a:10", "a:9", "x", "a:x1"]
    assert [ids[k] for k in natural_order(ids)] == ["a:9", "a:10", "a:x1", "b:2", "x"]
