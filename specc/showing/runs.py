"""Runs as lists, and side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from specc.diagnostics.paint import Paint
from specc.showing.aligned import aligned
from specc.training.comparing import Comparison
from specc.training.listing import Listed

BEST = "*"


def render_list(runs: Sequence[Listed], color: bool = False) -> str:
    """A line for each run, with the scores of the best split that it has."""
    rows = [("run", "state", "epochs", "time", "scores")]
    rows += [
        (
            str(run.path),
            run.state,
            str(run.epochs),
            "" if run.seconds is None else duration(run.seconds),
            "  ".join(f"{name} {_shown(value)}" for name, value in _chief(run.metrics)),
        )
        for run in runs
    ]
    head, *lines = aligned(rows, right=(2, 3))
    return "\n".join([Paint(color)(head, "frame"), *lines]) + "\n"


def render_comparison(compared: Comparison, color: bool = False) -> str:
    """A column for each run: the settings in which they differ, their scores with the best marked,
    and the lines by which their specs differ."""
    paint = Paint(color)
    rows = [["", *_names(compared.runs)]]
    rows.append(["state", *(run.state for run in compared.runs)])
    rows.append(["epochs", *(str(run.epochs) for run in compared.runs)])
    rows.append(
        ["time", *("" if r.seconds is None else duration(r.seconds) for r in compared.runs)]
    )
    blocks = [len(rows)]
    rows += [[path, *map(_shown, values)] for path, values in compared.settings.items()]
    blocks.append(len(rows))
    for name, values in compared.scores.items():
        best = compared.best.get(name, [])
        marked = [f"{_shown(v)}{f' {BEST}' if k in best else ''}" for k, v in enumerate(values)]
        rows.append([name, *marked])
    lines = aligned(rows)
    lines[0] = paint(lines[0], "frame")
    parts = [lines[: blocks[0]], lines[blocks[0] : blocks[1]], lines[blocks[1] :]]
    marked_any = any(compared.best.values())
    titles = ["", "They differ in", f"Scores ({BEST} best)" if marked_any else "Scores"]
    if not compared.settings:
        parts[1] = ["nothing that changes what is computed"]
    text = [
        "\n".join([*([paint(title, "strong")] if title else []), *part])
        for title, part in zip(titles, parts, strict=True)
        if part
    ]
    if compared.specs:
        text.append("\n".join([paint("Their specs", "strong"), *compared.specs]))
    return "\n\n".join(text) + "\n"


def duration(seconds: float) -> str:
    """A time for people: ``8.1 s``, ``12 min 5 s``, ``3 h 20 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _names(runs: Sequence[Listed]) -> list[str]:
    """``digits/3``; the whole path where two would be called alike."""
    short = [f"{run.path.parent.name}/{run.path.name}".lstrip("/") for run in runs]
    count = Counter(short)
    return [s if count[s] == 1 else str(run.path) for s, run in zip(short, runs, strict=True)]


def _chief(metrics: Mapping[str, float]) -> list[tuple[str, float]]:
    """The scores of the best split there is."""
    for split in ("test", "val", "train"):
        of_split = [(name, value) for name, value in metrics.items() if name.startswith(split)]
        if of_split:
            return of_split
    return []


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(each)}" for key, each in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None else str(value)
