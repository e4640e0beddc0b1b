"""Which epoch's weights are the result, and when the run ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from specc.components import Keep, Score
from specc.training.contract import TrainPlan
from specc.training.result import Value
from specc.training.scores import available, better, direction
from specc.training.weights import State, snapshot


@dataclass(slots=True)
class Kept:
    """The weights after an epoch, on the CPU, with the scores that they had."""

    step: int
    epoch: int
    scores: Mapping[str, Value]
    state: State
    aliases: dict[str, str]

    @staticmethod
    def of(model: nn.Module, step: int, epoch: int, scores: Mapping[str, Value]) -> Kept:
        return Kept(step, epoch, scores, *snapshot(model))

    def about(self) -> dict[str, Any]:
        """All but the weights."""
        return {"step": self.step, "epoch": self.epoch, "scores": dict(self.scores)}


class Best:
    """The weights of the best epoch; without a score to go by, there is none."""

    def __init__(self, plan: TrainPlan) -> None:
        keep = kept(plan)
        self.name = None if keep is None else str(keep.metric)
        self.way = None if keep is None else direction(plan, keep.metric, keep.mode, "keep")
        self.kept: Kept | None = None

    def offer(self, model: nn.Module, step: int, epoch: int, scores: Mapping[str, Value]) -> None:
        if self.name is None or self.way is None:
            return
        than = None if self.kept is None else number(self.kept.scores[self.name])
        if better(number(scores[self.name]), than, self.way):
            self.kept = Kept.of(model, step, epoch, scores)


def kept(plan: TrainPlan) -> Keep | None:
    """What says whose weights are the result; ``None`` for those of the last epoch."""
    validated = Score("val", "loss")
    if plan.settings.keep is None and validated in available(plan):
        return Keep(metric=validated)
    return plan.settings.keep


class Patience:
    """Counts the epochs since a score was last better."""

    def __init__(self, plan: TrainPlan) -> None:
        self.stop = plan.settings.stop
        if self.stop is not None:
            self.way = direction(plan, self.stop.metric, self.stop.mode, "stop")
        self.best: float | None = None
        self.waited = 0

    def over(self, scores: Mapping[str, Value]) -> bool:
        """Whether the run ends after the epoch that has these scores."""
        if self.stop is None:
            return False
        value = number(scores[str(self.stop.metric)])
        if better(value, self.best, self.way, self.stop.min_delta):
            self.best, self.waited = value, 0
            return False
        self.waited += 1
        return self.waited >= self.stop.patience

    def state(self) -> dict[str, Any]:
        return {"best": self.best, "waited": self.waited}

    def load(self, state: Mapping[str, Any]) -> None:
        self.best, self.waited = state["best"], state["waited"]


def number(value: Value) -> float:
    """A score that epochs are compared by."""
    assert isinstance(value, (int, float)), "a score with a direction is one number"
    return value
