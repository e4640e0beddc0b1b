"""Calls of which only a part of the result is used: ``h = self.lstm(x)[0]``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from specc.codegen.names import all_steps
from specc.ir import expr as ir
from specc.ir import program as steps

Path = tuple[int, ...]


def parts_used(model: steps.Model) -> dict[str, Path]:
    """For each name that holds the whole result of a call: the positions that every use picks.

    Names that are bound more than once, or used whole, are left out.
    """
    bound: dict[str, int] = {each.name: 1 for each in model.inputs}
    held: set[str] = set()
    used: dict[str, list[Path]] = {output: [()] for output in model.outputs}
    for step in all_steps(model.body):
        if isinstance(step, steps.Let):
            for target in step.targets:
                bound[target] = bound.get(target, 0) + 1
            if len(step.targets) == 1 and not step.types and isinstance(step.value, ir.Apply):
                held.add(step.targets[0])
            for name, path in _uses(step.value):
                used.setdefault(name, []).append(path)
    shared = {name: _common(used[name]) for name in held if bound[name] == 1 and name in used}
    return {name: path for name, path in shared.items() if path}


def pick(value: ir.Expr, path: Path) -> ir.Expr:
    """``value[a][b]`` for the path ``(a, b)``."""
    for position in path:
        value = ir.Pick(value, position)
    return value


def left_of(node: ir.Pick, parts: dict[str, Path]) -> tuple[ir.Local, Path] | None:
    """The name and what is left to pick, where the name holds only the part that is used."""
    path: list[int] = []
    inner: ir.Expr = node
    while isinstance(inner, ir.Pick) and isinstance(inner.which, int):
        path.insert(0, inner.which)
        inner = inner.value
    if not isinstance(inner, ir.Local) or inner.name not in parts:
        return None
    return inner, tuple(path[len(parts[inner.name]) :])


def _uses(node: Any, path: Path = ()) -> Iterator[tuple[str, Path]]:
    """Each local name in an expression, with the positions that are picked from it there."""
    if isinstance(node, ir.Local):
        yield node.name, path
    elif isinstance(node, ir.Pick) and isinstance(node.which, int):
        yield from _uses(node.value, (node.which, *path))
    elif isinstance(node, tuple):
        for item in node:
            yield from _uses(item)
    elif isinstance(node, Struct) and type(node).__module__ == ir.__name__:
        for part in astuple(node):
            yield from _uses(part)


def _common(paths: list[Path]) -> Path:
    """The longest beginning that all paths share."""
    shortest = min(paths, key=len)
    for length, position in enumerate(shortest):
        if any(path[length] != position for path in paths):
            return shortest[:length]
    return shortest
