"""Diagnostics as text for people."""

from __future__ import annotations

from collections.abc import Iterable

from specc.diagnostics.cells import visible
from specc.diagnostics.diagnostic import Diagnostic, Severity, by_place
from specc.diagnostics.excerpt import Marked, excerpt, last_line
from specc.diagnostics.paint import Paint

LIMIT = 20
"""Diagnostics that are shown at most."""


def render_text(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """All of them (at most `LIMIT`), sorted by place, one block each, and a count if some are left.

    Ends with a newline, unless there is nothing to show.
    """
    found = list(diagnostics)
    shown = most_important(found)
    paint = Paint(color)
    blocks = [_block(diagnostic, paint) for diagnostic in shown]
    if len(found) > len(shown):
        blocks.append(paint(count_line(found, len(shown)), "strong"))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def most_important(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """At most `LIMIT` of them, sorted by place; warnings give way to errors."""
    in_order = by_place(diagnostics)
    errors_first = sorted(in_order, key=lambda d: d.severity is not Severity.ERROR)
    return by_place(errors_first[:LIMIT])


def count_line(diagnostics: list[Diagnostic], shown: int) -> str:
    """How many there are, when not all of them are shown."""
    errors = sum(d.severity is Severity.ERROR for d in diagnostics)
    warnings = len(diagnostics) - errors
    counts = [f"{n:,} {what}" for n, what in [(errors, "errors"), (warnings, "warnings")] if n]
    return f"{shown} of {len(diagnostics):,} shown ({', '.join(counts)})"


def _block(diagnostic: Diagnostic, paint: Paint) -> str:
    color = diagnostic.severity.value
    title = paint(f"{color}[{diagnostic.code.id}]", color)
    rows = [f"{title}{paint(': ' + visible(diagnostic.message), 'strong')}"]
    gutter = 0
    if diagnostic.span is not None:
        places = [Marked(diagnostic.span, diagnostic.label, primary=True)]
        places += [Marked(label.span, label.text, primary=False) for label in diagnostic.labels]
        gutter = len(str(last_line(places)))
        rows += _excerpts(places, gutter, paint, color)
    for word, text in [*(("note", note) for note in diagnostic.notes), ("help", diagnostic.help)]:
        if text:
            rows.append(_remark(word, text, gutter, paint))
    return "\n".join(rows)


def _excerpts(places: list[Marked], gutter: int, paint: Paint, color: str) -> list[str]:
    """An excerpt for each file that has a place: the file of the primary one first."""
    rows = []
    sources = list(dict.fromkeys(place.span.source for place in places))
    for source in sources:
        here = [place for place in places if place.span.source is source]
        arrow = "-->" if source is sources[0] else ":::"
        rows.append(f"{' ' * gutter}{paint(arrow, 'frame')} {visible(str(here[0].span))}")
        rows.append(excerpt(source, here, gutter, paint, color))
    return rows


def _remark(word: str, text: str, gutter: int, paint: Paint) -> str:
    """``= help: ...``; further lines of the text stand under the first."""
    indent = " " * (gutter + len(f" = {word}: "))
    lines = [visible(line) for line in text.splitlines()]
    return f"{' ' * gutter} {paint('=', 'frame')} {paint(word + ':', 'strong')} " + (
        f"\n{indent}".join(lines)
    )
