"""The folder of a run, ``runs/<name>/<number>``: its files, its logs, and who may write to it."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from specc.training import disk
from specc.training.checkpoint import Checkpoints
from specc.training.errors import FileRefused

METRICS = "metrics.jsonl"
TIMES = "times.jsonl"
RESULT = "result.json"
PLAN = "plan.json"
WEIGHTS = "weights.safetensors"
LOCK = ".lock"


class RunFolder:
    """Holds plan.json, the spec, model.py, metrics.jsonl, times.jsonl, ``checkpoints/``, and at
    the end the weights that are the run's result and result.json."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = Checkpoints(path / "checkpoints")
        self.metrics = Log(path / METRICS)
        self.times = Log(path / TIMES)

    @staticmethod
    def create(runs: Path, name: str) -> RunFolder:
        """The next free number under ``runs/name``; two runs never get the same."""
        base = runs / name
        base.mkdir(parents=True, exist_ok=True)
        number = max(numbers(base), default=0) + 1
        while True:
            try:
                disk.make_folder(base / str(number))
            except FileExistsError:
                number += 1
                continue
            return RunFolder(base / str(number))

    @staticmethod
    def latest(runs: Path, name: str) -> RunFolder | None:
        """The run of this name that was begun last."""
        base = runs / name
        found = numbers(base) if base.is_dir() else []
        return RunFolder(base / str(max(found))) if found else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else trains in this folder; the lock goes with the process, however it ends.

        Raises:
            FileRefused: if somebody does.
        """
        try:
            import fcntl
        except ImportError:  # no locks of this kind, as on Windows
            yield
            return
        descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                owner = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
                raise FileRefused(
                    self.path,
                    f"is being trained by {owner or 'another process'}",
                    help="without --resume a new run gets a folder of its own",
                ) from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)

    # --- files ---------------------------------------------------------------------------------

    def write(self, name: str, text: str) -> None:
        """A file by its path relative to the run, whole or not at all."""
        path = self.path / name
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise ValueError(f"{name} leads out of the run folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(path, text)

    def write_json(self, name: str, value: Any) -> None:
        self.write(name, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def read_json(self, name: str) -> Any:
        """What `write_json` wrote; ``None`` where there is nothing, or nothing that can be read."""
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None


class Log:
    """A file of JSON lines that is only added to, and cut back to where a checkpoint saw it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.lines = 0
        self.digest = hashlib.sha256()
        self.descriptor: int | None = None

    def open(self, mark: Mapping[str, Any] | None) -> None:
        """Begin, or go on after ``mark``: what came later is cut off.

        Raises:
            FileRefused: if the file is not what it was at the mark.
        """
        if mark is not None:
            self.check(mark)
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        self.size = 0 if mark is None else mark["bytes"]
        os.ftruncate(self.descriptor, self.size)
        head = self._head(self.size)
        self.digest, self.lines = hashlib.sha256(head), head.count(b"\n")
        os.lseek(self.descriptor, 0, os.SEEK_END)

    def check(self, mark: Mapping[str, Any]) -> None:
        """Whether the file still begins as it did at a mark.

        Raises:
            FileRefused: if not.
        """
        head = self._head(mark["bytes"])
        if len(head) != mark["bytes"] or hashlib.sha256(head).hexdigest() != mark["sha256"]:
            raise FileRefused(self.path, "is not what it was when the checkpoint was written")

    def open_at_line(self, lines: int) -> None:
        """Go on after so many lines, or as many as there are."""
        kept = b"".join(self._head().splitlines(keepends=True)[:lines])
        kept = kept[: kept.rfind(b"\n") + 1]
        self.open({"bytes": len(kept), "sha256": hashlib.sha256(kept).hexdigest()})

    def add(self, record: Mapping[str, Any]) -> None:
        """Add a line."""
        assert self.descriptor is not None
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        disk.append(self.descriptor, line)
        self.digest.update(line)
        self.size += len(line)
        self.lines += 1

    def mark(self) -> dict[str, Any]:
        """Where the file ends now, on the disk."""
        assert self.descriptor is not None
        os.fsync(self.descriptor)
        return {"bytes": self.size, "sha256": self.digest.hexdigest()}

    def records(self) -> list[dict[str, Any]]:
        """All lines that are whole."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def _head(self, size: int = -1) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(size)
        except FileNotFoundError:
            return b""


def numbers(base: Path) -> list[int]:
    """The numbers of the runs in a folder."""
    return [int(path.name) for path in base.iterdir() if path.name.isdecimal()]
