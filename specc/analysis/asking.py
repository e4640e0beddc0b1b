"""What an expression has to be: a plain value, a condition."""

from __future__ import annotations

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_values as values
from specc.analysis.frame import Frame
from specc.analysis.reading import nodes
from specc.analysis.values import (
    Plain,
    Poison,
    Undecided,
    describe,
)
from specc.syntax import tree


def evaluate_plain(node: tree.Expr, frame: Frame, what: str) -> Plain | None:
    """A plain value; anything else is reported with ``what`` was wanted."""
    value = frame.evaluate(node)
    if isinstance(value, Plain):
        return value
    if not isinstance(value, Poison):
        frame.error(
            meaning.NOT_A_VALUE,
            f"{what} has to be a plain value, not {describe(value)}",
            node.span,
            "not a plain value",
        )
    return None


def condition(node: tree.Expr, frame: Frame) -> tuple[bool | Undecided, Plain] | None:
    """The truth of a condition, `UNDECIDED` where symbolic sizes leave it open."""
    value = evaluate_plain(node, frame, "a condition")
    if value is None:
        return None
    if isinstance(value.value, (bool, Undecided)):
        return value.value, value
    frame.error(
        values.BAD_ARITHMETIC,
        f"a condition is true or false, not {describe(value)}",
        node.span,
        "neither true nor false",
        help="compare it: `... != 0`",
    )
    return None


def undecided(frame: Frame, node: tree.Expr) -> Poison:
    """Report a condition that shapes the model and depends on a free size."""
    return frame.error(
        values.UNDECIDED,
        "the compiler cannot decide this condition",
        node.span,
        "depends on a size that is free",
        help="no batch size is known before the run: a mask, or `where`, chooses row by row"
        if not frame.batch.isdisjoint(_names(node))
        else values.FIX_THE_SIZE,
    )


def _names(node: tree.Expr) -> set[str]:
    return {each.id for each in nodes(node) if isinstance(each, tree.Name)}
