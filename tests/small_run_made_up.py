"""Configuration of the small run that several tests look at."""

from __future__ import annotations

from typing import Any

#: Three glaciers, two years: scenes to report in seconds.
SMALL_RUN: dict[str, dict[str, Any]] = {
    "run": {"seed": 5, "workers": 1},
    "simulate": {
        "glaciers": 3,
        "start": "2015-01-01",
        "end": "2016-12-31",
        "scenes_per_year": 8.0,
        "pixel": 45.0,
    },
    "issm": {"glaciers": ["sim:2"], "resolution": 600.0},
}
