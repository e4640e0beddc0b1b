"""``specc predict RUN INPUT``"""

from __future__ import annotations

from pathlib import Path

import click

from specc.cli.options import plugin_options
from specc.cli.output import only_results, write
from specc.registry import PluginOptions


@click.command("predict")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument(
    "inputs", nargs=-1, metavar="INPUT...", type=click.Path(exists=True, allow_dash=True)
)
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl")
@click.option("-o", "output", metavar="FILE", help="Write here instead of to stdout.")
@plugin_options
def command(
    run: Path, inputs: tuple[str, ...], form: str, output: str | None, plugins: PluginOptions
) -> None:
    """Say what the model of a run predicts for new rows.

    RUN is the folder of a finished run. Each INPUT has rows of the kind that it was trained on:
    tables (csv, json lines, parquet, ...) with the columns that the outputs depend on; images, or
    a folder of them; text, a row for each line. Without INPUT, or with -, it is standard input.
    Writes one line for each row; of several inputs, or of a folder, each says where it comes from.
    """
    from specc.api import predict
    from specc.showing.predictions import render_predictions

    with only_results():
        rows = predict(run, *(inputs or ("-",)), plugins=plugins)
    write(render_predictions(rows, form), output)
