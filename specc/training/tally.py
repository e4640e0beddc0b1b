"""Adds up what the steps of a split give, without waiting for the device at every step."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from specc.training.contract import Accumulator
from specc.training.errors import NOT_FINITE, RunFailed
from specc.training.result import Value

HELD_STEPS = 32
HELD_VALUES = 1 << 20


class Tally:
    """The scores of one pass over a split.

    Losses and what metrics want are held for some steps, and then read and added up at once: a read
    of each would make the device wait, and an update of a metric costs more than a small step.
    How many are held depends on the step's number and sizes alone, so that sums are reproducible.
    """

    def __init__(self, split: str, metrics: Mapping[str, Accumulator], terms: tuple[str, ...]):
        self.split = split
        self.metrics = metrics
        self.terms = terms
        self.sums = [0.0] * (1 + len(terms))
        self.rows = 0
        self.held: list[tuple[int, list[Tensor]]] = []
        self.outputs: list[list[Tensor]] = []
        self.picks: list[tuple[str, int]] = []
        self.slots: dict[str, list[int]] = {}
        self.room = HELD_STEPS
        for metric in metrics.values():
            metric.reset()

    def add(
        self,
        step: int,
        rows: int,
        loss: Tensor,
        terms: Mapping[str, Tensor],
        outputs: Mapping[str, tuple[Tensor, ...]],
    ) -> None:
        """Hold what one batch gave. ``step`` is the number of the last update, for messages.

        Raises:
            RunFailed: if the loss of this or a held step is not finite.
        """
        if not self.held:
            self._look(outputs)
        self.held.append((rows, [loss.detach(), *(terms[name].detach() for name in self.terms)]))
        self.outputs.append([outputs[name][i].detach() for name, i in self.picks])
        if len(self.held) >= self.room:
            self.settle(step)

    def _look(self, outputs: Mapping[str, tuple[Tensor, ...]]) -> None:
        """See which tensors several metrics share, and how many steps may be held."""
        known: dict[int, int] = {}
        self.picks = []
        for name in self.metrics:
            self.slots[name] = []
            for i, tensor in enumerate(outputs[name]):
                if id(tensor) not in known:
                    known[id(tensor)] = len(self.picks)
                    self.picks.append((name, i))
                self.slots[name].append(known[id(tensor)])
        values = sum(outputs[name][i].numel() for name, i in self.picks)
        self.room = min(HELD_STEPS, max(1, HELD_VALUES // max(1, values)))

    def settle(self, step: int) -> None:
        """Read and add up everything that is held; ``step`` is the number of the last update."""
        if not self.held:
            return
        values = torch.stack([value for _, row in self.held for value in row]).tolist()
        width = len(self.sums)
        first = step - len(self.held) + 1
        for i, (rows, _) in enumerate(self.held):
            for j, value in enumerate(values[i * width : (i + 1) * width]):
                if not math.isfinite(value):
                    number = first + i if self.split == "train" else step
                    raise _not_finite(self.split, ("loss", *self.terms)[j], value, number)
                self.sums[j] += value * rows
            self.rows += rows
        joined = [torch.cat(parts) for parts in zip(*self.outputs, strict=True)]
        for name, metric in self.metrics.items():
            metric.update(*(joined[slot] for slot in self.slots[name]))
        self.held.clear()
        self.outputs.clear()

    def scores(self, step: int) -> dict[str, Value]:
        """The scores by their full names: ``val.loss``. Losses are means over the rows."""
        self.settle(step)
        found: dict[str, Value] = {
            f"{self.split}.{name}": total / self.rows
            for name, total in zip(("loss", *self.terms), self.sums, strict=True)
        }
        for name, metric in self.metrics.items():
            value = metric.compute()
            found[f"{self.split}.{name}"] = value.item() if value.ndim == 0 else value.tolist()
        return found


def _not_finite(split: str, name: str, value: float, step: int) -> RunFailed:
    shown = "NaN" if math.isnan(value) else "infinite"
    where = f"in step {step}" if split == "train" else f"on the {split} split, after step {step}"
    return RunFailed(
        NOT_FINITE,
        f"`{split}.{name}` is {shown} {where}",
        help="a lower learning rate, clip = 1.0, or a warm-up most often help",
    )
