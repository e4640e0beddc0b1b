"""The sizes that expressions in a signature have."""

from __future__ import annotations

from collections.abc import Callable

from specc.types.dim import Dim
from specc.types.notation import SignatureError
from specc.types.terms import Const, FunctionCall, Op, Ref, Term

Resolve = Callable[[str], Dim | None]
"""The size that is the component's field of that name, or ``None`` if it has none."""

Call = Callable[[str, tuple[Dim | int, ...]], Dim]
"""Calls the component's method of that name; numbers in the signature arrive as ints."""


def evaluate(term: Term, lookup: Resolve, call: Call) -> Dim:
    """The size that an expression of a signature has.

    Raises `SignatureError` for a name without a size, and whatever ``call`` raises.
    """
    match term:
        case Const(int(value)):
            return Dim.of(value)
        case Ref(name):
            size = lookup(name)
            if size is None:
                raise SignatureError(f"{name} is neither bound by an input nor a field")
            return size
        case Op(op, (left, right)):
            return _OPERATORS[op](evaluate(left, lookup, call), evaluate(right, lookup, call))
        case FunctionCall(name, args):
            return call(name, tuple(_argument(arg, lookup, call) for arg in args))
        case _:
            raise AssertionError(f"not an expression of a signature: {term}")


def _argument(term: Term, lookup: Resolve, call: Call) -> Dim | int:
    if isinstance(term, Const) and isinstance(term.value, int):
        return term.value
    return evaluate(term, lookup, call)


_OPERATORS: dict[str, Callable[[Dim, Dim], Dim]] = {
    "+": Dim.__add__,
    "-": Dim.__sub__,
    "*": Dim.__mul__,
    "//": Dim.__floordiv__,
}
