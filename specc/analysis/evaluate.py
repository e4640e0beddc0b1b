"""Expressions to values: which function reads which node."""

from __future__ import annotations

from collections.abc import Callable

from specc.analysis import items, literals, operators, pipes
from specc.analysis.frame import Frame
from specc.analysis.values import Value
from specc.syntax import tree
from specc.types.limits import TooComplex


def evaluate(node: tree.Expr, frame: Frame) -> Value:
    """The value of an expression. Mistakes are reported to the frame and give `POISON`."""
    context = frame.context
    context.budget.spend(node.span)
    try:
        with context.deeper(node.span):
            return _HANDLERS[type(node)](node, frame)
    except TooComplex as reason:
        return frame.too_complex(reason, node.span)


_HANDLERS: dict[type, Callable[..., Value]] = {
    tree.IntLiteral: literals.on_int,
    tree.FloatLiteral: literals.on_float,
    tree.StringLiteral: literals.on_literal,
    tree.BoolLiteral: literals.on_literal,
    tree.NoneLiteral: literals.on_none,
    tree.Name: literals.on_name,
    tree.Attribute: literals.on_attribute,
    tree.ListExpr: items.on_list,
    tree.Group: items.on_group,
    tree.Paren: items.on_paren,
    tree.Range: items.on_range,
    tree.Index: items.on_index,
    tree.Unary: operators.on_unary,
    tree.Binary: operators.on_binary,
    tree.Ternary: operators.on_ternary,
    tree.Call: pipes.on_call,
    tree.Pipe: pipes.on_pipe,
}
