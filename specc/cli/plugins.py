"""``specc plugins``"""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import asdict, replace

from specc.cli.options import plugin_options
from specc.cli.output import show_json
from specc.registry import PluginOptions, find_project


@click.group("plugins", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@plugin_options
@click.pass_context
def command(context: click.Context, as_json: bool, plugins: PluginOptions) -> None:
    """List the plugins in reach and their state.

    Each is tried in a process of its own: name, version, where it comes from, what it contributes,
    and why it cannot be used.
    """
    if context.invoked_subcommand is not None:
        return
    from specc.registry.survey import survey

    found = survey(replace(plugins, project=find_project(Path.cwd())))
    if as_json:
        show_json([asdict(status) for status in found])
        return
    for status in found:
        click.echo(f"{status.name}  {status.version or '-'}  {status.state}  ({status.origin})")
        if status.reason:
            click.echo(f"    {status.reason}")
        kinds: dict[str, list[str]] = {}
        for kind, name in status.contributions:
            kinds.setdefault(kind, []).append(name)
        for kind, names in sorted(kinds.items()):
            click.echo(f"    {kind}: {', '.join(sorted(names))}")


@command.command("trust")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def trust(file: Path) -> None:
    """Approve a plugin file of a project, as it is now, to be loaded on this machine."""
    from specc.registry.trust import approve

    click.echo(f"approved {file} (sha256 {approve(file)})", err=True)
