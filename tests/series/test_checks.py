"""Tables, domains and settings that somebody put together wrongly are named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up_glaciers import fronts_at, straight_domain
from shapely.geometry import MultiLineString

from termini.errors import InputError
from termini.fronts import MergeSettings, merge_duplicates
from termini.series import ObservationSettings, monthly_series, observe, trends
from termini.variables import flag_names

DOMAIN = straight_domain()
DOMAINS = {DOMAIN.glacier_id: DOMAIN}


@pytest.fixture
def fronts():
    return fronts_at([8000.0 - 40.0 * k for k in range(6)])


def test_one_measure_may_be_given_by_its_name(fronts):
    one, _ = observe(fronts, DOMAINS, measures="area")
    assert set(one["measure"]) == {"area"}
    with pytest.raises(InputError, match=r"measure\(s\) \['areas'\] unknown; known are area"):
        observe(fronts, DOMAINS, measures="areas")


def test_a_trace_without_a_date_is_flagged_and_takes_no_part(fronts):
    undated = fronts.copy()
    undated.loc[2, "date"] = pd.NaT
    table, flagged = observe(undated, DOMAINS)
    assert flag_names(flagged["quality"].iloc[2]) == ["bad_date"]
    assert "no date" in flagged["note"].iloc[2]
    rest, _ = observe(fronts.drop(index=2), DOMAINS)
    assert set(table["trace_id"]) == set(rest["trace_id"])
    none, flagged = observe(fronts.assign(date=pd.NaT), DOMAINS)
    assert len(none) == 0
    assert all(flag_names(q) == ["bad_date"] for q in flagged["quality"])


def test_domains_without_ids_and_doubled_traces_are_errors(fronts):
    with pytest.raises(InputError, match="domains are a list; give a mapping of glacier id"):
        observe(fronts, [DOMAIN])
    with pytest.raises(InputError, match=r"6 row\(s\) with the trace_id of another"):
        observe(pd.concat([fronts, fronts]), DOMAINS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"length_change": np.nan}, "length_change is nan .6 row"),
        ({"length_change_se": -3.0}, "length_change_se is -3.0"),
        ({"date": pd.NaT}, "date is NaT"),
    ],
)
def test_observations_that_no_model_can_use_name_glacier_and_trace(fronts, change, words):
    table, _ = observe(fronts, DOMAINS)
    trace = table["trace_id"].iloc[0]
    with pytest.raises(InputError, match=rf"glacier {DOMAIN.glacier_id}, trace {trace}: {words}"):
        monthly_series(table.assign(**change), DOMAINS)


def test_another_table_than_observations_is_named_by_what_it_lacks(fronts):
    with pytest.raises(InputError, match=r"lack the column\(s\) measure, sigma_geolocation"):
        trends(fronts, DOMAINS, [("2000", "2010")])


def test_a_series_must_not_end_before_it_begins(fronts):
    table, _ = observe(fronts, DOMAINS)
    with pytest.raises(InputError, match=r"ends \(2001\) before it begins \(2002\)"):
        monthly_series(table, DOMAINS, start="2002", end="2001")


def test_a_domain_of_one_flowline_is_measured_on_lines_laid_across_it(fronts):
    line = MultiLineString([DOMAIN.centreline])
    one = replace(DOMAIN, flowlines=line)
    # a file gives a single line without a collection round it
    bare = replace(DOMAIN, flowlines=DOMAIN.centreline)
    tables = [observe(fronts, {one.glacier_id: d}, "flowlines")[0] for d in (DOMAIN, one, bare)]
    assert len(tables[0]) == 6
    for table in tables[1:]:
        np.testing.assert_array_equal(table["length_change"], tables[0]["length_change"])


def test_settings_that_cannot_be_are_named(fronts):
    with pytest.raises(InputError, match=r"coverage_limit is 1\.5; it is a share"):
        ObservationSettings(coverage_limit=1.5)
    with pytest.raises(InputError, match="correlation_length is 0; it must be more than 0"):
        ObservationSettings(correlation_length=0)
    with pytest.raises(InputError, match="merging over -1 days"):
        merge_duplicates(fronts, DOMAINS, MergeSettings(days=-1))
