"""Downloading a published dataset: checked, resumed, put in place whole."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from termini.data.lock import LOCK, locked, record
from termini.data.places import missing, root
from termini.data.registry import DataFile, Dataset, get_dataset
from termini.data.transfer import RefusedError, transfer
from termini.data.unpack import BadArchiveError, is_archive, named_archive, unpack
from termini.errors import InputError
from termini.files import make_folder, sha256

#: Environment variable with the base address of a mirror.
MIRROR = "TERMINI_MIRROR"

# Half-finished files wait here, under the data root, to be continued.
_WAITING = ".downloads"


@dataclass(frozen=True)
class Pulled:
    """What a download did.

    Parameters
    ----------
    folder : pathlib.Path
        Where the dataset is.
    files : tuple of pathlib.Path
        Files written; empty where it was there already.
    notes : tuple of str
        What the user should know: checksums trusted at first use, files lacking.
    """

    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...]


def pull(
    name: str,
    *,
    to: str | Path | None = None,
    source: str | Path | None = None,
    mirror: str | None = None,
    again: bool = False,
    retries: int = 4,
    progress: bool = False,
) -> Pulled:
    """Download a dataset into its folder.

    Parameters
    ----------
    name : str
        Name in the registry.
    to : path, optional
        Data root; see `termini.data.places.root`.
    source : path or str, optional
        The dataset's file, downloaded by hand, or an address of it: for datasets
        of which no address is known, or from another place.
    mirror : str, optional
        Base address; files are then taken from ``<mirror>/<name>/<file>``. By default
        ``$TERMINI_MIRROR``, else the publisher.
    again : bool
        Download also what is there.
    retries : int
        How often a broken download is continued or repeated.
    progress : bool
        Show bars on standard error.

    Returns
    -------
    Pulled
        Folder, files and notes.

    Raises
    ------
    InputError
        If the dataset is unknown, must be fetched by hand, cannot be had, or is not
        what it was: what was there before stays.

    Notes
    -----
    A file whose publisher states no checksum is trusted the first time; its SHA-256
    is written to ``checksums.lock.json`` and must be the same from then on.
    """
    dataset = get_dataset(name)
    base = root(to)
    folder = base / dataset.folder
    if not again and not missing(dataset, folder):
        return Pulled(folder, (), (f"{name} is there already; --again downloads it anew",))
    files = _files(dataset, source, mirror or os.environ.get(MIRROR, ""), folder)
    make_folder(base)
    waiting = make_folder(base / _WAITING / name)
    seen = locked(base).get(name, {})
    known = [file.checksum or seen.get(file.name, "") for file in files]
    got = [
        _fetch(dataset, file, checksum, waiting, retries=retries, progress=progress)
        for file, checksum in zip(files, known, strict=True)
    ]
    try:
        written = _put(got, folder, base / f".{name}-new")
    except BadArchiveError:
        shutil.rmtree(waiting)  # what would only fail again is not kept
        raise
    new = [path for path, checksum in zip(got, known, strict=True) if not checksum]
    notes = [_trust(base, name, path) for path in new]
    shutil.rmtree(waiting)
    if not any(waiting.parent.iterdir()):
        waiting.parent.rmdir()
    if lacking := missing(dataset, folder):
        notes.append(f"{folder}: no {', '.join(lacking)} there yet, so {name} is not complete")
    return Pulled(folder, tuple(written), tuple(notes))


def _trust(base: Path, name: str, path: Path) -> str:
    """Write down the checksum of a file seen for the first time, and say so."""
    checksum = f"sha256:{sha256(path)}"
    record(base, name, path.name, checksum)
    return (
        f"{path.name}: the publisher's checksum is not known; {checksum} is trusted from now on "
        f"({base / LOCK})"
    )


def _files(
    dataset: Dataset, source: str | Path | None, mirror: str, folder: Path
) -> tuple[DataFile, ...]:
    """The files to fetch, with their addresses."""
    if source is not None:
        text = str(source)
        url = text if "://" in text else Path(text).resolve().as_uri()
        name = Path(text.split("?")[0]).name
        stated = {file.name: file for file in dataset.files}.get(name, DataFile(name))
        return (DataFile(name, url, stated.checksum, stated.size),)
    files = dataset.files
    if mirror and files:
        start = mirror if "://" in mirror else Path(mirror).resolve().as_uri()
        return tuple(
            DataFile(f.name, f"{start.rstrip('/')}/{dataset.name}/{f.name}", f.checksum, f.size)
            for f in files
        )
    if not files or not all(file.url for file in files):
        raise InputError(
            f"{dataset.name}: no direct address is known; {dataset.by_hand}"
            + (f" ({dataset.page})" if dataset.page else "")
            + f". Put it into {folder}, or give the file that you downloaded: "
            f"termini data pull {dataset.name} --from FILE"
        )
    return files


def _fetch(
    dataset: Dataset, file: DataFile, known: str, waiting: Path, *, retries: int, progress: bool
) -> Path:
    """One file, its checksum verified, in the waiting folder."""
    import pooch
    import requests

    part = waiting / f"{file.name}.part"
    login = dataset.login if file.url in {f.url for f in dataset.files} else ""

    def download(url: str, output: str, _: Any, **__: Any) -> None:
        transfer(url, part, login=login, pinned=bool(known), progress=progress)
        part.replace(output)

    fetcher = pooch.create(
        path=waiting,
        base_url="",
        registry={file.name: known or None},
        urls={file.name: file.url},
        retry_if_failed=retries,
    )
    try:
        with _quiet(pooch.get_logger()):
            path = Path(fetcher.fetch(file.name, downloader=download))
    except RefusedError as error:
        raise InputError(f"{dataset.name}: {error} ({dataset.page})") from error
    except requests.exceptions.RequestException as error:
        raise InputError(
            f"{dataset.name}: {file.url} cannot be had ({error}); what came is kept, run the "
            "command again to go on"
        ) from error
    except ValueError as error:
        raise InputError(
            f"{dataset.name}: {file.name} from {file.url} is not the file with checksum {known}; "
            f"it was not kept. If the publisher replaced it, take its line out of {LOCK}"
        ) from error
    if file.size is not None and path.stat().st_size != file.size:
        path.unlink()
        raise InputError(f"{dataset.name}: {file.name} has not the {file.size} bytes stated")
    return path


class _quiet:  # noqa: N801
    """Keep another package's remarks from standing between ours."""

    def __init__(self, logger: logging.Logger) -> None:
        self.logger, self.level = logger, logger.level

    def __enter__(self) -> None:
        self.logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        self.logger.setLevel(self.level)


def _put(files: list[Path], folder: Path, fresh: Path) -> list[Path]:
    """Unpack or move files into the dataset's folder, all of them or none."""
    shutil.rmtree(fresh, ignore_errors=True)
    make_folder(fresh)
    try:
        for file in files:
            if is_archive(file):
                unpack(file, fresh)
            elif named_archive(file):
                raise BadArchiveError(f"{file.name}: is not a whole archive; download it again")
            else:
                shutil.copyfile(file, fresh / file.name)
        names = sorted(path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file())
        if not folder.exists():
            make_folder(folder.parent)
            fresh.replace(folder)
        else:
            for name in names:
                make_folder((folder / name).parent)
                (fresh / name).replace(folder / name)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written ({error}); give a place with --to"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return [folder / name for name in names]
