"""Threads that share the work of the kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any


def cores() -> int:
    """Cores that this process may use: fewer than the machine has where it is bound to some."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_threads(threads: int, work: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> list[Any]:  # fmt: skip # noqa: E501
    """Results of `work` on each of the tasks, in order."""
    listed = list(tasks)
    if threads == 1 or len(listed) == 1:
        return [work(*task) for task in listed]
    return list(_pool(threads).map(lambda task: work(*task), listed))


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    """Threads that stay, because starting them costs more than a small task."""
    return ThreadPoolExecutor(threads, thread_name_prefix="dtw")
