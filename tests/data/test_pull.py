"""Downloads: resumed, checked, whole or not at all."""

from __future__ import annotations

import json
import os
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest
from archives_made_up import link, tarred, zipped
from server_made_up import Served, serving

from termini import data
from termini.data.registry import DataFile, Dataset
from termini.data.unpack import unpack
from termini.errors import InputError

ARCHIVE = zipped({"set/fronts.shp": os.urandom(50_000), "set/readme.txt": b"read me"})


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, Dataset]:
    """A registry that the tests fill."""
    known: dict[str, Dataset] = {}
    for place in ("termini.data.download", "termini.data.places", "termini.data"):
        monkeypatch.setattr(f"{place}.get_dataset", known.__getitem__)
    monkeypatch.delenv("TERMINI_MIRROR", raising=False)
    monkeypatch.delenv("EARTHDATA_TOKEN", raising=False)
    return known


def dataset(address: str, *, checksum: str = "", login: str = "") -> Dataset:
    return Dataset(
        "made",
        "Made up",
        "Nobody",
        "CC0",
        "https://example.org",
        "fronts:made",
        "made",
        ("**/fronts.shp",),
        (DataFile("made.zip", f"{address}/made.zip", checksum),),
        login,
    )


def test_a_whole_download_is_unpacked_and_its_checksum_trusted_aloud(
    made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    with serving(Served({"/made.zip": ARCHIVE})) as server:
        made_up["made"] = dataset(server.address)
        done = data.pull("made", to=tmp_path, retries=0)
        again = data.pull("made", to=tmp_path, retries=0)
    digest = sha256(ARCHIVE).hexdigest()
    assert done.folder == tmp_path / "made"
    assert (done.folder / "set/readme.txt").read_bytes() == b"read me"
    assert digest in done.notes[0]
    assert "trusted" in done.notes[0]
    lock = json.loads((tmp_path / "checksums.lock.json").read_text())
    assert lock == {"made": {"made.zip": f"sha256:{digest}"}}
    assert again.files == ()
    assert len(server.asked) == 1
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != ".downloads") == [
        "checksums.lock.json",
        "made",
    ]


