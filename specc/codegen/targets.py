"""Dotted targets of lowerings: how the emitted source imports and names them."""

from __future__ import annotations

import ast
import importlib.util
from functools import cache
from pathlib import Path

_SHORT = (("torch.nn.functional.", "F."), ("torch.nn.", "nn."))


class Imports:
    """What a module has to import, and the parts whose source is copied into it."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.functional = False
        self.nn = True
        self.torch = False
        self.math = False
        self.parts: dict[str, list[ast.stmt]] = {}

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
        for key, nodes in definitions(module, name).items():
            self.parts.setdefault(key, nodes)
        for node in (n for part in self.parts.values() for n in part):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name):
                    self.functional |= inner.id == "F"
                    self.torch |= inner.id == "torch"
                    self.math |= inner.id == "math"
        return name

    def statements(self) -> list[ast.stmt]:
        """The import statements, in the order that a linter wants."""
        plain = sorted({*self.modules, *(["math"] if self.math else [])})
        found: list[ast.stmt] = [ast.Import([ast.alias(module)]) for module in plain]
        if self.torch:
            found.append(ast.Import([ast.alias("torch")]))
        if self.functional:
            found.append(ast.Import([ast.alias("torch.nn.functional", "F")]))
        found.append(ast.ImportFrom("torch", [ast.alias("Tensor"), ast.alias("nn")], 0))
        return found


@cache
def definitions(module: str, name: str) -> dict[str, list[ast.stmt]]:
    """A definition and what it uses of its own file, in the file's order, as syntax trees."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    own: dict[str, ast.stmt] = {}
    for node in tree.body:
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
    return {key: [node] for key, node in own.items() if key in wanted}
