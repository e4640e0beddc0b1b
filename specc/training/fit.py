"""A run from its plan to its result: the loop, when it is saved, and how it ends."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from specc.training import starting, weights
from specc.training.checkpoint import Checkpoint, complete
from specc.training.contract import TrainPlan
from specc.training.engine import Engine
from specc.training.errors import NOT_SAVED, FileRefused, Interrupted, RunFailed
from specc.training.execution import Execution, pinned
from specc.training.finite import explained
from specc.training.folder import PLAN, RESULT, RunFolder
from specc.training.identity import described, hashed, identity, steps_described
from specc.training.loop import Events, Loop, Place
from specc.training.machine import machine
from specc.training.memory import lacks_memory, out_of_memory
from specc.training.ranks import Ranks
from specc.training.record import Record, changes, versions
from specc.training.report import Outline, Report
from specc.training.result import Result, Value
from specc.training.scores import available, is_rate
from specc.training.signals import Signals
from specc.training.tally import NotFinite


def fit(
    plan: TrainPlan,
    runs: Path,
    report: Report | None = None,
    *,
    resume: bool = False,
    ranks: Ranks | None = None,
) -> Result:
    """Train, keep the best weights, and measure them on the test split.

    The run's folder is made under ``runs``; with ``resume`` the latest of this plan's name goes on
    where its last checkpoint stands, to the same bits that it would have come to without a break.
    The global random states of torch, Python and numpy are set from the seed. Of several ranks the
    first alone writes, and gives the report.

    Raises:
        Refusal: if the plan cannot be run; nothing was written then.
        FileRefused: if a run cannot be resumed; nothing was changed then.
        RunFailed: if the run could not go on; what was saved before stays.
        Interrupted: after SIGTERM or SIGINT; everything is saved.
    """
    ranks = ranks or Ranks()
    try:
        with ExitStack() as stack:
            return _fit(plan, runs, resume, report or Report(), ranks, stack)
    except OSError as error:
        file = f" {error.filename}" if error.filename else ""
        raise RunFailed(
            NOT_SAVED,
            f"the run could not be written{file and ' to'}{file}: {error.strerror or error}",
            help="the last checkpoint is whole; make room, and --resume goes on from there",
        ) from error


def _fit(
    plan: TrainPlan, runs: Path, resume: bool, report: Report, ranks: Ranks, stack: ExitStack
) -> Result:
    wanted = identity(plan)
    if ranks.share(hashed(wanted)) != hashed(wanted):
        raise FileRefused(
            runs, f"is to be trained by ranks with another spec or data: rank {ranks.rank} has one"
        )
    found: starting.Found = None
    finished: dict[str, Any] | None = None
    folder = starting.folder_of(plan, runs, resume, ranks) if ranks.first else None
    if folder is not None:
        starting.opened(folder, plan, wanted, stack)
        finished = folder.read_json(RESULT)
        if finished is None:
            found, damaged = starting.newest(folder, plan, wanted)
            for reason in damaged:
                report.note(f"skipped: {reason}")
    path, finished = ranks.share([folder and str(folder.path), finished])
    if finished is not None:
        report.note(f"{path} is finished")
        return Result.from_json(Path(path), finished)
    told = starting.about(found, ranks)
    execution = None if told is None else Execution.from_json(told["about"]["execution"])
    loop = Loop(Engine(plan, execution, ranks), Events())
    if ranks.first and folder is None:
        folder = RunFolder.create(runs, plan.name)
        stack.enter_context(folder.locked())
    path = Path(ranks.share(folder and str(folder.path)))
    ranks.remember(str(path))
    start = starting.taken_up(found, told, loop.engine.model, ranks)
    signals = stack.enter_context(Signals())
    stack.enter_context(pinned(loop.engine.execution))
    record = None
    if folder is not None:
        record = Record(folder, plan, report)
        stack.callback(record.close)
    return _Run(path, loop, signals, record, wanted).run(start)


class _Asked(Exception):
    """A signal asks for the end. The state is saved when everything is in its place again: the
    weights may be those that are judged, or at the end those that are tested."""


class _Run(Events):
    """A loop that is saved on its way. Only the first rank has a ``record``."""

    def __init__(
        self,
        path: Path,
        loop: Loop,
        signals: Signals,
        record: Record | None,
        identity: Mapping[str, Any],
    ) -> None:
        self.path = path
        self.plan = loop.plan
        self.ranks = loop.engine.ranks
        self.execution = loop.engine.execution
        self.loop = loop
        loop.events = self
        self.record = record
        self.signals = signals
        self.identity = identity
        self.asked: int | None = None
        """The signal that some rank got."""
        self.saved_place: Place | None = None
        self.saved_step = 0
        self.saved = time.perf_counter()

    def run(self, start: Checkpoint | None) -> Result:
        result = None
        try:
            result = self._complete(start)
        except NotFinite as failure:
            raise self._explained(failure) from None
        except Exception as error:
            if lacks_memory(error):
                step = self.loop.place.step + 1
                raise out_of_memory(self.plan, self.execution.device, step) from None
            raise
        finally:
            if self.record is not None:
                self.record.report.ended(result)
        return result

    def _complete(self, start: Checkpoint | None) -> Result:
        try:
            self._open(start)
            self.loop.run()
            self._save()
            return self._finish()
        except _Asked:
            assert self.asked is not None
            self._save()
            raise Interrupted(self.asked, self.path, self.loop.place.step) from None

    # --- while it goes on ----------------------------------------------------------------------

    def stepped(self, loop: Loop) -> None:
        settings, step = self.plan.settings, loop.place.step
        due = settings.save_steps is not None and step - self.saved_step >= settings.save_steps
        if self.record is not None:
            self.record.stepped(loop.place.epoch, loop.place.done, loop.so_far)
            due = due or time.perf_counter() - self.saved > settings.save_seconds
        if self._meet(due):
            self._save()

    def judging(self, loop: Loop) -> None:
        self._meet()

    def _meet(self, due: bool = False) -> bool:
        """Whether to save now: all ranks do, or none."""
        loop, wanted = self.loop, self.signals.wanted or 0
        if self.ranks.several:
            if self.ranks.orphaned:
                wanted = signal.SIGTERM
            failing = loop.tally is not None and loop.tally.failing
            wanted, saves, fails = self.ranks.most(wanted, due, failing)
            due = bool(saves)
            if fails and loop.tally is not None:
                loop.tally.agree()
        if wanted:
            self.asked = wanted
            raise _Asked
        return due

    def epoch_ended(self, loop: Loop, epoch: int, scores: Mapping[str, Value]) -> None:
        if self.record is not None:
            self.record.epoch_ended(epoch, loop.place.step, scores)

    def _save(self) -> None:
        loop, record = self.loop, self.record
        if loop.place == self.saved_place:
            return
        about = {
            "plan": hashed(self.identity),
            "execution": self.execution.to_json(),
            "versions": versions(),
            "ranks": self.ranks.world,
            "metrics": None if record is None else record.folder.metrics.mark(),
        }
        folder = RunFolder(self.path) if record is None else record.folder
        folder.checkpoints.save(loop.checkpoint(about), self.ranks)
        if record is not None:
            folder.checkpoints.prune(self.plan.settings.keep_last)
        self.saved, self.saved_step = time.perf_counter(), loop.place.step
        self.saved_place = replace(loop.place)

    # --- its beginning and its end -------------------------------------------------------------

    def _open(self, start: Checkpoint | None) -> None:
        """Take up the place, and write what is known before the next step."""
        plan, loop, record = self.plan, self.loop, self.record
        if start is not None:
            loop.load(start)
            self.saved_step, self.saved_place = loop.place.step, replace(loop.place)
        if record is None:
            return
        record.open(None if start is None else start.about["metrics"])
        count = sum(parameter.numel() for parameter in loop.engine.parameters)
        record.folder.write_json(PLAN, self._described(count) | {"identity": dict(self.identity)})
        epochs, device = plan.settings.epochs, self.execution.device
        rows, place = plan.rows, loop.place
        done = (place.epoch - 1) * plan.steps_per_epoch + place.done
        if self.ranks.several:
            device = f"{self.ranks.world} ranks, {device}"
        shape = (epochs, plan.steps_per_epoch, rows, count, device)
        report = record.report
        report.started(Outline(str(self.path), *shape, done))
        if start is not None:
            if changed := changes(start.about, self.ranks.world):
                report.note(f"not bit for bit the same run any more: {', '.join(changed)}")
            report.note(f"goes on after step {place.step:,}, in epoch {place.epoch}")

    def _described(self, count: int) -> dict[str, Any]:
        plan, best = self.plan, self.loop.best
        components = {"keep", "log", "stop", "strategy"}
        return {
            **plan.description,
            "name": plan.name,
            "rows": plan.rows,
            "steps_per_epoch": plan.steps_per_epoch,
            "parameters": count,
            "settings": plan.settings.model_dump(mode="json", exclude=components),
            "keep": None if best.name is None else [best.name, best.way],
            **steps_described(plan),
            "execution": self.execution.to_json(),
            "ranks": self.ranks.world,
            "strategy": described(plan.strategy) if self.ranks.several else None,
            "versions": versions(),
            "directions": {str(score): way for score, way in available(plan).items() if way},
            "machine": machine(self.execution.device),
        }

    def _finish(self) -> Result:
        """Put the best weights back, and measure them on the test split."""
        loop, engine, record = self.loop, self.loop.engine, self.record
        kept = loop.best.kept or loop.last()
        weights.restore(engine.model, kept.state, kept.aliases)
        tested: dict[str, Value] = {}
        if "test" in engine.splits:
            tested = engine.evaluate("test", kept.step, lambda: self.judging(loop))
            if record is not None:
                record.tested(kept.epoch, kept.step, tested)
        state = weights.whole(kept.state)
        found = {name: value for name, value in kept.scores.items() if not is_rate(name)} | tested
        metrics = {name: value for name, value in found.items() if not isinstance(value, list)}
        tables = {name: value for name, value in found.items() if isinstance(value, list)}
        seconds = 0.0 if record is None else record.seconds
        epochs = loop.place.epoch - 1
        result = Result(self.path, epochs, kept.epoch, seconds, metrics, tables)
        if record is not None:
            record.finished(result, kept.step, state, kept.aliases)
        return result

    # --- what went wrong -----------------------------------------------------------------------

    def _explained(self, failure: NotFinite) -> RunFailed:
        """The failure with the place where the first value that is not finite arose."""
        if self.record is None or self.ranks.several:
            failure.help = f"{failure.help}; --resume without --nproc names the operation"
            return failure
        found = self.record.folder.checkpoints.newest()
        return explained(failure, self.loop, None if found is None else complete(found[0]))
