import shutil

import catalog_made_up as made_up
import pytest
import xarray as xr

from termini.catalog import read_netcdf, read_observations, verify_release, write_netcdf
from termini.catalog.checksums import write_sums
from termini.catalog.observations import observations_dataset
from termini.fronttable import flag, read_fronts, write_fronts


@pytest.fixture
def release(shared_catalog, tmp_path):
    return shutil.copytree(shared_catalog / "releases" / "0.2.0", tmp_path / "0.2.0")


def test_a_good_release(release):
    assert verify_release(release) == []


def test_missing_altered_and_foreign_files_are_named(release):
    (release / "drivers.nc").unlink()
    with (release / "CHANGELOG.md").open("a") as stream:
        stream.write("more")
    (release / "notes.txt").write_text("mine")
    problems = verify_release(release)
    assert len(problems) == 3
    assert problems[0].endswith("CHANGELOG.md: altered since the release; fetch it again")
    assert problems[1].endswith("drivers.nc: missing; fetch the release again")
    assert "notes.txt: not part of the release" in problems[2]


def test_no_checksums(release):
    (release / "SHA256SUMS").unlink()
    (problem,) = verify_release(release)
    assert "not a whole release" in problem


def test_a_damaged_list_of_checksums(release):
    (release / "SHA256SUMS").write_text("what\n")
    (problem,) = verify_release(release)
    assert "line 1 is not a checksum" in problem


@pytest.mark.parametrize("name", ["terminus_series.nc", "fronts.parquet", "domains.parquet"])
def test_a_truncated_file(release, name):
    path = release / name
    path.write_bytes(path.read_bytes()[:3000])
    problems = verify_release(release)
    assert f"{name}: altered" in problems[0]
    assert any(
        name in p and ("cannot be read" in p or "not a GeoParquet" in p) for p in problems[1:]
    )


def test_a_file_that_a_release_needs(release):
    (release / "fronts.parquet").unlink()
    write_sums(release)
    problems = verify_release(release)
    assert any(p.endswith("fronts.parquet: a release needs this file") for p in problems)


def rewrite(release, name, dataset: xr.Dataset) -> list[str]:
    """Problems with another content in a file whose checksum is right."""
    dataset.attrs = {}
    write_netcdf(dataset, release / name, title="Made up", date=made_up.DATE)
    write_sums(release)
    return verify_release(release)


def test_observations_of_unknown_and_rejected_traces(release):
    fronts = read_fronts(release / "fronts.parquet")
    observed = read_observations(release / "terminus_observations.nc")
    first, second = observed["trace_id"].iloc[0], observed["trace_id"].iloc[6]
    flag(fronts, fronts["trace_id"] == second, "low_coverage", "made up")
    write_fronts(fronts[fronts["trace_id"] != first], release / "fronts.parquet")
    write_sums(release)
    problems = verify_release(release)
    assert len(problems) == 2
    assert f"trace {first}, which fronts.parquet lacks" in problems[0]
    assert f"trace {second}, which is rejected in fronts.parquet" in problems[1]


def test_observations_of_another_glacier_and_date(release):
    fronts = read_fronts(release / "fronts.parquet")
    observed = read_observations(release / "terminus_observations.nc")
    trace, glacier = observed.loc[0, ["trace_id", "glacier_id"]]
    observed.loc[0, "glacier_id"] = "sim:10" if glacier != "sim:10" else "sim:1"
    observed.loc[1, "date"] += made_up.pd.Timedelta(days=1)
    dataset = observations_dataset(observed, fronts, made_up.domains())
    problems = rewrite(release, "terminus_observations.nc", dataset)
    assert any(f"trace {trace}, which has another glacier" in p for p in problems)
    assert any("which has another date" in p for p in problems)


def test_glaciers_that_are_not_the_same_everywhere(release):
    types = read_netcdf(release / "glacier_types.nc")
    types["glacier_id"] = ("glacier", ["sim:1", "sim:1", "sim:7"])
    problems = rewrite(release, "glacier_types.nc", types)
    assert any("glacier sim:7 has no domain" in p for p in problems)
    assert any("glacier sim:1 stands in it twice" in p for p in problems)
    assert any("glaciers are not those of terminus_series.nc" in p for p in problems)


def test_a_trace_of_a_glacier_without_domain(release):
    fronts = read_fronts(release / "fronts.parquet")
    fronts.loc[3, "glacier_id"] = "sim:99"  # rejected as it is, needs no domain
    fronts.loc[len(fronts) - 1, "glacier_id"] = "sim:98"
    write_fronts(fronts, release / "fronts.parquet")
    write_sums(release)
    trace = fronts["trace_id"].iloc[-1]
    assert any(
        f"trace {trace} has a glacier without a domain" in p for p in verify_release(release)
    )


def test_units_of_another_release(release):
    series = read_netcdf(release / "terminus_series.nc")
    series["trend"].attrs["units"] = "km year-1"
    (problem,) = rewrite(release, "terminus_series.nc", series)
    assert "variable trend has units 'km year-1', variables.yml has 'm year-1'" in problem


def test_months_that_contradict_themselves(release):
    series = read_netcdf(release / "terminus_series.nc")
    series["observed"][0, 0] = 1 - series["observed"][0, 0]
    (problem,) = rewrite(release, "terminus_series.nc", series)
    assert "observed and n_observations disagree at glacier sim:1" in problem


def test_flags_without_meaning_and_errors_below_zero(release):
    fronts = read_fronts(release / "fronts.parquet")
    observed = read_observations(release / "terminus_observations.nc")
    observed.loc[5, "quality"] = 1 << 30
    observed.loc[7, "length_change_se"] = -1.0
    dataset = observations_dataset(observed, fronts, made_up.domains())
    problems = rewrite(release, "terminus_observations.nc", dataset)
    assert len(problems) == 2
    assert "has a flag without meaning" in problems[0]
    assert "length_change_se is negative" in problems[1]
