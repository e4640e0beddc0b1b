"""The syntax tree of an ``.nnspec`` file: what was written, with its places, and nothing more.

Nodes are immutable and carry the `Span` they were read from. Parentheses are kept (`Paren`), so
that the formatter prints what was meant and the pipe rule can be checked.
"""

from __future__ import annotations

from msgspec import Struct

from specc.diagnostics import Span


class Node(Struct, frozen=True, eq=False):
    """Anything that was read from a place."""

    span: Span


# --- expressions -------------------------------------------------------------------------------


class IntLiteral(Node, frozen=True):
    value: int


class FloatLiteral(Node, frozen=True):
    """A number with a dot or an exponent; ``text`` keeps how it was written (``5e-4``)."""

    value: float
    text: str


class StringLiteral(Node, frozen=True):
    value: str


class BoolLiteral(Node, frozen=True):
    value: bool


class NoneLiteral(Node, frozen=True):
    pass


class Name(Node, frozen=True):
    """An identifier, as an expression or as the name that a statement binds."""

    id: str


class Attribute(Node, frozen=True):
    value: Expr
    name: Name


class Slice(Node, frozen=True):
    """``start:stop:step`` inside an index; each part may be absent."""

    start: Expr | None
    stop: Expr | None
    step: Expr | None


class EllipsisItem(Node, frozen=True):
    """``...`` inside an index or among the dims of a type."""


class Index(Node, frozen=True):
    """``value[items]``."""

    value: Expr
    items: tuple[Expr | Slice | EllipsisItem, ...]


class Argument(Node, frozen=True):
    """One item between parentheses; ``name`` is there for ``name=value``."""

    name: Name | None
    value: Expr


class Call(Node, frozen=True):
    """``func(arguments)``: configures a component, or calls a function on plain values."""

    func: Expr
    arguments: tuple[Argument, ...]


class ListExpr(Node, frozen=True):
    """``[a, b]``: a list of values or of tensors."""

    items: tuple[Expr, ...]


class Group(Node, frozen=True):
    """``(a, b)`` or ``(x, mask=m)``: tensors by position or by input name.

    Has two or more items, or a single one with a name or a trailing comma.
    """

    items: tuple[Argument, ...]


class Paren(Node, frozen=True):
    """``(expression)``."""

    inner: Expr


class Unary(Node, frozen=True):
    """``-x``, ``+x`` or ``not x``."""

    op: str
    operand: Expr


class Binary(Node, frozen=True):
    """Arithmetic ``+ - * / // % ** @``, comparison ``== != < <= > >=``, or ``and``/``or``."""

    op: str
    op_span: Span
    left: Expr
    right: Expr


class Ternary(Node, frozen=True):
    """``then if condition else otherwise``."""

    then: Expr
    condition: Expr
    otherwise: Expr


class Range(Node, frozen=True):
    """``low..high``, both included (``dynamic B = 1..64``)."""

    low: Expr
    high: Expr


class Stage(Node, frozen=True):
    """What stands after one ``|>``: a target that is applied, perhaps with a label before it."""

    label: Name | None
    target: Expr


class Pipe(Node, frozen=True):
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


class TypeExpr(Node, frozen=True):
    """A type as written: ``int``, ``list[int]``, ``float[B, 2 * D, ...]``, ``ids(10)[B]``.

    ``bounds`` are the arguments in parentheses. ``items`` is ``None`` without brackets; dims are
    expressions or ``...``; for ``list[T]`` the only item is the `Name` of the element type.
    """

    name: Name
    bounds: tuple[Expr, ...]
    items: tuple[Expr | EllipsisItem, ...] | None


# --- statements --------------------------------------------------------------------------------


class Assign(Node, frozen=True):
    """``[kind] targets[: type] [= value]``.

    ``kind`` is the soft word before the names (``input``, ``output``, ``metric``, ...). Without a
    value it declares (``input x: float[B, 4]``). ``doc`` is the text of the ``##`` lines above.
    """

    kind: Name | None
    targets: tuple[Name, ...]
    type: TypeExpr | None
    value: Expr | None
    doc: str


class Assert(Node, frozen=True):
    condition: Expr
    message: StringLiteral | None


class For(Node, frozen=True):
    """``for targets in iterable [as index] { body }``."""

    targets: tuple[Name, ...]
    iterable: Expr
    index: Name | None
    body: tuple[Statement, ...]


class Repeat(Node, frozen=True):
    """``repeat count [as index] { body }``."""

    count: Expr
    index: Name | None
    body: tuple[Statement, ...]


class Branch(Node, frozen=True):
    """One ``if condition { body }`` or ``else if condition { body }``."""

    condition: Expr
    body: tuple[Statement, ...]


class If(Node, frozen=True):
    """A chain of branches; ``otherwise`` is ``None`` without a last ``else``."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Statement, ...] | None


class Scan(Node, frozen=True):
    """``scan targets in sequences { body }``: one set of weights over dim 1."""

    targets: tuple[Name, ...]
    sequences: Expr
    body: tuple[Statement, ...]


class Import(Node, frozen=True):
    """``import "path" as alias``."""

    path: StringLiteral
    alias: Name


class Use(Node, frozen=True):
    """``use name`` or ``use name >= 1.2``; ``version`` is the text after the operator."""

    name: Name
    op: str | None
    version: str | None


class Parameter(Node, frozen=True):
    """``name: type [= default]`` in the head of a section."""

    name: Name
    type: TypeExpr | None
    default: Expr | None


class Section(Node, frozen=True):
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


class File(Node, frozen=True):
    """A whole file; ``version`` is the number after ``nnspec`` in its first line, if any."""

    version: IntLiteral | None
    body: tuple[Statement, ...]
