"""Runs that are killed, in children of this process; ``python -m tests.training.killing --help``.

Each child is forked from a parent that has imported everything, so that thousands are affordable.
The k-th file operation of a child can be its last, or fail: `os` is patched in the child alone.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from specc.training.contract import TrainPlan
from specc.training.errors import RunFailed
from specc.training.fit import fit
from tests.training import digits
from tests.training.test_resume import digest, small

OPERATIONS = (
    "open",
    "write",
    "fsync",
    "close",
    "mkdir",
    "rename",
    "replace",
    "unlink",
    "rmdir",
    "ftruncate",
    "pwrite",
)
FAILED = 4
SAVE = 120
"""Somewhat more file operations than a save takes."""


@dataclass
class Fault:
    """What happens at the ``at``-th of the ``operations``: a kill, or an error."""

    at: int
    operations: tuple[str, ...] = OPERATIONS
    error: int | None = None

    def install(self) -> None:
        """Patch `os` in this process, which does nothing else afterwards."""
        self.seen = 0
        for name in self.operations:
            setattr(os, name, self._patched(name, getattr(os, name)))

    def _patched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **kwargs: Any) -> Any:
            self.seen += 1
            if self.seen == self.at:
                if name == "write":  # some of it arrives
                    real(args[0], memoryview(args[1])[: len(args[1]) // 2])
                if self.error is None:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(self.error, os.strerror(self.error or 0))
            return real(*args, **kwargs)

        return operation


def plan(epochs: int = 2) -> TrainPlan:
    settings = {"epochs": epochs, "limit": 40, "batch": 8, "save_steps": 3, "ema": 0.9}
    return small(digits.data(), settings=settings)


def child(plan: TrainPlan, runs: Path, fault: Fault | None = None) -> int:
    """Go on with the run in a child of its own; gives its process id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        if fault is not None:
            fault.install()
        fit(plan, runs, resume=True)
        status = 0
    except RunFailed as failure:
        status = FAILED if failure.code.id == "E0708" else 1
    finally:
        os._exit(status)


def ended(pid: int) -> int:
    """The exit status of a child; negative if it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Trial:
    """Breaks runs off and compares what they come to."""

    def __init__(self, folder: Path, epochs: int = 2) -> None:
        torch.set_num_threads(1)
        self.folder = folder
        self.plan = plan(epochs)
        # Imported before the first fork, as each import would be a second for every child.
        importlib.import_module("torch._dynamo")
        self.plan.steps[0].metrics["accuracy"].build()
        began = time.perf_counter()
        assert ended(child(self.plan, folder / "whole")) == 0
        self.seconds = time.perf_counter() - began
        self.whole = digest(folder / "whole/digits/1")

    def fresh(self) -> Path:
        runs = self.folder / "runs"
        shutil.rmtree(runs, ignore_errors=True)
        return runs

    def compare(self, runs: Path, what: str) -> None:
        """Let the run end, and hold it against the one that was never broken off."""
        status = ended(child(self.plan, runs))
        if status != 0:
            raise AssertionError(f"{what}: it could not be resumed ({status})")
        if [path.name for path in (runs / "digits").iterdir()] != ["1"]:
            raise AssertionError(f"{what}: another run was begun")
        if digest(runs / "digits/1") != self.whole:
            raise AssertionError(f"{what}: other bits")

    def operations(self, first: int, last: int) -> int:
        """A kill at every file operation; gives how many there were."""
        return self._each(Fault, -signal.SIGKILL, first, last)

    def errors(self, name: str, number: int) -> int:
        """An error at every operation of one kind."""
        return self._each(lambda k: Fault(k, (name,), number), FAILED, 1, sys.maxsize)

    def _each(self, fault: Callable[[int], Fault], wanted: int, first: int, last: int) -> int:
        for k in range(first, last + 1):
            runs = self.fresh()
            status = ended(child(self.plan, runs, fault(k)))
            if status == 0:
                return k - first
            if status != wanted:
                raise AssertionError(f"operation {k}: it ended with {status}")
            self.compare(runs, f"operation {k}")
        return last - first + 1

    def instants(self, count: int, seed: int) -> int:
        """Kills at random moments of runs; gives how many met a run that was still alive."""
        numbers, met = random.Random(seed), 0
        for k in range(count):
            runs = self.fresh()
            pid = child(self.plan, runs)
            time.sleep(numbers.uniform(0, 1.1 * self.seconds))
            os.kill(pid, signal.SIGKILL)
            met += ended(pid) == -signal.SIGKILL
            self.compare(runs, f"instant {k} of seed {seed}")
        return met

    def successive(self, count: int, seed: int) -> int:
        """One run that is killed again and again; gives how many steps it had made by then.

        Each kill is at a random file operation of the first save or two, so that the run gets on
        between them, and is far from its end when it is left alone.
        """
        numbers, runs = random.Random(seed), self.fresh()
        for number in range(count):
            fault = Fault(numbers.randint(1, 2 * SAVE))
            if ended(child(self.plan, runs, fault)) != -signal.SIGKILL:
                raise AssertionError(f"kill {number + 1}: it ended before")
        log = (runs / "digits/1/checkpoints").glob("*/checkpoint.json")
        steps = max((json.loads(path.read_text())["step"] for path in log), default=0)
        self.compare(runs, f"after {count} kills")
        return steps


def trials(options: argparse.Namespace) -> Iterator[tuple[str, int]]:
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        trial = Trial(Path(folder))
        if options.operations:
            yield "operations", trial.operations(*options.operations)
        if options.errors:
            for name in ("write", "fsync", "rename", "replace", "mkdir"):
                yield name, trial.errors(name, errno.ENOSPC if name == "write" else errno.EIO)
        if options.instants:
            yield "instants", trial.instants(options.instants, options.seed)
    if options.successive:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            trial = Trial(Path(folder), epochs=4 * options.successive)
            yield "successive", trial.successive(options.successive, options.seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", nargs=2, type=int, metavar=("FIRST", "LAST"))
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--instants", type=int, default=0)
    parser.add_argument("--successive", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    for name, count in trials(parser.parse_args()):
        print(json.dumps({"kind": name, "count": count}), flush=True)


if __name__ == "__main__":
    main()
