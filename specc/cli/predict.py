"""``specc predict RUN INPUT``"""

from __future__ import annotations

from pathlib import Path

import click

from specc.cli.output import only_results, write


@click.command("predict")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl")
@click.option("-o", "output", metavar="FILE", help="Write here instead of to stdout.")
def command(run: Path, file: Path, form: str, output: str | None) -> None:
    """Say what the model of a run predicts for new rows.

    RUN is the folder of a finished run; FILE has rows of the kind that it was trained on, and needs
    only the columns that the outputs depend on. Writes one line for each row.
    """
    from specc.api import predict
    from specc.showing.predictions import render_predictions

    with only_results():
        rows = predict(run, file)
    write(render_predictions(rows, form), output)
