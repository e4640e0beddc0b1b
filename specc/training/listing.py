"""The runs in a folder, as far as their files tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specc.components import Direction
from specc.training.errors import FileRefused
from specc.training.folder import METRICS, PLAN, RESULT, RunFolder
from specc.training.scores import is_rate


@dataclass(frozen=True, slots=True)
class Listed:
    """``state`` is ``finished``, ``running`` or ``stopped``; ``metrics`` are those of the weights
    that were kept, or of the last epoch while there are none. ``directions`` say which way of a
    score is better; ``seconds`` is how long it took, ``None`` before its first epoch is over."""

    path: Path
    state: str
    epochs: int
    metrics: Mapping[str, float]
    identity: Mapping[str, Any]
    directions: Mapping[str, Direction]
    seconds: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "run": str(self.path),
            "state": self.state,
            "epochs": self.epochs,
            "seconds": self.seconds,
            "metrics": dict(self.metrics),
        }


def list_runs(runs: Path) -> list[Listed]:
    """Every run under a folder, by name and number."""
    found = [
        path
        for name in (sorted(runs.iterdir()) if runs.is_dir() else [])
        if name.is_dir()
        for path in name.iterdir()
        if path.name.isdecimal() and path.is_dir()
    ]
    return [describe(path) for path in sorted(found, key=lambda p: (p.parent, int(p.name)))]


def describe(path: Path) -> Listed:
    """One run.

    Raises:
        FileRefused: if the folder is none.
    """
    folder = RunFolder(path)
    known = (PLAN, METRICS, RESULT)
    if not any((path / name).exists() for name in known) and not path.name.isdecimal():
        raise FileRefused(path, "is no folder of a run")
    plan, result = folder.read_json(PLAN) or {}, folder.read_json(RESULT)
    known_of = plan.get("identity", {}), plan.get("directions", {})
    if result is not None:
        seconds = result["seconds"]
        return Listed(path, "finished", result["epochs"], result["metrics"], *known_of, seconds)
    epochs = _epochs(path / METRICS)
    last = {k: v for k, v in (epochs[-1] if epochs else {}).items() if "." in k and not is_rate(k)}
    metrics = {k: v for k, v in last.items() if isinstance(v, float)}
    times = folder.times.records()
    seconds = times[-1]["seconds"] if times else None
    return Listed(path, _state(folder), len(epochs), metrics, *known_of, seconds)


def _state(folder: RunFolder) -> str:
    try:
        with folder.locked():
            return "stopped"
    except FileRefused:
        return "running"


def _epochs(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]
    except (OSError, ValueError):
        return []
