"""Choices that change how fast a run is: from a table, and pinned in plan.json."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from specc.training.contract import TrainPlan
from specc.training.estimates import forward_flops

SMALL_FLOPS = 5_000_000
"""Below this, a second thread saves nothing. A step of 64-64-64-10 on a batch of 32 (0.6 MFLOP)
takes 0.76 ms with one thread and 0.78 with two, and ten times that on a busy machine, where
threads wait for each other; 784-128-64-10 on a batch of 64 (14 MFLOP) 1.33 and 1.18 ms."""


FORMATS = {"contiguous": torch.preserve_format, "channels_last": torch.channels_last}


@dataclass(frozen=True, slots=True)
class Execution:
    """The device (``cpu``, ``cuda``), the threads that compute, whether a step of the optimizer is
    one kernel, whether torch is held to algorithms that repeat themselves bit for bit, and how the
    four axes of an image lie in memory (``contiguous``, ``channels_last``)."""

    device: str
    threads: int
    fused: bool
    deterministic: bool = False
    memory_format: str = "contiguous"

    @property
    def format(self) -> torch.memory_format:
        found: torch.memory_format = FORMATS[self.memory_format]
        return found

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Execution:
        return Execution(**value)


class BadDevice(ValueError):
    """A device that torch does not know or this machine does not have."""


def device_of(plan: TrainPlan) -> torch.device:
    """The plan's device, else CUDA where it is there; raises `BadDevice`."""
    if plan.device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(plan.device)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # a torch without CUDA asserts
        raise BadDevice(f"{plan.device}: {str(error).splitlines()[0]}") from error
    return device


def choose(plan: TrainPlan, model: nn.Module) -> Execution:
    """The choices for a plan on this machine; a function of the two, never of a measurement.

    | choice | rule |
    |---|---|
    | threads | 1 where the arithmetic of a batch is small, else the processors of this process |
    | fused | where torch has the optimizer as one kernel for the device |
    | deterministic | on CUDA and under torch.compile; eager on the CPU it is so anyway |
    | memory_format | ``channels_last`` where a weight has four axes, as a convolution's has |

    An update of a CNN with 32 and 64 channels, on a batch of 64 images of 3x32x32, takes 84 ms of
    one thread with contiguous weights and 60 with those that have their channels last; no network
    was found that it slows down.
    """
    device = device_of(plan)
    small = device.type == "cpu" and forward_flops(plan, model) < SMALL_FLOPS
    threads = 1 if small else len(os.sched_getaffinity(0))
    fused = any(device.type in step.optimizer.fused_on for step in plan.steps)
    deterministic = device.type != "cpu" or plan.settings.compile
    images = any(parameter.dim() == 4 for parameter in model.parameters())
    memory_format = "channels_last" if images else "contiguous"
    return Execution(str(device), threads, fused, deterministic, memory_format)


@contextmanager
def pinned(execution: Execution) -> Iterator[None]:
    """With the threads that were chosen, as their number changes the last bits of sums."""
    threads = torch.get_num_threads()
    held = torch.are_deterministic_algorithms_enabled()
    warning = torch.is_deterministic_algorithms_warn_only_enabled()
    benchmark = torch.backends.cudnn.benchmark
    torch.set_num_threads(execution.threads)
    if execution.deterministic:
        # cuBLAS reads it when it is first used.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # Some operations have no such algorithm: they warn, and are run.
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(held, warn_only=warning)
        torch.backends.cudnn.benchmark = benchmark
