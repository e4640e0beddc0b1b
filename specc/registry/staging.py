"""What a plugin registers, checked entry by entry before any of it counts."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import pluggy

from specc.registry import hookspecs
from specc.registry.hookspecs import PROJECT, SPECC_API
from specc.registry.records import (
    CORE,
    Entry,
    Lazy,
    Owner,
    check_class,
    check_words,
    component_name,
)


class OtherApiError(Exception):
    """The plugin is written for hooks that this specc does not have."""


def entries_of(plugin: object, owner: Owner) -> tuple[Entry, ...]:
    """Everything that ``plugin`` (a module or an object with hooks) contributes.

    Runs the plugin's code: whatever that raises passes through, so a stranger's is called under
    the guard. Either all of its entries are good, or none is returned.

    Raises:
        OtherApiError: if its ``specc_api`` is not ours.
        TypeError, ValueError: if it registers something that is not a component.
    """
    _check_api(plugin)
    if owner.plugin == CORE and not owner.is_core:
        raise ValueError(f"only specc itself may be called `{CORE}`")
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, owner.plugin)
    manager.check_pending()  # a hook that does not exist is a slip that would go unnoticed

    entries: dict[tuple[str, str], Entry] = {}
    for contribution in manager.hook.specc_components():
        if not isinstance(contribution, Iterable):
            raise TypeError(
                f"specc_components() returned {_what(contribution)}, not an iterable of components"
            )
        for item in contribution:
            entry = _entry(item, owner)
            if entries.setdefault((entry.name, entry.kind), entry) is not entry:
                raise ValueError(f"the {entry.kind} `{entry.name}` is registered twice")
    return tuple(entries.values())


def _check_api(plugin: object) -> None:
    api = inspect.getattr_static(plugin, "specc_api", None)
    if api is None:
        raise OtherApiError(f"it does not say `specc_api = {SPECC_API}`")
    if api != SPECC_API:
        raise OtherApiError(f"it says `specc_api = {api!r}`, and this specc has {SPECC_API}")


def _entry(item: Any, owner: Owner) -> Entry:
    if isinstance(item, Lazy):
        return Entry(item.name, item.kind, owner, item.target, item.known_as)

    from specc.components import Component

    if not (isinstance(item, type) and issubclass(item, Component)):
        raise TypeError(f"specc_components() gave {_what(item)}, which is not a component")
    name, kind = component_name(item), getattr(item, "kind", None)
    check_words(name, kind, item.known_as)
    check_class(item)
    return Entry(name, str(kind), owner, item, item.known_as)


def _what(value: object) -> str:
    """A value in a few words; a stranger's ``repr`` may be long."""
    words = repr(value)
    return words if len(words) <= 80 else f"{words[:77]}..."
