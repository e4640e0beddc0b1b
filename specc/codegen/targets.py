"""Dotted targets of lowerings: how the emitted source imports and names them."""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

from specc.ir import expr as ir

_SHORT = (("torch.nn.functional.", "F."), ("torch.nn.", "nn."))


class Imports:
    """What a module has to import, and the parts whose source is copied into it."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.functional = False
        self.nn = True
        self.torch = False
        self.math = False
        self.parts: dict[str, str] = {}

    def reference(self, target: str, inline: bool) -> str:
        """The text by which the emitted source refers to a target."""
        if inline:
            return self._inline(target)
        for prefix, short in _SHORT:
            if target.startswith(prefix):
                self.functional |= short == "F."
                return short + target.removeprefix(prefix)
        module = target.rpartition(".")[0]
        if target.startswith("torch."):
            self.torch = True
        elif module:
            self.modules.add(module)
        return target

    def _inline(self, target: str) -> str:
        module, _, name = target.rpartition(".")
        for key, text in definitions(module, name).items():
            self.parts.setdefault(key, text)
            for inner in ast.walk(ast.parse(text)):
                if isinstance(inner, ast.Name):
                    self.functional |= inner.id == "F"
                    self.torch |= inner.id == "torch"
                    self.math |= inner.id == "math"
        return name

    def groups(self, *, named_tuple: bool = False) -> list[str]:
        """The import statements in groups, in the order that a linter wants."""
        standard = ["import math"] if self.math else []
        standard += ["from typing import NamedTuple"] if named_tuple else []
        others = [f"import {module}" for module in sorted(self.modules)]
        others += ["import torch"] if self.torch else []
        others += ["import torch.nn.functional as F"] if self.functional else []
        others.append("from torch import Tensor, nn")
        return ["\n".join(group) for group in (standard, others) if group]


def module_names(node: Any) -> set[str]:
    """The names that the module gets from the lowerings inside an IR node: parts and imports."""
    found: set[str] = set()
    for each in ir.walk(node):
        if isinstance(each, (ir.Function, ir.Construct)):
            module, _, name = each.target.rpartition(".")
            found |= definitions(module, name).keys() if each.inline else {module.split(".")[0]}
    return found


@cache
def definitions(module: str, name: str) -> dict[str, str]:
    """A definition and what it uses of its own file, in the file's order, as they stand there."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    text = Path(spec.origin).read_text(encoding="utf-8")
    own: dict[str, ast.stmt] = {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            own[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            own[node.targets[0].id] = node
    wanted, pending = {name}, [name]
    while pending:
        for inner in ast.walk(own[pending.pop()]):
            if isinstance(inner, ast.Name) and inner.id in own and inner.id not in wanted:
                wanted.add(inner.id)
                pending.append(inner.id)
    lines = text.split("\n")
    return {key: _text(node, lines) for key, node in own.items() if key in wanted}


def _text(node: ast.stmt, lines: list[str]) -> str:
    """The lines of a definition with its decorators, without remarks to linters."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    own = lines[first - 1 : node.end_lineno]
    return "\n".join(re.sub(r"\s*# (noqa|type: ignore|mypy:).*", "", line) for line in own)
