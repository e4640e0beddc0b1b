"""What this distribution registers; nothing of it is imported before a spec uses it."""

from __future__ import annotations

from collections.abc import Iterable

from specc.registry import Lazy, hookimpl

specc_api = 1

COMPONENTS = {"transform": ("saved_tokenizer", "tokenize")}


@hookimpl
def specc_components() -> Iterable[Lazy]:
    """Every component by its name: file and class are called as it is."""
    for kind, names in COMPONENTS.items():
        for name in names:
            class_name = name.title().replace("_", "")
            yield Lazy(name, kind, f"specc_text.{kind}s.{name}:{class_name}")
