"""The learning rate over a run: a warm-up, then the schedule of torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from specc.components import Refusal
from specc.training.contract import StepPlan, TrainPlan
from specc.training.dotted import locate
from specc.training.errors import BAD_SCHEDULE
from specc.training.result import Value
from specc.training.scores import direction


class Rates:
    """Moves the learning rates of an optimizer; told after every update and every epoch."""

    def __init__(self, plan: TrainPlan, step: StepPlan, optimizer: torch.optim.Optimizer) -> None:
        schedule = step.schedule
        self.optimizer = optimizer
        self.steps = 0
        self.warmup = 0
        self.by_step = False
        self.scheduler = None
        self.watched: str | None = None
        if schedule is None:
            return
        self.warmup = schedule.warmup
        self.by_step = schedule.by == "step"
        arguments = schedule.arguments(ticks(plan, step))
        if (watched := schedule.watches()) is not None:
            score, mode = watched
            self.watched = str(score)
            arguments["mode"] = direction(plan, score, mode, "schedule")
        try:
            self.scheduler = locate(schedule.target)(optimizer, **arguments)
        except ValueError as error:
            raise Refusal(BAD_SCHEDULE, str(error), field=step.named("schedule")) from error
        self.starts = [group["lr"] for group in optimizer.param_groups]
        self._warm()

    @property
    def current(self) -> float:
        """The rate of the first group."""
        return float(self.optimizer.param_groups[0]["lr"])

    def after_step(self) -> None:
        if self.scheduler is None:
            return
        self.steps += 1
        if self.steps <= self.warmup:
            self._warm()
        elif self.by_step:
            self.scheduler.step()

    def after_epoch(self, scores: Mapping[str, Value]) -> None:
        """``scores`` are all of the epoch, by their full names."""
        if self.scheduler is None or self.by_step or self.steps <= self.warmup:
            return
        if self.watched is None:
            self.scheduler.step()
        else:
            self.scheduler.step(scores[self.watched])

    def state(self) -> dict[str, Any]:
        scheduler = None if self.scheduler is None else self.scheduler.state_dict()
        return {"steps": self.steps, "scheduler": scheduler}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was taken; the rates themselves are part of the optimizer's."""
        self.steps = state["steps"]
        if self.scheduler is not None:
            # torch warns of a schedule that moves before the optimizer has in this process.
            self.optimizer._opt_called = state["steps"] > 0  # type: ignore[attr-defined]
            live = self.scheduler.state_dict()
            # A checkpoint has plain mappings; torch counts milestones with a Counter.
            self.scheduler.load_state_dict(
                {
                    key: type(live[key])(value) if isinstance(live.get(key), dict) else value
                    for key, value in state["scheduler"].items()
                }
            )

    def _warm(self) -> None:
        """Set the rates of the next step, if it is one of the warm-up or the first after it."""
        part = min(1.0, (self.steps + 1) / (self.warmup + 1))
        for group, start in zip(self.optimizer.param_groups, self.starts, strict=True):
            group["lr"] = start * part


def ticks(plan: TrainPlan, step: StepPlan) -> int:
    """How often the schedule of a step moves: updates or epochs after the warm-up.

    Raises:
        Refusal: if the warm-up is as long as the run.
    """
    schedule = step.schedule
    assert schedule is not None
    epochs = plan.settings.epochs
    updates = plan.steps_per_epoch * epochs // step.every
    if schedule.warmup >= updates:
        of = f"{epochs} epochs of {plan.steps_per_epoch}"
        raise Refusal(
            BAD_SCHEDULE,
            f"the warm-up of {schedule.warmup} steps is not over when the run is",
            help=f"the run has {updates} steps: {of}"
            + (f", with one in {step.every} batches" if step.every > 1 else ""),
            field=step.named("schedule"),
        )
    if schedule.by == "step":
        return updates - schedule.warmup
    return epochs - schedule.warmup * step.every // plan.steps_per_epoch
