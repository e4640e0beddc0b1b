"""``specc report RUN``"""

from __future__ import annotations

from pathlib import Path

import click

from specc.cli.options import plugin_options
from specc.cli.output import only_results
from specc.registry import PluginOptions


@click.command("report")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@plugin_options
def command(run: Path, plugins: PluginOptions) -> None:
    """Write the report of a run anew.

    RUN is its folder (runs/digits/1), where report.html is written; a run that is finished has one
    already, any other need not be. The data is read from where the spec says.
    """
    from specc.api import write_report

    with only_results():
        path = write_report(run, plugins=plugins)
    click.echo(str(path))
