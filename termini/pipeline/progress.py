"""What a run says while it works."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from termini.files import make_folder


class _JsonLines(logging.Formatter):
    """One JSON object a line, for batch use."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {
                "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
                "level": record.levelname.lower(),
                "message": record.getMessage(),
            }
        )


def set_up_logging(*, quiet: bool = False, log_file: str | Path | None = None) -> None:
    """Send the package's messages to the terminal and, if wanted, to a file.

    Parameters
    ----------
    quiet : bool
        Only warnings on the terminal.
    log_file : path, optional
        File to which every message is appended, one JSON object a line.
    """
    logger = logging.getLogger("termini")
    logger.setLevel(logging.INFO)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING if quiet else logging.INFO)
    terminal.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(terminal)
    if log_file is not None:
        make_folder(Path(log_file).parent)
        file = logging.FileHandler(log_file, encoding="utf-8")
        file.setFormatter(_JsonLines())
        logger.addHandler(file)
