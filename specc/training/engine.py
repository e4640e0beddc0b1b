"""The model and everything that moves it: the updates of a batch, one pass over a split."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from specc.components import Refusal
from specc.training.calibration import settled
from specc.training.checks import check_metrics, check_ranks
from specc.training.contract import Accumulator, TrainPlan
from specc.training.errors import NEVER_RUNS, NOT_ON_DEVICE
from specc.training.execution import Execution, device_of
from specc.training.feed import mixed
from specc.training.names import learning, named_parameters
from specc.training.placing import placed
from specc.training.random_state import seed_all
from specc.training.ranks import Ranks
from specc.training.result import Value
from specc.training.slices import Batch, sliced
from specc.training.spread import spread
from specc.training.tally import Tallies, Tally
from specc.training.updates import Updates, averaged


class Engine:
    """Built on the CPU from the seed, then moved: the weights are the same on every device.

    ``model`` is what is saved, ``steps`` what moves it, in the order of the spec.
    """

    def __init__(
        self, plan: TrainPlan, execution: Execution | None = None, ranks: Ranks | None = None
    ) -> None:
        settings = plan.settings
        self.plan = plan
        self.ranks = ranks = ranks or Ranks()
        self.device = device_of(plan) if execution is None else torch.device(execution.device)
        if ranks.several and self.device.type == "cuda":
            self.device = torch.device("cuda", ranks.local)
        check_ranks(plan, ranks.world)
        _check_frequency(plan)
        _check_precision(plan, self.device)
        seed_all(settings.seed)
        self.model = plan.build()
        named = named_parameters(plan, self.model)
        names = learning(plan, named)
        self.resting = _resting(self.model)
        self.execution = execution or _shared(plan, self.model, ranks)
        if ranks.several and plan.strategy is not None and plan.strategy.shares:
            self.execution = replace(self.execution, memory_format="contiguous")
        self.execution.place(self.model)
        spreads = spread(plan, self.model, ranks, self.device)
        named = named_parameters(plan, self.model)
        ids = {id(named[name]) for own in names for name in own}
        moving = {name: p for name, p in named.items() if id(p) in ids}
        self.parameters = [*dict.fromkeys(moving.values())]
        """All that learns."""
        self.steps = [
            Updates(plan, step, each, moving, own, self.execution)
            for step, each, own in zip(plan.steps, spreads, names, strict=True)
        ]
        averaged(self.steps, moving)
        rows = plan.rows
        self.splits = {
            split: placed(fields, rows[split], self.device) for split, fields in plan.splits.items()
        }
        self.metrics: dict[str, Accumulator] = {
            name: metric.build().to(self.device)
            for step in plan.steps
            for name, metric in step.metrics.items()
        }
        if ranks.several:
            check_metrics(self.metrics)
        if not ranks.first:
            # The weights are the same on all ranks; what is drawn from here on (by dropout, say)
            # is not. The first draws what a process on its own would.
            seed_all(mixed(settings.seed, 0, ranks.rank))

    # --- training ------------------------------------------------------------------------------

    def train_mode(self) -> None:
        """Every module trains, but those that nothing updates."""
        self.model.train()
        for module in self.resting:
            module.eval()

    def update(self, batch: Batch, number: int, tallies: Tallies) -> None:
        """Every step whose turn it is; ``number`` is that of the batch in the run, from 1."""
        for updates, tally in self.due(number, tallies):
            updates.update(batch, number, tally)

    def due(self, number: int, tallies: Tallies) -> Iterator[tuple[Updates, Tally]]:
        """The steps that run with a batch, in their order."""
        for updates, tally in zip(self.steps, tallies.each, strict=True):
            if number % updates.step.every == 0:
                yield updates, tally

    @property
    def rates(self) -> dict[str, float]:
        """The learning rates by their names: ``lr``, or ``judge.lr`` of a step."""
        return {each.step.named("lr"): each.rates.current for each in self.steps}

    def after_epoch(self, scores: Mapping[str, Value]) -> None:
        """``scores`` are all of the epoch, by their full names."""
        for updates in self.steps:
            updates.rates.after_epoch(scores)

    # --- judging -------------------------------------------------------------------------------

    @contextmanager
    def judged(self) -> Iterator[None]:
        """The model with the weights that are judged and kept: the averages, where there are."""
        with ExitStack() as stack:
            for updates in self.steps:
                stack.enter_context(updates.judged())
            yield

    def evaluate(
        self, split: str, number: int, between: Callable[[], None] = lambda: None
    ) -> dict[str, Value]:
        """The scores of a split with the weights as they are; calls ``between`` batches."""
        tallies = self.tally(split)
        self.model.eval()
        with torch.no_grad():
            # The batch of training, as a loss may depend on what stands together in a batch.
            for batch, _ in sliced(self.splits[split], self.plan.settings.batch, self.ranks):
                between()
                for updates, tally in zip(self.steps, tallies.each, strict=True):
                    updates.measure(batch, number, tally)
            return tallies.scores()

    def tally(self, split: str) -> Tallies:
        """Fresh tallies of a split."""
        found = []
        for step in self.plan.steps:
            metrics = {
                name: self.metrics[name]
                for name, metric in step.metrics.items()
                if split != "train" or not metric.keeps_rows
            }
            found.append(Tally(split, metrics, step.terms, step.named("loss"), self.ranks))
        return Tallies(found)

    # --- checkpoints ---------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything but the weights that the next update depends on."""
        return {"steps": [updates.state() for updates in self.steps]}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was taken; the weights are put back apart."""
        for updates, own in zip(self.steps, state["steps"], strict=True):
            updates.load(own)


def _shared(plan: TrainPlan, model: nn.Module, ranks: Ranks) -> Execution:
    """The choices of the first rank for all: a measurement may come out differently on each."""
    found = settled(plan, model).to_json() if ranks.first else None
    return Execution.from_json(ranks.share(found))


def _resting(model: nn.Module) -> list[nn.Module]:
    """The modules of which nothing learns: they run as in evaluation."""
    return [
        module
        for module in model.modules()
        if (own := list(module.parameters())) and not any(p.requires_grad for p in own)
    ]


def _check_frequency(plan: TrainPlan) -> None:
    for step in plan.steps:
        if step.every > plan.steps_per_epoch:
            raise Refusal(
                NEVER_RUNS,
                f"an epoch has {plan.steps_per_epoch} batches, and `{step.name}` runs with every "
                f"{step.every}th",
                label="is not met in every epoch",
                help=f"every = {plan.steps_per_epoch} at most, or smaller batches",
                field=step.named("every"),
            )


def _check_precision(plan: TrainPlan, device: torch.device) -> None:
    if plan.settings.precision == "fp16" and device.type != "cuda":
        raise Refusal(
            NOT_ON_DEVICE,
            f'precision = "fp16" needs CUDA, and this run computes on {device.type}',
            help='precision = "bf16" works here',
            field="precision",
        )
