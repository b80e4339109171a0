"""Tables: whole numbers, in the order and with the decimals that people expect."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bokeh.models import CustomJSCompare, HTMLTemplateFormatter, NanCompare

from termini.report.colours import minus, type_name, type_sign
from termini.report.drivers_page import _further
from termini.report.tables import data_table, pretty_units


def column(table, name, **options):
    return next(c for c in data_table(table, **options).columns if c.field == name)


@pytest.mark.parametrize("values", [[7, 1_395_314], [7.0, -1_395_314.0], [np.nan, 12345678.9]])
def test_no_digit_is_cut_off(values):
    """A number that loses its last digit reads as another number."""
    widest = max(f"{v:,.0f}" for v in values if np.isfinite(v))
    assert column(pd.DataFrame({"b": values}), "b").width >= 6 * len(widest) + 10


def test_words_are_sorted_by_the_numbers_in_them():
    table = pd.DataFrame({"glacier": ["sim:2", "sim:10"], "value": [1.5, np.nan]})
    sorter = column(table, "glacier").sorter
    assert isinstance(sorter, CustomJSCompare)
    assert "numeric: true" in sorter.code
    assert isinstance(column(table, "value").sorter, NanCompare)


def test_decimals_of_a_column():
    table = pd.DataFrame({"year": [1998.12, 2004.34], "p": [0.0001, 0.9], "mixed": [3.04, 348.2]})
    assert column(table, "year").formatter.format == "0,0"
    assert column(table, "year", formats={"year": "0.0"}).formatter.format == "0.0"
    drawn = {n: column(table, n, formats={n: s}) for n, s in (("p", "p"), ("mixed", "digits"))}
    assert all(isinstance(c.formatter, HTMLTemplateFormatter) for c in drawn.values())
    assert all(isinstance(c.sorter, NanCompare) for c in drawn.values())
    assert "0.001" in drawn["p"].formatter.template
    assert "toPrecision(3)" in drawn["mixed"].formatter.template


def test_empty_table():
    assert data_table(pd.DataFrame({"a": np.array([], dtype=float), "b": []})).width > 0


def test_attribution_in_the_order_of_the_glaciers():
    table = pd.DataFrame(
        {"glacier_id": ["sim:1", "sim:10", "sim:2"], "driver": ["bed", "thermal_forcing", "none"]}
    )
    [_, drawn] = _further("Most likely driver", table)
    assert list(drawn.source.data["glacier_id"]) == ["sim:1", "sim:2", "sim:10"]
    assert list(drawn.source.data["driver"]) == ["bed", "none", "thermal forcing"]


def test_a_wide_table_says_that_it_scrolls():
    wide = pd.DataFrame({f"a rather long heading {k}": [1.0] for k in range(12)})
    assert "Scroll sideways" in _further("t", wide)[0].text
    assert "Scroll sideways" not in _further("t", wide.iloc[:, :2])[0].text


def test_minus_signs():
    assert minus("retreat, -2.2 km on 2014-03-07") == "retreat, −2.2 km on 2014-03-07"
    assert type_name(0, "step, -3.4 km") == "0: step, −3.4 km"
    assert len({type_sign(k) for k in range(8)}) == 8
    assert pretty_units("m3 s-1") == "m³ s⁻¹"