def test_a_dropped_connection_is_resumed_where_it_stopped(
    made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    with serving(Served({"/made.zip": ARCHIVE}, drop_after=[20_000])) as server:
        made_up["made"] = dataset(server.address)
        done = data.pull("made", to=tmp_path, retries=1)
    first, second = (asked for _, asked, _ in server.asked)
    assert first == ""
    assert 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= 20_000
    assert (done.folder / "set/fronts.shp").stat().st_size == 50_000


def test_a_broken_download_goes_on_in_the_next_run(
    made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    with serving(Served({"/made.zip": ARCHIVE}, drop_after=[30_000])) as server:
        made_up["made"] = dataset(server.address)
        with pytest.raises(InputError, match=r"made\.zip.*run the command again"):
            data.pull("made", to=tmp_path, retries=0)
        assert not (tmp_path / "made").exists()
        data.pull("made", to=tmp_path, retries=0)
    assert server.asked[1][1].startswith("bytes=")
    assert data.present("made", to=tmp_path)


@pytest.mark.parametrize("changed", ["ranges", "etag"])
def test_half_a_file_is_not_continued_with_another(
    changed: str, made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    """Neither where the server ignores the range nor where the file has changed since."""
    other = zipped({"set/fronts.shp": os.urandom(50_000)})
    with serving(Served({"/made.zip": other}, drop_after=[30_000])) as server:
        made_up["made"] = dataset(server.address)
        with pytest.raises(InputError):
            data.pull("made", to=tmp_path, retries=0)
        server.files["/made.zip"] = ARCHIVE
        if changed == "ranges":
            server.ranges = False
        else:
            server.etag = '"two"'
        data.pull("made", to=tmp_path, retries=0)
    assert (tmp_path / "made/set/readme.txt").exists()


def test_without_a_sign_that_the_file_is_the_same_it_is_begun_anew(
    made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    with serving(Served({"/made.zip": ARCHIVE}, drop_after=[30_000], etag="")) as server:
        made_up["made"] = dataset(server.address)
        data.pull("made", to=tmp_path, retries=1)
    assert [asked for _, asked, _ in server.asked] == ["", ""]


def test_wrong_bytes_are_refused_and_what_was_there_stays(
    made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    right = f"sha256:{sha256(ARCHIVE).hexdigest()}"
    with serving(Served({"/made.zip": ARCHIVE})) as server:
        made_up["made"] = dataset(server.address, checksum=right)
        data.pull("made", to=tmp_path, retries=0)
        before = (tmp_path / "made/set/fronts.shp").read_bytes()
        server.files["/made.zip"] = zipped({"set/fronts.shp": b"other"})
        with pytest.raises(InputError, match="not the file with checksum"):
            data.pull("made", to=tmp_path, retries=1, again=True)
    assert (tmp_path / "made/set/fronts.shp").read_bytes() == before
    assert len(server.asked) == 3
    assert not list((tmp_path / ".downloads").rglob("*.zip"))


def test_a_file_that_changed_since_it_was_first_trusted_is_refused(
    made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    with serving(Served({"/made.zip": ARCHIVE})) as server:
        made_up["made"] = dataset(server.address)
        data.pull("made", to=tmp_path, retries=0)
        server.files["/made.zip"] = zipped({"set/fronts.shp": b"other"})
        with pytest.raises(InputError, match=r"take its line out of checksums\.lock\.json"):
            data.pull("made", to=tmp_path, retries=0, again=True)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, "application/octet-stream", "Earthdata login.*netrc.*EARTHDATA_TOKEN"),
        (200, "text/html; charset=utf-8", "Earthdata login"),
        (410, "application/octet-stream", "address may be old"),
    ],
)
def test_a_server_that_will_not_give_it_is_asked_once(
    status: int, kind: str, said: str, made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    served = Served({"/made.zip": ARCHIVE}, status=status, kind=kind)
    with serving(served) as server:
        made_up["made"] = dataset(server.address, login="earthdata")
        with pytest.raises(InputError, match=said):
            data.pull("made", to=tmp_path, retries=3)
    assert len(server.asked) == 1


def test_a_token_goes_to_no_other_host(
    made_up: dict[str, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARTHDATA_TOKEN", "secret")
    with serving(Served({"/made.zip": ARCHIVE})) as server:
        made_up["made"] = dataset(server.address, login="earthdata")
        data.pull("made", to=tmp_path, retries=0)
        assert server.asked[0][2] == ""
        monkeypatch.setattr("termini.data.transfer._EARTHDATA", (".127.0.0.1",))
        data.pull("made", to=tmp_path / "two", retries=0)
    assert server.asked[1][2] == "Bearer secret"


def test_a_mirror_stands_for_the_publisher(
    made_up: dict[str, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up["made"] = dataset("http://127.0.0.1:9")
    with serving(Served({"/copy/made/made.zip": ARCHIVE})) as server:
        monkeypatch.setenv("TERMINI_MIRROR", f"{server.address}/copy/")
        data.pull("made", to=tmp_path / "one", retries=0)
    (tmp_path / "mirror/made").mkdir(parents=True)
    (tmp_path / "mirror/made/made.zip").write_bytes(ARCHIVE)
    data.pull("made", to=tmp_path / "two", mirror=str(tmp_path / "mirror"), retries=0)
    assert data.present("made", to=tmp_path / "one")
    assert data.present("made", to=tmp_path / "two")


def test_a_file_fetched_by_hand_is_put_in_place(tmp_path: Path) -> None:
    (tmp_path / "my files").mkdir()
    file = tmp_path / "my files/autoterm 1.zip"
    file.write_bytes(zipped({"GID1.shp": b"x"}))
    with pytest.raises(InputError, match=r"no direct address.*zenodo\.7190740.*--from"):
        data.pull("autoterm", to=tmp_path / "root")
    done = data.pull("autoterm", to=tmp_path / "root", source=file, retries=0)
    assert [p.name for p in done.files] == ["GID1.shp"]
    assert file.exists()
    with pytest.raises(InputError, match="no such file"):
        data.pull("autoterm", to=tmp_path / "two", source=tmp_path / "lost.zip", retries=0)


def test_a_file_already_there_that_is_no_part_of_the_set_stays(
    made_up: dict[str, Dataset], tmp_path: Path
) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made/mine.txt").write_text("mine")
    with serving(Served({"/made.zip": ARCHIVE})) as server:
        made_up["made"] = dataset(server.address)
        data.pull("made", to=tmp_path, retries=0)
    assert (tmp_path / "made/mine.txt").read_text() == "mine"
    assert data.present("made", to=tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped({"../out.txt": b"x"}), "outside"),
        (zipped({"/out.txt": b"x"}), "outside"),
        (zipped({"..\\out.txt": b"x"}), "outside"),
        (zipped({"C:/out.txt": b"x"}), "outside"),
        (tarred(tarfile.TarInfo("../out.txt"), b"x"), "outside"),
        (tarred(link()), "link"),
        (ARCHIVE[: len(ARCHIVE) // 2] + ARCHIVE[-2_00:], "not a whole archive|pull it again"),
    ],
    ids=["above", "root", "backslash", "drive", "tar above", "link", "cut"],
)
def test_an_archive_cannot_write_where_it_should_not(
    content: bytes, said: str, tmp_path: Path
) -> None:
    archive = tmp_path / "in/evil"
    archive.parent.mkdir()
    archive.write_bytes(content)
    (tmp_path / "in/set").mkdir()
    with pytest.raises(InputError, match=said):
        unpack(archive, tmp_path / "in/set")
    assert not [p for p in (tmp_path / "in/set").rglob("*") if p.is_file()]
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["evil"]


def test_an_archive_too_large_for_the_disk_is_kept(
    made_up: dict[str, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = type("Usage", (), {"free": 10})
    monkeypatch.setattr("termini.data.unpack.shutil.disk_usage", lambda _: full)
    with serving(Served({"/made.zip": ARCHIVE})) as server:
        made_up["made"] = dataset(server.address)
        with pytest.raises(InputError, match="give another place with --to"):
            data.pull("made", to=tmp_path, retries=0)
        monkeypatch.undo()
    assert len(list((tmp_path / ".downloads").rglob("made.zip"))) == 1
    assert not (tmp_path / "made").exists()


def test_a_tar_is_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "a.tgz"
    archive.write_bytes(tarred(tarfile.TarInfo("deep/a.txt"), b"content"))
    assert [p.read_bytes() for p in unpack(archive, tmp_path)] == [b"content"]


def test_a_bad_archive_is_not_trusted_nor_kept(made_up: dict[str, Dataset], tmp_path: Path) -> None:
    with serving(Served({"/made.zip": zipped({"../fronts.shp": b"x"})})) as server:
        made_up["made"] = dataset(server.address)
        with pytest.raises(InputError, match="do not trust"):
            data.pull("made", to=tmp_path, retries=0)
    assert not (tmp_path / "checksums.lock.json").exists()
    assert not (tmp_path / "made").exists()
    assert not list(tmp_path.rglob("*.zip"))


def test_a_file_that_only_bears_the_name_of_an_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"not an archive")
    with pytest.raises(InputError, match=r"x\.zip: is not a whole archive"):
        data.pull("autoterm", to=tmp_path / "root", source=tmp_path / "x.zip", retries=0)
    assert not [path for path in (tmp_path / "root").rglob("*") if path.is_file()]


def test_a_spoilt_lock_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "checksums.lock.json").write_text("[1")
    (tmp_path / "x.zip").write_bytes(ARCHIVE)
    with pytest.raises(InputError, match=r"checksums\.lock\.json: is not JSON"):
        data.pull("autoterm", to=tmp_path, source=tmp_path / "x.zip", retries=0)
