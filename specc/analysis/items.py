"""Lists, groups and items of them."""

from __future__ import annotations

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_values as values
from specc.analysis import tensors
from specc.analysis.asking import evaluate_plain
from specc.analysis.frame import Frame
from specc.analysis.values import (
    POISON,
    ListValue,
    Plain,
    Poison,
    Special,
    TensorValue,
    Value,
    describe,
    holds_tensors,
    is_tensor,
    tensor_of,
)
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.terms import Item


def on_list(node: tree.ListExpr, frame: Frame) -> Value:
    """``[a, b]``."""
    items = tuple(frame.evaluate(item) for item in node.items)
    if any(isinstance(item, Poison) for item in items):
        return POISON
    nested = [holds_tensors(item) for item in items]
    if any(nested):
        at = nested.index(True)
        return frame.error(
            meaning.NOT_A_TENSOR,
            "a list of tensors cannot stand inside a list",
            node.items[at].span,
            describe(items[at]),
            help="join lists with `+`: `parts + [h]`",
        )
    tensors_in = [is_tensor(item) for item in items]
    if any(tensors_in) and not all(tensors_in):
        at = tensors_in.index(False)
        return frame.error(
            meaning.NOT_A_TENSOR,
            "a list holds tensors or plain values, not both",
            node.items[at].span,
            describe(items[at]),
        )
    return ListValue.of(items)


def on_group(node: tree.Group, frame: Frame) -> Value:
    """``(a, b)`` where nothing is piped: an error."""
    return frame.error(
        meaning.NOT_A_VALUE,
        "a group of tensors stands before `|>`",
        node.span,
        "not piped into anything",
        help="use `[ ]` for a list of values",
    )


def on_paren(node: tree.Paren, frame: Frame) -> Value:
    """``(value)``."""
    return frame.evaluate(node.inner)


def on_range(node: tree.Range, frame: Frame) -> Value:
    """``low..high`` where a value is wanted: an error."""
    return frame.error(
        meaning.NOT_A_VALUE,
        "a range `low..high` stands only after `dynamic`",
        node.span,
        "not a value",
        help="for numbers to loop over use `range(low, high + 1)`",
    )


def on_index(node: tree.Index, frame: Frame) -> Value:
    """``value[items]``: of a list, a tensor, a source."""
    value = frame.evaluate(node.value)
    if isinstance(value, Special):
        found = value.item(frame, node)
        if found is not None:
            return found
    items: list[tensors.Item] = []
    for item in node.items:
        if isinstance(item, tree.EllipsisItem):
            items.append((item, None))
        elif isinstance(item, tree.Slice):
            bounds = tuple(
                None if part is None else evaluate_plain(part, frame, "a bound of a slice")
                for part in (item.start, item.stop, item.step)
            )
            written = (item.start, item.stop, item.step)
            if any(b is None and w is not None for b, w in zip(bounds, written, strict=True)):
                return POISON
            items.append((item, bounds))  # type: ignore[arg-type]
        else:
            found = frame.evaluate(item)
            if isinstance(found, Poison):
                return POISON
            items.append((item, found))
    if isinstance(value, Poison):
        return POISON
    if is_tensor(value):
        return tensors.index(frame, node, tensor_of(value), items)
    if isinstance(value, ListValue):
        return _pick(frame, node, value, items)
    return frame.error(
        values.BAD_ITEM, f"{describe(value)} has no items", node.span, "cannot be indexed"
    )


def _pick(frame: Frame, node: tree.Index, value: ListValue, items: list[tensors.Item]) -> Value:
    position = items[0][1]
    known = position.value if isinstance(position, Plain) else None
    if len(items) != 1 or isinstance(known, bool) or not isinstance(known, int):
        return frame.error(
            values.BAD_ITEM,
            "a list is indexed with one known whole number",
            node.span,
            "here",
            help="`list[0]` is the first item, `list[-1]` the last; a loop takes all of them: "
            "`for item in list as i { ... }`",
        )
    assert isinstance(position, Plain)
    if not -len(value.items) <= known < len(value.items):
        return frame.error(
            values.BAD_ITEM,
            f"there is no item {known} in a list of {len(value.items)}",
            items[0][0].span,
            "outside the list",
            help="the first item is 0, the last is -1" if value.items else None,
        )
    item = value.items[known]
    if value.expr is not None and is_tensor(item):
        picked = ir.Subscript(value.expr, (ir.Plain(position.term),))
        return TensorValue(tensor_of(item).type, picked)
    if value.term is not None and isinstance(item, Plain):
        return Plain(item.value, Item(value.term, position.term))
    return item
