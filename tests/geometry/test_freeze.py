import pandas as pd
import pytest
from made_up_glaciers import fronts_at, open_box, straight_domain
from shapely.ops import substring

from termini.domain import read_domains, write_domains
from termini.errors import DomainError
from termini.fronttable import flag
from termini.geometry import (
    domain_from_box,
    domain_problems,
    domain_version,
    first_whole_front,
    frozen,
    with_flowlines,
)


def made():
    return domain_from_box("test:1", "", open_box(), fronts_at([7000, 6000, 5000, 4000]))


def test_the_version_changes_if_and_only_if_something_does():
    domain = made()
    assert frozen(domain) == domain
    assert domain_version(domain) == domain.geometry_version
    others = [
        frozen(domain, reference_date="2001-07-01"),
        frozen(domain, reference_date="2002-07-01"),
        frozen(domain, reference_width=4100.0),
        with_flowlines(domain, 5),
        with_flowlines(domain, 6),
    ]
    versions = [one.geometry_version for one in [domain, *others]]
    assert len(set(versions)) == len(versions)
    assert all(domain_problems(one) == [] for one in others)


def test_a_frozen_domain_survives_a_file(tmp_path):
    domain = frozen(with_flowlines(made()), reference_date="2001-07-01")
    read = read_domains(write_domains([domain], tmp_path / "domains.parquet"))["test:1"]
    assert len(read.flowlines.geoms) == 51
    assert read.reference_date == pd.Timestamp("2001-07-01")
    assert domain_version(read) == domain.geometry_version


def test_a_width_that_is_none_is_an_error():
    with pytest.raises(DomainError, match=r"test:1.*reference width"):
        frozen(made(), reference_width=0.0)


def test_the_first_whole_front_is_the_reference():
    fronts = fronts_at([7000, 6500, 6000, 5500])
    fronts.loc[0, "geometry"] = substring(fronts.geometry.iloc[0], 0, 0.4, normalized=True)
    flag(fronts, fronts.index == 1, "duplicate", "made up")
    assert first_whole_front(straight_domain(), fronts) == fronts["date"].iloc[2]
    assert first_whole_front(straight_domain(), fronts.iloc[:1]) is None
