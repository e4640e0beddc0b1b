"""``specc runs [RUN...]``"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from specc.cli.output import show_json


@click.command("runs")
@click.argument("chosen", nargs=-1, metavar="[RUN]...", type=click.Path(path_type=Path))
@click.option("--runs", default="runs", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(chosen: tuple[Path, ...], runs: Path, as_json: bool) -> None:
    """List runs, or compare some.

    Without RUN all runs under DIR are listed; the RUNs that are named are put side by side: the
    settings in which they differ, and their scores.
    """
    from specc.showing.aligned import aligned
    from specc.training.listing import compare, describe, list_runs

    found = [describe(path) for path in chosen] or list_runs(runs)
    table = compare(found) if len(found) > 1 and chosen else {}
    if as_json:
        show_json({"runs": [each.to_json() for each in found], "compared": table})
        return
    if chosen and len(found) > 1:
        rows = [["", *(str(each.path) for each in found)]]
        rows += [[name, *(_shown(value) for value in values)] for name, values in table.items()]
    else:
        rows = [
            [
                str(each.path),
                each.state,
                f"{each.epochs} epoch{'' if each.epochs == 1 else 's'}",
                "  ".join(f"{name} {_shown(value)}" for name, value in _chief(each.metrics)),
            ]
            for each in found
        ]
    for line in aligned(rows):
        click.echo(line.rstrip())


def _chief(metrics: Any) -> list[tuple[str, float]]:
    """The scores of the best split there is."""
    for split in ("test", "val", "train"):
        of_split = [(name, value) for name, value in metrics.items() if name.startswith(split)]
        if of_split:
            return of_split
    return []


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
