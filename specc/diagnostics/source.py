"""Source texts and places in them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from msgspec import Struct


class SourceText(Struct, frozen=True, eq=False, dict=True):
    """One spec file as text.

    ``name`` is how the user called it (a relative path, or ``<stdin>``); compared by identity.
    """

    name: str
    text: str

    def __repr__(self) -> str:
        return f"SourceText({self.name!r})"

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line; line 1 is at index 0."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at != -1:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column (both from 1) of an offset in characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its newline."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] - 1 if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


class Span(Struct, frozen=True):
    """A range of characters, ``start`` inclusive and ``end`` exclusive, in one source text."""

    source: SourceText
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The range from the start of this one to the end of ``other``."""
        return Span(self.source, self.start, max(self.end, other.end))

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"
