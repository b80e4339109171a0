"""A symmetric matrix in a file that is filled tile by tile, and the journal of the tiles."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError
from termini.files import make_folder, write_text

_FORMAT = "termini distances 1"


class MatrixFile:
    """Matrix (n, n) at `path`, an ``.npy`` file that appears when it is complete.

    Until then it is ``<path>.part``; ``<path>.tiles`` lists the tiles that are on disk,
    a line each, written after the tile itself. ``<path>.json`` says what it holds.

    Parameters
    ----------
    path : path
        Name of the finished file.
    n : int
        Rows.
    side : int
        Rows and columns of a tile; that of a journal that is gone on with stays.
    dtype : numpy dtype
        Of the values.
    kind : str
        Checksum of the series and settings.
    """

    def __init__(self, path: str | Path, n: int, side: int, dtype: Any, kind: str) -> None:
        self.path = Path(path)
        if self.path.suffix != ".npy":
            raise InputError(f"{self.path}: the matrix is an .npy file; give a name ending so")
        self.n, self.side, self.dtype, self.kind = n, min(side, n), np.dtype(dtype), kind
        self.part = self.path.with_name(self.path.name + ".part")
        self.journal = self.path.with_name(self.path.name + ".tiles")
        self.label = self.path.with_name(self.path.name + ".json")
        self._done: set[int] = set()

    @property
    def blocks(self) -> int:
        """Tiles along one side."""
        return -(-self.n // self.side)

    @property
    def tiles(self) -> int:
        """Tiles of the upper half with the diagonal."""
        return self.blocks * (self.blocks + 1) // 2

    def place(self, tile: int) -> tuple[int, int]:
        """Row and column of a tile, by blocks; tiles are counted row by row."""
        row, left = 0, tile
        while left >= self.blocks - row:
            left -= self.blocks - row
            row += 1
        return row, row + left

    def span(self, block: int) -> tuple[int, int]:
        """First series and end of a block."""
        return block * self.side, min((block + 1) * self.side, self.n)

    def missing(self) -> list[int]:
        """Tiles that are not on disk yet."""
        return [tile for tile in range(self.tiles) if tile not in self._done]

    def begin(self) -> bool:
        """Make or reopen the file; False where it is complete already."""
        make_folder(self.path.parent)
        if self.path.exists():
            if self._read_label().get("kind") == self.kind:
                return False
            raise InputError(
                f"{self.path}: holds a matrix of other series or settings; remove it, or give "
                "another name"
            )
        if self.part.exists() and self._resumed():
            return True
        self._check_space()
        self._done = set()
        self.journal.unlink(missing_ok=True)
        header = {"format": _FORMAT, "kind": self.kind, "n": self.n, "side": self.side}
        empty = np.lib.format.open_memmap(
            self.part, mode="w+", dtype=self.dtype, shape=(self.n, self.n)
        )
        del empty
        write_text(self.label, json.dumps(header) + "\n")
        return True

    def write(self, tile: int, values: NDArray[Any]) -> None:
        """Put a tile and its mirror image on disk, then note it."""
        r0, c0 = (self.span(block)[0] for block in self.place(tile))
        offset = int(np.lib.format.open_memmap(self.part, mode="r").offset)
        # written row by row: pages of a memory map would count as memory of the process
        with open(self.part, "r+b", buffering=0) as matrix:
            sides = [(r0, c0, values)] + ([(c0, r0, values.T)] if r0 != c0 else [])
            for first, column, part in sides:
                for number, row in enumerate(part, first):
                    matrix.seek(offset + (number * self.n + column) * self.dtype.itemsize)
                    matrix.write(row.tobytes())
            os.fsync(matrix.fileno())
        with open(self.journal, "a", encoding="ascii") as handle:
            handle.write(f"{tile}\n")
            handle.flush()
            os.fsync(handle.fileno())
        self._done.add(tile)

    def finish(self) -> None:
        """Give the complete file its name."""
        assert not self.missing()
        self.part.replace(self.path)
        self.journal.unlink(missing_ok=True)

    def _read_label(self) -> dict[str, Any]:
        try:
            found = json.loads(self.label.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) and found.get("format") == _FORMAT else {}

    def _resumed(self) -> bool:
        """Whether what is there belongs to the same matrix; takes its tiles over."""
        label = self._read_label()
        if not label:
            return False
        if label["kind"] != self.kind or label["n"] != self.n:
            raise InputError(
                f"{self.part}: was begun for other series or settings; remove it and "
                f"{self.label.name}, or give another name"
            )
        self.side = int(label["side"])
        lines = self.journal.read_text().split("\n")[:-1] if self.journal.exists() else []
        self._done = {int(line) for line in lines if line.isdigit() and int(line) < self.tiles}
        return True

    def _check_space(self) -> None:
        needed = self.n**2 * self.dtype.itemsize
        free = shutil.disk_usage(self.path.parent).free
        if needed > free:
            raise InputError(
                f"{self.path}: {self.n} series make a matrix of {needed / 1e9:.1f} GB and "
                f"{free / 1e9:.1f} GB are free there; use DTWMiniBatchKMeans, which needs none"
            )
