"""Execution choices by measurement, for a run that asks for it."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

import torch
from torch import nn

from specc.training.contract import TrainPlan
from specc.training.execution import (
    Execution,
    autocast,
    choose,
    has_images,
    pinned,
    processors,
)
from specc.training.feed import first_rows
from specc.training.slices import Batch

ROUNDS = 7


def settled(plan: TrainPlan, model: nn.Module) -> Execution:
    """The choices of a run that begins: of the table, and measured where the spec wants that."""
    chosen = choose(plan, model)
    return calibrated(plan, model, chosen) if plan.settings.calibrate else chosen


def calibrated(plan: TrainPlan, model: nn.Module, start: Execution) -> Execution:
    """The fastest of the choices that the spec leaves open.

    Each is tried on a copy of the model with the first batch, forward and backward, in turns, so
    that a disturbance of the machine meets all of them; the median counts. Nothing of it reaches
    the run but the choice, which is pinned like any other.
    """
    trials = [_Trial(plan, model, each) for each in _candidates(plan, model, start)]
    with torch.random.fork_rng():
        for _ in range(ROUNDS):
            for trial in trials:
                trial.run()
    return min(trials, key=lambda trial: trial.seconds).execution


def _candidates(plan: TrainPlan, model: nn.Module, start: Execution) -> Iterator[Execution]:
    settings = plan.settings
    threads = [start.threads]
    if settings.threads is None and torch.device(start.device).type == "cpu":
        threads = sorted({1, processors()})
    formats = [start.memory_format]
    if settings.memory_format is None and has_images(model):
        formats = ["contiguous", "channels_last"]
    for count in threads:
        for memory_format in formats:
            yield replace(start, threads=count, memory_format=memory_format)


class _Trial:
    """One choice and the times it took; the first round warms up and does not count."""

    def __init__(self, plan: TrainPlan, model: nn.Module, execution: Execution) -> None:
        self.plan = plan
        self.execution = execution
        self.device = torch.device(execution.device)
        self.model = copy.deepcopy(model).train()
        execution.place(self.model)
        count = min(plan.settings.batch, plan.rows["train"])
        rows = first_rows(plan.splits["train"], count)
        moved = {name: tensor.to(self.device) for name, tensor in rows.items()}
        self.batch = Batch(moved, count, count)
        self.times: list[float] = []

    @property
    def seconds(self) -> float:
        return median(self.times[1:])

    def run(self) -> None:
        with pinned(self.execution):
            self._wait()
            began = time.perf_counter()
            for step in self.plan.steps:
                self.model.zero_grad()
                for part in self.batch.parts(self.plan.moves(step).accumulate):
                    with autocast(self.plan, self.device):
                        loss, *_ = step.run(*self.plan.modules(self.model), **part.fields)
                    loss.backward()  # type: ignore[no-untyped-call]
            self._wait()
            self.times.append(time.perf_counter() - began)

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
