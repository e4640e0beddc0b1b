"""How a command shows what it found."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
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


def show_json(result: Any, output: str | None = None) -> None:
    """A result for machines, on stdout or in a file."""
    write(json.dumps(result, indent=2, ensure_ascii=False) + "\n", output)


def write(text: str, output: str | None = None) -> None:
    """A result, on stdout or in a file."""
    if output is None:
        click.echo(text, nl=False, color=True)
    else:
        Path(output).write_text(text, encoding="utf-8", newline="")


@contextlib.contextmanager
def only_results() -> Iterator[None]:
    """What plugins and libraries print meanwhile goes to stderr: stdout is for the result."""
    with contextlib.redirect_stdout(sys.stderr):
        yield
