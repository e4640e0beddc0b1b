"""What went wrong, where, and how to mend it: as data, and one renderer for it."""

from specc.diagnostics.collector import Collector
from specc.diagnostics.diagnostic import Code, Diagnostic, Label, Severity, SpecError
from specc.diagnostics.source import SourceText, Span

__all__ = [
    "Code",
    "Collector",
    "Diagnostic",
    "Label",
    "Severity",
    "SourceText",
    "Span",
    "SpecError",
]
