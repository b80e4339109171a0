"""Processes that work for another one."""

from __future__ import annotations

import multiprocessing
import os
import threading
from multiprocessing.connection import wait


def end_with_parent() -> None:
    """Let this worker process end when the one that started it is gone.

    A process that is killed cannot tell its workers to stop: they would wait for
    work, and hold their memory, for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def _watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=_watch, daemon=True).start()
