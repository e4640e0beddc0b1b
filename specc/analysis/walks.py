"""What a loop walks over: the lists of its names, side by side.

Tensors are picked from a list that a local holds, by the number of the iteration: what an item was
computed with may be bound again by then, and what it takes to compute one is done once.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from specc.analysis.values import (
    ListValue,
    TensorValue,
    Value,
    holds_tensors,
    tensor_of,
)
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.terms import Const, FunctionCall, Item, ListTerm, Op, Ref, Term, substitute
from specc.types.terms import names as names_of

if TYPE_CHECKING:
    from specc.analysis.bindings import Bindings


class Walk(Struct):
    """The values of each iteration, and how a loop over them is written.

    ``targets`` are the names that ``iterable`` gives; without any it is the number of iterations.
    ``tensors`` are the others: where their items are kept, and whether they are read from the end.
    """

    rows: tuple[Value, ...]
    targets: tuple[str, ...]
    iterable: Term | None
    tensors: dict[str, tuple[ir.Expr, bool]]


def walk(frame: Bindings, node: tree.For, value: ListValue, written: frozenset[str]) -> Walk:
    """How a loop over ``value`` is kept, where its body binds the names in ``written``."""
    names = tuple(target.id for target in node.targets)
    if not holds_tensors(value):
        return Walk(value.items, names, value.term, {})
    together = len(names) == len(value.columns) > 1
    columns = value.columns if together else (value,)
    if not together and value.expr is None:  # rows as they are, or too many names: see the message
        return Walk(value.items, names, None, {})
    held: list[ListValue] = []
    tensors: dict[str, tuple[ir.Expr, bool]] = {}
    plain: list[tuple[str, Term | None]] = []
    for name, column in zip(names, columns, strict=False):
        if column.expr is None:
            plain.append((name, column.term))
            held.append(column)
            continue
        kept, backwards = _steady(frame, node, name, column, written)
        assert kept.expr is not None
        tensors[name] = (kept.expr, backwards)
        held.append(kept)
    terms = tuple(term for _, term in plain if term is not None)
    iterable: Term | None = None
    if not plain:
        iterable = columns[0].count
    elif len(terms) == len(plain):
        iterable = terms[0] if len(terms) == 1 else FunctionCall("zip", terms)
    rows: tuple[Value, ...] = held[0].items
    if together:
        rows = tuple(ListValue.of(row) for row in zip(*(each.items for each in held), strict=True))
    return Walk(rows, tuple(name for name, _ in plain), iterable, tensors)


def _steady(
    frame: Bindings, node: tree.For, name: str, value: ListValue, written: frozenset[str]
) -> tuple[ListValue, bool]:
    """A list in a local that the loop leaves alone, and whether it is read from the end."""
    source = ir_reversed(value.expr)
    if isinstance(source, ir.Local) and source.name not in written:
        return replace(value, expr=source), True
    if isinstance(value.expr, ir.Local) and value.expr.name not in written:
        return value, False
    assert value.expr is not None
    kept = unused(frame, f"{name}_items")
    return hold(frame, kept, value), False


def rows(frame: Bindings, walked: Walk, index: tree.Name | None, number: int) -> dict[str, Term]:
    """What the names of a loop hold in one iteration, written without them."""
    found: dict[str, Term] = {} if index is None else {index.id: Const(number)}
    if walked.iterable is None or not walked.targets:
        return found
    iterable = substitute(substitute(walked.iterable, frame.definitions), frame.rows)
    if isinstance(iterable, FunctionCall) and iterable.name == "zip":
        columns: tuple[Term, ...] = iterable.args
    else:
        columns = (iterable,)
    picked = [_item(column, number) for column in columns]
    if len(picked) != len(walked.targets):
        picked = [Item(picked[0], Const(k)) for k in range(len(walked.targets))]
    return found | dict(zip(walked.targets, picked, strict=True))


def _item(column: Term, number: int) -> Term:
    if isinstance(column, ListTerm) and number < len(column.items):
        return column.items[number]
    given = FunctionCall("list", (column,)) if isinstance(column, FunctionCall) else column
    return Item(given, Const(number))


def unused(frame: Bindings, wanted: str) -> str:
    """A name for a local of ours that the spec has no other use for."""
    while wanted in frame.names or frame.bound_later(wanted) is not None:
        wanted += "_"
    return wanted


def hold(frame: Bindings, name: str, value: ListValue) -> ListValue:
    """A list of tensors computed once, into a local; its items are read from there."""
    assert value.expr is not None
    frame.let((name,), value.expr, ())
    local = ir.Local(name)
    items = tuple(
        TensorValue(tensor_of(item).type, at(local, Const(number)))
        for number, item in enumerate(value.items)
    )
    return replace(value, items=items, term=None, expr=local)


def hold_columns(frame: Bindings, name: str, value: ListValue) -> ListValue:
    """Rows of a `zip` that a name is bound to: the lists stay what they are now."""
    columns = tuple(
        column if column.expr is None else hold(frame, unused(frame, f"{name}_{number}"), column)
        for number, column in enumerate(value.columns)
    )
    rows = tuple(ListValue.of(row) for row in zip(*(c.items for c in columns), strict=True))
    return replace(value, items=rows, columns=columns)


def at(whole: ir.Expr, position: Term) -> ir.Expr:
    """One item of a list."""
    return ir.Subscript(whole, (ir.Plain(position),))


def ir_reversed(expr: ir.Expr | None) -> ir.Expr | None:
    """What ``expr`` is the reverse of, if it is one."""
    match expr:
        case ir.Subscript(value=value, items=(ir.SliceItem(start=None, stop=None, step=step),)):
            return value if step == Const(-1) else None
    return None


def position(index: str, backwards: bool) -> Term:
    """Where the item of an iteration stands."""
    return Op("-", (Const(-1), Ref(index))) if backwards else Ref(index)


def reverse(value: ListValue) -> ListValue:
    """``reversed(list)`` of tensors."""
    items = tuple(reversed(value.items))
    if isinstance(value.expr, ir.Sequence):
        return replace(value, items=items, expr=ir.Sequence(tuple(reversed(value.expr.items))))
    assert value.expr is not None
    expr = ir.Subscript(value.expr, (ir.SliceItem(None, None, Const(-1)),))
    return replace(value, items=items, expr=expr)


def total(one: Term, other: Term) -> Term:
    """A sum, computed where both are numbers."""
    if isinstance(one, Const) and isinstance(other, Const):
        return Const(int(str(one.value)) + int(str(other.value)))
    if Const(0) in (one, other):
        return other if one == Const(0) else one
    return Op("+", (one, other))


class Growth:
    """How lists of tensors grow in a loop: their lengths follow from how often it runs."""

    def __init__(self, frame: Bindings, written: frozenset[str], carried: frozenset[str]) -> None:
        self.before = {name: _list(frame, name) for name in written}
        self.carried = carried
        self.lengths: dict[str, list[int]] = {}

    def note(self, frame: Bindings) -> None:
        """Keep the lengths at the end of an iteration."""
        for name in self.before:
            found = _list(frame, name)
            if found is not None:
                self.lengths.setdefault(name, []).append(len(found.items))

    def settle(self, frame: Bindings, times: Term) -> bool:
        """Say what the lengths are after a loop that ran ``times``, as parameters have it.

        False where they follow from what else the iterations did.
        """
        if not names_of(times):
            return True
        for name, lengths in self.lengths.items():
            value, before = _list(frame, name), self.before[name]
            if value is None or value.expr is None or name not in self.carried or before is None:
                continue
            steps = {b - a for a, b in pairwise((len(before.items), *lengths))}
            if len(steps) > 1:
                return False
            step = steps.pop()
            grown = times if step == 1 else Op("*", (Const(step), times))
            length = total(before.count, grown) if step else before.count
            binding = frame.names[name]
            frame.names[name] = replace(binding, value=replace(value, length=length))
        return True


def _list(frame: Bindings, name: str) -> ListValue | None:
    binding = frame.names.get(name)
    return binding.value if binding and isinstance(binding.value, ListValue) else None
