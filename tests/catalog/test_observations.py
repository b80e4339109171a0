import catalog_made_up as made_up
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termini.catalog import (
    observations_dataset,
    observations_table,
    read_observations,
    write_netcdf,
)
from termini.errors import InputError

FRONTS = made_up.fronts()
DOMAINS = made_up.domains()
OBSERVED = made_up.observations(FRONTS)


def test_there_and_back(tmp_path):
    dataset = observations_dataset(OBSERVED, FRONTS, DOMAINS)
    pd.testing.assert_frame_equal(observations_table(dataset), OBSERVED)
    path = write_netcdf(dataset, tmp_path / "a.nc", title="Made up", date=made_up.DATE)
    pd.testing.assert_frame_equal(read_observations(path), OBSERVED)


rows = st.lists(st.integers(0, len(OBSERVED) - 1), unique=True, max_size=20)
values = st.floats(allow_infinity=False)


@st.composite
def tables(draw):
    """Some of the observations in any order with any values."""
    chosen = draw(rows)
    table = OBSERVED.iloc[chosen].reset_index(drop=True)
    for name in ("length_change", "area_change_se", "coverage"):
        table[name] = np.array([draw(values) for _ in chosen], dtype=float)
    flags = [draw(st.integers(0, 2**17 - 1)) for _ in chosen]
    return table.assign(quality=np.array(flags, dtype="int32"))


def in_order(table):
    order = ["glacier_id", "date", "trace_id", "measure"]
    return table.sort_values(order, ignore_index=True)


@given(tables())
def test_any_rows_in_any_order_are_kept(table):
    dataset = observations_dataset(table, FRONTS, DOMAINS)
    pd.testing.assert_frame_equal(observations_table(dataset), in_order(table))


@given(tables())
def test_texts_may_be_categories(table):
    texts = ["glacier_id", "trace_id", "measure", "correlation_group"]
    coded = table.astype({name: "category" for name in texts if name in table})
    coded["trace_id"] = coded["trace_id"].cat.reorder_categories(
        coded["trace_id"].cat.categories[::-1]
    )
    assert observations_dataset(coded, FRONTS, DOMAINS).identical(
        observations_dataset(table, FRONTS, DOMAINS)
    )


def test_rows_in_order_but_for_their_measures_are_put_in_order():
    before = in_order(OBSERVED)
    by = ["glacier_id", "date", "trace_id", "measure"]
    table = before.sort_values(by, ascending=[True, True, True, False], ignore_index=True)
    table["glacier_id"] = table["glacier_id"].astype("category")
    pd.testing.assert_frame_equal(
        observations_table(observations_dataset(table, FRONTS, DOMAINS)), before
    )


@settings(max_examples=8)
@given(tables())
def test_any_rows_in_any_order_come_back_from_a_file(tmp_path_factory, table):
    dataset = observations_dataset(table, FRONTS, DOMAINS)
    path = tmp_path_factory.mktemp("any") / "a.nc"
    back = read_observations(write_netcdf(dataset, path, title="Any", date=made_up.DATE))
    pd.testing.assert_frame_equal(back, in_order(table))


def test_layout():
    dataset = observations_dataset(OBSERVED.sample(frac=1, random_state=0), FRONTS, DOMAINS)
    assert dataset["glacier_id"].to_numpy().tolist() == ["sim:1", "sim:10", "sim:2"]
    assert dataset.sizes["glacier"] == 3  # sim:2 is there although it has no traces
    index = dataset["glacier_index"].to_numpy()
    assert np.all(np.diff(index) >= 0)
    for glacier in range(3):
        assert np.all(np.diff(dataset["time"].to_numpy()[index == glacier]) >= np.timedelta64(0))
    assert np.all(np.abs(dataset["latitude"] - 73) < 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="measure"), r"lack the column\(s\) \['measure'\]"),
        (lambda t: t.assign(lenght=1.0), "'lenght' is not described"),
        (lambda t: t.assign(glacier_id="sim:99"), r"\['sim:99'\] have no domain"),
        (
            lambda t: t.assign(trace_id="0123"),
            r"1 trace\(s\) that the front table lacks, first 0123",
        ),
        (lambda t: t.assign(date=pd.NaT), "has no date"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        observations_dataset(change(OBSERVED), FRONTS, DOMAINS)
