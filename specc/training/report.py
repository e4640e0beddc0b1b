"""What a person sees of a run while it goes on; all of it on stderr."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from specc.training.result import Result, Value

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, TaskID

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
    done: int = 0
    """The steps that are behind a run which is resumed."""


SoFar = Callable[[], Mapping[str, float]]
"""The losses of the running epoch and the learning rates by their names, when asked for."""


class Report:
    """Says nothing; the others override what they tell."""

    def started(self, outline: Outline) -> None:
        """Before the first step."""

    def stepped(self, epoch: int, step: int, so_far: SoFar) -> None:
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
    """A progress bar under a line for each epoch: speed, time left, losses and learning rates."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__()
        self.console = console
        self.progress: Progress | None = None
        self.task: TaskID | None = None
        self.per_epoch = 0

    def started(self, outline: Outline) -> None:
        from rich.console import Console

        self.per_epoch = outline.steps_per_epoch
        self.first = outline.done
        total = outline.epochs * outline.steps_per_epoch
        self.progress = _bar(self.console or Console(stderr=True))
        super().started(outline)
        self.progress.start()
        epoch = outline.done // outline.steps_per_epoch + 1
        self.task = self.progress.add_task(
            self._words(epoch), total=total, completed=outline.done, speed="", seen=""
        )
        self.began = time.perf_counter()

    def stepped(self, epoch: int, step: int, so_far: SoFar) -> None:
        assert self.progress is not None
        assert self.task is not None
        done = (epoch - 1) * self.per_epoch + step
        speed = (done - self.first) / (time.perf_counter() - self.began)
        seen = "  ".join(f"{name} {value:.4g}" for name, value in so_far().items())
        self.progress.update(
            self.task,
            completed=done,
            description=self._words(epoch),
            speed=f"{speed:,.0f} steps/s" if speed >= 10 else f"{speed:.2g} steps/s",
            seen=seen,
        )
        self.progress.refresh()

    def ended(self, result: Result | None) -> None:
        if self.progress is not None:
            self.progress.stop()
        super().ended(result)

    def _words(self, epoch: int) -> str:
        return f"epoch {min(epoch, self.epochs)}/{self.epochs}"

    def _say(self, text: str) -> None:
        if self.progress is None:
            super()._say(text)
        else:
            self.progress.console.print(text, highlight=False, markup=False, soft_wrap=True)


def _bar(console: Console) -> Progress:
    """As much as the terminal has room for: the time left and the losses before all else."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining
    from rich.table import Column

    width = console.width
    whole = Column(no_wrap=True)
    columns: list[ProgressColumn] = [TextColumn("{task.description}", table_column=whole)]
    if width >= 60:
        columns.append(BarColumn(bar_width=min(40, width // 7)))
    if width >= 100:
        columns.append(MofNCompleteColumn())
    if width >= 72:
        columns.append(TextColumn("{task.fields[speed]}", table_column=whole))
    columns.append(Remaining(compact=True))
    cut = Column(no_wrap=True, overflow="ellipsis")
    columns.append(TextColumn("{task.fields[seen]}", table_column=cut, markup=False))
    # Drawn from the loop: a thread of its own would take its turns from the training.
    return Progress(*columns, console=console, auto_refresh=False, transient=True)


def for_stderr() -> Report:
    """A bar on a terminal that can draw one, plain lines elsewhere."""
    draws = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return BarReport() if draws else LineReport()


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
