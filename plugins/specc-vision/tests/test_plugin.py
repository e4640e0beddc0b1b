"""What the plugin registers."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import specc_vision
from specc_vision import plugin

from specc.components import TensorComponent
from specc.registry import build_registry
from specc.registry.records import Owner
from specc.registry.staging import entries_of
from specc.testing import check_component

PACKAGE = Path(specc_vision.__file__).parent


def test_everything_that_is_named_is_there() -> None:
    entries = entries_of(plugin, Owner("vision", "specc-vision", specc_vision.__version__))
    assert len(entries) == sum(map(len, plugin.COMPONENTS.values()))
    for entry in entries:
        cls = entry.load()
        assert cls.kind == entry.kind
        assert cls.__doc__
        assert cls.__module__.rpartition(".")[2] == entry.name


def test_every_component_is_named() -> None:
    files = {
        (folder.name, file.stem) for folder in PACKAGE.iterdir() for file in folder.glob("[!_]*.py")
    }
    named = {(f"{kind}s", name) for kind, names in plugin.COMPONENTS.items() for name in names}
    assert files == named


def test_what_is_listed_without_an_import_is_what_is_there() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    names = [name for names in plugin.COMPONENTS.values() for name in names]
    assert project["entry-points"]["specc.names"] == dict.fromkeys(sorted(names), "vision")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, name)
        for kind, names in plugin.COMPONENTS.items()
        for name in names
        if kind != "source"
    ],
)
def test_components_conform(kind: str, name: str) -> None:
    entries = entries_of(plugin, Owner("vision", "specc-vision", specc_vision.__version__))
    (entry,) = [each for each in entries if (each.kind, each.name) == (kind, name)]
    cls = entry.load()
    assert issubclass(cls, TensorComponent)
    check_component(cls).stop_if_failed()


def test_no_name_is_one_of_the_core() -> None:
    from specc import stdlib

    core = build_registry([stdlib])
    assert not [n for names in plugin.COMPONENTS.values() for n in names if core.has_core(n)]


def test_the_plugin_module_imports_nothing_heavy() -> None:
    code = (
        "import sys; import specc_vision.plugin\n"
        "heavy = {'PIL', 'numpy', 'pyarrow', 'pydantic', 'torch'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr
