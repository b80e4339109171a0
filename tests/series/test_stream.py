"""Observations of a file, some glaciers at a time."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain, read_domains, write_domains
from termini.errors import InputError
from termini.fronts import screen
from termini.fronttable import front_table, read_fronts, write_fronts
from termini.series import (
    ObservationSettings,
    flag_outliers,
    observe,
    observe_file,
    stream,
    stream_parts,
    write_observations,
)
from termini.series.stream import glacier_groups, joined
from termini.series.stream_parts import SeriesJob, measure_in_parts


def domain_of(number):
    x = -300_000.0 + 20_000 * number
    left, right = [(x, -2e6), (x, -1.99e6)], [(x + 4000, -2e6), (x + 4000, -1.99e6)]
    left, right = right, left  # down-glacier is north: left lies in the west
    west, east = LineString(right), LineString(left)
    return GlacierDomain(
        glacier_id=f"test:{number}",
        name="box",
        fjord=Polygon([*west.coords, *list(east.coords)[::-1]]),
        gate=LineString([west.coords[0], east.coords[0]]),
        left_wall=west,
        right_wall=east,
        centreline=LineString([(x + 2000, -2e6), (x + 2000, -1.99e6)]),
        reference_width=4000.0,
    )


@pytest.fixture
def made(tmp_path):
    domains = {f"test:{n}": domain_of(n) for n in range(5)}
    rng = np.random.default_rng(1)
    rows = []
    for number, glacier_id in enumerate(domains):
        x = -300_000.0 + 20_000 * number
        for day in range(12 + number):
            y = -1.995e6 + rng.normal(0, 300)
            high = 1.0 if day % 4 else 0.7
            rows.append(
                {
                    "glacier_id": glacier_id,
                    "date": pd.Timestamp("2001-05-01") + pd.Timedelta(days=40 * day),
                    "method": "manual",
                    "geometry": LineString(
                        [(x, y), (x + 2000 * high, y + 90), (x + 4000 * high, y)]
                    ),
                }
            )
    fronts = front_table(gpd.GeoDataFrame(rows, crs="EPSG:3413"))
    return write_fronts(fronts, tmp_path / "fronts.parquet"), domains, fronts


@pytest.mark.parametrize("rows", [1, 30, 10_000])
def test_a_file_in_parts_gives_what_the_whole_table_gives(made, rows):
    path, domains, fronts = made
    parts = list(observe_file(path, domains, rows=rows, workers=1))
    whole, flagged = observe(fronts, domains, workers=1)
    together = pd.concat([part for part, _ in parts], ignore_index=True)
    pd.testing.assert_frame_equal(together, whole)
    quality = pd.concat([table["quality"] for _, table in parts], ignore_index=True)
    assert quality.equals(flagged["quality"])
    assert len(parts) == len(glacier_groups(path, rows))


def test_groups_become_smaller_towards_the_end(made, tmp_path):
    _, _, fronts = made
    many = pd.concat([fronts.assign(glacier_id=f"g:{n:02d}") for n in range(60)])
    many["trace_id"] = [f"{n:05d}" for n in range(len(many))]
    path = write_fronts(many, tmp_path / "many.parquet")
    each = len(fronts)
    groups = glacier_groups(path, rows=8 * each, fewest=2 * each)
    assert [name for group in groups for name in group] == [f"g:{n:02d}" for n in range(60)]
    sizes = [len(group) for group in groups]
    assert sizes[0] == 8
    assert sizes[-2:] == [2, 2] or sizes[-1] <= 2
    assert sizes == sorted(sizes[:-1], reverse=True) + sizes[-1:]
    assert glacier_groups(path, rows=8 * each) == [
        [f"g:{n:02d}" for n in range(start, min(start + 8, 60))] for start in range(0, 60, 8)
    ]


def test_parts_are_written_as_one_file(made, tmp_path):
    path, domains, fronts = made
    parts = (part for part, _ in observe_file(path, domains, rows=20, workers=1))
    count = write_observations(parts, tmp_path / "observations.parquet")
    found = pd.read_parquet(tmp_path / "observations.parquet")
    whole, _ = observe(fronts, domains, workers=1)
    assert count == len(whole)
    assert np.array_equal(found["length_change"], whole["length_change"], equal_nan=True)


def test_only_the_glaciers_asked_for_are_read(made):
    path, _, fronts = made
    some = read_fronts(path, ["test:1", "test:3"])
    assert set(some["glacier_id"]) == {"test:1", "test:3"}
    assert len(some) == fronts["glacier_id"].isin(["test:1", "test:3"]).sum()


def test_what_cannot_be_read_is_said(made, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        glacier_groups(tmp_path / "none.parquet")
    with pytest.raises(InputError, match="no observations"):
        write_observations([], tmp_path / "nothing.parquet")


@pytest.fixture
def job(made, tmp_path, monkeypatch):
    path, domains, _ = made
    monkeypatch.setattr(stream_parts, "_ROWS", 30)
    monkeypatch.setattr(stream_parts, "_FEWEST_ROWS", 15)
    known = write_domains(domains.values(), tmp_path / "domains.parquet")
    return SeriesJob(path, known, "2026-01-01")


def in_one(job):
    domains = read_domains(job.domains)
    table = screen(read_fronts(job.fronts), domains, job.today)
    return flag_outliers(*observe(table, domains, workers=1))


@pytest.mark.parametrize("workers", [1, 2])
def test_parts_give_what_all_at_once_gives(job, tmp_path, workers):
    parts = measure_in_parts(job, tmp_path / "parts", workers=workers)
    assert len(parts.fronts) > 1
    parts.write(tmp_path / "all.parquet", tmp_path / "observations.parquet")
    observations, table = in_one(job)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "observations.parquet"), observations)
    pd.testing.assert_frame_equal(parts.observed(), observations)
    coded = parts.observed(coded=True)
    texts = [name for name in coded if isinstance(coded[name].dtype, pd.CategoricalDtype)]
    assert "trace_id" in texts
    pd.testing.assert_frame_equal(coded.astype(dict.fromkeys(texts, "str")), observations)
    assert (parts.observed("area")["measure"] == "area").all()
    assert parts.number_observed() == len(observations)
    found = read_fronts(tmp_path / "all.parquet")
    assert found.geom_equals(table.geometry).all()
    assert found.drop(columns="geometry").equals(table.drop(columns="geometry"))
    assert found.total_bounds == pytest.approx(table.total_bounds)
    parts.remove()
    assert not (tmp_path / "parts").exists()


def test_tables_stand_when_what_was_done_meanwhile_ends(job, tmp_path):
    parts = measure_in_parts(job, tmp_path / "parts")
    fronts, observations = tmp_path / "all.parquet", tmp_path / "observations.parquet"
    with parts.writing(fronts, observations):
        found = parts.observed()
    pd.testing.assert_frame_equal(pd.read_parquet(observations), found)
    assert len(read_fronts(fronts)) == len(parts.table(["trace_id"]))


def test_what_goes_wrong_in_writing_meanwhile_is_raised(job, tmp_path):
    parts = measure_in_parts(job, tmp_path / "parts")
    parts.observations[0].write_bytes(b"no table")
    with pytest.raises(pa.ArrowInvalid), parts.writing(tmp_path / "f", tmp_path / "o"):
        pass


def test_a_killed_run_goes_on_where_it_stopped(job, tmp_path, monkeypatch):
    done = []
    first = stream_parts._measure

    def measure(job, glaciers, parts, number):
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(number)
        return first(job, glaciers, parts, number)

    monkeypatch.setattr(stream_parts, "_measure", measure)
    with pytest.raises(KeyboardInterrupt):
        measure_in_parts(job, tmp_path / "parts")
    monkeypatch.setattr(stream_parts, "_measure", lambda *a: done.append(a[3]) or first(*a))
    kept = (tmp_path / "parts" / "00000.fronts.parquet").stat().st_mtime_ns
    parts = measure_in_parts(job, tmp_path / "parts")
    assert done == list(range(len(parts.fronts)))
    assert parts.fronts[0].stat().st_mtime_ns == kept
    pd.testing.assert_frame_equal(parts.observed(), in_one(job)[0])


def test_a_front_table_of_another_writer_gives_the_same_parts(job, tmp_path):
    raw = pq.read_table(job.fronts)
    bare = pa.schema([field.remove_metadata() for field in raw.schema], raw.schema.metadata)
    other = replace(job, fronts=tmp_path / "other.parquet")
    pq.write_table(raw.cast(bare), other.fronts)
    for number, one in enumerate((job, other)):
        parts = measure_in_parts(one, tmp_path / f"parts{number}")
        parts.write(tmp_path / f"fronts{number}.parquet", tmp_path / f"o{number}.parquet")
    first, second = (read_fronts(tmp_path / f"fronts{number}.parquet") for number in range(2))
    assert first.geom_equals(second.geometry).all()
    assert first.drop(columns="geometry").equals(second.drop(columns="geometry"))


def test_parts_of_other_settings_are_made_again(job, tmp_path):
    measure_in_parts(job, tmp_path / "parts")
    other = replace(job, settings=ObservationSettings(coverage_limit=0.9))
    found = measure_in_parts(other, tmp_path / "parts").observed()
    assert (found["coverage"] >= 0.9).all()
    assert (in_one(job)[0]["coverage"] < 0.9).any()


def test_files_written_in_parts_have_the_groups_of_rows_of_whole_ones(made, tmp_path, monkeypatch):
    _, _, fronts = made
    cuts = [fronts.iloc[:7], fronts.iloc[7:8], fronts.iloc[8:50], fronts.iloc[50:]]
    files = [write_fronts(part, tmp_path / f"{n}.parquet") for n, part in enumerate(cuts)]
    monkeypatch.setattr(stream, "GROUP_ROWS", 16)
    together = joined(files, tmp_path / "together.parquet")
    metadata = pq.read_metadata(together)
    sizes = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    assert sizes == [16] * (len(fronts) // 16) + [len(fronts) % 16] * bool(len(fronts) % 16)
    found = read_fronts(together)
    assert found.geom_equals(fronts.geometry).all()
    assert found.crs == read_fronts(files[0]).crs
