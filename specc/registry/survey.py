"""The state of every plugin in reach, each tried in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from specc.diagnostics import SpecError
from specc.registry.discovery import FilePlugin, Plugin, file_plugin, installed_plugins
from specc.registry.guard import SECONDS
from specc.registry.loading import PluginOptions
from specc.registry.trust import is_trusted

SPARE = 10.0
"""Seconds beyond the plugin's own that a child may take, to start and to answer."""


class State(StrEnum):
    READY = "ready"
    FAILED = "failed"
    BLOCKED = "blocked"
    NOT_TRUSTED = "not trusted"


class Status(Struct, frozen=True):
    """What is known of one plugin.

    ``contributions`` are pairs of a kind and a name; ``reason`` says why it is not ready.
    """

    name: str
    distribution: str
    version: str
    origin: str
    state: State
    contributions: tuple[tuple[str, str], ...] = ()
    reason: str = ""


def survey(options: PluginOptions) -> Iterator[Status]:
    """Every installed plugin, and every single file that the command line or the project names.

    Strangers are imported in child processes, so that one that crashes or hangs is told of like
    any other; a file that was not approved is not run at all.
    """
    listed = options.project.files if options.project else ()
    for path in dict.fromkeys((*options.files, *listed)):
        try:
            plugin = file_plugin(path)
        except SpecError as error:
            reason = error.diagnostics[0].message
            yield Status(path.stem, str(path), "", str(path), State.FAILED, reason=reason)
            continue
        if path in options.files or is_trusted(path, plugin.code):
            yield _status(plugin, options)
        else:
            reason = f"read it, then run `specc plugins trust {path}`"
            yield _told(plugin, State.NOT_TRUSTED, reason=reason)
    for installed in installed_plugins():
        yield _status(installed, options)


def _status(plugin: Plugin, options: PluginOptions) -> Status:
    name = plugin.owner.plugin
    if name in options.blocked:
        return _told(plugin, State.BLOCKED, reason=f"kept out by `-p no:{name}`")
    answer, reason = _probe(plugin)
    if answer is None:
        return _told(plugin, State.FAILED, reason=reason)
    return _told(plugin, State.READY, tuple((kind, named) for kind, named in answer))


def _told(
    plugin: Plugin,
    state: State,
    contributions: tuple[tuple[str, str], ...] = (),
    reason: str = "",
) -> Status:
    owner = plugin.owner
    return Status(
        owner.plugin,
        owner.distribution,
        owner.version,
        plugin.origin,
        state,
        contributions,
        reason,
    )


def _probe(plugin: Plugin) -> tuple[list[list[str]] | None, str]:
    """What `specc.registry.probe` finds, or ``None`` and the reason."""
    kind = "file" if isinstance(plugin, FilePlugin) else "installed"
    where = plugin.origin if kind == "file" else plugin.owner.distribution
    # -P and our own path: the child is to find what we would find, and nothing in its folder.
    command = [sys.executable, "-P", "-m", "specc.registry.probe", kind, plugin.owner.plugin, where]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        child = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS + SPARE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"did not finish within {SECONDS + SPARE:g} seconds, and had to be killed"
    try:
        answer = json.loads(child.stdout.splitlines()[-1])
        return answer["contributions"], answer["reason"]
    except (ValueError, LookupError, TypeError):
        return None, f"ended its process with status {child.returncode}"
