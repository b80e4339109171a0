"""Commands for front tables as a user meets them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from made_up_glaciers import straight_domain, turned
from miniatures import write_jakobshavn
from shapely.geometry import LineString
from test_cli import call, failing

from termini.domain import write_domains
from termini.fronts import RULES, read_source, write_termpicks
from termini.fronttable import front_table, read_fronts, write_fronts
from termini.series import DEFAULT_MEASURES, MEASURES
from termini.variables import flag_bits, is_rejected

COMMANDS = ("import", "sources", "screen", "report", "merge", "rules", "write")


def made_up(folder: Path) -> tuple[Path, Path]:
    """A record of 60 fronts, of which one lies 3 km down-glacier, and its domain."""
    rows = [
        {
            "glacier_id": "test:1",
            "date": pd.Timestamp("2015-01-01") + pd.Timedelta(days=12 * k),
            "sensor": "Landsat-8",
            "method": "network",
            "sigma_m": 20.0,
            "geometry": LineString(
                turned(
                    [(x, 20_000 + 40 * (k % 3) + 3000 * (k == 30)) for x in range(0, 4001, 100)], 0
                )
            ),
        }
        for k in range(60)
    ]
    fronts = write_fronts(front_table(rows), folder / "fronts.parquet")
    domain = straight_domain(width=4000.0, length=30_000.0)
    return fronts, write_domains([domain], folder / "domains.parquet")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    text = call("fronts", command, "--help")
    assert "Usage:" in text
    assert command in call("fronts", "--help")


def test_screen_flags_and_drops_nothing(tmp_path: Path) -> None:
    fronts, domains = made_up(tmp_path)
    out, scores = tmp_path / "out.parquet", tmp_path / "scores.csv"
    text = call("fronts", "screen", fronts, "--domains", domains, "--out", out, "--scores", scores)
    table = read_fronts(out)
    assert len(table) == 60
    assert is_rejected(table["quality"]).nonzero()[0].tolist() == [30]
    assert "59 kept" in text
    assert "odd_move" in text
    told = pd.read_csv(scores)
    assert len(told[told["rule"] == "history"]) >= 59
    assert told.loc[told["flagged"], "trace_id"].tolist() == [table["trace_id"][30]]


def test_screen_takes_rules_from_a_file(tmp_path: Path) -> None:
    fronts, domains = made_up(tmp_path)
    rules = tmp_path / "mine.yaml"
    words = ("fronts", "screen", fronts, "--domains", domains, "--out", tmp_path / "out.parquet")
    rules.write_text("base: none\nhistory: {action: mark}\n")
    assert "rules mine.yaml" in call(*words, "--rules", rules)
    table = read_fronts(tmp_path / "out.parquet")
    assert not is_rejected(table["quality"]).any()
    assert (table["quality"] & flag_bits()["doubtful"]).to_numpy().nonzero()[0].tolist() == [30]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("base: best", "'best' is unknown"),
        ("histroy: true", "histroy"),
        ("history: {flwo: 3}", "flwo"),
        ("history: {flow: fast}", "'fast' is not a number"),
        ("history: {action: delete}", "not reject or mark"),
        ("history: 3", "neither true, false nor settings"),
        ("- history", "holds no rules"),
        ("history: {", "not YAML"),
    ],
)
def test_a_wrong_file_of_rules_is_named(
    content: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fronts, domains = made_up(tmp_path)
    rules = tmp_path / "mine.yaml"
    rules.write_text(content)
    out = tmp_path / "out.parquet"
    words = ("fronts", "screen", fronts, "--domains", domains, "--out", out, "--rules", rules)
    text = failing(monkeypatch, capsys, *words)
    assert "mine.yaml" in text
    assert said in text
    assert not out.exists()


def test_domains_of_other_glaciers_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fronts, domains = made_up(tmp_path)
    table = read_fronts(fronts).assign(glacier_id="test:9")
    fronts = write_fronts(table, tmp_path / "others.parquet")
    words = (fronts, "--domains", domains, "--out", tmp_path / "out.parquet")
    text = failing(monkeypatch, capsys, "fronts", "screen", *words)
    assert "none of its glaciers (test:1)" in text
    assert "test:9" in text


def test_report_is_a_table_and_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fronts, domains = made_up(tmp_path)
    screened = tmp_path / "screened.parquet"
    call("fronts", "screen", fronts, "--domains", domains, "--out", screened)
    text = call("fronts", "report", screened, "--glacier", "test:1", "--out", tmp_path / "told")
    assert "test:1: 59 of 60 traces kept" in text
    table = pd.read_csv(tmp_path / "told" / "screening.csv")
    assert table[["traces", "kept", "odd_move"]].to_numpy().tolist() == [[60, 59, 1]]
    assert read_fronts(screened)["trace_id"][30] in (tmp_path / "told/screening.txt").read_text()
    text = failing(monkeypatch, capsys, "fronts", "report", screened, "--glacier", "test:2")
    assert "no traces of test:2" in text


@pytest.mark.parametrize(("rule", "rows"), [("rank", 120), ("inverse_variance", 180)])
def test_merge(rule: str, rows: int, tmp_path: Path) -> None:
    fronts, domains = made_up(tmp_path)
    table = read_fronts(fronts)
    twice = pd.concat([table, table.assign(trace_id=table["trace_id"] + "b", scene_id="other")])
    doubled = write_fronts(twice.reset_index(drop=True), tmp_path / "twice.parquet")
    out = tmp_path / "merged.parquet"
    call("fronts", "merge", doubled, "--domains", domains, "--out", out, "--rule", rule)
    merged = read_fronts(out)
    assert len(merged) == rows
    assert int((~is_rejected(merged["quality"])).sum()) == 60


def test_rules_are_listed_with_their_numbers() -> None:
    text = call("fronts", "rules")
    assert all(name in text for name in RULES)
    assert "AutoTerm, Zhang et al. 2023" in text
    assert "flow=0" in call("fronts", "rules", "strict")


def test_an_unknown_rule_set_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = failing(monkeypatch, capsys, "fronts", "rules", "best")
    assert "'best' is unknown; known are none, default" in text


def test_a_file_with_columns_of_its_own(tmp_path: Path) -> None:
    fronts, domains = made_up(tmp_path)
    named = {"date": "Date", "glacier_id": "Glacier"}
    shapes = read_fronts(fronts)[[*named, "geometry"]].rename(columns=named)
    shapes.assign(Date=shapes["Date"].dt.strftime("%Y-%m-%d")).to_file(tmp_path / "mine.gpkg")
    words = ("fronts", "import", "mine", tmp_path / "mine.gpkg", "--out", tmp_path / "out")
    words += ("--columns", "date=Date", "--columns", "glacier_id=Glacier")
    assert "not screened" in call(*words)
    call(*words, "--domains", domains)
    table = read_fronts(tmp_path / "out" / "fronts.parquet")
    assert set(table["source"]) == {"mine"}
    assert len(table) == 60


def test_a_file_in_degrees_labelled_metres_is_read_with_crs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fronts, _ = made_up(tmp_path)
    rows = read_fronts(fronts)[["date", "geometry"]].iloc[:3].assign(Day="2019-13-01")
    rows.loc[0, "Day"] = "2019-12-01"
    rows = rows.drop(columns="date").to_crs(4326).set_crs(3413, allow_override=True)
    rows.to_file(tmp_path / "mine.gpkg")
    words = ("fronts", "import", "mine", tmp_path / "mine.gpkg", "--out", tmp_path / "out")
    assert "--glacier" in failing(monkeypatch, capsys, *words, "--columns", "date=Day")
    assert "--columns date=" in failing(monkeypatch, capsys, *words, "--glacier", "1")
    words += ("--columns", "date=Day", "--glacier", "1")
    assert "longitude and latitude" in failing(monkeypatch, capsys, *words)
    told = call(*words, "--crs", "EPSG:4326", "--method", "network")
    assert "1 kept (0 doubtful), 2 rejected" in told
    table = read_fronts(tmp_path / "out" / "fronts.parquet")
    assert set(table["method"]) == {"network"}


def test_a_front_table_is_written_under_its_own_ending_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fronts, domains = made_up(tmp_path)
    for command in ("screen", "merge"):
        words = ("fronts", command, fronts, "--domains", domains, "--out", tmp_path / "out.gpkg")
        assert "ends in .parquet" in failing(monkeypatch, capsys, *words)
    assert not (tmp_path / "out.gpkg").exists()


def test_columns_without_a_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("fronts", "import", "mine", "--out", tmp_path, "--columns", "date=Date")
    assert "name the file after the source" in failing(monkeypatch, capsys, *words)


def test_a_dataset_without_domains_is_imported_and_screened_with_given_ones(
    tmp_path: Path,
) -> None:
    fronts, domains = made_up(tmp_path)
    layout = tmp_path / "TermPicks_V2.shp"
    write_termpicks(read_fronts(fronts), layout, numbers={"test:1": 1})
    told = call("fronts", "import", "termpicks", layout, "--out", tmp_path / "bare")
    assert "not screened" in told
    assert len(read_fronts(tmp_path / "bare/fronts.parquet")) == 60
    domain = replace(straight_domain(width=4000.0, length=30_000.0), glacier_id="termpicks:1")
    write_domains([domain], domains)
    words = ("fronts", "import", "termpicks", layout, "--out", tmp_path / "out")
    told = call(*words, "--domains", domains)
    assert "not screened" not in told
    assert is_rejected(read_fronts(tmp_path / "out/fronts.parquet")["quality"]).sum() == 1


@pytest.mark.parametrize("layout", ["termpicks", "calfin", "autoterm"])
def test_fronts_are_written_in_a_layout_and_read_again(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fronts, _ = made_up(tmp_path)
    words = ("fronts", "write", fronts, "--layout", layout)
    out = tmp_path / ("TermPicks_V2.shp" if layout == "termpicks" else layout)
    assert "test:1" in failing(monkeypatch, capsys, *words, "--out", out)
    said = call(*words, "--out", out, "--numbers", "test:1=278")
    assert "60 traces in 1 file(s)" in said
    assert "cannot hold" in said
    again = read_source(layout, out)
    assert set(again["glacier_id"]) == {f"{layout}:278"}
    assert sorted(again["date"].dt.date) == sorted(read_fronts(fronts)["date"].dt.date)
    wrong = (*words, "--out", tmp_path / "x.shp", "--numbers", "test:1")
    assert "ID=NUMBER" in failing(monkeypatch, capsys, *wrong)
    assert "known are termpicks" in failing(
        monkeypatch, capsys, "fronts", "write", fronts, "--layout", "kml", "--out", out
    )


def test_a_dataset_whose_centreline_lies_elsewhere_is_imported_without_domains(
    tmp_path: Path,
) -> None:
    write_jakobshavn(tmp_path)
    said = call("fronts", "import", "jakobshavn", tmp_path / "jakobshavn", "--out", tmp_path / "o")
    assert "no jakobshavn_centreline.shp" in said
    assert "not screened" in said
    assert len(read_fronts(tmp_path / "o" / "fronts.parquet")) == 4


def test_every_measure_can_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fronts, domains = made_up(tmp_path)
    words = ("series", fronts, "--domains", domains, "--quiet", "--workers", 1)
    said = call(*words, "--out", tmp_path / "one", "--measure", "flowlines")
    assert "by 5 measures of 1 glacier(s)" in said
    call(*words, "--out", tmp_path / "all", "--all-measures")
    for folder, names in (("one", {*DEFAULT_MEASURES, "flowlines"}), ("all", set(MEASURES))):
        table = pd.read_parquet(tmp_path / folder / "observations.parquet")
        assert set(table["measure"]) == names
    text = failing(monkeypatch, capsys, *words, "--out", tmp_path / "x", "--measure", "volume")
    assert "--measure 'volume' is unknown" in text
    assert not (tmp_path / "x").exists()
