"""How a command shows what it found."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from specc.diagnostics import Diagnostic, Severity, render_text
from specc.diagnostics.paint import wants_color


def report(diagnostics: Sequence[Diagnostic]) -> None:
    """Diagnostics beside a result: as text on stderr."""
    click.echo(render_text(diagnostics, wants_color(sys.stderr)), err=True, nl=False, color=True)


def failed(diagnostics: Sequence[Diagnostic]) -> bool:
    """Whether one of them is an error."""
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def show_json(result: Any) -> None:
    """A result for machines, on stdout."""
    click.echo(json.dumps(result, indent=2, ensure_ascii=False))
