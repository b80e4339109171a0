"""Commands for published datasets and the crosswalk."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from termini.cli.app import app
from termini.errors import InputError

RUN = CliRunner()


def ran(*words: str | Path) -> str:
    result = RUN.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_dataset_is_listed_pulled_and_found(tmp_path: Path) -> None:
    assert "termpicks" in ran("data", "list", "--to", tmp_path)
    about = ran("data", "list", "--to", tmp_path, "--name", "measures_0642")
    assert "Earthdata" in about
    assert "10.5067/ESFWE11AVFKW" in about
    with pytest.raises(InputError, match="autoterm is not there"):
        ran("data", "where", "autoterm", "--to", tmp_path)
    archive = tmp_path / "hand.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("GID1.shp", b"x")
    said = ran("data", "pull", "autoterm", "--to", tmp_path, "--from", archive, "--quiet")
    assert "1 files written" in said
    assert "trusted from now on" in said
    assert ran("data", "where", "autoterm", "--to", tmp_path).strip() == str(tmp_path / "autoterm")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_crosswalk_is_made_and_shown(tmp_path: Path, ending: str) -> None:
    gates = tmp_path / "gates.csv"
    gates.write_text(
        "gate,mean_x,mean_y,Bjork_2015,Mouginot_2019\n231,305000,-2577000,Helheim Gletsjer,"
        "HELHEIMGLETSCHER\n"
    )
    boxes = tmp_path / "boxes.txt"
    boxes.write_text("181 -38.25 66.33 -38.13 66.41\n")
    chosen = ["--namespace", f"mankoff={gates}", "--namespace", f"autoterm={boxes}"]
    out = tmp_path / f"crosswalk.{ending}"
    assert "autoterm: 1 ids in 1 glaciers" in ran("crosswalk", "make", "--out", out, *chosen)
    table = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    assert len(table) == 1
    shown = ran("crosswalk", "show", "mankoff:231", "--table", out)
    assert "autoterm:181" in shown
    assert shown == ran("crosswalk", "show", "helheim", *chosen)
    for name, words in (("none.csv", "no such file"), ("boxes.txt", "not a crosswalk")):
        with pytest.raises(InputError, match=f"{words}.*'termini crosswalk make' wrote"):
            ran("crosswalk", "show", "helheim", "--table", tmp_path / name)
    with pytest.raises(InputError, match="autoterm is given twice"):
        ran("crosswalk", "show", "helheim", *chosen, *chosen[2:])
    (tmp_path / "ragged.csv").write_text("a\n1,2,3\n4,5,6,7\n")
    with pytest.raises(InputError, match=r"ragged\.csv: not a crosswalk"):
        ran("crosswalk", "show", "helheim", "--table", tmp_path / "ragged.csv")
