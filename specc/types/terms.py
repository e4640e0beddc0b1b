"""Plain values as they were written: the expressions that messages and emitted source print.

A `Term` speaks of the names that are visible where it stands (``2 * hidden``); whether two sizes
are equal is not decided here but over polynomials (`specc.types.poly`). Terms are part of the IR:
immutable, hashable, and JSON-able.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple, force_setattr

from specc.types.limits import MAX_TERM_DEPTH, MAX_TERM_SIZE, TooComplex


class Tagged(
    Struct,
    frozen=True,
    tag_field="kind",
    tag=str.lower,
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """A node of the IR: as JSON, an object that names its class by ``kind``."""


class Const(Tagged, frozen=True, eq=False):
    """A literal; ``text`` keeps how a number was written (``5e-4``)."""

    value: int | float | bool | str | None
    text: str | None = None

    # Python holds 1 == True == 1.0; in printed source they are three different things.
    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Const)
            and type(self.value) is type(other.value)
            and self.value == other.value
            and self.text == other.text
        )

    def __ne__(self, other: object) -> bool:  # not derived from `==` where the base has its own
        return not self == other

    def __hash__(self) -> int:
        return hash((type(self.value), self.value, self.text))


class Ref(Tagged, frozen=True):
    """A name: a parameter, a dim or a local value."""

    name: str


class _Compound:
    """A term made of terms: knows its size, so that repeated doubling is stopped when it is built.

    Raises `TooComplex` where the term would pass the limits.
    """

    __slots__ = ("depth", "size")

    depth: int
    size: int

    def __post_init__(self) -> None:
        size = depth = 0
        for part in children(self):  # type: ignore[arg-type]
            if isinstance(part, _Compound):
                size += part.size
                depth = max(depth, part.depth)
            else:
                size += 1
        if size >= MAX_TERM_SIZE:
            raise TooComplex(f"the expression has more than {MAX_TERM_SIZE} parts")
        if depth >= MAX_TERM_DEPTH:
            raise TooComplex(f"the expression is nested more than {MAX_TERM_DEPTH} deep")
        force_setattr(self, "size", size + 1)  # type: ignore[arg-type]
        force_setattr(self, "depth", depth + 1)  # type: ignore[arg-type]

    # Copies are built anew: the slots above are not fields, so the generated state leaves them out.
    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), astuple(self)  # type: ignore[arg-type]


class Op(_Compound, Tagged, frozen=True):
    """An operator by its spelling; ``neg`` and ``not`` are unary, ``+ * and or`` may be n-ary."""

    op: str
    args: tuple[Term, ...]


class Choice(_Compound, Tagged, frozen=True):
    """``then if condition else otherwise``."""

    condition: Term
    then: Term
    otherwise: Term


class ListTerm(_Compound, Tagged, frozen=True):
    """``[a, b]``."""

    items: tuple[Term, ...]


class FunctionCall(_Compound, Tagged, frozen=True):
    """``name(args)`` for the functions on plain values: ``len min max sum abs round ...``."""

    name: str
    args: tuple[Term, ...]


class Item(_Compound, Tagged, frozen=True):
    """``value[index]``."""

    value: Term
    index: Term


Term = Const | Ref | Op | Choice | ListTerm | FunctionCall | Item


def children(term: Term) -> tuple[Term, ...]:
    """The terms directly inside ``term``."""
    match term:
        case Op() | FunctionCall():
            return term.args
        case Choice():
            return (term.condition, term.then, term.otherwise)
        case ListTerm():
            return term.items
        case Item():
            return (term.value, term.index)
        case _:
            return ()


def names(term: Term) -> frozenset[str]:
    """Every name that ``term`` refers to."""
    if isinstance(term, Ref):
        return frozenset((term.name,))
    return frozenset().union(*(names(part) for part in children(term)))


def substitute(term: Term, mapping: Mapping[str, Term]) -> Term:
    """``term`` with names replaced; what is not in ``mapping`` stays."""
    match term:
        case Const():
            return term
        case Ref(name):
            return mapping.get(name, term)
        case Op(op, args):
            return Op(op, tuple(substitute(arg, mapping) for arg in args))
        case FunctionCall(name, args):
            return FunctionCall(name, tuple(substitute(arg, mapping) for arg in args))
        case ListTerm(items):
            return ListTerm(tuple(substitute(item, mapping) for item in items))
        case Choice(condition, then, otherwise):
            return Choice(
                substitute(condition, mapping),
                substitute(then, mapping),
                substitute(otherwise, mapping),
            )
        case Item(value, index):
            return Item(substitute(value, mapping), substitute(index, mapping))


# --- printing ----------------------------------------------------------------------------------

_CHOICE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(10)

_LEVELS = {
    "or": _OR,
    "and": _AND,
    "not": _NOT,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _COMPARE),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "//", "%"), _PRODUCT),
    "neg": _UNARY,
    "**": _POWER,
}


def show(term: Term, *, compact: bool = False) -> str:
    """``term`` in the syntax of the language, with no more parentheses than it needs.

    ``compact`` sets factors tight (``2*hidden + 1``), as messages and types print them.
    """
    return _show(term, _CHOICE, compact)


def _show(term: Term, least: int, compact: bool) -> str:
    """The text of ``term``, in parentheses where it binds more weakly than ``least``."""
    text, level = _text_and_level(term, compact)
    return text if level >= least else f"({text})"


def _text_and_level(term: Term, compact: bool) -> tuple[str, int]:
    match term:
        case Const():
            return _literal(term)
        case Ref(name):
            return name, _ATOM
        case Op(op, args):
            return _operation(op, args, compact), _LEVELS[op]
        case FunctionCall(name, args):
            return f"{name}({_commas(args, compact)})", _ATOM
        case ListTerm(items):
            return f"[{_commas(items, compact)}]", _ATOM
        case Item(value, index):
            inner = _show(index, _CHOICE, compact)
            return f"{_show(value, _ATOM, compact)}[{inner}]", _ATOM
        case Choice(condition, then, otherwise):
            parts = (_show(then, _OR, compact), _show(condition, _OR, compact))
            return f"{parts[0]} if {parts[1]} else {_show(otherwise, _CHOICE, compact)}", _CHOICE


def _operation(op: str, args: tuple[Term, ...], compact: bool) -> str:
    level = _LEVELS[op]
    if op == "neg":
        return f"-{_show(args[0], _UNARY, compact)}"
    if op == "not":
        return f"not {_show(args[0], _NOT, compact)}"
    if op == "**":  # binds to the right, and tighter than a minus on its left only
        first, rest = _ATOM, _UNARY
    elif level == _COMPARE:
        first = rest = _SUM
    else:
        first, rest = level, level + 1
    shown = [_show(args[0], first, compact), *(_show(arg, rest, compact) for arg in args[1:])]
    tight = compact and level >= _PRODUCT
    return (op if tight else f" {op} ").join(shown)


def _commas(terms: tuple[Term, ...], compact: bool) -> str:
    return ", ".join(_show(term, _CHOICE, compact) for term in terms)


def _literal(term: Const) -> tuple[str, int]:
    value = term.value
    if value is None:
        return "none", _ATOM
    if isinstance(value, bool):
        return "true" if value else "false", _ATOM
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False), _ATOM
    return term.text or repr(value), _ATOM if value >= 0 else _UNARY
