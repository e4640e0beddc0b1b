"""``specc fmt FILE...``"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from specc.cli.options import SPECS
from specc.cli.output import report
from specc.cli.status import Status
from specc.diagnostics import SourceText, SpecError


@click.command("fmt")
@click.argument("files", nargs=-1, required=True, type=SPECS, metavar="FILE...")
@click.option("--check", is_flag=True, help="Write nothing; fail if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
def command(files: tuple[str, ...], check: bool, diff: bool) -> int:
    """Format specs.

    FILE is a spec, rewritten in place, or - for stdin, which is printed to stdout. A file with a
    syntax error is left as it is.
    """
    from specc.syntax.format import format_source

    status = Status.GOOD
    for file in dict.fromkeys(files):
        try:
            source = _read(file)
            text = format_source(source)
        except SpecError as error:
            report(error.diagnostics)
            status = Status.WRONG
            continue
        changed = text != source.text
        if changed and (check or diff):
            status = Status.WRONG if check else status
            click.echo(f"would reformat {source.name}", err=True)
        if diff:
            click.echo(_difference(source, text), nl=False)
        elif check:
            continue
        elif file == "-":
            click.echo(text, nl=False)
        elif changed:
            Path(file).write_text(text, encoding="utf-8", newline="")
            click.echo(f"reformatted {source.name}", err=True)
    return status


def _read(file: str) -> SourceText:
    from specc.syntax.source import read_source, read_stream

    if file == "-":
        return read_stream(sys.stdin.buffer, "<stdin>")
    return read_source(Path(file), file)


def _difference(source: SourceText, text: str) -> str:
    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    lines = difflib.unified_diff(before, after, source.name, source.name)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
