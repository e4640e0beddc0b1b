"""What a run leaves on the disk on its way, and what a person is told; the first rank's alone."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from specc import __version__
from specc.components import LogWriter
from specc.training import weights
from specc.training.contract import TrainPlan
from specc.training.folder import RESULT, WEIGHTS, RunFolder
from specc.training.report import INTERVAL, Report, SoFar
from specc.training.result import Result, Value
from specc.training.weights import State


class Record:
    """The files of a run; `open` is the first that writes."""

    def __init__(self, folder: RunFolder, plan: TrainPlan, report: Report) -> None:
        self.folder = folder
        self.plan = plan
        self.report = report
        self.logger: LogWriter | None = None
        self.began = self.looked = time.perf_counter()

    def open(self, mark: Mapping[str, Any] | None) -> None:
        """Begin, or go on where metrics.jsonl ended when a checkpoint was taken."""
        folder, plan = self.folder, self.plan
        folder.checkpoints.path.mkdir(exist_ok=True)
        folder.metrics.open(mark)
        if plan.settings.log is not None:
            self.logger = plan.settings.log.open(folder.path)
            for record in folder.metrics.records():
                self.logger.scores(record.pop("step"), _named(record))
        folder.times.open_at_line(folder.metrics.lines)
        if times := folder.times.records():
            self.began -= times[-1]["seconds"]
        for name, text in plan.files.items():
            folder.write(name, text)
        folder.write_json("fitted.json", dict(plan.fitted))

    @property
    def seconds(self) -> float:
        """How long the run has taken, with all that came before a break."""
        return time.perf_counter() - self.began

    def stepped(self, epoch: int, done: int, so_far: SoFar) -> None:
        """After a step; a person looks at it now and then."""
        now = time.perf_counter()
        if now - self.looked > INTERVAL:
            self.looked = now
            self.report.stepped(epoch, done, so_far)

    def epoch_ended(self, epoch: int, step: int, scores: Mapping[str, Value]) -> None:
        """The scores of an epoch."""
        self.folder.metrics.add({"epoch": epoch, "step": step, **scores})
        if self.logger is not None:
            self.logger.scores(step, scores)
        self.folder.times.add({"epoch": epoch, "seconds": round(self.seconds, 4)})
        self.report.epoch_ended(epoch, scores)

    def tested(self, epoch: int, step: int, scores: Mapping[str, Value]) -> None:
        """The scores of the test split, with the weights of that epoch."""
        self.folder.metrics.add({"epoch": epoch, "step": step, **scores})
        self.folder.metrics.mark()
        if self.logger is not None:
            self.logger.scores(step, scores)

    def finished(self, result: Result, step: int, state: State, aliases: Mapping[str, str]) -> None:
        """The weights that are the result, and what they come to."""
        draft = self.folder.path / f".{WEIGHTS}.tmp"
        draft.unlink(missing_ok=True)
        weights.save(draft, state, aliases)
        draft.replace(self.folder.path / WEIGHTS)
        told = result.to_json() | {"step": step, "tables": dict(result.tables)}
        self.folder.write_json(RESULT, told)

    def close(self) -> None:
        if self.logger is not None:
            self.logger.close()
        self.folder.metrics.close()
        self.folder.times.close()


def _named(record: Mapping[str, Any]) -> dict[str, Any]:
    """The scores of a line of metrics.jsonl."""
    return {name: value for name, value in record.items() if name != "epoch"}


def versions() -> dict[str, str]:
    """What computes: other versions may give other last bits."""
    return {
        "specc": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def changes(before: Mapping[str, Any], ranks: int) -> list[str]:
    """What a run is not the same with that it had when a checkpoint was written: it goes on, but
    its last bits may be others."""
    old = {**before["versions"], "ranks": before["ranks"]}
    new: dict[str, Any] = {**versions(), "ranks": ranks}
    return [f"{n} {old.get(n)} -> {value}" for n, value in new.items() if old.get(n) != value]
