"""Several processes that train one network together (data parallel).

On graphics cards each process has one card (NCCL); on processors they share
the machine (gloo), which is for trying it out.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import torch
from torch import distributed, multiprocessing

from termini.errors import InputError
from termini.segment.train import Machine

PATIENCE = timedelta(minutes=30)
"""Longest that one process waits for another, as while it validates."""


def run_together(work: Callable[..., None], machine: Machine, processes: int, *args: Any) -> None:
    """Run a function in several processes that can average their gradients.

    Parameters
    ----------
    work : callable
        Of a module; called as ``work(machine, *args)`` with the rank set.
    machine : Machine
        Device (``cuda`` gives each process its own card) and workers.
    processes : int
        How many.
    *args
        Passed on; must survive pickling between processes.

    Raises
    ------
    InputError
        If there are fewer graphics cards than processes.
    """
    if machine.device.startswith("cuda") and torch.cuda.device_count() < processes:
        raise InputError(
            f"{processes} processes need as many graphics cards; torch sees "
            f"{torch.cuda.device_count()}"
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(_one, (work, machine, processes, port, args), nprocs=processes)


def _one(
    rank: int,
    work: Callable[..., None],
    machine: Machine,
    processes: int,
    port: int,
    args: tuple[Any, ...],
) -> None:
    """One of the processes."""
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    cuda = machine.device.startswith("cuda")
    device = f"cuda:{rank}" if cuda else machine.device
    if cuda:
        torch.cuda.set_device(rank)
    distributed.init_process_group(
        "nccl" if cuda else "gloo", rank=rank, world_size=processes, timeout=PATIENCE
    )
    try:
        work(Machine(device, machine.workers, rank, processes), *args)
        distributed.barrier()
    finally:
        distributed.destroy_process_group()
    # All is done and written. The ordinary end of a process now and then
    # aborts in torch (gloo's threads outlive the statics that they use: about
    # one run in ten on two cores), and a whole training would count as failed.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
