"""The lines of source that a diagnostic speaks of, with its places marked under them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from specc.diagnostics.cells import Cells, visible
from specc.diagnostics.paint import Paint
from specc.diagnostics.source import SourceText, Span

WINDOW = 140
"""Characters of a line that are shown at most; a longer line is cut around its marks."""

LEAD = 30
"""Characters that are kept before a mark when its line is cut."""

WHOLE = 4
"""Lines up to which every line of a span is marked; of a longer one the first and the last."""

CUT = "..."


class Marked(Struct, frozen=True):
    """A place to mark, the words on it, and the style of both."""

    span: Span
    text: str
    primary: bool


class _Mark(Struct, frozen=True):
    """The part of a place that lies on one line, in columns from 0; ``end`` is exclusive."""

    start: int
    end: int
    text: str
    primary: bool


class _Piece(NamedTuple):
    """Text that begins at a cell of a row."""

    cell: int
    text: str
    style: str


def last_line(places: Iterable[Marked]) -> int:
    """The highest line number that an excerpt of ``places`` shows: it decides the gutter."""
    return max(line for place in places for line in _by_line(place))


def excerpt(source: SourceText, places: list[Marked], gutter: int, paint: Paint, color: str) -> str:
    """The marked lines of one source, each beside its number.

    ``gutter`` is the width of the numbers; ``color`` the style of the primary place.
    """
    marks: dict[int, list[_Mark]] = {}
    for place in places:
        for line, mark in _by_line(place).items():
            marks.setdefault(line, []).append(mark)

    blank = " " * gutter + " " + paint("|", "frame")
    rows = [blank]
    before: int | None = None
    for line in sorted(marks):
        if before is not None and line - before == 2:
            rows += _line_rows(source, line - 1, [], gutter, paint, color)
        elif before is not None and line - before > 2:
            rows.append(paint(CUT, "frame"))
        rows += _line_rows(source, line, marks[line], gutter, paint, color)
        before = line
    return "\n".join(rows)


def _by_line(place: Marked) -> dict[int, _Mark]:
    """The marks of a place by line number. The words stand on its last line."""
    source, text = place.span.source, place.span.text
    start = place.span.start
    end = start + len(text.rstrip()) if text.strip() else start
    first, column = source.position(start)
    last, end_column = source.position(end)
    if first == last:
        return {first: _Mark(column - 1, max(end_column - 1, column), place.text, place.primary)}

    shown = range(first, last + 1) if last - first < WHOLE else (first, last)
    marks = {}
    for line in shown:
        whole = source.line(line)
        begin = column - 1 if line == first else len(whole) - len(whole.lstrip())
        stop = end_column - 1 if line == last else len(whole.rstrip())
        if begin < stop:
            marks[line] = _Mark(begin, stop, "", place.primary)
    marks[last] = replace(marks[last], text=place.text)
    return marks


def _line_rows(
    source: SourceText, number: int, marks: list[_Mark], gutter: int, paint: Paint, color: str
) -> list[str]:
    text, marks = _window(source.line(number), marks)
    cells = Cells(text)
    side = paint("|", "frame")
    rows = [f"{paint(f'{number:>{gutter}}', 'frame')} {side} {cells.text}".rstrip()]
    on_cells = [
        replace(
            mark, start=cells.at(mark.start), end=max(cells.at(mark.end), cells.at(mark.start) + 1)
        )
        for mark in marks
    ]
    for pieces in _mark_rows(on_cells, color):
        rows.append(f"{' ' * gutter} {side} {_row(pieces, paint)}".rstrip())
    return rows


def _window(text: str, marks: list[_Mark]) -> tuple[str, list[_Mark]]:
    """Cut a line that is too long around its most important mark; other marks are moved inside."""
    if len(text) <= WINDOW:
        return text, marks
    focus = min(marks, key=lambda m: (not m.primary, m.start)).start if marks else 0
    begin = 0 if focus < WINDOW - LEAD else focus - LEAD
    end = min(begin + WINDOW, len(text))
    head = CUT if begin else ""
    tail = CUT if end < len(text) else ""

    def inside(column: int) -> int:
        return min(max(column, begin), end) - begin + len(head)

    moved = [replace(mark, start=inside(mark.start), end=inside(mark.end)) for mark in marks]
    return head + text[begin:end] + tail, moved


def _mark_rows(marks: list[_Mark], color: str) -> list[list[_Piece]]:
    """The rows below a line: marks that do not overlap share one, the primary is in the first."""
    rows: list[list[_Piece]] = []
    waiting = sorted(marks, key=lambda m: (not m.primary, m.start, m.end))
    while waiting:
        group: list[_Mark] = []
        for mark in waiting:
            if all(mark.end < other.start or other.end < mark.start for other in group):
                group.append(mark)
        waiting = [mark for mark in waiting if mark not in group]
        rows += _group_rows(sorted(group, key=lambda m: m.start), color)
    return rows


def _group_rows(group: list[_Mark], color: str) -> list[list[_Piece]]:
    """One row of marks; the words of the last beside it, those of the others hung below theirs."""

    def style(mark: _Mark) -> str:
        return color if mark.primary else "second"

    def words(mark: _Mark) -> str:
        return visible(" ".join(mark.text.splitlines()))

    underline = [
        _Piece(mark.start, ("^" if mark.primary else "-") * (mark.end - mark.start), style(mark))
        for mark in group
    ]
    last = group[-1]
    rows = [[*underline, _Piece(last.end + 1, words(last), style(last))]]
    hanging = [mark for mark in group[:-1] if mark.text]
    if hanging:
        rows.append([_Piece(mark.start, "|", style(mark)) for mark in hanging])
    while hanging:
        mark = hanging.pop()
        stems = [_Piece(left.start, "|", style(left)) for left in hanging]
        rows.append([*stems, _Piece(mark.start, words(mark), style(mark))])
    return rows


def _row(pieces: list[_Piece], paint: Paint) -> str:
    row, width = "", 0
    for cell, text, style in pieces:
        row += " " * (cell - width) + paint(text, style)
        width = cell + len(text)
    return row
