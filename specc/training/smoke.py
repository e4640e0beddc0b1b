"""Everything that a run does, with one batch, before hours are spent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from specc.components import Refusal
from specc.training import disk
from specc.training.checkpoint import WEIGHTS, Checkpoints
from specc.training.contract import StepPlan, TrainPlan
from specc.training.errors import NOT_REPEATED, RunFailed
from specc.training.fit import fit
from specc.training.report import Report

EPOCHS = 2


class _Pulled(Exception):
    """The plug, pulled on purpose."""


class _Breaks(Report):
    """Breaks a run off after its first epoch."""

    def epoch_ended(self, epoch: int, scores: Any) -> None:
        if epoch < EPOCHS:
            raise _Pulled


def smoke(plan: TrainPlan) -> Iterator[str]:
    """Train, validate, save, resume and test a batch in a folder that is removed again; yields a
    line for each thing that went well.

    Raises:
        Refusal, RunFailed: what the run itself would raise, if it came that far.
    """
    small, notes = _small(plan)
    yield from notes
    with tempfile.TemporaryDirectory(prefix="specc-smoke-") as folder:
        whole = fit(small, Path(folder) / "whole")
        steps = EPOCHS * small.steps_per_epoch
        yield f"trained {steps} steps of {min(small.settings.batch, small.rows['train'])} rows"
        for split in small.rows:
            if split != "train":
                yield f"measured {', '.join(n for n in whole.metrics if n.startswith(split))}"
        with suppress(_Pulled):
            fit(small, Path(folder) / "broken", _Breaks())
        again = fit(small, Path(folder) / "broken", resume=True)
        if _digest(whole.run) != _digest(again.run):
            raise RunFailed(
                NOT_REPEATED,
                "a run that was broken off and went on came to other weights",
                help="something draws numbers from where no seed reaches, or changes the data",
            )
        yield "broken off and resumed: the same weights, bit for bit"


def _small(plan: TrainPlan) -> tuple[TrainPlan, list[str]]:
    """The plan with one batch of each split, and what had to be left out for it."""
    settings = plan.settings
    limit = min(settings.batch, settings.limit or settings.batch)
    changed = {"epochs": EPOCHS, "limit": limit, "save_steps": 1, "stop": None}
    found = [_small_step(step) for step in plan.steps]
    small = replace(
        plan,
        settings=settings.model_copy(update=changed),
        steps=tuple(step for step, _ in found),
    )
    return small, [note for _, notes in found for note in notes]


def _small_step(step: StepPlan) -> tuple[StepPlan, list[str]]:
    """A step that runs with every batch, and under a schedule that fits so few."""
    if step.settings is not None:
        step = replace(step, settings=step.settings.model_copy(update={"every": 1}))
    if step.schedule is None:
        return step, []
    try:
        schedule = step.schedule.model_copy(update={"warmup": 0})
        schedule.arguments(EPOCHS)
    except Refusal:
        of = f" of {step.name}" if step.name else ""
        return replace(step, schedule=None), [f"without the schedule{of}"]
    return replace(step, schedule=schedule), []


def _digest(run: Path) -> str:
    return disk.digest(Checkpoints(run / "checkpoints").present()[-1] / WEIGHTS)
