"""Adds up what the steps of a split give, without waiting for the device at every step."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from specc.training.accumulators import load_state, merge_state, state_of
from specc.training.contract import Accumulator
from specc.training.errors import NOT_FINITE, RunFailed
from specc.training.ranks import Ranks
from specc.training.result import Value

HELD_BATCHES = 32
HELD_VALUES = 1 << 20


class NotFinite(RunFailed):
    """A number of a step that is NaN or infinite; ``step`` is where it was seen."""

    def __init__(self, message: str, split: str, step: int) -> None:
        help = "a lower learning rate, clip = 1.0, or a warm-up most often help"
        super().__init__(NOT_FINITE, message, help=help)
        self.split = split
        self.step = step

    @staticmethod
    def score(split: str, name: str, value: float, step: int) -> NotFinite:
        """A loss or one of its terms."""
        shown = "NaN" if math.isnan(value) else "infinite"
        where = f"in step {step}"
        if split != "train":
            where = f"on the {split} split, after step {step}"
        return NotFinite(f"`{split}.{name}` is {shown} {where}", split, step)

    @staticmethod
    def weight(name: str, step: int) -> NotFinite:
        """A parameter, after a step."""
        return NotFinite(f"`{name}` is not finite after step {step}", "train", step)


class Tally:
    """The scores of one pass over a split.

    Losses and what metrics want are held for some batches, and then read and added up at once: a
    read of each would make the device wait, and an update of a metric costs more than a small step.
    How many are held depends on the batch's number and sizes alone, so that sums are reproducible.
    """

    def __init__(
        self,
        split: str,
        metrics: Mapping[str, Accumulator],
        terms: tuple[str, ...],
        loss: str = "loss",
        ranks: Ranks | None = None,
    ) -> None:
        self.split = split
        self.ranks = ranks or Ranks()
        self.failure: NotFinite | None = None
        """What one of several ranks has seen, and is to tell when they meet."""
        self.metrics = metrics
        self.terms = terms
        self.losses = (loss, *terms)
        self.sums = [0.0] * len(self.losses)
        self.rows = 0
        self.held: list[tuple[int, int, list[Tensor]]] = []
        self.outputs: list[list[Tensor]] = []
        self.picks: list[tuple[str, int]] = []
        self.slots: dict[str, list[int]] = {}
        self.room = HELD_BATCHES
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
        """Hold what one batch gave. ``step`` is the number of its update, for messages.

        Raises:
            NotFinite: if the loss of this or a held batch is not finite.
        """
        if not self.held:
            self._look(outputs)
        values = [loss.detach(), *(terms[name].detach() for name in self.terms)]
        self.held.append((step, rows, values))
        self.outputs.append([outputs[name][i].detach() for name, i in self.picks])
        if len(self.held) >= self.room:
            self.settle()

    def _look(self, outputs: Mapping[str, tuple[Tensor, ...]]) -> None:
        """See which tensors several metrics share, and how many batches may be held."""
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
        self.room = min(HELD_BATCHES, max(1, HELD_VALUES // max(1, values)))

    def check(self) -> list[float]:
        """The losses and terms that are held, one after another.

        Raises:
            NotFinite: if one of them is not finite.
        """
        if not self.held:
            return []
        values: list[float] = torch.stack([v for *_, row in self.held for v in row]).tolist()
        width = len(self.sums)
        for i, value in enumerate(values):
            if not math.isfinite(value):
                step = self.held[i // width][0]
                name = self.losses[i % width]
                raise NotFinite.score(self.split, name, value, step)
        return values

    def settle(self) -> None:
        """Read and add up everything that is held.

        Raises:
            NotFinite: if a value is not finite; one of several ranks keeps it until they meet.
        """
        if not self.held:
            return
        try:
            values = self.check()
        except NotFinite as failure:
            if not self.ranks.several:
                raise
            self.failure = self.failure or failure
            self._forget()
            return
        width = len(self.sums)
        for i, (_, rows, _) in enumerate(self.held):
            for j, value in enumerate(values[i * width : (i + 1) * width]):
                self.sums[j] += value * rows
            self.rows += rows
        for tensors in _joined(self.outputs):
            for name, metric in self.metrics.items():
                metric.update(*(tensors[slot] for slot in self.slots[name]))
        self._forget()

    def _forget(self) -> None:
        self.held.clear()
        self.outputs.clear()

    def so_far(self) -> dict[str, float]:
        """The means of the losses and terms, to be shown; what is held is read only while there is
        nothing else, as the device has to be waited for."""
        sums, rows = self.sums, self.rows
        if not rows and self.held:
            read: list[list[float]] = [torch.stack(values).tolist() for _, _, values in self.held]
            weights = [each for _, each, _ in self.held]
            columns = zip(*read, strict=True)
            sums = [sum(map(operator.mul, column, weights)) for column in columns]
            rows = sum(weights)
        return {name: s / rows for name, s in zip(self.losses, sums, strict=True)} if rows else {}

    def agree(self) -> None:
        """Raise the first `NotFinite` that any rank has seen, on all of them."""
        failure = self.failure
        try:
            self.check()
        except NotFinite as found:
            failure = failure or found
        agree(self.ranks, failure)

    def scores(self) -> dict[str, Value]:
        """The scores by their full names: ``val.loss``. Losses are means over the rows."""
        self.settle()
        agree(self.ranks, self.failure)
        *sums, rows = self.ranks.sums([*self.sums, self.rows])
        found: dict[str, Value] = {
            f"{self.split}.{name}": total / rows
            for name, total in zip(self.losses, sums, strict=True)
        }
        # What metrics have gathered is brought together by torchmetrics, as it sees the ranks.
        for name, metric in self.metrics.items():
            value = metric.compute()
            found[f"{self.split}.{name}"] = value.item() if value.ndim == 0 else value.tolist()
        return found

    # --- checkpoints ---------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Where the pass stands. What is held stays held: settling it now would change the order
        in which numbers are added up."""
        return {
            "sums": self.sums,
            "rows": self.rows,
            "held": [[step, rows, values] for step, rows, values in self.held],
            "outputs": self.outputs,
            "picks": [[name, i] for name, i in self.picks],
            "slots": self.slots,
            "room": self.room,
            "metrics": {name: state_of(metric) for name, metric in self.metrics.items()},
        }

    def load(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Go on where `state` was taken."""
        self.sums = state["sums"]
        self.rows = state["rows"]
        self.held = [
            (step, rows, [value.to(device) for value in values])
            for step, rows, values in state["held"]
        ]
        self.outputs = [[tensor.to(device) for tensor in batch] for batch in state["outputs"]]
        self.picks = [(name, i) for name, i in state["picks"]]
        self.slots = state["slots"]
        self.room = state["room"]
        for name, metric in self.metrics.items():
            load_state(metric, state["metrics"][name])

    def absorb(self, states: Sequence[Mapping[str, Any]], device: torch.device) -> None:
        """Go on where several ranks stood, when there is another number of them now.

        Raises:
            ValueError: if a metric cannot be put together.
        """
        for state in states:
            sums, rows = self.sums, self.rows
            gathered = {name: state_of(metric) for name, metric in self.metrics.items()}
            self.load(state, device)
            self.settle()
            self.sums = [a + b for a, b in zip(sums, self.sums, strict=True)]
            self.rows += rows
            for name, metric in self.metrics.items():
                merge_state(metric, gathered[name])


def agree(ranks: Ranks, failure: NotFinite | None) -> None:
    """Raise on every rank the earliest of what they have seen."""
    mine = None if failure is None else [failure.message, failure.split, failure.step]
    if not ranks.several:
        if failure is not None:
            raise failure
        return
    if not ranks.most(int(failure is not None))[0]:
        return
    seen = [(told, rank) for rank, told in enumerate(ranks.gather(mine)) if told is not None]
    (message, split, step), rank = min(seen, key=lambda each: (each[0][2], each[1]))
    raise NotFinite(f"{message}, on rank {rank}", split, step)


class Tallies:
    """One tally for each step of a section, in their order."""

    def __init__(self, each: Sequence[Tally]) -> None:
        self.each = tuple(each)

    def check(self) -> None:
        """Raises `NotFinite` if a loss or a term that is held is not finite."""
        for tally in self.each:
            tally.check()

    def so_far(self) -> dict[str, float]:
        """The losses and terms of all of them, to be shown."""
        return {name: value for tally in self.each for name, value in tally.so_far().items()}

    def agree(self) -> None:
        """Raises the first `NotFinite` that any rank has seen, on all of them."""
        for tally in self.each:
            tally.agree()

    @property
    def failing(self) -> bool:
        """Whether this rank has something to tell."""
        return any(tally.failure is not None for tally in self.each)

    def scores(self) -> dict[str, Value]:
        """The scores of all of them by their full names."""
        return {name: value for tally in self.each for name, value in tally.scores().items()}

    def state(self) -> list[dict[str, Any]]:
        """Where the pass stands."""
        return [tally.state() for tally in self.each]

    def load(self, state: Sequence[Mapping[str, Any]], device: torch.device) -> None:
        """Go on where `state` was taken."""
        for tally, own in zip(self.each, state, strict=True):
            tally.load(own, device)

    def absorb(self, states: Sequence[Sequence[Mapping[str, Any]]], device: torch.device) -> None:
        """Go on where several ranks stood; raises a `ValueError` if that cannot be."""
        for tally, own in zip(self.each, zip(*states, strict=True), strict=True):
            tally.absorb(own, device)


def _joined(batches: list[list[Tensor]]) -> list[list[Tensor]]:
    """The tensors of several batches as those of one; each as it is, where padding differs."""
    columns = list(zip(*batches, strict=True))
    if any(tensor.shape[1:] != column[0].shape[1:] for column in columns for tensor in column):
        return batches
    return [[torch.cat(column) for column in columns]]
