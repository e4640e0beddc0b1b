"""``specc check FILE...``"""

from __future__ import annotations

import sys

import click

from specc.cli.options import SPECS, plugin_options
from specc.cli.output import failed
from specc.cli.status import Status
from specc.diagnostics import Diagnostic, render_text
from specc.diagnostics.paint import wants_color
from specc.registry import PluginOptions


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=SPECS, metavar="FILE...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How diagnostics are printed; json is one object a line.",
)
@plugin_options
def command(files: tuple[str, ...], form: str, plugins: PluginOptions) -> int:
    """Check specs, and say what is wrong and where.

    FILE is a spec, or - for stdin. Data is not read, and torch is not imported.
    """
    from specc.compiler import check_file

    found: list[Diagnostic] = []
    for file in dict.fromkeys(files):
        found += check_file(file, plugins=plugins)[1]
    click.echo(_rendered(found, form), nl=False, color=True)
    return Status.WRONG if failed(found) else Status.GOOD


def _rendered(found: list[Diagnostic], form: str) -> str:
    if form == "text":
        return render_text(found, wants_color(sys.stdout))
    from specc.diagnostics.formats import render_github, render_json

    return render_json(found) if form == "json" else render_github(found)
