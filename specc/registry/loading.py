"""From the names of plugins to a registry that has their components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

import specc
from specc.diagnostics import Collector, Diagnostic, Span, SpecError, did_you_mean
from specc.registry.discovery import FilePlugin, Plugin, file_plugin, installed_plugins
from specc.registry.errors import (
    CORE_NAME,
    NO_SUCH_PLUGIN,
    NOT_TRUSTED,
    OTHER_API,
    OTHER_VERSION,
    PLUGIN_FAILED,
    SEVERAL_OWNERS,
)
from specc.registry.guard import StrangerError, guarded
from specc.registry.project import Project
from specc.registry.records import CORE, Entry, Owner
from specc.registry.registry import Registry
from specc.registry.staging import OtherApiError, entries_of
from specc.registry.trust import is_trusted
from specc.registry.versions import admits


class Need(Struct, frozen=True):
    """A plugin that is asked for by name, as in ``use text >= 1.2``."""

    name: str
    span: Span | None = None
    op: str | None = None
    version: str | None = None


class PluginOptions(Struct, frozen=True):
    """What the command line and the project say about plugins.

    ``names`` (``-p NAME``) and ``files`` (``--plugin FILE``) are loaded as if the spec named them;
    ``blocked`` (``-p no:NAME``) are never loaded.
    """

    names: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    blocked: frozenset[str] = frozenset()
    project: Project | None = None


def build_registry(plugins: Iterable[object]) -> Registry:
    """The core's registry, of plugin objects that belong to specc itself.

    They come through the hooks that a stranger's come through, but unguarded: what goes wrong in
    them is a bug of specc.
    """
    owner = Owner(CORE, CORE, specc.__version__, is_core=True)
    return Registry(entry for plugin in plugins for entry in entries_of(plugin, owner))


def load_plugins(
    registry: Registry, needs: Iterable[Need], options: PluginOptions | None = None
) -> tuple[Registry, list[Diagnostic]]:
    """``registry`` with what the named plugins contribute, and what there is to say about them.

    Nothing that is not named is imported. A plugin that fails costs a warning and contributes
    nothing; one that may not be loaded is an error at the place that names it.
    """
    options = options or PluginOptions()
    found = Collector()
    for plugin, span in _named(needs, options, found):
        registry = _with_plugin(registry, plugin, span, found)
    return registry, found.diagnostics


def _named(
    needs: Iterable[Need], options: PluginOptions, found: Collector
) -> Iterator[tuple[Plugin, Span | None]]:
    """The plugins that are named, each once, with the place that names it."""
    files = _named_files(options, found)
    yield from ((plugin, None) for plugin in files.values())

    listed = options.project.names if options.project else ()
    asked = [*needs, *(Need(name) for name in (*options.names, *listed))]
    asked = [need for need in asked if need.name not in files]
    if not asked:
        return  # reading the metadata of all that is installed takes longer than a small spec
    installed = list(installed_plugins())
    seen = set()
    for need in asked:
        try:
            plugin = _choose(need, installed, options)
        except SpecError as error:
            found.extend(error.diagnostics)
            continue
        if need.name not in seen:
            seen.add(need.name)
            yield plugin, need.span


def _named_files(options: PluginOptions, found: Collector) -> dict[str, FilePlugin]:
    """Single-file plugins by name: of the command line, and of the project where approved."""
    files: dict[str, FilePlugin] = {}
    listed = options.project.files if options.project else ()
    for path in (*options.files, *listed):
        name = path.stem
        if name in options.blocked:
            continue
        if name in files:
            if not path.samefile(files[name].path):
                message = f"the plugin `{name}` is supplied by {files[name].path} and by {path}"
                found.report(Diagnostic(SEVERAL_OWNERS, message, None, help="rename one of them"))
            continue
        try:
            plugin = file_plugin(path)
        except SpecError as error:
            found.extend(error.diagnostics)
            continue
        if path not in options.files and not is_trusted(path, plugin.code):
            message = f"the plugin {path} of this project is not loaded: it was not approved"
            help = f"read it; if you trust it, run `specc plugins trust {path}`"
            found.report(Diagnostic(NOT_TRUSTED, message, None, help=help))
            continue
        files[name] = plugin
    return files


def _choose(need: Need, installed: Sequence[Plugin], options: PluginOptions) -> Plugin:
    """The installed plugin that is meant, or a `SpecError` that says why there is none."""
    name, span = need.name, need.span
    if name in options.blocked:
        message = f"the plugin `{name}` is kept out by `-p no:{name}`"
        raise SpecError(Diagnostic(NO_SUCH_PLUGIN, message, span))
    named = [plugin for plugin in installed if plugin.owner.plugin == name]
    if not named:
        known = [plugin.owner.plugin for plugin in installed]
        help = did_you_mean(name, known) or "`specc plugins` lists those that are"
        message = f"the plugin `{name}` is not installed"
        raise SpecError(Diagnostic(NO_SUCH_PLUGIN, message, span, help=help))
    owners = " and by ".join(str(plugin.owner) for plugin in named)
    if len(named) > 1:
        message = f"the plugin `{name}` is supplied by {owners}"
        help = "uninstall one of them"
        raise SpecError(Diagnostic(SEVERAL_OWNERS, message, span, help=help))
    if need.op and need.version and not admits(named[0].owner.version, need.op, need.version):
        message = f"`{name} {need.op} {need.version}` is needed, and {owners} is installed"
        help = f"pip install '{named[0].owner.distribution}{need.op}{need.version}'"
        raise SpecError(Diagnostic(OTHER_VERSION, message, span, help=help))
    return named[0]


def _with_plugin(
    registry: Registry, plugin: Plugin, span: Span | None, found: Collector
) -> Registry:
    """``registry`` with all that the plugin contributes, or as it was if anything fails."""
    owner = plugin.owner
    try:
        entries = stage(plugin)
    except StrangerError as error:
        code = OTHER_API if isinstance(error.__cause__, OtherApiError) else PLUGIN_FAILED
        reason = str(error.__cause__) if code is OTHER_API else error.reason
        message = f"the plugin `{owner.plugin}` of {owner} is not used: {reason}"
        found.report(Diagnostic(code, message, span, help="`specc plugins` shows its state"))
        return registry
    for entry in entries:
        if registry.has_core(entry.name):
            message = f"{owner} may not replace `{entry.name}` of the core"
            help = f"its component is reached as `{entry.qualified}`"
            found.report(Diagnostic(CORE_NAME, message, span, help=help))
    return registry.plus(entries)


def stage(plugin: Plugin) -> tuple[Entry, ...]:
    """Everything that a stranger's plugin contributes, loaded under the guard.

    Raises:
        StrangerError: if it fails in any way; its cause is what was raised.
    """
    return guarded(lambda: entries_of(plugin.load(), plugin.owner))
