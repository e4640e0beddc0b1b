"""``specc export RUN``"""

from __future__ import annotations

from pathlib import Path

import click

from specc.cli.options import plugin_options
from specc.cli.output import only_results, report, show_json
from specc.cli.status import Status
from specc.registry import PluginOptions


@click.command("export")
@click.argument("path", metavar="RUN|FILE", type=click.Path(exists=True, path_type=Path))
@click.option("--to", multiple=True, metavar="BACKEND", help="In this form; several may be given.")
@click.option("--name", metavar="SECTION", help="The export section, where there are several.")
@click.option("--runs", default="runs", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the manifests as JSON.")
@plugin_options
def command(
    path: Path,
    to: tuple[str, ...],
    name: str | None,
    runs: Path,
    as_json: bool,
    plugins: PluginOptions,
) -> int | None:
    """Write a trained model in forms that run without specc.

    RUN is the folder of a finished run (runs/digits/1); FILE stands for its last finished run under
    --runs. The export section of the spec says in which forms, unless --to does. An artefact lies
    in RUN/export/BACKEND beside its manifest.json. It is loaded and run by a process of its own,
    and nothing is written where it differs from the model.
    """
    from specc.exporting import export
    from specc.showing.exported import render_exported

    with only_results():
        outcome = export(path, to=to, name=name, runs=runs, plugins=plugins)
    if as_json:
        show_json({str(folder): manifest for folder, manifest in outcome.done.items()})
    else:
        click.echo(render_exported(outcome.done), nl=False)
    if outcome.failed:
        report(outcome.failed)
        return Status.FAILED
    return None
