"""``specc plan FILE``"""

from __future__ import annotations

import sys

import click

from specc.cli.options import (
    SPECS,
    nproc_option,
    overrides_argument,
    plugin_options,
    section_option,
)
from specc.cli.output import report, show_json
from specc.diagnostics.paint import wants_color
from specc.registry import PluginOptions


@click.command("plan")
@click.argument("file", type=SPECS, metavar="FILE")
@overrides_argument
@section_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@nproc_option
@click.option("--why", metavar="PATH", help="Say which line or override sets it: optimizer.lr.")
@plugin_options
def command(
    file: str,
    overrides: tuple[str, ...],
    name: str | None,
    nproc: int,
    as_json: bool,
    why: str | None,
    plugins: PluginOptions,
) -> None:
    """Print everything that is settled before a run.

    FILE is a spec, or - for stdin; PATH=VALUE changes a setting or a constant of it. The data is
    read, nothing is trained.
    """
    from specc.compiler import Request
    from specc.planning import plan_file
    from specc.showing.plan import settings_of
    from specc.showing.plan_text import render_plan
    from specc.showing.why import NoSuchSetting, pick
    from specc.showing.why import why as explain

    planned = plan_file(Request(file, overrides, plugins), name)
    report(planned.warnings)
    settings = settings_of(planned, nproc)
    if why is not None:
        try:
            settings = [pick(settings, why)]
        except NoSuchSetting as missing:
            hint = f" Did you mean {missing.hint}?" if missing.hint else ""
            raise click.BadParameter(
                f"there is no setting {why}.{hint}", param_hint="--why"
            ) from None
    color = wants_color(sys.stdout)
    if as_json:
        show_json({setting.path: setting.to_json() for setting in settings})
    elif why is not None:
        click.echo(explain(planned, settings[0], overrides, color), nl=False, color=True)
    else:
        click.echo(render_plan(planned, settings, color), nl=False, color=True)
