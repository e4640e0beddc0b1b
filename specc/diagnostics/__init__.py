"""What went wrong, where, and how to mend it: as data, and one renderer for it."""

from specc.diagnostics.collector import Collector
from specc.diagnostics.diagnostic import Code, Diagnostic, Label, Severity, SpecError, by_place
from specc.diagnostics.source import SourceText, Span
from specc.diagnostics.suggest import closest, did_you_mean
from specc.diagnostics.terminal import render_text

__all__ = [
    "Code",
    "Collector",
    "Diagnostic",
    "Label",
    "Severity",
    "SourceText",
    "Span",
    "SpecError",
    "by_place",
    "closest",
    "did_you_mean",
    "render_text",
]
