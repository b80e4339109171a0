"""The page about the dataset says what works."""

import importlib.util
import re
from pathlib import Path

import geopandas as gpd
import xarray as xr

from termini.variables import flag_bits, variables

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(heading: str) -> str:
    """Python code of one section of the page, for the made-up catalog."""
    page = (DOCS / "dataset.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    code = "\n".join(re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL))
    replaced = {"measures:3": "sim:1", "0.2.0": "0.10.0", "0.1.0": "0.2.0", ".plot()": ""}
    for old, new in replaced.items():
        code = code.replace(old, new)
    return code.replace("cat = intake.cat.termini", "")


def test_its_code_runs(shared_catalog, monkeypatch, capsys):
    monkeypatch.chdir(shared_catalog.parent)
    names: dict[str, object] = {}
    for heading in ("Load it", "Work with a version", "One glacier", "Large files"):
        code = blocks(heading)
        assert code.strip()
        exec(code, names)
    assert isinstance(names["fronts"], gpd.GeoDataFrame)
    assert isinstance(names["glacier"], xr.Dataset)
    assert names["glacier"]["length_change"].dims == ("time",)
    assert "trace(s) added" in capsys.readouterr().out


def test_its_tables_are_those_of_the_source():
    spec = importlib.util.spec_from_file_location("make_variables", DOCS / "make_variables.py")
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    page = hook.on_page_markdown((DOCS / "dataset.md").read_text(encoding="utf-8"), page=None)
    for name in [*variables(), *flag_bits()]:
        assert f"| `{name}` |" in page
