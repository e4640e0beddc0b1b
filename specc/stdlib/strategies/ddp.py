"""A whole model on every rank."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from specc.components import Strategy

if TYPE_CHECKING:
    import torch
    from torch import nn


class Ddp(Strategy):
    """Every rank holds the whole model: ``strategy = ddp``, which is the default.

    `torch.nn.parallel.DistributedDataParallel` averages the gradients while they are computed, and
    hands the buffers of the first rank to the others before each forward pass.
    """

    about = "each rank holds the whole model; gradients are averaged"

    def wrap(self, steps: Sequence[nn.Module], device: torch.device) -> list[nn.Module]:
        from torch.nn.parallel import DistributedDataParallel

        # Where every parameter is expected to be used, torch sorts its buckets anew after the first
        # backward pass of a process: a run that was resumed would add up in another order.
        return [DistributedDataParallel(step, find_unused_parameters=True) for step in steps]

    def apart(self, step: nn.Module) -> AbstractContextManager[None]:
        from torch.nn.parallel import DistributedDataParallel

        assert isinstance(step, DistributedDataParallel)
        return step.no_sync()
