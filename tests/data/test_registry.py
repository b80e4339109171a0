"""The registry of published datasets: complete, at one with the readers, found on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from termini import data
from termini.data import registry
from termini.errors import InputError


def test_every_entry_of_the_registry_says_how_to_get_it() -> None:
    known = registry.datasets()
    assert {"termpicks", "calfin", "autoterm", "measures_0642", "icelines"} <= set(known)
    for entry in known.values():
        assert entry.title
        assert entry.citation
        assert entry.licence
        assert entry.holds
        assert entry.by_hand or all(file.url.startswith("https://") for file in entry.files)
        assert entry.login in ("", "earthdata")
        assert not entry.page or entry.page.startswith("https://")
    with pytest.raises(InputError, match="unknown; known are termpicks"):
        data.pull("termpick")


def test_readers_and_registry_agree_on_folders() -> None:
    from termini.fronts import get_source, sources

    folders = {
        reader.removeprefix("fronts:"): entry.folder
        for entry in registry.datasets().values()
        for reader in entry.reader.split(", ")
        if reader.startswith("fronts:")
    }
    assert folders == {name: get_source(name).folder for name in sources()}


def test_the_place_is_the_one_that_the_readers_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERMINI_DATA", str(tmp_path / "new"))
    assert data.where("daugaard_jensen") == tmp_path / "new/central_east"
    monkeypatch.delenv("TERMINI_DATA")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("termini.files.user_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr("termini.data.places.user_cache", lambda: tmp_path / "cache")
    assert data.where("calfin") == tmp_path / "cache/calfin"
    from termini.files import data_root

    (tmp_path / "cache").mkdir()
    assert data_root() == (tmp_path / "cache").resolve()
    assert data_root(required=False, cache=False) is None


@pytest.mark.data
def test_the_real_folders_are_recognised(data_root: Path) -> None:
    there = [name for name in data.datasets() if data.present(name, to=data_root)]
    assert {"nw_greenland", "jakobshavn", "svalbard", "catchments", "flowlines"} <= set(there)
    assert "termpicks" not in there
