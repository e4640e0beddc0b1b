"""A run from its plan to its result: the loop, and what it leaves on the disk on its way."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from specc import __version__
from specc.components import LogWriter
from specc.training import weights
from specc.training.checkpoint import Checkpoint
from specc.training.choice import Kept
from specc.training.contract import TrainPlan
from specc.training.engine import Engine
from specc.training.errors import NOT_SAVED, FileRefused, Interrupted, RunFailed
from specc.training.execution import Execution, pinned
from specc.training.finite import explained
from specc.training.folder import PLAN, RESULT, WEIGHTS, RunFolder
from specc.training.identity import (
    differences,
    hashed,
    identity,
    steps_described,
    text_differences,
)
from specc.training.loop import Events, Loop, Place
from specc.training.machine import machine
from specc.training.memory import lacks_memory, out_of_memory
from specc.training.report import INTERVAL, Outline, Report
from specc.training.result import Result, Value
from specc.training.scores import available, is_rate
from specc.training.signals import Signals
from specc.training.tally import NotFinite


def fit(
    plan: TrainPlan, runs: Path, report: Report | None = None, *, resume: bool = False
) -> Result:
    """Train, keep the best weights, and measure them on the test split.

    The run's folder is made under ``runs``; with ``resume`` the latest of this plan's name goes on
    where its last checkpoint stands, to the same bits that it would have come to without a break.
    The global random states of torch, Python and numpy are set from the seed.

    Raises:
        Refusal: if the plan cannot be run; nothing was written then.
        FileRefused: if a run cannot be resumed; nothing was changed then.
        RunFailed: if the run could not go on; what was saved before stays.
        Interrupted: after SIGTERM or SIGINT; everything is saved.
    """
    report = report or Report()
    folder = RunFolder.latest(runs, plan.name) if resume else None
    try:
        with ExitStack() as stack:
            return _fit(plan, runs, folder, report, stack)
    except OSError as error:
        file = f" {error.filename}" if error.filename else ""
        raise RunFailed(
            NOT_SAVED,
            f"the run could not be written{file and ' to'}{file}: {error.strerror or error}",
            help="the last checkpoint is whole; make room, and --resume goes on from there",
        ) from error


def _fit(
    plan: TrainPlan, runs: Path, folder: RunFolder | None, report: Report, stack: ExitStack
) -> Result:
    wanted = identity(plan)
    if folder is None:
        loop = Loop(Engine(plan), Events())
        folder = RunFolder.create(runs, plan.name)
        stack.enter_context(folder.locked())
        start = None
    else:
        stack.enter_context(folder.locked())
        _check_plan(folder, plan, wanted)
        if (finished := folder.read_json(RESULT)) is not None:
            report.note(f"{folder.path} is finished")
            return Result.from_json(folder.path, finished)
        start, damaged = _start(folder, plan, wanted)
        for reason in damaged:
            report.note(f"skipped: {reason}")
        told = None if start is None else start.about["execution"]
        execution = None if told is None else Execution.from_json(told)
        loop = Loop(Engine(plan, execution), Events())
    signals = stack.enter_context(Signals())
    stack.enter_context(pinned(loop.engine.execution))
    run = _Run(folder, loop, report, signals, hashed(wanted))
    stack.callback(run.close)
    return run.run(start, wanted)


def _check_plan(folder: RunFolder, plan: TrainPlan, wanted: Mapping[str, Any]) -> None:
    """Refuse a run of another plan or other data, as far as its plan.json can tell."""
    told = folder.read_json(PLAN)
    if isinstance(told, dict) and told.get("identity") not in (None, wanted):
        _refuse(folder, plan, differences(told["identity"], wanted))


def _start(
    folder: RunFolder, plan: TrainPlan, wanted: Mapping[str, Any]
) -> tuple[Checkpoint | None, list[str]]:
    """The checkpoint to go on from, ``None`` for the beginning; and what was wrong with others.

    Raises:
        FileRefused: if there is none that is whole, or it is of another plan or device.
    """
    found = folder.checkpoints.newest(lambda c: folder.metrics.check(c.about["metrics"]))
    if found is None:
        return None, []
    checkpoint, damaged = found
    if checkpoint.about["plan"] != hashed(wanted):
        _refuse(folder, plan, [f"{checkpoint.path} was written under another plan"])
    device = checkpoint.about["execution"]["device"]
    if plan.device is not None and torch.device(plan.device).type != torch.device(device).type:
        raise FileRefused(folder.path, f"computes on {device}, and {plan.device} is asked for")
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise FileRefused(folder.path, f"computes on {device}, which is not here")
    return checkpoint, damaged


def _refuse(folder: RunFolder, plan: TrainPlan, lines: list[str]) -> None:
    for name, text in plan.files.items():
        kept = folder.path / name
        if not name.endswith(".py") and kept.is_file():
            before = kept.read_text(encoding="utf-8", errors="replace")
            lines += text_differences(before, text, f"{name} of the run", f"{name} now")
    raise FileRefused(
        folder.path,
        "is a run of another plan",
        details=lines,
        help="undo the change, or leave out --resume: a new run gets a folder of its own",
    )


class _Asked(Exception):
    """A signal asks for the end. The state is saved when everything is in its place again: the
    weights may be those that are judged, or at the end those that are tested."""


class _Run(Events):
    """A loop that writes what happens into a folder."""

    def __init__(
        self, folder: RunFolder, loop: Loop, report: Report, signals: Signals, plan_hash: str
    ) -> None:
        self.folder = folder
        self.plan = loop.plan
        self.execution = loop.engine.execution
        self.loop = loop
        loop.events = self
        self.report = report
        self.signals = signals
        self.about = {
            "plan": plan_hash,
            "execution": self.execution.to_json(),
            "versions": versions(),
        }
        self.logger: LogWriter | None = None
        self.saved_place: Place | None = None
        self.saved_step = 0
        now = time.perf_counter()
        self.began = self.saved = self.looked = now

    def run(self, start: Checkpoint | None, wanted: Mapping[str, Any]) -> Result:
        result = None
        try:
            result = self._complete(start, wanted)
        except NotFinite as failure:
            raise self._explained(failure) from None
        except Exception as error:
            if lacks_memory(error):
                step = self.loop.place.step + 1
                raise out_of_memory(self.plan, self.execution.device, step) from None
            raise
        finally:
            self.report.ended(result)
        return result

    def _complete(self, start: Checkpoint | None, wanted: Mapping[str, Any]) -> Result:
        try:
            self._open(start, wanted)
            self.loop.run()
            self._save()
            return self._finish()
        except _Asked:
            assert self.signals.wanted is not None
            self._save()
            place = self.loop.place
            raise Interrupted(self.signals.wanted, self.folder.path, place.step) from None

    def close(self) -> None:
        if self.logger is not None:
            self.logger.close()
        self.folder.metrics.close()
        self.folder.times.close()

    # --- while it goes on ----------------------------------------------------------------------

    def stepped(self, loop: Loop) -> None:
        settings, step = self.plan.settings, loop.place.step
        now = time.perf_counter()
        if now - self.looked > INTERVAL:
            self.looked = now
            self.report.stepped(loop.place.epoch, loop.place.done, loop.so_far)
        if self.signals.wanted is not None:
            raise _Asked
        due = settings.save_steps is not None and step - self.saved_step >= settings.save_steps
        if due or now - self.saved > settings.save_seconds:
            self._save()

    def judging(self, loop: Loop) -> None:
        if self.signals.wanted is not None:
            raise _Asked

    def epoch_ended(self, loop: Loop, epoch: int, scores: Mapping[str, Value]) -> None:
        self.folder.metrics.add({"epoch": epoch, "step": loop.place.step, **scores})
        if self.logger is not None:
            self.logger.scores(loop.place.step, scores)
        seconds = round(time.perf_counter() - self.began, 4)
        self.folder.times.add({"epoch": epoch, "seconds": seconds})
        self.report.epoch_ended(epoch, scores)

    # --- the folder ----------------------------------------------------------------------------

    def _open(self, start: Checkpoint | None, wanted: Mapping[str, Any]) -> None:
        """Take up the place, and write what is known before the next step."""
        folder, plan, loop = self.folder, self.plan, self.loop
        if start is not None:
            loop.load(start)
            self.saved_step, self.saved_place = loop.place.step, replace(loop.place)
            self._compare(start)
        folder.checkpoints.path.mkdir(exist_ok=True)
        folder.metrics.open(None if start is None else start.about["metrics"])
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
        count = sum(parameter.numel() for parameter in loop.engine.parameters)
        folder.write_json(PLAN, self._described(count) | {"identity": wanted})
        epochs, device = plan.settings.epochs, self.execution.device
        rows, place = plan.rows, loop.place
        done = (place.epoch - 1) * plan.steps_per_epoch + place.done
        shape = (epochs, plan.steps_per_epoch, rows, count, device)
        self.report.started(Outline(str(folder.path), *shape, done))
        if start is not None:
            place = loop.place
            self.report.note(f"goes on after step {place.step:,}, in epoch {place.epoch}")

    def _described(self, count: int) -> dict[str, Any]:
        plan, best = self.plan, self.loop.best
        return {
            **plan.description,
            "name": plan.name,
            "rows": plan.rows,
            "steps_per_epoch": plan.steps_per_epoch,
            "parameters": count,
            "settings": plan.settings.model_dump(mode="json", exclude={"keep", "log", "stop"}),
            "keep": None if best.name is None else [best.name, best.way],
            **steps_described(plan),
            "execution": self.execution.to_json(),
            "versions": versions(),
            "directions": {str(score): way for score, way in available(plan).items() if way},
            "machine": machine(self.execution.device),
        }

    def _compare(self, start: Checkpoint) -> None:
        """Say which versions changed: the run goes on, but its last bits may be others."""
        before = start.about["versions"]
        changed = [
            f"{name} {before.get(name)} -> {version}"
            for name, version in versions().items()
            if before.get(name) != version
        ]
        if changed:
            self.report.note(f"not bit for bit the same run any more: {', '.join(changed)}")

    def _save(self) -> None:
        loop, folder = self.loop, self.folder
        if loop.place == self.saved_place:
            return
        about = self.about | {"metrics": folder.metrics.mark()}
        folder.checkpoints.save(loop.checkpoint(about))
        folder.checkpoints.prune(self.plan.settings.keep_last)
        self.saved, self.saved_step = time.perf_counter(), loop.place.step
        self.saved_place = replace(loop.place)

    def _finish(self) -> Result:
        """Put the best weights back, and measure them on the test split."""
        loop, engine, folder = self.loop, self.loop.engine, self.folder
        kept = loop.best.kept or loop.last()
        weights.restore(engine.model, kept.state, kept.aliases)
        tested: dict[str, Value] = {}
        if "test" in engine.splits:
            tested = engine.evaluate("test", kept.step, lambda: self.judging(loop))
            folder.metrics.add({"epoch": kept.epoch, "step": kept.step, **tested})
            folder.metrics.mark()
            if self.logger is not None:
                self.logger.scores(kept.step, tested)
        self._write_weights(kept)
        found = {name: value for name, value in kept.scores.items() if not is_rate(name)} | tested
        metrics = {name: value for name, value in found.items() if not isinstance(value, list)}
        tables = {name: value for name, value in found.items() if isinstance(value, list)}
        seconds = time.perf_counter() - self.began
        epochs = loop.place.epoch - 1
        result = Result(folder.path, epochs, kept.epoch, seconds, metrics, tables)
        folder.write_json(RESULT, result.to_json() | {"step": kept.step, "tables": tables})
        return result

    def _write_weights(self, kept: Kept) -> None:
        draft = self.folder.path / f".{WEIGHTS}.tmp"
        draft.unlink(missing_ok=True)
        weights.save(draft, kept.state, kept.aliases)
        draft.replace(self.folder.path / WEIGHTS)

    # --- what went wrong -----------------------------------------------------------------------

    def _explained(self, failure: NotFinite) -> RunFailed:
        """The failure with the place where the first value that is not finite arose."""
        found = self.folder.checkpoints.newest()
        return explained(failure, self.loop, found and found[0])


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
