"""A mistake of the user as data: what is wrong, where, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from specc.diagnostics.source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Code(Struct, frozen=True):
    """A kind of mistake.

    Declared as a module constant beside the phase that finds it (``specc/<phase>/errors.py``);
    ``page`` is what ``specc explain`` prints after the title.
    """

    id: str
    title: str
    page: str

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.id.startswith("W") else Severity.ERROR


class Label(Struct, frozen=True):
    """A second place that belongs to the mistake, with a few words on it."""

    span: Span
    text: str


class Diagnostic(Struct, frozen=True):
    """One mistake.

    ``message`` is the headline, ``label`` the words under the marked place, ``labels`` further
    places, ``help`` the hint that mends it. ``span`` is ``None`` only where there is no place, as
    for a mistake on the command line.
    """

    code: Code
    message: str
    span: Span | None
    label: str = ""
    labels: tuple[Label, ...] = ()
    help: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        return self.code.severity


def by_place(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file, place and code; those without a place come first."""

    def place(d: Diagnostic) -> tuple[str, int, str]:
        return (d.span.source.name, d.span.start, d.code.id) if d.span else ("", 0, d.code.id)

    return sorted(diagnostics, key=place)


class SpecError(Exception):
    """Raised to leave a phase at once with the diagnostics that end it."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(f"{d.code.id}: {d.message}" for d in diagnostics))
        self.diagnostics = diagnostics
