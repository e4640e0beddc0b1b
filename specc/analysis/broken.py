"""Where the syntax of a file is broken, so that one mistake is not reported again as another."""

from __future__ import annotations

import re
from collections.abc import Iterable

from specc.diagnostics import Diagnostic, Span

_NAMES = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LONGEST = 2000
_LINES = 20


class Broken:
    """The places of syntax errors and the names that stand there."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans: dict[int, list[tuple[int, int]]] = {}
        self._names: set[str] = set()
        for span in spans:
            self._spans.setdefault(id(span.source), []).append((span.start, span.end))
            first, last = (span.source.position(at)[0] for at in (span.start, span.end))
            for line in range(first, min(last, first + _LINES) + 1):
                self._names.update(_NAMES.findall(span.source.line(line)[:_LONGEST]))

    @staticmethod
    def of(diagnostics: Iterable[Diagnostic]) -> Broken:
        """Those among the diagnostics that are about syntax."""
        syntax = (d.span for d in diagnostics if d.code.id.startswith(("E01", "E09")))
        return Broken(span for span in syntax if span is not None)

    def holds(self, span: Span) -> bool:
        """Whether a place overlaps with one that could not be read."""
        found = self._spans.get(id(span.source), ())
        return any(start < span.end and span.start < end for start, end in found)

    def mentions(self, name: str) -> bool:
        """Whether a line that could not be read may have defined the name."""
        return name in self._names
