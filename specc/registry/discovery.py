"""Finds plugins without importing them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from msgspec import Struct

from specc.diagnostics import Diagnostic, SpecError
from specc.registry.errors import BAD_PLUGIN_FILE
from specc.registry.records import Owner
from specc.registry.trust import digest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "specc"
"""The entry-point group in which distributions register their plugins."""

NAMES = "specc.names"
"""The entry-point group in which they list what these contribute: component = plugin. It is read
and never loaded, so that a name which a spec does not know is answered with who has it."""


class InstalledPlugin(Struct, frozen=True):
    """An entry point of an installed distribution."""

    owner: Owner
    entry_point: EntryPoint

    @property
    def origin(self) -> str:
        return self.entry_point.value

    def load(self) -> object:
        """Import the plugin. Runs a stranger's code."""
        return self.entry_point.load()


class FilePlugin(Struct, frozen=True):
    """A single Python file, read once: what is approved is what is run."""

    owner: Owner
    path: Path
    code: bytes

    @property
    def origin(self) -> str:
        return str(self.path)

    def load(self) -> object:
        """Run the file as a module. Runs a stranger's code."""
        name = f"specc_plugin_{self.path.stem}_{digest(self.code)[:12]}"
        if name in sys.modules:
            return sys.modules[name]
        module = ModuleType(name)
        module.__file__ = str(self.path)
        sys.modules[name] = module  # Pydantic looks the annotations of its classes up in there
        try:
            exec(compile(self.code, str(self.path), "exec"), module.__dict__)  # noqa: S102
        except BaseException:
            del sys.modules[name]
            raise
        return module


Plugin = InstalledPlugin | FilePlugin


def installed_plugins() -> Iterator[InstalledPlugin]:
    """Every plugin that is installed, sorted by name and distribution."""
    from importlib.metadata import entry_points

    found = []
    for point in entry_points(group=GROUP):
        distribution, version = (point.dist.name, point.dist.version) if point.dist else ("?", "")
        found.append(InstalledPlugin(Owner(point.name, distribution, version), point))
    yield from sorted(found, key=lambda plugin: (plugin.owner.plugin, plugin.owner.distribution))


def suppliers(name: str) -> tuple[Owner, ...]:
    """The installed plugins that list a component of this name; nothing of them is imported."""
    return _listed(tuple(sys.path)).get(name, ())


@lru_cache(maxsize=1)
def _listed(path: tuple[str, ...]) -> dict[str, tuple[Owner, ...]]:
    """Every listed name; ``path`` is where distributions are looked for."""
    from importlib.metadata import entry_points

    owners = {(p.owner.distribution, p.owner.plugin): p.owner for p in installed_plugins()}
    found: dict[str, tuple[Owner, ...]] = {}
    for point in sorted(entry_points(group=NAMES), key=lambda point: point.value):
        owner = owners.get((point.dist.name if point.dist else "", point.value))
        if owner is not None:
            found[point.name] = (*found.get(point.name, ()), owner)
    return found


def file_plugin(path: Path) -> FilePlugin:
    """The plugin in a Python file; its name is that of the file.

    Raises:
        SpecError: if the file cannot be read.
    """
    try:
        code = path.read_bytes()
    except OSError as error:
        message = f"the plugin file {path} cannot be read: {error.strerror}"
        raise SpecError(Diagnostic(BAD_PLUGIN_FILE, message, None)) from error
    return FilePlugin(Owner(path.stem, str(path), ""), path, code)
