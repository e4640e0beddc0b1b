"""Plain values as Python expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable

from specc.types.terms import Choice, Const, FunctionCall, Item, ListTerm, Op, Ref, Term

Lookup = Callable[[str], ast.expr]
"""How a name of the spec is read where the expression stands."""

_BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "@": ast.MatMult,
    "&": ast.BitAnd,
    "|": ast.BitOr,
}
_COMPARE: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_BOOL: dict[str, type[ast.boolop]] = {"and": ast.And, "or": ast.Or}
_UNARY: dict[str, type[ast.unaryop]] = {"neg": ast.USub, "not": ast.Not, "~": ast.Invert}


def python(term: Term, lookup: Lookup, *, argument: bool = False) -> ast.expr:
    """A term as Python; a list that is an ``argument`` becomes a tuple, as one writes it."""
    match term:
        case Const(value=value):
            return ast.Constant(value)
        case Ref(name=name):
            return lookup(name)
        case Op(op=op, args=args):
            return operation(op, [python(arg, lookup) for arg in args])
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return ast.IfExp(
                python(condition, lookup), python(then, lookup), python(otherwise, lookup)
            )
        case ListTerm(items=items):
            inner = [python(item, lookup, argument=argument) for item in items]
            return ast.Tuple(inner, ast.Load()) if argument else ast.List(inner, ast.Load())
        case FunctionCall(name=name, args=args):
            inner = [python(arg, lookup) for arg in args]
            return ast.Call(ast.Name(name, ast.Load()), inner, [])
        case Item(value=value, index=index):
            return ast.Subscript(python(value, lookup), python(index, lookup), ast.Load())


def operation(op: str, operands: list[ast.expr]) -> ast.expr:
    """An operator on Python expressions."""
    if op in _UNARY:
        return ast.UnaryOp(_UNARY[op](), operands[0])
    if op in _COMPARE:
        return ast.Compare(operands[0], [_COMPARE[op]()], operands[1:])
    if op in _BOOL:
        return ast.BoolOp(_BOOL[op](), operands)
    result, *rest = operands
    for operand in rest:
        result = ast.BinOp(result, _BINARY[op](), operand)
    return result
