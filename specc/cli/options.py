"""Options that several commands have."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from specc.registry import PluginOptions

SPECS = click.Path(exists=True, dir_okay=False, allow_dash=True)
"""A spec file, or ``-`` for stdin."""


def plugin_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--plugin`` and ``-p``, given to the command as ``plugins: PluginOptions``."""

    @click.option(
        "--plugin",
        "plugin_files",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        multiple=True,
        help="Load a single-file plugin.",
    )
    @click.option(
        "-p",
        "plugin_names",
        metavar="NAME",
        multiple=True,
        help="Load an installed plugin; no:NAME keeps it out.",
    )
    @functools.wraps(command)
    def with_plugins(
        *args: Any, plugin_files: tuple[Path, ...], plugin_names: tuple[str, ...], **options: Any
    ) -> Any:
        blocked = {name.removeprefix("no:") for name in plugin_names if name.startswith("no:")}
        plugins = PluginOptions(
            names=tuple(name for name in plugin_names if not name.startswith("no:")),
            files=plugin_files,
            blocked=frozenset(blocked),
        )
        return command(*args, plugins=plugins, **options)

    return with_plugins


overrides_argument = click.argument("overrides", nargs=-1, metavar="[PATH=VALUE]...")

section_option = click.option(
    "--name", metavar="SECTION", help="The train section, where there are several."
)

nproc_option = click.option(
    "--nproc",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="So many ranks on this machine train together.",
)


def _sizes(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, int]:
    """``NAME=SIZE`` as pairs."""
    sizes: dict[str, int] = {}
    for text in texts:
        name, _, size = text.partition("=")
        if not name.isidentifier() or not size.isdecimal() or int(size) < 1:
            raise click.BadParameter(f"{text!r} is not of the form H=32")
        sizes[name] = int(size)
    return sizes


sizes_option = click.option(
    "--dim",
    "sizes",
    metavar="NAME=SIZE",
    multiple=True,
    callback=_sizes,
    help="A size of an input or a parameter: --dim H=32.",
)
