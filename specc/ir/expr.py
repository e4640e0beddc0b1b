"""What a model computes, as data: constructors of modules and expressions over tensors.

Everything is immutable and hashable, and survives a round trip through JSON. Plain values inside
(`Term`) are kept as they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from msgspec.structs import replace

from specc.types.terms import Tagged, Term

# --- constructors ------------------------------------------------------------------------------


class Given(Tagged, frozen=True):
    """One argument of a call; ``name`` is torch's word for it, also where it goes by position."""

    name: str
    value: Term | Construct
    keyword: bool


class Construct(Tagged, frozen=True):
    """``target(arguments)`` evaluated once, when the module is built.

    ``target`` is a dotted path (``torch.nn.Linear``) chosen by a component's code, never by a spec.
    With ``inline`` it names a class or function whose own source is copied into the emitted module,
    so that the emitted source imports nothing but torch.
    """

    target: str
    arguments: tuple[Given, ...] = ()
    inline: bool = False


class ModelConstruct(Tagged, frozen=True):
    """Another model of the program, built with ``arguments``.

    ``dims`` gives, for each dim name of that model's inputs, the size it has here.
    """

    model: str
    arguments: tuple[Given, ...]
    dims: tuple[tuple[str, Term], ...]


class ListConstruct(Tagged, frozen=True):
    """A module list that is written out; ``None`` where an iteration has nothing."""

    items: tuple[Construct | ModelConstruct | ListConstruct | None, ...]


# --- expressions -------------------------------------------------------------------------------


class Local(Tagged, frozen=True):
    """A tensor (or a list of tensors) by its name in the spec."""

    name: str


class Plain(Tagged, frozen=True):
    """A plain value where an expression is expected."""

    term: Term


class Device(Tagged, frozen=True):
    """The device of the model's inputs, for a tensor that is made from nothing (``x.device``)."""


class Build(Tagged, frozen=True):
    """A construct without its place among the submodules yet; only lowerings make it."""

    construct: Construct


class Submodule(Tagged, frozen=True):
    """A submodule or parameter of the model, by its path (``wte``, ``wte.weight``)."""

    path: str


class Apply(Tagged, frozen=True):
    """``callee(arguments)``."""

    callee: Build | Submodule | Local
    arguments: tuple[Passed, ...]


class Passed(Tagged, frozen=True):
    """One argument of a forward call; ``name`` is there where it is passed by keyword."""

    value: Expr
    name: str | None = None


class Function(Tagged, frozen=True):
    """A call of a function by its dotted path (``torch.nn.functional.relu``)."""

    target: str
    arguments: tuple[Passed, ...]
    inline: bool = False


class Method(Tagged, frozen=True):
    """``receiver.name(arguments)``."""

    name: str
    receiver: Expr
    arguments: tuple[Passed, ...] = ()


class Operation(Tagged, frozen=True):
    """An operator on tensors and numbers, by its Python spelling; ``neg`` and ``~`` are unary."""

    op: str
    operands: tuple[Expr, ...]


class Pick(Tagged, frozen=True):
    """One element of a tuple, a NamedTuple (by name) or a list (by position)."""

    value: Expr
    which: int | str


class SliceItem(Tagged, frozen=True):
    start: Term | None
    stop: Term | None
    step: Term | None


class RestItem(Tagged, frozen=True):
    """``...`` inside an index."""


class Subscript(Tagged, frozen=True):
    """``value[items]``."""

    value: Expr
    items: tuple[Plain | SliceItem | RestItem | Expr, ...]


class Sequence(Tagged, frozen=True):
    """A list (``[a, b]``) or a tuple (``(a, b)``) of expressions."""

    items: tuple[Expr, ...]
    brackets: Literal["list", "tuple"] = "list"


class Choose(Tagged, frozen=True):
    """A ternary over tensors that the compiler decides; a side that was never taken is ``None``."""

    condition: Term
    then: Expr | None
    otherwise: Expr | None


Expr = (
    Local
    | Plain
    | Device
    | Build
    | Submodule
    | Apply
    | Function
    | Method
    | Operation
    | Pick
    | Subscript
    | Sequence
    | Choose
)

_TERM_MODULE = "specc.types.terms"


_PARTS: dict[type, tuple[str, ...] | None] = {}


def _parts(node: Any) -> tuple[str, ...] | None:
    """The fields of a node; terms have none, and what is no node gives ``None``."""
    kind = type(node)
    if kind not in _PARTS:
        found = kind.__struct_fields__ if issubclass(kind, Tagged) else None
        _PARTS[kind] = () if found and kind.__module__ == _TERM_MODULE else found
    return _PARTS[kind]


def walk(node: Any) -> Iterator[Any]:
    """Every IR node under ``node`` (itself first); terms are yielded, not entered."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, tuple):
            pending.extend(reversed(each))
            continue
        parts = _parts(each)
        if parts is not None:
            yield each
            pending.extend(getattr(each, part) for part in reversed(parts))


def map_terms(node: Any, change: Callable[[Term], Term]) -> Any:
    """``node`` with every term in it replaced; where none changes, the node itself."""
    if isinstance(node, tuple):
        items = tuple(map_terms(item, change) for item in node)
        return node if all(a is b for a, b in zip(items, node, strict=True)) else items
    parts = _parts(node)
    if parts is None:
        return node
    if not parts:
        return change(node)
    changed = {}
    for part in parts:
        old = getattr(node, part)
        new = map_terms(old, change)
        if new is not old:
            changed[part] = new
    return replace(node, **changed) if changed else node


def replaced(node: Any, old: Any, new: Any) -> Any:
    """``node`` with every part that equals ``old`` replaced by ``new``."""
    if node is old or (type(node) is type(old) and node == old):
        return new
    if isinstance(node, tuple):
        items = tuple(replaced(item, old, new) for item in node)
        return node if all(a is b for a, b in zip(items, node, strict=True)) else items
    changed = {}
    for part in _parts(node) or ():
        before = getattr(node, part)
        after = replaced(before, old, new)
        if after is not before:
            changed[part] = after
    return replace(node, **changed) if changed else node
