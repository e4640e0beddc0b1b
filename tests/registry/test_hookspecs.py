"""Every hook is documented by a plugin that works."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path

import pytest

from specc.registry import PluginOptions, build_registry, hookspecs, load_plugins

HOOKS = [hook for name, hook in vars(hookspecs).items() if name.startswith("specc_")]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_the_example_in_the_docstring_works(hook, tmp_path: Path) -> None:
    text = inspect.getdoc(hook)
    example = text.split("::\n\n", 1)[1]
    lines = []
    for line in example.splitlines():
        if line and not line.startswith("    "):
            break
        lines.append(line)
    file = tmp_path / "swish.py"
    file.write_text(textwrap.dedent("\n".join(lines)))
    registry, found = load_plugins(build_registry([]), [], PluginOptions(files=(file,)))
    assert found == []
    assert registry.find("swish").load().__doc__ == "``x * sigmoid(x)``."
