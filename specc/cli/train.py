"""``specc train FILE``"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specc.cli.options import (
    SPECS,
    nproc_option,
    overrides_argument,
    plugin_options,
    section_option,
)
from specc.cli.output import only_results, report, show_json
from specc.registry import PluginOptions

if TYPE_CHECKING:
    from specc.planning import Planned


@click.command("train")
@click.argument("file", type=SPECS, metavar="FILE")
@overrides_argument
@section_option
@click.option("--runs", default="runs", metavar="DIR", help="Where the run's folder is made.")
@click.option("--device", help="cpu, cuda or cuda:1; cuda where it is there unless said.")
@nproc_option
@click.option("--resume", is_flag=True, help="Go on with the latest run of this name.")
@click.option("--smoke", is_flag=True, help="Try everything that a run does with one batch.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@plugin_options
@click.pass_obj
def command(
    arguments: Sequence[str],
    file: str,
    overrides: tuple[str, ...],
    name: str | None,
    runs: str,
    device: str | None,
    nproc: int,
    resume: bool,
    smoke: bool,
    as_json: bool,
    quiet: bool,
    plugins: PluginOptions,
) -> int | None:
    """Train a model as a spec says.

    FILE is a spec, or - for stdin; PATH=VALUE changes a setting or a constant of it. Progress goes
    to stderr, the result to stdout.
    """
    from specc.training.ranks import Ranks

    _check_ranks(file, nproc, device, smoke, Ranks.announced())
    if nproc > 1:
        from specc.training.launch import launch

        return launch(nproc, _without_nproc(arguments))
    from specc.api import train_planned
    from specc.compiler import Request
    from specc.planning import plan_file
    from specc.showing.result import render_result
    from specc.training.execution import BadDevice
    from specc.training.report import Report, for_stderr

    try:
        ranks = Ranks.join(device)
    except BadDevice as error:
        raise click.BadParameter(str(error), param_hint="--nproc") from None
    if (status := ranks.ended()) is not None:  # one said why, before all were started again
        return status
    with only_results():
        planned = plan_file(Request(file, overrides, plugins, runs=Path(runs)), name)
        if ranks.first:
            report(planned.warnings)
        if smoke:
            _try_out(planned, device)
            return None
        progress = for_stderr() if ranks.first and not quiet else Report()
        try:
            result = train_planned(
                planned, runs, device=device, resume=resume, report=progress, ranks=ranks
            )
        except BadDevice as error:
            raise click.BadParameter(str(error), param_hint="--device") from None
    if not ranks.first:
        return None
    if as_json:
        show_json(result.to_json())
    else:
        click.echo(render_result(result), nl=False)
    return None


def _check_ranks(file: str, nproc: int, device: str | None, smoke: bool, announced: bool) -> None:
    """What does not go together on the command line."""
    if announced and nproc > 1:
        raise click.UsageError("--nproc starts ranks, and torchrun has started some already")
    if nproc == 1 and not announced:
        return
    if file == "-":
        raise click.UsageError("several ranks cannot read one stdin: write the spec into a file")
    if smoke:
        raise click.UsageError("--smoke tries a run on one rank: leave out --nproc")
    if device is not None and ":" in device:
        raise click.BadParameter(
            f"each rank has a device of its own: say {device.partition(':')[0]}",
            param_hint="--device",
        )


def _without_nproc(arguments: Sequence[str]) -> list[str]:
    """The arguments of each rank."""
    kept = []
    words = iter(arguments)
    for word in words:
        if word == "--nproc":
            next(words)
        elif not word.startswith("--nproc="):
            kept.append(word)
    return kept


def _try_out(planned: Planned, device: str | None) -> None:
    """Say on stderr what went well, as it does; what does not ends the command as a run would."""
    from specc.components import Refusal
    from specc.training.smoke import smoke

    try:
        for line in smoke(replace(planned.plan, device=device)):
            click.echo(f"smoke: {line}", err=True)
    except Refusal as refusal:
        raise planned.refused(refusal) from None
