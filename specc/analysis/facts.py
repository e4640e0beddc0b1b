"""What an `assert` that cannot be decided teaches about sizes."""

from __future__ import annotations

from specc.analysis.frame import Frame
from specc.analysis.values import Plain
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.poly import Facts


def learn(frame: Frame, node: tree.Expr) -> Facts:
    """The frame's facts with those of a condition: equality, divisibility, least sizes, ``and``."""
    match node:
        case tree.Paren(inner=inner):
            return learn(frame, inner)
        case tree.Binary(op="and", left=left, right=right):
            frame.facts = learn(frame, left)
            return learn(frame, right)
        case tree.Binary(op="==", left=tree.Paren(inner=left), right=right):
            return learn(frame, tree.Binary(node.span, "==", node.op_span, left, right))
        case tree.Binary(op="==", left=tree.Binary(op="%", left=size, right=by), right=zero):
            sizes = _sizes(frame, size, by, zero)
            if sizes is not None and sizes[2].known == 0:
                return frame.facts.with_divisible(sizes[0].poly, sizes[1].poly)
        case tree.Binary(op="==", left=left, right=right):
            sizes = _sizes(frame, left, right)
            if sizes is not None:
                return frame.facts.with_equal(sizes[0].poly, sizes[1].poly)
        case tree.Binary(op=">=" | ">" | "<=" | "<" as op, left=left, right=right):
            sizes = _sizes(frame, left, right)
            if sizes is not None:
                more, less = sizes if op in (">", ">=") else (sizes[1], sizes[0])
                strict = 1 if op in (">", "<") else 0
                return frame.facts.with_at_least(more.poly - less.poly, strict)
        case _:
            pass
    return frame.facts


def _sizes(frame: Frame, *nodes: tree.Expr) -> tuple[Dim, ...] | None:
    values = [frame.evaluate(node) for node in nodes]
    if not all(isinstance(value, Plain) and value.is_size for value in values):
        return None
    return tuple(value.dim() for value in values if isinstance(value, Plain))
