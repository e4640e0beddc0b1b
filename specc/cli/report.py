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
    """Write the report of a run anew: report.html in its folder.

    RUN is its folder (runs/digits/1); it may be unfinished. The data is read from where the spec
    says. A run that is finished has its report already.
    """
    from specc.api import write_report

    with only_results():
        path = write_report(run, plugins=plugins)
    click.echo(str(path))
