"""``specc runs [RUN...]``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from specc.cli.output import show_json
from specc.diagnostics.paint import wants_color


@click.command("runs")
@click.argument("chosen", nargs=-1, metavar="[RUN]...", type=click.Path(path_type=Path))
@click.option("--runs", default="runs", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(chosen: tuple[Path, ...], runs: Path, as_json: bool) -> None:
    """List runs, or compare some.

    Without RUN all runs under DIR are listed; the RUNs that are named are put side by side: the
    settings in which they differ, their scores with the best marked, and what differs in their
    specs.
    """
    from specc.showing.runs import render_comparison, render_list
    from specc.training.comparing import compare
    from specc.training.listing import describe, list_runs

    found = [describe(path) for path in chosen] or list_runs(runs)
    compared = compare(found) if len(chosen) > 1 else None
    color = wants_color(sys.stdout)
    if as_json:
        told = None if compared is None else compared.to_json()
        show_json({"runs": [each.to_json() for each in found], "compared": told})
    elif compared is not None:
        click.echo(render_comparison(compared, color), nl=False, color=True)
    elif found:
        click.echo(render_list(found, color), nl=False, color=True)
    else:
        click.echo(f"there are no runs in {runs}", err=True)
