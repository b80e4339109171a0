"""The ways to write a date that the documentation names are read as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from termini.times import read_dates

TEXT = (Path(__file__).parents[1] / "docs" / "dates.md").read_text(encoding="utf-8")
READ = re.findall(r"^\| `([^`]+)` \| (\d{4}-\d\d-\d\d) \|", TEXT, re.MULTILINE)
REFUSED = re.findall(r"^\| `([^`]+)` \| (?!\d{4}-)", TEXT.split("Refused")[1], re.MULTILINE)


def test_the_tables_are_found() -> None:
    assert len(READ) >= 12
    assert len(REFUSED) >= 5


@pytest.mark.parametrize(("text", "day"), READ)
def test_a_date_is_read_as_documented(text: str, day: str) -> None:
    found, _, reasons = read_dates([text])
    assert reasons == [""]
    assert f"{found[0]:%Y-%m-%d}" == day


@pytest.mark.parametrize("text", REFUSED)
def test_a_date_is_refused_as_documented(text: str) -> None:
    found, _, reasons = read_dates([text])
    assert found.isna().all()
    assert reasons[0]
