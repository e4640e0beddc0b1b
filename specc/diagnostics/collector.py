"""Gathers the diagnostics of a run."""

from __future__ import annotations

from collections.abc import Iterable

from specc.diagnostics.diagnostic import Diagnostic, Severity, SpecError, by_place

CROWD = 200
"""Diagnostics from which on hints need no longer be searched; far fewer are ever shown."""


class Collector:
    """Receives diagnostics from every phase; equal ones count once."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Diagnostic] = {}
        self._errors = 0

    def report(self, diagnostic: Diagnostic) -> None:
        span = diagnostic.span
        place = (id(span.source), span.start, span.end) if span else ()
        key = (diagnostic.code.id, diagnostic.message, place)
        self._found.setdefault(key, diagnostic)
        self._errors += diagnostic.severity is Severity.ERROR

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.report(diagnostic)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All of them, sorted by file, place and code."""
        return by_place(self._found.values())

    @property
    def crowded(self) -> bool:
        """Whether there are so many that the hint of one more is not worth a search."""
        return len(self._found) > CROWD

    @property
    def errors(self) -> int:
        """How many errors were reported; equal ones count, so that whoever meets a mistake a second
        time sees that it failed."""
        return self._errors

    @property
    def failed(self) -> bool:
        return self._errors > 0

    def stop_if_failed(self) -> None:
        """Raise `SpecError` with everything gathered if any of it is an error."""
        if self.failed:
            raise SpecError(*self.diagnostics)
