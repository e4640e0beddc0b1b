"""What a person sees of a run while it goes on; all of it on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from specc.training.result import Result, Value

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

INTERVAL = 0.1
"""Seconds between two looks of the progress bar."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known before the first step."""

    run: str
    epochs: int
    steps_per_epoch: int
    rows: Mapping[str, int]
    parameters: int
    device: str


class Report:
    """Says nothing; the others override what they tell."""

    def started(self, outline: Outline) -> None:
        """Before the first step."""

    def stepped(self, epoch: int, step: int) -> None:
        """After some steps, no oftener than `INTERVAL`; both count from 1 within their whole."""

    def epoch_ended(self, epoch: int, scores: Mapping[str, Value]) -> None:
        """After the scores of an epoch."""

    def note(self, text: str) -> None:
        """Something that a person should know: a checkpoint that was skipped, say."""

    def ended(self, result: Result | None) -> None:
        """At the end; ``None`` if the run failed."""


class LineReport(Report):
    """One plain line an epoch."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.epochs = 0

    def started(self, outline: Outline) -> None:
        self.epochs = outline.epochs
        self._say(introduction(outline))

    def epoch_ended(self, epoch: int, scores: Mapping[str, Value]) -> None:
        self._say(f"epoch {epoch}/{self.epochs}  {shown(scores)}")

    def note(self, text: str) -> None:
        self._say(text)

    def _say(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()


class BarReport(LineReport):
    """A progress bar under a line for each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.progress: Progress | None = None
        self.task: TaskID | None = None
        self.per_epoch = 0

    def started(self, outline: Outline) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        # Drawn from the loop: a thread of its own would take its turns from the training.
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            Remaining(),
            console=Console(stderr=True),
            auto_refresh=False,
            transient=True,
        )
        self.per_epoch = outline.steps_per_epoch
        super().started(outline)
        total = outline.epochs * outline.steps_per_epoch
        self.progress.start()
        self.task = self.progress.add_task("epoch 1", total=total, speed="")
        self.began = time.perf_counter()

    def stepped(self, epoch: int, step: int) -> None:
        assert self.progress is not None
        assert self.task is not None
        done = (epoch - 1) * self.per_epoch + step
        speed = done / (time.perf_counter() - self.began)
        self.progress.update(
            self.task, completed=done, description=f"epoch {epoch}", speed=f"{speed:,.0f} steps/s"
        )
        self.progress.refresh()

    def ended(self, result: Result | None) -> None:
        if self.progress is not None:
            self.progress.stop()
        super().ended(result)

    def _say(self, text: str) -> None:
        if self.progress is None:
            super()._say(text)
        else:
            self.progress.console.print(text, highlight=False, markup=False)


def for_stderr() -> Report:
    """A bar on a terminal, plain lines elsewhere."""
    return BarReport() if sys.stderr.isatty() else LineReport()


def introduction(outline: Outline) -> str:
    """What is about to run, in one line."""
    rows = ", ".join(f"{n:,} {name}" for name, n in outline.rows.items())
    return (
        f"{outline.run}: {outline.parameters:,} parameters on {outline.device}, rows: {rows}, "
        f"{outline.epochs} epochs of {outline.steps_per_epoch} steps"
    )


def shown(scores: Mapping[str, Value]) -> str:
    """Scores for a line; tables are left out."""
    return "  ".join(f"{name} {v:.4g}" for name, v in scores.items() if isinstance(v, float))
