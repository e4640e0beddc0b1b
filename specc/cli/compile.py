"""``specc compile FILE``"""

from __future__ import annotations

import click

from specc.cli.options import SPECS, plugin_options
from specc.cli.output import report, write
from specc.registry import PluginOptions


@click.command("compile")
@click.argument("file", type=SPECS, metavar="FILE")
@click.option(
    "--emit",
    type=click.Choice(["python", "ir", "schema"]),
    default="python",
    help="The PyTorch source, the compiler's IR, or the models' interface as a JSON Schema.",
)
@click.option("-o", "output", type=click.Path(dir_okay=False), help="Write it to a file.")
@plugin_options
def command(file: str, emit: str, output: str | None, plugins: PluginOptions) -> None:
    """Print the PyTorch source that a spec stands for.

    FILE is a spec, or - for stdin. The source imports nothing but torch, and what the spec's
    plugins use.
    """
    from specc.api import load
    from specc.showing.emitted import emitted

    spec = load(file, plugins)
    report(spec.warnings)
    write(emitted(spec, emit), output)
