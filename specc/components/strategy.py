"""How several ranks train one model."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from specc.components.base import Component

Module = Any
"""A `torch.nn.Module`; this package does not import torch."""

Device = Any
"""A `torch.device`."""


class Strategy(Component):
    """Says what each of several ranks holds of a model, and how their gradients become one.

    Every rank computes its slice of a batch. The gradient of a rank is to be averaged over all of
    them (summed, and divided by their number): what a slice weighs is already in its loss.
    """

    kind: ClassVar[str] = "strategy"
    stands: ClassVar[str] = "`strategy = {}` in a `train` section"

    about: ClassVar[str]
    """What each rank holds and does, in a few words: ``specc plan`` says it."""

    shares: ClassVar[bool] = False
    """Whether a rank holds a share of each tensor, which has to lie in memory as it is read."""

    def wrap(self, steps: Sequence[Module], device: Device) -> list[Module]:
        """Modules to be called instead of the steps of a train section.

        A step is called with the fields of a batch and gives what the section computes from them;
        its children are the instances that it computes with, which several steps may share. It is
        called equally often by all ranks, with gradients or without. Parameters may be exchanged
        for DTensors; `torch.distributed` is initialised, with gloo for what lies on the CPU and
        NCCL for CUDA.
        """
        raise NotImplementedError(f"{type(self).__name__}.wrap")

    def apart(self, step: Module) -> AbstractContextManager[None]:
        """Backward passes inside leave the gradients of the rank as they are: a later one, outside,
        brings the sum of all together. ``step`` is one that `wrap` gave."""
        raise NotImplementedError(f"{type(self).__name__}.apart")
