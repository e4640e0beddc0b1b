"""Syntax trees made by hand: what a drawn program is put together from."""

from __future__ import annotations

from collections.abc import Iterable

from specc.diagnostics import SourceText, Span
from specc.syntax import tree

NOWHERE = Span(SourceText("drawn", ""), 0, 0)

# From the loosest to the tightest, as in the grammar.
PRECEDENCE = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "//", "%", "@"), 6),
    "sign": 7,
    "**": 8,
}
ATOM = 9


def name(text: str) -> tree.Name:
    return tree.Name(NOWHERE, text)


def lit(value: object) -> tree.Expr:
    """A literal; a negative number is a sign before one."""
    match value:
        case None:
            return tree.NoneLiteral(NOWHERE)
        case bool():
            return tree.BoolLiteral(NOWHERE, value)
        case str():
            return tree.StringLiteral(NOWHERE, value)
        case int() if value < 0:
            return tree.Unary(NOWHERE, "-", tree.IntLiteral(NOWHERE, -value))
        case int():
            return tree.IntLiteral(NOWHERE, value)
        case float() if value < 0:
            return tree.Unary(NOWHERE, "-", tree.FloatLiteral(NOWHERE, -value, repr(-value)))
        case float():
            return tree.FloatLiteral(NOWHERE, value, repr(value))
        case list() | tuple():
            return tree.ListExpr(NOWHERE, tuple(expr(item) for item in value))
    raise TypeError(f"no literal: {value!r}")


def expr(value: object) -> tree.Expr:
    """A tree as it is, a Python value as a literal."""
    return value if isinstance(value, tree.Node) else lit(value)  # type: ignore[return-value]


def call(func: str | tree.Expr, *args: object, **keywords: object) -> tree.Call:
    given = [tree.Argument(NOWHERE, None, expr(a)) for a in args]
    given += [tree.Argument(NOWHERE, name(k), expr(v)) for k, v in keywords.items()]
    return tree.Call(NOWHERE, name(func) if isinstance(func, str) else func, tuple(given))


def stage(target: str | tree.Expr, label: str | None = None) -> tree.Stage:
    made = name(target) if isinstance(target, str) else target
    return tree.Stage(NOWHERE, name(label) if label else None, made)


def pipe(source: tree.Expr, *stages: tree.Stage) -> tree.Expr:
    """A pipe; one whose source is a pipe goes on with it."""
    if not stages:
        return source
    if isinstance(source, tree.Pipe):
        return tree.Pipe(NOWHERE, source.source, (*source.stages, *stages))
    if isinstance(source, (tree.Binary, tree.Unary, tree.Ternary)):
        source = paren(source)
    return tree.Pipe(NOWHERE, source, stages)


def group(*items: tree.Expr, **named: tree.Expr) -> tree.Group:
    given = [tree.Argument(NOWHERE, None, item) for item in items]
    given += [tree.Argument(NOWHERE, name(k), v) for k, v in named.items()]
    return tree.Group(NOWHERE, tuple(given))


def paren(inner: tree.Expr) -> tree.Paren:
    return tree.Paren(NOWHERE, inner)


def strength(node: tree.Expr) -> int:
    match node:
        case tree.Binary(op=op):
            return PRECEDENCE[op]
        case tree.Unary(op=op):
            return PRECEDENCE["not" if op == "not" else "sign"]
        case tree.Pipe() | tree.Ternary():
            return 0
        case _:
            return ATOM


def at_least(node: tree.Expr, least: int) -> tree.Expr:
    return node if strength(node) >= least else paren(node)


def binary(op: str, left: object, right: object) -> tree.Binary:
    """An operator with the parentheses that its sides need."""
    own = PRECEDENCE[op]
    chained = own == PRECEDENCE["=="]  # comparisons do not chain
    one = at_least(expr(left), own + 1 if chained or op == "**" else own)
    other = at_least(expr(right), PRECEDENCE["sign"] if op == "**" else own + 1)
    return tree.Binary(NOWHERE, op, NOWHERE, one, other)


def unary(op: str, operand: tree.Expr) -> tree.Unary:
    own = PRECEDENCE["not" if op == "not" else "sign"]
    return tree.Unary(NOWHERE, op, at_least(operand, own))


def ternary(then: object, condition: tree.Expr, otherwise: object) -> tree.Ternary:
    sides = [at_least(expr(side), 1) for side in (then, condition, otherwise)]
    return tree.Ternary(NOWHERE, *sides)


def index(value: tree.Expr, *items: object) -> tree.Index:
    """``...`` is Python's, a slice is a tuple of three."""
    made = tuple(
        tree.EllipsisItem(NOWHERE)
        if item is ...
        else tree.Slice(NOWHERE, *(None if part is None else expr(part) for part in item))
        if isinstance(item, tuple)
        else expr(item)
        for item in items
    )
    return tree.Index(NOWHERE, at_least(value, ATOM), made)


def attribute(value: tree.Expr, word: str) -> tree.Attribute:
    return tree.Attribute(NOWHERE, at_least(value, ATOM), name(word))


def typed(word: str, dims: Iterable[object] | None, *bounds: object) -> tree.TypeExpr:
    items = None
    if dims is not None:
        items = tuple(tree.EllipsisItem(NOWHERE) if d is ... else expr(d) for d in dims)
    return tree.TypeExpr(NOWHERE, name(word), tuple(expr(b) for b in bounds), items)


def assign(
    target: str | tuple[str, ...],
    value: tree.Expr | None,
    *,
    kind: str | None = None,
    type: tree.TypeExpr | None = None,
) -> tree.Assign:
    targets = (target,) if isinstance(target, str) else target
    word = name(kind) if kind else None
    return tree.Assign(NOWHERE, word, tuple(map(name, targets)), type, value, "")


def if_(
    condition: tree.Expr, then: list[tree.Statement], otherwise: list[tree.Statement] | None = None
) -> tree.If:
    branch = tree.Branch(NOWHERE, condition, tuple(then))
    return tree.If(NOWHERE, (branch,), None if otherwise is None else tuple(otherwise))


def for_(
    targets: tuple[str, ...], iterable: object, body: list[tree.Statement], index: str | None = None
) -> tree.For:
    names = tuple(map(name, targets))
    return tree.For(NOWHERE, names, expr(iterable), name(index) if index else None, tuple(body))


def repeat(count: object, body: list[tree.Statement], index: str | None = None) -> tree.Repeat:
    return tree.Repeat(NOWHERE, expr(count), name(index) if index else None, tuple(body))


def model(
    word: str, parameters: list[tree.Parameter] | None, body: list[tree.Statement]
) -> tree.Section:
    given = None if parameters is None else tuple(parameters)
    return tree.Section(NOWHERE, name("model"), name(word), given, tuple(body), "", NOWHERE)


def parameter(word: str, type: tree.TypeExpr, default: tree.Expr | None) -> tree.Parameter:
    return tree.Parameter(NOWHERE, name(word), type, default)


def file(sections: Iterable[tree.Statement]) -> tree.File:
    return tree.File(NOWHERE, tree.IntLiteral(NOWHERE, 1), tuple(sections))
