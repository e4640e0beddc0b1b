"""The folder of a run, ``runs/<name>/<number>``, and how its files come to be there whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from specc.training import weights
from specc.training.weights import State

WEIGHTS = "weights.safetensors"
ABOUT = "checkpoint.json"


class RunFolder:
    """Holds plan.json, the spec, model.py, metrics.jsonl, times.jsonl and ``checkpoints/``.

    A checkpoint is a folder named after its step. It is written under another name, synced and
    renamed, so that one with its final name is complete.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = path / "checkpoints"

    @staticmethod
    def create(runs: Path, name: str) -> RunFolder:
        """The next free number under ``runs/name``; two runs never get the same."""
        base = runs / name
        base.mkdir(parents=True, exist_ok=True)
        taken = [int(path.name) for path in base.iterdir() if path.name.isdecimal()]
        number = max(taken, default=0) + 1
        while True:
            try:
                (base / str(number)).mkdir()
            except FileExistsError:
                number += 1
                continue
            folder = RunFolder(base / str(number))
            folder.checkpoints.mkdir()
            return folder

    # --- plain files ---------------------------------------------------------------------------

    def write(self, name: str, text: str) -> None:
        """A file by its path relative to the run, whole or not at all."""
        path = self.path / name
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise ValueError(f"{name} leads out of the run folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.tmp")
        draft.write_text(text, encoding="utf-8")
        _sync(draft)
        draft.replace(path)

    def write_json(self, name: str, value: Any) -> None:
        self.write(name, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def log(self, name: str, record: Mapping[str, Any]) -> None:
        """Add a line to a file of JSON lines."""
        with (self.path / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")

    # --- checkpoints ---------------------------------------------------------------------------

    def save(
        self, step: int, state: State, aliases: Mapping[str, str], about: Mapping[str, Any]
    ) -> Path:
        """Write the checkpoint of a step; ``about`` goes into its checkpoint.json."""
        final = self.checkpoints / f"{step:09d}"
        draft = self.checkpoints / f".{step:09d}.tmp"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        weights.save(draft / WEIGHTS, state, aliases)
        files = {WEIGHTS: {"sha256": _digest(draft / WEIGHTS)}}
        text = json.dumps({"step": step, **about, "files": files}, indent=2) + "\n"
        (draft / ABOUT).write_text(text, encoding="utf-8")
        for path in (draft / WEIGHTS, draft / ABOUT, draft):
            _sync(path)
        draft.rename(final)
        _sync(self.checkpoints)
        return final

    def saved(self) -> dict[int, Path]:
        """The complete checkpoints by their steps, the earliest first."""
        found = (path for path in self.checkpoints.iterdir() if path.name.isdecimal())
        return {int(path.name): path for path in sorted(found)}

    def prune(self, keep: set[int]) -> None:
        """Remove all checkpoints but those of the steps ``keep``."""
        for step, path in self.saved().items():
            if step not in keep:
                # First it loses its name, so that what is half removed is no checkpoint.
                doomed = path.with_name(f".{path.name}.old")
                path.rename(doomed)
                shutil.rmtree(doomed)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
