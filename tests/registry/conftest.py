"""Distributions and plugin files made up for a test."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from specc.registry import Lazy, Registry, build_registry, hookimpl

Install = Callable[..., str]

HEADER = """\
from specc.components import Layer
from specc.registry import Lazy, hookimpl

specc_api = 1

"""


class CorePlugin:
    specc_api = 1

    @hookimpl
    def specc_components(self) -> Iterator[Lazy]:
        yield Lazy("relu", "layer", "specc.missing:Relu")
        yield Lazy("f1", "metric", "specc.missing:F1")


@pytest.fixture
def core() -> Registry:
    return build_registry([CorePlugin()])


@pytest.fixture(autouse=True)
def _forget_modules() -> Iterator[None]:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("plug_", "specc_plugin_")):
            del sys.modules[name]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """``install(name, code)`` makes a distribution ``specc-NAME`` 1.2.3 with a plugin ``NAME``."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def make(
        name: str,
        code: str,
        distribution: str | None = None,
        header: str = HEADER,
        names: tuple[str, ...] = (),
    ) -> str:
        distribution = distribution or f"specc-{name}"
        module = "plug_" + distribution.replace("-", "_")
        (site / f"{module}.py").write_text(header + textwrap.dedent(code))
        info = site / f"{distribution.replace('-', '_')}-1.2.3.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2.3\n"
        )
        (info / "entry_points.txt").write_text(
            f"[specc]\n{name} = {module}\n"
            + "[specc.names]\n"
            + "".join(f"{each} = {name}\n" for each in names)
        )
        return module

    return make
