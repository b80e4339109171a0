"""Areas are those of an independent computation with shapely, of ``benchmarks/series_truth.py``."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from termini.fronts import read_source
from termini.geometry import domains_for_source
from termini.simulate import simulate_region, truth_fronts

FILE = Path(__file__).parents[2] / "benchmarks" / "series_truth.py"


@pytest.fixture(scope="module")
def truth():
    spec = importlib.util.spec_from_file_location("series_truth", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_clean_simulated_fronts_are_as_geos_has_them(truth):
    region = simulate_region(3, 4, "2013-01-01", "2016-12-31")
    days = pd.date_range(region.start, region.end, freq="120D")
    fronts = truth_fronts(region, {g.glacier_id: days for g in region.glaciers})
    found = truth.compared(fronts, {g.glacier_id: g.domain for g in region.glaciers})
    assert len(found) == len(fronts)
    assert (found["pieces"] == 2).all()
    assert found["same points"].max() < 1e-6
    # moved into the plane by PROJ, whose rounding areas show
    assert found["split"].max() < 2e-5
    assert found["PROJ, exact"].max() > found["same points"].max()


@pytest.mark.data
def test_the_real_lines_of_harald_moltke(truth, data_root):
    fronts = read_source("harald_moltke", data_root / "harald_moltke")
    domains = domains_for_source("harald_moltke", data_root / "harald_moltke", fronts)
    found = truth.compared(fronts, domains, wide=True)
    assert len(found) == 159
    square_metre = 1.0  # 1e-6 km2
    assert (found["pieces"] == 2).sum() == 147
    # the piece at the gate, with `gate_only`
    assert found["split"].max() < square_metre
    assert found["same points"].max() < 1e-6
    # what such fronts cut off counts by default, as if walls lay farther out
    assert found["walls outward"].max() < square_metre
