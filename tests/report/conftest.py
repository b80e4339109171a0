"""A release with everything, and its report, made once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import report_made_up as made_up

from termini.report import html_report

TABLES = {
    "Most likely <driver>": pd.DataFrame(
        {"glacier_id": ["test:1"], "driver": ["runoff"], "confidence": [0.25], "empty": [None]}
    )
}


@pytest.fixture(scope="session")
def release(tmp_path_factory) -> Path:
    """Four glaciers: the first without a name, the last without a trace."""
    return made_up.release(tmp_path_factory.mktemp("report") / "catalog")


@pytest.fixture(scope="session")
def report(release, tmp_path_factory) -> str:
    """Text of the report of that release."""
    path = html_report(release, tmp_path_factory.mktemp("html") / "report.html", TABLES)
    return path.read_text(encoding="utf-8")
