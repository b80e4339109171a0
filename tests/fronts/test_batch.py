"""Many scenes: bad ones recorded, a killed run resumed to the same bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from extraction_made_up import (
    picture_of,
    see_brightness,
    straight_domain,
    write_tif,
)
from shapely.errors import GEOSException

from termini.errors import InputError, SceneError
from termini.fronts import batch, chunks, extract_batch, glaciers_in_scene
from termini.fronttable import write_fronts
from termini.segment import Views

DOMAIN = straight_domain()
DOMAINS = {"test:1": DOMAIN}


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    return see_brightness(monkeypatch, tmp_path)


def _scenes(folder: Path, count: int = 5) -> list[Path]:
    paths = []
    for number in range(count):
        values, transform = picture_of(DOMAIN, 4000.0 + 700.0 * number, pixel=60.0)
        paths.append(write_tif(folder / f"LC08_t_2016030{number + 1}.tif", values, transform))
    return paths


def test_bad_scenes_are_recorded_and_the_rest_goes_on(network: Any, tmp_path: Path) -> None:
    good = _scenes(tmp_path, 2)
    values, transform = picture_of(DOMAIN, 5000.0, pixel=60.0)
    empty = tmp_path / "LC08_empty_20160401.tif"
    empty.touch()
    wrong = write_tif(tmp_path / "LC08_wrong_20160402.tif", values, transform, "EPSG:32624")
    one = write_tif(tmp_path / "LC08_one_20160403.tif", np.full_like(values, 9), transform)
    future = write_tif(tmp_path / "LC08_future_20990101.tif", values, transform)
    fronts, failures = extract_batch(
        [empty, good[0], wrong, one, future, good[1], tmp_path / "absent.tif"],
        DOMAINS, network, progress=False,
    )  # fmt: skip
    assert list(fronts["scene_id"]) == [p.stem for p in good]
    assert fronts.crs.to_epsg() == 3413
    reasons = dict(
        zip(failures["path"].map(lambda p: Path(p).stem), failures["reason"], strict=True)
    )
    assert set(reasons) == {
        "LC08_empty_20160401", "LC08_wrong_20160402", "LC08_one_20160403",
        "LC08_future_20990101", "absent",
    }  # fmt: skip
    assert "the file is empty" in reasons["LC08_empty_20160401"]
    assert "projection is wrong: state the right one with crs=" in reasons["LC08_wrong_20160402"]
    assert "every valid pixel holds 9" in reasons["LC08_one_20160403"]
    assert "lies in the future" in reasons["LC08_future_20990101"]
    named = failures.set_index("path")["glacier_id"]
    assert named[str(one)] == "test:1"


def test_a_killed_run_ends_with_the_same_bytes(
    network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 2)
    paths = _scenes(tmp_path)
    whole, _ = extract_batch(paths, DOMAINS, network, progress=False)
    parts = tmp_path / "parts"

    calls = 0
    real = batch.write_text

    def _killed(path: Path, text: str) -> Path:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return real(path, text)

    monkeypatch.setattr(batch, "write_text", _killed)
    with pytest.raises(KeyboardInterrupt):
        extract_batch(paths, DOMAINS, network, progress=False, resume=parts)
    assert len(list(parts.glob("*.json"))) == 1
    monkeypatch.setattr(batch, "write_text", real)
    resumed, _ = extract_batch(paths, DOMAINS, network, progress=False, resume=parts)
    assert len(list(parts.glob("*.json"))) == 3
    again, _ = extract_batch(paths, DOMAINS, network, progress=False, resume=parts)
    contents = [
        write_fronts(table, tmp_path / f"{name}.parquet").read_bytes()
        for name, table in (("whole", whole), ("resumed", resumed), ("again", again))
    ]
    assert contents[0] == contents[1] == contents[2]


def test_a_mended_scene_and_a_damaged_part_are_done_again(network: Any, tmp_path: Path) -> None:
    path = _scenes(tmp_path, 1)[0]
    parts = tmp_path / "parts"
    first, _ = extract_batch([path], DOMAINS, network, progress=False, resume=parts)
    values, transform = picture_of(DOMAIN, 6000.0, pixel=60.0)
    size = path.stat().st_size
    write_tif(path, values, transform)
    assert path.stat().st_size == size
    second, _ = extract_batch([path], DOMAINS, network, progress=False, resume=parts)
    assert first.geometry[0].distance(second.geometry[0]) > 1000
    for part in parts.glob("*.json"):
        part.write_text("{half")
    third, _ = extract_batch([path], DOMAINS, network, progress=False, resume=parts)
    assert third.geometry[0].equals(second.geometry[0])


def test_a_scene_that_its_server_broke_off_is_tried_again(
    network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local, kept = _scenes(tmp_path, 2)
    address = f"https://example.org/{local.name}?signature=secret"
    answers = [False, True]
    of_scene, read = chunks.glaciers_in_scene, chunks.read_scene

    def _file(path: str) -> str:
        return str(local) if path == address else path

    def _asked(path: str, *given: Any) -> tuple[str, ...]:
        if path == address and not answers.pop(0):
            raise SceneError("the server stopped sending it")
        return of_scene(_file(path), *given)

    monkeypatch.setattr(chunks, "glaciers_in_scene", _asked)
    monkeypatch.setattr(chunks, "read_scene", lambda path, **how: read(_file(path), **how))
    options: dict[str, Any] = {"progress": False, "resume": tmp_path / "parts"}
    fronts, failures = extract_batch([address, kept], DOMAINS, network, **options)
    assert list(fronts["scene_id"]) == [kept.stem]
    assert failures["path"].tolist() == [f"https://example.org/{local.name}"]
    assert "server stopped" in failures["reason"][0]
    assert not any("secret" in part.read_text() for part in (tmp_path / "parts").iterdir())
    fronts, failures = extract_batch([address, kept], DOMAINS, network, **options)
    assert list(fronts["scene_id"]) == [local.stem, kept.stem]
    assert failures.empty
    again, _ = extract_batch([address, kept], DOMAINS, network, **options)
    assert again.equals(fronts)  # finished: nothing is asked for any more


def test_what_was_not_foreseen_is_recorded_too(
    network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = _scenes(tmp_path, 2)
    real = chunks.glaciers_in_scene

    def _fails(path: str, *rest: Any) -> tuple[str, ...]:
        if path == str(paths[0]):
            raise GEOSException("odd ring")
        return real(path, *rest)

    monkeypatch.setattr(chunks, "glaciers_in_scene", _fails)
    fronts, failures = extract_batch(paths, DOMAINS, network, progress=False)
    assert list(fronts["scene_id"]) == [paths[1].stem]
    assert failures["reason"][0] == (
        f"{paths[0]}: GEOSException: odd ring; not foreseen, please report this"
    )


def test_bad_weights_are_named_by_several_processes(tmp_path: Path) -> None:
    bad = tmp_path / "w.safetensors"
    bad.write_bytes(b"xx")
    with pytest.raises(InputError, match=r"w\.safetensors does not hold weights"):
        extract_batch(_scenes(tmp_path, 1), DOMAINS, bad, progress=False, workers=2)


def test_workers_end_with_a_killed_parent() -> None:
    code = (
        "import multiprocessing as m, os, time\n"
        "from termini.fronts.chunks import end_with_parent\n"
        "def work(pipe):\n"
        "    end_with_parent(); pipe.send(os.getpid()); time.sleep(60)\n"
        "here, there = m.Pipe()\n"
        "child = m.get_context('fork').Process(target=work, args=(there,)); child.start()\n"
        "print(here.recv(), flush=True); os.kill(os.getpid(), 9)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)
    assert said.returncode == -9
    assert int(said.stdout) > 0  # and the pipe of its output was closed: the worker is gone


def test_parts_of_other_settings_are_not_taken(network: Any, tmp_path: Path) -> None:
    paths = _scenes(tmp_path, 1)
    extract_batch(paths, DOMAINS, network, progress=False, resume=tmp_path / "parts")
    extract_batch(
        paths, DOMAINS, network, progress=False, resume=tmp_path / "parts", views=Views(flips=True)
    )
    assert len(list((tmp_path / "parts").glob("*.json"))) == 2


def test_glaciers_that_a_scene_shows(tmp_path: Path) -> None:
    path = _scenes(tmp_path, 1)[0]
    other = straight_domain("test:2", angle=180.0)  # begins where the first begins
    assert glaciers_in_scene(path, {"test:1": DOMAIN, "test:2": other}) == ("test:1",)
    assert glaciers_in_scene(path, {"test:2": other}) == ("test:2",)
    with pytest.raises(SceneError, match="does not overlap any of the 1 domain"):
        glaciers_in_scene(path, {"test:1": DOMAIN}, crs="EPSG:32624")


def test_named_glacier_and_unknown_id(network: Any, tmp_path: Path) -> None:
    path = _scenes(tmp_path, 1)[0]
    _, failures = extract_batch(
        [path], DOMAINS, network, progress=False, glaciers={path.stem: "test:9"}
    )
    assert "glacier 'test:9' has no domain" in failures["reason"][0]
    with pytest.raises(InputError, match="no glacier domains"):
        extract_batch([path], {}, network, progress=False)
    with pytest.raises(InputError, match=r"have one name, .* rename one"):
        extract_batch([path, path], DOMAINS, network, progress=False)
    fronts, failures = extract_batch([], DOMAINS, network, progress=False)
    assert len(fronts) == len(failures) == 0
    assert isinstance(failures, pd.DataFrame)


def test_processes_give_the_same_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the shipped weights: what they make of made-up scenes is not judged here."""
    monkeypatch.setattr(batch, "CHUNK", 1)
    paths = _scenes(tmp_path, 2)
    one, lost_by_one = extract_batch(paths, DOMAINS, progress=False)
    two, lost_by_two = extract_batch(paths, DOMAINS, progress=False, workers=2)
    assert len(one) + len(lost_by_one) == 2
    first = write_fronts(one, tmp_path / "one.parquet").read_bytes()
    assert first == write_fronts(two, tmp_path / "two.parquet").read_bytes()
    pd.testing.assert_frame_equal(lost_by_one, lost_by_two)
