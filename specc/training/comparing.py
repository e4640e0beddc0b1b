"""Runs side by side: in what they differ, and which came out best."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specc.components import Direction
from specc.training.folder import PLAN, RunFolder
from specc.training.identity import differences, text_differences
from specc.training.listing import Listed

ORDER = ("test", "val", "train")


@dataclass(frozen=True)
class Comparison:
    """``settings`` and ``scores`` have a value for each run, by its place; ``best`` are the places
    of those whose score is best, for scores that have a direction. ``specs`` are the lines by which
    the specs of the later runs differ from that of the first."""

    runs: tuple[Listed, ...]
    settings: Mapping[str, list[Any]]
    scores: Mapping[str, list[float | None]]
    best: Mapping[str, list[int]]
    specs: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As ``specc runs --json`` prints it."""
        return {
            "settings": dict(self.settings),
            "scores": dict(self.scores),
            "best": dict(self.best),
            "specs": list(self.specs),
        }


def compare(runs: Sequence[Listed]) -> Comparison:
    """What differs between two runs or more."""
    first, *others = runs
    changed = [line for other in others for line in differences(first.identity, other.identity)]
    paths = dict.fromkeys(line.partition(": ")[0] for line in changed)
    names = dict.fromkeys(name for run in runs for name in run.metrics)
    ordered = sorted(names, key=lambda name: ORDER.index(name.partition(".")[0]))
    scores = {name: [run.metrics.get(name) for run in runs] for name in ordered}
    ways = {name: way for run in runs for name, way in run.directions.items()}
    return Comparison(
        tuple(runs),
        {path: [_setting(run.identity, path) for run in runs] for path in paths},
        scores,
        {name: _best(v, way) for name, v in scores.items() if (way := _way(name, ways))},
        tuple(_spec_differences(runs)),
    )


def _setting(identity: Mapping[str, Any], path: str) -> Any:
    """The value at a path; of source and data, which are not shown, the first digits of a hash."""
    digests: Any = {**identity.get("code", {}), **identity.get("data", {})}
    if path in digests:
        return digests[path][:8]
    value: Any = identity
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _way(name: str, ways: Mapping[str, Direction]) -> Direction | None:
    """Which way of a score is better; what is measured on one split is so on every other."""
    split, _, rest = name.partition(".")
    return next((ways[n] for s in (split, *ORDER) if (n := f"{s}.{rest}") in ways), None)


def _best(values: Sequence[float | None], way: Direction) -> list[int]:
    known = [value for value in values if value is not None and math.isfinite(value)]
    if len(known) < 2 or min(known) == max(known):
        return []  # none is better than another
    best = max(known) if way == "max" else min(known)
    return [place for place, value in enumerate(values) if value == best]


def _spec_differences(runs: Sequence[Listed]) -> Iterator[str]:
    """Of runs with the same texts the difference is said once, for all of them."""
    (first, before), *others = [(run.path, _specs(run.path)) for run in runs]
    same: list[tuple[dict[str, tuple[str, str]], list[Path]]] = []
    for path, texts in others:
        known = next((paths for seen, paths in same if seen == texts), None)
        if known is None:
            same.append((texts, [path]))
        else:
            known.append(path)
    for texts, paths in same:
        whose = ", ".join(map(str, paths))
        for key in dict.fromkeys((*before, *texts)):
            old, new = before.get(key, ("nothing", "")), texts.get(key, ("nothing", ""))
            yield from text_differences(old[1], new[1], f"{first}: {old[0]}", f"{whose}: {new[0]}")


def _specs(run: Path) -> dict[str, tuple[str, str]]:
    """The names and texts that a run keeps of its spec, which may have another name in another
    run, and of what it imports."""
    told = RunFolder(run).read_json(PLAN) or {}
    found = {}
    for path in sorted(run.rglob("*.nnspec")):
        name = str(path.relative_to(run))
        key = "" if name == told.get("spec") else name
        found[key] = name, path.read_text(encoding="utf-8", errors="replace")
    return found
