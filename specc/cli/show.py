"""``specc show FILE`` and ``specc show COMPONENT``"""

from __future__ import annotations

import sys

import click

from specc.cli.options import plugin_options, sizes_option
from specc.cli.output import report, show_json, write
from specc.diagnostics.paint import wants_color
from specc.registry import PluginOptions


@click.command("show")
@click.argument("subject", metavar="FILE|COMPONENT")
@click.option("--model", metavar="NAME", help="Only this model.")
@sizes_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--graph", type=click.Choice(["svg", "mermaid", "dot"]), help="Draw a model.")
@click.option("-o", "output", type=click.Path(dir_okay=False), help="Write it to a file.")
@plugin_options
def command(
    subject: str,
    model: str | None,
    sizes: dict[str, int],
    as_json: bool,
    graph: str | None,
    output: str | None,
    plugins: PluginOptions,
) -> None:
    """Show the layers of a spec's models, or a component.

    A FILE (or - for stdin) gives each model as a table: types, parameters, FLOPs. A COMPONENT such
    as conv2d gives its signature, its fields and what it does.
    """
    from specc.showing.subject import Subject

    shown = Subject.find(subject, plugins, model, sizes)
    report(shown.warnings)
    if graph is not None:
        write(shown.graph(graph), output)
    elif as_json:
        show_json(shown.to_json(), output)
    else:
        write(shown.text(color=output is None and wants_color(sys.stdout)), output)
