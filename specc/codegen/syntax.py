"""Small builders of Python's `ast`."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def name(text: str) -> ast.expr:
    """``a`` or ``a.b.c``."""
    first, *rest = text.split(".")
    node: ast.expr = ast.Name(first, ast.Load())
    for part in rest:
        if part.isdigit():
            node = ast.Subscript(node, ast.Constant(int(part)), ast.Load())
        else:
            node = ast.Attribute(node, part, ast.Load())
    return node


def assign(target: str, value: ast.expr) -> ast.stmt:
    """``target = value``; the target may have dots."""
    node = name(target)
    node.ctx = ast.Store()  # type: ignore[attr-defined]
    return ast.Assign([node], value, lineno=0)


def assign_many(targets: Iterable[str], value: ast.expr) -> ast.stmt:
    """``a, b = value``."""
    names: list[ast.expr] = [ast.Name(target, ast.Store()) for target in targets]
    target = names[0] if len(names) == 1 else ast.Tuple(names, ast.Store())
    return ast.Assign([target], value, lineno=0)


def call(func: ast.expr, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
    """``func(args, keyword=...)``."""
    return ast.Call(
        func, list(args), [ast.keyword(word, value) for word, value in keywords.items()]
    )


def method(receiver: ast.expr, word: str, *args: ast.expr) -> ast.Call:
    """``receiver.word(args)``."""
    return call(ast.Attribute(receiver, word, ast.Load()), *args)


def loop_over(targets: ast.expr, iterable: ast.expr, body: list[ast.stmt]) -> ast.stmt:
    """``for targets in iterable: body``."""
    return ast.For(targets, iterable, body, [], lineno=0)


def pattern(names: list[str]) -> ast.expr:
    """A loop's targets: one name or several."""
    nodes: list[ast.expr] = [ast.Name(each, ast.Store()) for each in names]
    return nodes[0] if len(nodes) == 1 else ast.Tuple(nodes, ast.Store())


def expression(value: ast.expr) -> ast.stmt:
    """An expression as a statement."""
    return ast.Expr(value)
