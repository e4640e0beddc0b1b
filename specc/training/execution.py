"""Choices that change how fast a run is: from a table, and pinned in plan.json."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
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

    def place(self, model: nn.Module) -> None:
        """Move a model to its device and into its layout."""
        model.to(torch.device(self.device))
        model.to(memory_format=FORMATS[self.memory_format])  # type: ignore[call-overload]

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
    """The choices for a plan on this machine, where its settings leave them open.

    It is a function of plan and machine, never of a measurement.

    | choice | rule |
    |---|---|
    | threads | 1 where the arithmetic of a batch is small, else a share of the processors |
    | fused | where torch has the optimizer as one kernel for the device |
    | deterministic | on CUDA and under torch.compile; eager on the CPU it is so anyway |
    | memory_format | ``channels_last`` where a weight has four axes, as a convolution's has |

    An update of a CNN with 32 and 64 channels, on a batch of 64 images of 3x32x32, takes 84 ms of
    one thread with contiguous weights and 60 with those that have their channels last; no network
    was found that it slows down.
    """
    device = device_of(plan)
    settings = plan.settings
    threads = settings.threads
    if threads is None:
        small = device.type == "cpu" and forward_flops(plan, model) < SMALL_FLOPS
        threads = 1 if small else processors()
    fused = any(device.type in step.optimizer.fused_on for step in plan.steps)
    deterministic = device.type != "cpu" or settings.compile
    usual = "channels_last" if has_images(model) else "contiguous"
    memory_format = settings.memory_format or usual
    return Execution(str(device), threads, fused, deterministic, memory_format)


def has_images(model: nn.Module) -> bool:
    """Whether a weight has four axes, so that their order in memory matters."""
    return any(parameter.dim() == 4 for parameter in model.parameters())


def processors() -> int:
    """Those that this process may use: of several ranks on a machine each has its share."""
    ranks = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return max(1, len(os.sched_getaffinity(0)) // ranks)


def autocast(plan: TrainPlan, device: torch.device) -> AbstractContextManager[Any]:
    """What a step is computed under."""
    precision = plan.settings.precision
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16 if precision == "bf16" else torch.float16)


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
