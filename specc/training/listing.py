"""The runs in a folder, as far as their files tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specc.training.errors import FileRefused
from specc.training.folder import METRICS, PLAN, RESULT, RunFolder
from specc.training.identity import differences
from specc.training.scores import is_rate


@dataclass(frozen=True, slots=True)
class Listed:
    """``state`` is ``finished``, ``running`` or ``stopped``; ``metrics`` are those of the weights
    that were kept, or of the last epoch while there are none."""

    path: Path
    state: str
    epochs: int
    metrics: Mapping[str, float]
    identity: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {
            "run": str(self.path),
            "state": self.state,
            "epochs": self.epochs,
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
    if result is not None:
        return Listed(
            path, "finished", result["epochs"], result["metrics"], plan.get("identity", {})
        )
    epochs = _epochs(path / METRICS)
    last = {k: v for k, v in (epochs[-1] if epochs else {}).items() if "." in k and not is_rate(k)}
    metrics = {k: v for k, v in last.items() if isinstance(v, float)}
    return Listed(path, _state(folder), len(epochs), metrics, plan.get("identity", {}))


def compare(runs: list[Listed]) -> dict[str, list[Any]]:
    """What differs between runs: settings by their path, and then every score, a value for each."""
    first, *others = runs
    changed = [line for other in others for line in differences(first.identity, other.identity)]
    paths = dict.fromkeys(line.partition(": ")[0] for line in changed)
    table: dict[str, list[Any]] = {
        path: [_setting(run.identity, path) for run in runs] for path in paths
    }
    for name in dict.fromkeys(name for run in runs for name in run.metrics):
        table[name] = [run.metrics.get(name) for run in runs]
    return table


def _setting(identity: Mapping[str, Any], path: str) -> Any:
    digests: Any = {**identity.get("code", {}), **identity.get("data", {})}
    if path in digests:
        return digests[path][:8]
    value: Any = identity
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


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
