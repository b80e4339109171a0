"""The command line as a user meets it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner

from termini import __version__
from termini.cli.app import app, main
from termini.fronts import read_pixel_line
from termini.fronttable import read_fronts, write_fronts
from termini.sensors import get_sensor
from termini.simulate import training_scene

RELEASE = Path("catalog") / "releases" / "0.1.0"


def call(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if code == 0 and result.exception is not None:
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def failing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object
) -> str:
    """What the program itself prints when a command fails."""
    monkeypatch.setattr("sys.argv", ["termini", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_version_and_help() -> None:
    assert call("--version").strip() == f"termini {__version__}"
    text = call("--help")
    for command in ("demo", "run", "simulate", "extract", "fronts", "series", "release", "verify",
                    "cluster", "drivers", "export", "report"):  # fmt: skip
        assert command in text


@pytest.mark.parametrize(
    "command",
    [
        ("demo",), ("run",), ("simulate",), ("train",), ("extract",), ("fronts", "import"),
        ("series",), ("release",), ("verify",), ("diff",), ("cluster",), ("drivers",),
        ("export", "issm"), ("export", "network"), ("report",),
    ],
)  # fmt: skip
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    assert "Usage:" in call(*command, "--help")


def test_sources_are_cited() -> None:
    text = call("fronts", "sources")
    assert "Black, T. E. and Joughin" in text
    assert "licence" in text


def test_verify_and_diff(small_run: Path, tmp_path: Path) -> None:
    assert "good" in call("verify", small_run / "catalog")
    broken = tmp_path / "catalog"
    shutil.copytree(small_run / "catalog", broken)
    with open(broken / "releases" / "0.1.0" / "fronts.parquet", "ab") as stream:
        stream.write(b"x")
    assert "problem" in call("verify", broken / "releases" / "0.1.0", code=1)
    assert "Nothing changed" in call("diff", small_run / RELEASE, small_run / RELEASE)


def test_cluster_gives_the_types_of_the_run(small_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "types.nc"
    assert "interannual" in call("cluster", small_run / RELEASE, "--out", out, "--k", 2)
    assert out.is_file()


def test_export_and_report(small_run: Path, tmp_path: Path) -> None:
    words = ("export", "issm", small_run / RELEASE, "--glacier", "sim:1", "--resolution", 700)
    call(*words, "--out", tmp_path / "issm")
    assert (tmp_path / "issm" / "model_input.nc").is_file()
    check = ("export", "issm", "--check", tmp_path / "issm")
    assert "issm: good" in call(*check)
    assert "issm: good" in call(*check, "--release", small_run / RELEASE)
    (tmp_path / "issm" / "fronts.exp").unlink()
    assert "fronts.exp (manifest.json): is missing" in call(*check, code=1)
    call("report", small_run / RELEASE, "--out", tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_size > 1e5


def test_series_and_release_by_hand(small_run: Path, tmp_path: Path) -> None:
    domains = small_run / "domains.parquet"
    call(
        "series",
        small_run / "fronts" / "raw.parquet",
        "--domains",
        domains,
        "--out",
        tmp_path / "s",
    )
    shutil.copy(domains, tmp_path / "s")
    call("release", tmp_path / "s", "--version", "1.0.0", "--root", tmp_path / "c")
    assert "good" in call("verify", tmp_path / "c")


def test_extract_scenes_and_record_the_bad_one(small_run: Path, tmp_path: Path) -> None:
    scenes = sorted((small_run / "scenes").glob("*.tif"))[:2]
    bad = tmp_path / "LC08_sim1_20150101.tif"
    bad.write_bytes(b"")
    out = tmp_path / "fronts.parquet"
    text = call("extract", *scenes, bad, "--domain", small_run / "domains.parquet", "--out", out,
                "--workers", 1, "--quiet")  # fmt: skip
    assert "LC08_sim1_20150101" in text
    assert len(read_fronts(out)) >= 1
    assert "LC08_sim1_20150101" in (tmp_path / "fronts.failures.csv").read_text()


def test_extract_crops(tmp_path: Path) -> None:
    from PIL import Image

    scene = training_scene(77, pixel=48.9, sensor=get_sensor("Landsat-8"))
    path = tmp_path / "LC08_L1TP_233013_20140821_crop.png"
    Image.fromarray(scene.image).save(path)
    call("extract", path, "--pixel-size", 48.9, "--out", tmp_path / "lines", "--quiet")
    line = read_pixel_line(tmp_path / "lines" / f"{path.stem}.geojson")
    height, width = scene.image.shape
    assert shapely.box(-0.5, -0.5, width, height).contains(line)


def test_errors_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[simulate]\nglacers = 3\n")
    text = failing(monkeypatch, capsys, "run", config)
    assert text.startswith("error: ")
    assert "did you mean 'glaciers'?" in text
    assert "Traceback" not in text
    text = failing(monkeypatch, capsys, "report", tmp_path)
    assert "no release here" in text


def test_demo_keeps_out_of_other_folders(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    text = failing(monkeypatch, capsys, "demo", "--out", tmp_path)
    assert "give the demo a folder of its own" in text
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_the_unusable_is_refused_before_the_work(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    small_run: Path,
    tmp_path: Path,
) -> None:
    release, domains = small_run / RELEASE, small_run / "domains.parquet"
    (tmp_path / "b.csv").write_text("distance,elevation\n0,-100\n500,deep\n")
    (tmp_path / "file").touch()
    scene = next((small_run / "scenes").glob("*[0-9].tif"))
    issm = ("export", "issm", release, "--glacier", "sim:1", "--out", tmp_path / "i")
    for words, said in [
        (("diff", release, release.parent / "9.9.9"), "9.9.9: no release here; there are 0.1.0"),
        (("cluster", release, "--out", tmp_path), "is a folder; give the name of a file"),
        ((*issm, "--start", "soon"), "--start: 'soon' is not a date"),
        ((*issm, "--start", "2018-01-01", "--end", "2015-01-01"), "exchange the dates"),
        ((*issm, "--bed", tmp_path / "b.csv"), "b.csv: line 3 holds"),
        ((*issm, "--release", release), "two releases; give one"),
        (("export", "issm", "--glacier", "sim:1"), "give --release RELEASE, --out FOLDER"),
        (("export", "issm", "--check", tmp_path / "none"), "no such file or folder"),
        (("extract", scene, "--domain", domains, "--out", tmp_path / "file" / "x.parquet"),
         "file: is a file; give a folder"),
        (("extract", scene, "--pixel-size", 0, "--out", tmp_path / "p"), "pixel size 0 m"),
        (("extract", scene, "--domain", domains, "--out", tmp_path / "x.parquet", "--scale", 9),
         "scales (1, 9): give one or more, each 0.25 to 4"),
        (("extract", scene, "--pixel-size", 50, "--out", tmp_path / "p", "--passes", 2),
         "termini-unet.safetensors has no dropout"),
        (("extract", scene, "--domain", domains, "--out", tmp_path / "x.parquet",
          "--weights", tmp_path / "w.onnx"), "w.onnx: no such weights"),
        (("export", "network", tmp_path / "n.bin"), "ends in .onnx"),
        (("simulate", "--out", tmp_path / "file"), "is a file; give a folder"),
    ]:  # fmt: skip
        text = failing(monkeypatch, capsys, *words)
        assert said in text
        assert text.startswith("error: ")


def test_series_says_what_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    small_run: Path,
    tmp_path: Path,
) -> None:
    table = read_fronts(small_run / "fronts" / "raw.parquet")
    table.loc[0, "glacier_id"] = "sim:99"
    fronts = write_fronts(table, tmp_path / "some.parquet")
    words = ("--domains", small_run / "domains.parquet", "--out", tmp_path / "s")
    assert "no domain for glacier 'sim:99'" in call("series", fronts, *words)
    fronts = write_fronts(table.assign(glacier_id="sim:99"), tmp_path / "none.parquet")
    text = failing(monkeypatch, capsys, "series", fronts, *words)
    assert f"none.parquet: none of its {len(table)} traces gives an observation" in text
    assert len(read_fronts(tmp_path / "s" / "fronts.parquet")) == len(table)


def test_train_names_its_configurations() -> None:
    assert {"ours_small", "mohajerani_paper"} <= set(call("train", "--list").split())
    assert "--out" in call("train", "ours_small", code=2)


def test_train_says_at_once_that_weights_to_go_on_from_are_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out, none = tmp_path / "out", tmp_path / "none.safetensors"
    words = ("termini_unet_flanks", "--out", out, "--start", none)
    text = failing(monkeypatch, capsys, "train", *words)
    assert f"no network weights at {none}" in text
    assert not (out / "simulated").exists()
