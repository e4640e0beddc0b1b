"""The syntax tree of an ``.nnspec`` file: what was written, with its places, and nothing more.

Nodes are immutable and carry the `Span` they were read from. Parentheses are kept (`Paren`), so
that the formatter prints what was meant and the pipe rule can be checked.
"""

from __future__ import annotations

from dataclasses import dataclass

from specc.diagnostics import Span


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """Anything that was read from a place."""

    span: Span


# --- expressions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class IntLiteral(Node):
    value: int


@dataclass(frozen=True, slots=True, eq=False)
class FloatLiteral(Node):
    """A number with a dot or an exponent; ``text`` keeps how it was written (``5e-4``)."""

    value: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class StringLiteral(Node):
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class BoolLiteral(Node):
    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class NoneLiteral(Node):
    pass


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    """An identifier, as an expression or as the name that a statement binds."""

    id: str


@dataclass(frozen=True, slots=True, eq=False)
class Attribute(Node):
    value: Expr
    name: Name


@dataclass(frozen=True, slots=True, eq=False)
class Slice(Node):
    """``start:stop:step`` inside an index; each part may be absent."""

    start: Expr | None
    stop: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class EllipsisItem(Node):
    """``...`` inside an index or among the dims of a type."""


@dataclass(frozen=True, slots=True, eq=False)
class Index(Node):
    """``value[items]``."""

    value: Expr
    items: tuple[Expr | Slice | EllipsisItem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Argument(Node):
    """One item between parentheses; ``name`` is there for ``name=value``."""

    name: Name | None
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """``func(arguments)``: configures a component, or calls a function on plain values."""

    func: Expr
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ListExpr(Node):
    """``[a, b]``: a list of values or of tensors."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Group(Node):
    """``(a, b)`` or ``(x, mask=m)``: tensors by position or by input name.

    Has two or more items, or a single one with a name or a trailing comma.
    """

    items: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Paren(Node):
    """``(expression)``."""

    inner: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Node):
    """``-x``, ``+x`` or ``not x``."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Node):
    """Arithmetic ``+ - * / // % ** @``, comparison ``== != < <= > >=``, or ``and``/``or``."""

    op: str
    op_span: Span
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Ternary(Node):
    """``then if condition else otherwise``."""

    then: Expr
    condition: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Range(Node):
    """``low..high``, both included (``dynamic B = 1..64``)."""

    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Stage(Node):
    """What stands after one ``|>``: a target that is applied, perhaps with a label before it."""

    label: Name | None
    target: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Pipe(Node):
    """``source |> stage |> stage``; flat, however long."""

    source: Expr
    stages: tuple[Stage, ...]


Expr = (
    IntLiteral
    | FloatLiteral
    | StringLiteral
    | BoolLiteral
    | NoneLiteral
    | Name
    | Attribute
    | Index
    | Call
    | ListExpr
    | Group
    | Paren
    | Unary
    | Binary
    | Ternary
    | Range
    | Pipe
)


# --- types -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class TypeExpr(Node):
    """A type as written: ``int``, ``list[int]``, ``float[B, 2 * D, ...]``, ``ids(10)[B]``.

    ``bounds`` are the arguments in parentheses. ``items`` is ``None`` without brackets; dims are
    expressions or ``...``; for ``list[T]`` the only item is the `Name` of the element type.
    """

    name: Name
    bounds: tuple[Expr, ...]
    items: tuple[Expr | EllipsisItem, ...] | None


# --- statements --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Assign(Node):
    """``[kind] targets[: type] [= value]``.

    ``kind`` is the soft word before the names (``input``, ``output``, ``metric``, ...). Without a
    value it declares (``input x: float[B, 4]``). ``doc`` is the text of the ``##`` lines above.
    """

    kind: Name | None
    targets: tuple[Name, ...]
    type: TypeExpr | None
    value: Expr | None
    doc: str


@dataclass(frozen=True, slots=True, eq=False)
class Assert(Node):
    condition: Expr
    message: StringLiteral | None


@dataclass(frozen=True, slots=True, eq=False)
class For(Node):
    """``for targets in iterable [as index] { body }``."""

    targets: tuple[Name, ...]
    iterable: Expr
    index: Name | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Repeat(Node):
    """``repeat count [as index] { body }``."""

    count: Expr
    index: Name | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Branch(Node):
    """One ``if condition { body }`` or ``else if condition { body }``."""

    condition: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    """A chain of branches; ``otherwise`` is ``None`` without a last ``else``."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Statement, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Scan(Node):
    """``scan targets in sequences { body }``: one set of weights over dim 1."""

    targets: tuple[Name, ...]
    sequences: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Import(Node):
    """``import "path" as alias``."""

    path: StringLiteral
    alias: Name


@dataclass(frozen=True, slots=True, eq=False)
class Use(Node):
    """``use name`` or ``use name >= 1.2``; ``version`` is the text after the operator."""

    name: Name
    op: str | None
    version: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(Node):
    """``name: type [= default]`` in the head of a section."""

    name: Name
    type: TypeExpr | None
    default: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Section(Node):
    """``word [name][(parameters)] { body }``; the grammar knows none of the words.

    ``parameters`` is ``None`` without parentheses. ``head`` spans the line up to the brace.
    """

    word: Name
    name: Name | None
    parameters: tuple[Parameter, ...] | None
    body: tuple[Statement, ...]
    doc: str
    head: Span


Statement = Assign | Assert | For | Repeat | If | Scan | Import | Use | Section


@dataclass(frozen=True, slots=True, eq=False)
class File(Node):
    """A whole file; ``version`` is the number after ``nnspec`` in its first line, if any."""

    version: IntLiteral | None
    body: tuple[Statement, ...]
