"""The date from which changes count, and what measuring needs not wait for."""

import subprocess
import sys

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from termini.series import DEFAULT_MEASURES, MEASURES
from termini.series.reference import reference_dates


class Undated:
    """A domain without a reference date."""

    reference_date = None


GLACIERS = ["a:1", "a:10", "b:2"]
DOMAINS = dict.fromkeys(GLACIERS, Undated())
WHEN = pd.Timestamp("2003-02-01")
rows = st.tuples(st.sampled_from(GLACIERS), st.integers(0, 6), st.sampled_from(list(MEASURES)))


def table_of(chosen):
    table = pd.DataFrame(chosen, columns=["glacier_id", "day", "measure"])
    days = pd.Timestamp("2001-05-01") + pd.to_timedelta(table.pop("day").astype("int64"), "D")
    table["date"] = days.astype("datetime64[us]")
    return table.astype({"glacier_id": "str", "measure": "str"})


def plainly(table):
    """First date with most of the usual measures, one glacier after the other."""
    usual = table[table["measure"].isin(DEFAULT_MEASURES)]
    usual = usual if len(usual) else table
    found = {}
    for glacier, part in usual.groupby("glacier_id"):
        counts = part.groupby("date")["measure"].nunique()
        found[glacier] = counts.index[np.flatnonzero(counts == counts.max())[0]]
    return found


@given(st.lists(rows, max_size=40))
def test_changes_count_from_the_first_date_with_most_measures(chosen):
    table = table_of(chosen)
    assert reference_dates(table, DOMAINS, None) == plainly(table)
    wished = reference_dates(table, DOMAINS, WHEN)
    assert wished == dict.fromkeys(plainly(table), WHEN)


def test_measuring_waits_neither_for_the_readers_of_fronts_nor_for_statistics():
    asked = "import sys, termini.series.stream_parts; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "termini.series.observe" in loaded
    assert not loaded & {"termini.fronts", "termini.scenes", "rasterio", "scipy.stats"}
