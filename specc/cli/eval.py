"""``specc eval RUN``"""

from __future__ import annotations

from pathlib import Path

import click

from specc.cli.options import plugin_options
from specc.cli.output import only_results, show_json
from specc.registry import PluginOptions


@click.command("eval")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--split", default="test", help="train, val or test (default).")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@plugin_options
def command(run: Path, split: str, as_json: bool, plugins: PluginOptions) -> None:
    """Measure the weights of a finished run once more.

    RUN is its folder (runs/digits/1). The data is read from where the spec says; what changed since
    the run is told.
    """
    from specc.api import evaluate
    from specc.showing.result import render_scores
    from specc.training.report import LineReport

    with only_results():
        scores = evaluate(run, split, report=LineReport(), plugins=plugins)
    if as_json:
        show_json(scores)
    else:
        click.echo(render_scores(scores), nl=False)
