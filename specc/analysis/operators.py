"""Operators on values of every kind."""

from __future__ import annotations

from specc.analysis import errors_values as values
from specc.analysis import plain, tensors
from specc.analysis.asking import condition, undecided
from specc.analysis.frame import Frame
from specc.analysis.values import (
    POISON,
    ListValue,
    Plain,
    Poison,
    Special,
    TensorValue,
    Undecided,
    Value,
    describe,
    holds_tensors,
    is_tensor,
    plain_term,
    tensor_of,
)
from specc.analysis.walks import total
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.terms import Choice, Op, names


def on_unary(node: tree.Unary, frame: Frame) -> Value:
    """``-x``, ``+x`` or ``not x``."""
    operand = frame.evaluate(node.operand)
    if isinstance(operand, Poison):
        return POISON
    if is_tensor(operand):
        return tensors.unary(frame, node, operand)
    if not isinstance(operand, Plain):
        return frame.error(
            values.BAD_ARITHMETIC,
            f"`{node.op}` does not work on {describe(operand)}",
            node.span,
            "not a number",
        )
    try:
        return plain.unary(node.op, operand)
    except plain.CannotCompute as reason:
        return frame.error(values.BAD_ARITHMETIC, str(reason), node.span, "cannot be computed")


def on_binary(node: tree.Binary, frame: Frame) -> Value:
    """Arithmetic, comparison, ``and`` and ``or``."""
    left, right = frame.evaluate(node.left), frame.evaluate(node.right)
    if isinstance(left, Poison) or isinstance(right, Poison):
        return POISON
    if is_tensor(left) or is_tensor(right):
        return tensors.binary(frame, node, left, right)
    if isinstance(left, ListValue) or isinstance(right, ListValue):
        return _list_operator(node, left, right, frame)
    for value, written in ((left, node.left), (right, node.right)):
        if not isinstance(value, Plain):
            return frame.error(
                values.BAD_ARITHMETIC,
                f"`{node.op}` does not work on {describe(value)}",
                written.span,
                "neither a number nor a tensor",
                help=value.without_operators if isinstance(value, Special) else None,
            )
    assert isinstance(left, Plain)
    assert isinstance(right, Plain)
    try:
        return plain.binary(node.op, left, right, frame.facts)
    except plain.CannotCompute as reason:
        return frame.error(values.BAD_ARITHMETIC, str(reason), node.span, "cannot be computed")


LONGEST_LIST = 100_000


def _list_operator(node: tree.Binary, left: Value, right: Value, frame: Frame) -> Value:
    """``list + list`` and ``list * count``; equality of lists of plain values."""
    terms = [plain_term(left), plain_term(right)]
    term = None if None in terms else Op(node.op, (terms[0], terms[1]))  # type: ignore[arg-type]
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        if node.op == "+":
            items = left.items + right.items
            exprs = [_list_expr(each) for each in (left, right)]
            tensors_in = [is_tensor(item) for item in items]
            if tensors_in and all(tensors_in):
                joined = ir.Operation("+", tuple(exprs))
                length = total(left.count, right.count)
                return ListValue(items, None, joined, length=length if names(length) else None)
            if not any(map(holds_tensors, (left, right))):
                return ListValue(items, term, None)
        if node.op in ("==", "!=") and term is not None:
            from_left = [getattr(item, "value", item) for item in left.items]
            from_right = [getattr(item, "value", item) for item in right.items]
            return Plain((from_left == from_right) == (node.op == "=="), term)
    if node.op == "*" and isinstance(left, ListValue) and isinstance(right, Plain):
        count = right.value
        if isinstance(count, int) and not isinstance(count, bool) and left.expr is None:
            if count * len(left.items) <= LONGEST_LIST:
                return ListValue(left.items * count, term, None)
            return frame.error(
                values.TOO_LARGE, "the list is too long", node.span, f"over {LONGEST_LIST:,}"
            )
    return frame.error(
        values.BAD_ARITHMETIC,
        f"`{node.op}` does not work on {describe(left)} and {describe(right)}",
        node.span,
        "cannot be computed",
        help="lists are joined with `+`: `parts + [h]`",
    )


def _list_expr(value: ListValue) -> ir.Expr:
    if value.expr is None:
        return ir.Sequence(())
    return ir.Function("list", (ir.Passed(value.expr),)) if value.parts else value.expr


def on_ternary(node: tree.Ternary, frame: Frame) -> Value:
    """``then if condition else otherwise``."""
    decided = condition(node.condition, frame)
    if decided is None:
        return POISON
    truth, written = decided
    if isinstance(truth, Undecided):
        answered = frame.answer(node.condition)
        if answered is None:
            return undecided(frame, node.condition)
        truth = answered
    taken = frame.evaluate(node.then if truth else node.otherwise)
    if is_tensor(taken):
        tensor = tensor_of(taken)
        sides = (tensor.expr, None) if truth else (None, tensor.expr)
        return TensorValue(tensor.type, ir.Choose(written.term, *sides))
    if isinstance(taken, Plain):
        other = frame.quietly(lambda: frame.evaluate(node.otherwise if truth else node.then))
        if isinstance(other, Plain):
            terms = (taken.term, other.term) if truth else (other.term, taken.term)
            return Plain(taken.value, Choice(written.term, *terms))
        return Plain(taken.value, taken.term)
    return taken
