"""Names of scores, and which way is better."""

from __future__ import annotations

from specc.components import Direction, Refusal, Score
from specc.components.data import listed
from specc.diagnostics import did_you_mean
from specc.training.contract import TrainPlan
from specc.training.errors import NO_DIRECTION, NO_SCORE


def available(plan: TrainPlan) -> dict[Score, Direction | None]:
    """Every score that a run has after each epoch, with its direction."""
    scores: dict[Score, Direction | None] = {}
    for split in plan.splits:
        if split == "test":  # measured once, at the end
            continue
        for step in plan.steps:
            for name in (step.named("loss"), *step.terms):
                scores[Score(split, name)] = "min"
            for name, metric in step.metrics.items():
                if split != "train" or not metric.keeps_rows:
                    scores[Score(split, name)] = metric.direction
    return scores


def is_rate(name: str) -> bool:
    """Whether a name of an epoch's numbers is that of a learning rate: ``lr``, ``judge.lr``."""
    return name.rpartition(".")[2] == "lr"


def direction(plan: TrainPlan, score: Score, mode: Direction | None, setting: str) -> Direction:
    """Which way of a score is better; ``setting`` is what names it (``keep``).

    Raises:
        Refusal: if the run has no such score, or nothing says which way.
    """
    known = available(plan)
    if score not in known:
        names = [str(each) for each in known]
        hint = did_you_mean(str(score), names) or f"there are {listed(names)}"
        if score.split == "test":
            hint = "the test split is measured once, at the end; choose by val"
        elif score.split not in plan.splits:
            hint = f"there is no split `{score.split}`; split = fractions(val=0.1) makes one"
        raise Refusal(NO_SCORE, f"there is no score `{score}`", help=hint, field=setting)
    way = mode or known[score]
    if way is None:
        raise Refusal(
            NO_DIRECTION,
            f"which way of `{score}` is better is not known",
            help='say mode="max" or mode="min"',
            field=setting,
        )
    return way


def better(value: float, than: float | None, way: Direction, by: float = 0.0) -> bool:
    """Whether a value is better than another by more than ``by``; any is better than none."""
    if than is None:
        return True
    return value > than + by if way == "max" else value < than - by
