"""A plan as text."""

from __future__ import annotations

from collections.abc import Sequence

from specc.diagnostics.paint import Paint
from specc.planning import Planned
from specc.showing.aligned import aligned
from specc.showing.plan import Origin, Setting

LONGEST = 60
"""Characters of a value that are shown; the rest is said by --why and --json."""


def render_plan(planned: Planned, settings: Sequence[Setting], color: bool = False) -> str:
    """One line for each setting: its path, its value, where it comes from."""
    paint = Paint(color)
    head = f"{planned.compiled.file.source.name}, section {planned.train.name}"
    rows = [(each.path, _cut(each.shown), each.source) for each in settings]
    lines = [
        paint(line, "second") if each.origin is Origin.OVERRIDE else line
        for each, line in zip(settings, aligned(rows), strict=True)
    ]
    return "\n".join([paint(head, "strong"), "", *lines]) + "\n"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
