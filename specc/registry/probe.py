"""``python -m specc.registry.probe KIND NAME WHERE``: try one plugin, and answer in JSON.

KIND is ``installed`` (WHERE is the distribution) or ``file`` (WHERE is the path).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from specc.registry.discovery import Plugin, file_plugin, installed_plugins
from specc.registry.guard import StrangerError
from specc.registry.loading import stage


def main(kind: str, name: str, where: str) -> None:
    """Print ``{"contributions": [[kind, name], ...] or null, "reason": ...}`` as the last line."""
    contributions, reason = None, ""
    try:
        contributions = [[entry.kind, entry.name] for entry in stage(_plugin(kind, name, where))]
    except StrangerError as error:
        reason = error.reason
    print(json.dumps({"contributions": contributions, "reason": reason}), flush=True)  # noqa: T201
    os._exit(0)  # what the plugin left behind (threads, exit handlers) has no say in the answer


def _plugin(kind: str, name: str, where: str) -> Plugin:
    if kind == "file":
        return file_plugin(Path(where))
    for plugin in installed_plugins():
        if (plugin.owner.plugin, plugin.owner.distribution) == (name, where):
            return plugin
    raise LookupError(f"{name} of {where} is not installed")


if __name__ == "__main__":
    main(*sys.argv[1:])
