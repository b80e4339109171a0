import catalog_made_up as made_up
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate

from termini.catalog import diff_releases, read_netcdf, write_netcdf
from termini.catalog.diff import length_differences
from termini.errors import InputError
from termini.fronttable import flag, read_fronts, write_fronts


def test_a_release_and_itself(shared_catalog):
    folder = shared_catalog / "releases" / "0.2.0"
    diff = diff_releases(folder, folder)
    assert diff.same
    assert diff.text() == "Nothing changed between 0.2.0 and 0.2.0.\n"


def test_traces_added_removed_and_changed(catalog):
    old, new = catalog / "releases" / "0.2.0", catalog / "releases" / "new"
    new.mkdir()
    fronts = read_fronts(old / "fronts.parquet")
    gone, moved, rejected = fronts["trace_id"].iloc[[0, 5, 8]]
    fronts.loc[5, "geometry"] = translate(fronts["geometry"].iloc[5], 30.0, -40.0)
    fronts.loc[6, "sigma_m"] = np.nan
    flag(fronts, fronts["trace_id"] == rejected, "outlier", "made up")
    extra = fronts.iloc[[9]].assign(trace_id="new", source="another")
    fronts = pd.concat([fronts.iloc[1:], extra], ignore_index=True)
    write_fronts(fronts, new / "fronts.parquet")
    series = read_netcdf(old / "terminus_series.nc")
    series.attrs = {}
    series["length_change"][2, 4] += 25.0
    series["length_change"][0, 0] = np.nan
    write_netcdf(series, new / "terminus_series.nc", title="Made up", date=made_up.DATE)

    diff = diff_releases(old, new)
    assert diff.added["trace_id"].tolist() == ["new"]
    assert diff.removed["trace_id"].tolist() == [gone]
    changed = diff.changed.set_index("trace_id")
    assert changed["columns"].tolist() == ["geometry", "sigma_m", "quality, note"]
    assert changed.loc[moved, "moved"] == pytest.approx(50.0)
    assert changed.loc[rejected, "quality_new"] == 128
    lengths = diff.lengths.set_index("glacier_id")
    assert not diff.same
    text = diff.text()
    assert "- 1 trace(s) added, 1 removed, 3 changed\n- added from another: 1\n" in text
    assert "1 newly rejected, 0 newly accepted" in text
    ids = series["glacier_id"].to_numpy()
    assert lengths.loc[ids[2], "largest_difference"] == pytest.approx(25.0)
    assert lengths.loc[ids[2], "mean_difference"] == pytest.approx(25.0 / 24)
    assert f"    - {ids[2]}: rms 5.1 m, largest +25.0 m over 24 months" in text
    assert lengths.loc[ids[0], "months_new"] == lengths.loc[ids[0], "months_old"] - 1


def test_a_release_without_series(catalog):
    old, new = catalog / "releases" / "0.2.0", catalog / "releases" / "0.10.0"
    (new / "terminus_series.nc").unlink()
    with pytest.raises(InputError, match=r"terminus_series\.nc: no such file"):
        diff_releases(old, new)


def test_lengths_of_other_glaciers_and_months():
    series = made_up.content()["series"]
    lengths = length_differences(series.isel(glacier=[0]), series.isel(time=slice(6, None)))
    lengths = lengths.set_index("glacier_id")
    assert lengths.index.tolist() == sorted(made_up.GLACIERS)
    assert lengths.loc["sim:1", "months_both"] == series["length_change"][0, 6:].count()
    assert lengths.loc["sim:1", "largest_difference"] == 0
    assert lengths.loc["sim:2", "months_old"] == 0
    assert np.isnan(lengths.loc["sim:2", "rms_difference"])


@given(st.lists(st.floats(-1e4, 1e4), min_size=24, max_size=24))
def test_differences_are_those_of_the_values(shift):
    series = made_up.content_of_series()
    other = series.copy()
    other["length_change"] = series["length_change"] + np.array(shift)
    there = length_differences(series, other).set_index("glacier_id")
    back = length_differences(other, series).set_index("glacier_id")
    np.testing.assert_allclose(there["mean_difference"], -back["mean_difference"], atol=1e-9)
    np.testing.assert_allclose(there["rms_difference"], back["rms_difference"], atol=1e-9)
    largest = np.abs(np.array(shift)).max()
    np.testing.assert_allclose(abs(there.loc["sim:1", "largest_difference"]), largest, atol=1e-6)
