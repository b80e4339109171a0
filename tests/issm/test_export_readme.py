"""README of a folder, and a release's checksums in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from exported_made_up import export, fronts

from termini.errors import ReleaseError
from termini.files import sha256
from termini.fronttable import write_fronts
from termini.issm.model import FIELDS


def test_readme_says_files_units_assumptions_and_release(tmp_path: Path) -> None:
    release = tmp_path / "1.2.3"
    release.mkdir()
    write_fronts(fronts(), release / "fronts.parquet")
    out = export(tmp_path / "out", release=release, resolution=600.0)
    text = (out / "README.md").read_text()
    digest = sha256(release / "fronts.parquet")
    assert "from release 1.2.3" in text
    assert f"| `fronts.parquet` | `{digest}` |" in text
    assert json.loads((out / "manifest.json").read_text())["release_sha256"] == {
        "fronts.parquet": digest
    }
    for path in out.iterdir():
        assert path.name == "README.md" or f"`{path.name}`" in text
    for name in ("levelset.spclevelset", "frontalforcingsrignot.subglacial_discharge"):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        assert FIELDS[name].units in row
    assert "Ice is taken as grounded" in text
    with pytest.raises(ReleaseError, match="no release here"):
        export(tmp_path / "no", release=tmp_path / "catalog" / "9.9.9")


def test_no_dimension_looks_like_text_to_issm() -> None:
    # ISSM's Python reader decodes a variable as text if a dimension's name holds "char"
    assert not [name for name, spec in FIELDS.items() for dim in spec.dims if "char" in dim]
