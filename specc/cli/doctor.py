"""``specc doctor``"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click
from msgspec.structs import asdict

from specc.cli.output import show_json
from specc.cli.status import Status
from specc.environment import Environment
from specc.registry import PluginOptions, find_project


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """Say what is installed, what is missing and what is known to clash.

    Ends with status 2 if a needed package is missing, two clash, or a plugin fails.
    """
    from specc.environment import examine
    from specc.registry.survey import State, survey

    found = examine()
    plugins = list(survey(PluginOptions(project=find_project(Path.cwd()))))
    broken = [plugin for plugin in plugins if plugin.state is State.FAILED]
    if as_json:
        states = [asdict(plugin) for plugin in plugins]
        show_json({**dataclasses.asdict(found), "plugins": states})
    else:
        _show(found)
        for plugin in plugins:
            words = f"{plugin.state}: {plugin.reason}" if plugin.reason else plugin.state
            click.echo(f"plugin     {plugin.name} {plugin.version} ({words})")
    missing = any(package.version is None for package in found.packages)
    return Status.WRONG if missing or found.clashes or broken else Status.GOOD


def _show(found: Environment) -> None:
    click.echo(f"specc      {found.specc}")
    click.echo(f"python     {found.python}")
    click.echo(f"platform   {found.platform}")
    click.echo(f"GPU        {found.gpu_driver or 'no NVIDIA driver'}")
    for package in found.packages:
        click.echo(f"package    {package.name} {package.version or 'is missing'}")
    for extra in found.extras:
        click.echo(f"extra      {extra.name} lacks {', '.join(extra.missing)}: {extra.install}")
    for clash in found.clashes:
        click.echo(f"clash      {clash}")
