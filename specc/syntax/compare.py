"""Whether two trees say the same."""

from __future__ import annotations

from typing import Any

from msgspec.structs import astuple

from specc.diagnostics import Span
from specc.syntax import tree


def same_tree(one: tree.Node, other: tree.Node) -> bool:
    """Whether two trees are equal but for the places they were read from."""
    waiting: list[tuple[Any, Any]] = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, Span):
            continue
        if isinstance(left, tree.Node):
            waiting += zip(astuple(left), astuple(right), strict=True)
        elif isinstance(left, tuple):
            if len(left) != len(right):
                return False
            waiting += zip(left, right, strict=True)
        elif left != right:
            return False
    return True
