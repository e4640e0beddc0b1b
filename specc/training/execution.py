"""Choices that change how fast a run is: from a table, and pinned in plan.json."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import torch

from specc.training.contract import TrainPlan


@dataclass(frozen=True, slots=True)
class Execution:
    """The device (``cpu``, ``cuda``), the threads that compute, and whether a step of the optimizer
    is one kernel."""

    device: str
    threads: int
    fused: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def choose(plan: TrainPlan) -> Execution:
    """The choices for a plan on this machine. Resuming takes them from plan.json instead.

    | choice | rule |
    |---|---|
    | device | the plan's, else CUDA where it is there |
    | threads | the processors that this process may use |
    | fused | where torch has the optimizer as one kernel for the device |
    """
    device = plan.device or ("cuda" if torch.cuda.is_available() else "cpu")
    fused = torch.device(device).type in plan.step.optimizer.fused_on
    return Execution(device, len(os.sched_getaffinity(0)), fused)


@contextmanager
def pinned(execution: Execution) -> Iterator[None]:
    """With the threads that were chosen, as their number changes the last bits of sums."""
    before = torch.get_num_threads()
    torch.set_num_threads(execution.threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
