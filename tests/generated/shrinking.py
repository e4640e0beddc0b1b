"""Smaller programs with the same mistake.

Statements, sections, stages and parameters are left out, loops and branches are replaced by what is
in them, for as long as the discrepancy stays of its kind.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from specc.syntax import tree
from tests.generated.harness import Discrepancy, run
from tests.generated.programs import Program


def kind_of(program: Program, folder: Path) -> str | None:
    """The kind of the discrepancy that a program shows, if it shows one."""
    try:
        run(program, folder)
    except Discrepancy as found:
        return found.kind
    except Exception as error:  # noqa: BLE001  (a mistake of the harness is one, too)
        return f"harness: {error!r}"
    return None


def shrunk(program: Program, folder: Path, *, tries: int = 3000) -> Program:
    """A program that is as small as it gets."""
    wanted = kind_of(program, folder)
    assert wanted is not None
    again = True
    while again and tries > 0:
        again = False
        for smaller in _smaller(program.file):
            tries -= 1
            trial = dataclasses.replace(program, file=smaller)
            if tries > 0 and kind_of(trial, folder) == wanted:
                program, again = trial, True
                break
    return program


def _smaller(node: Any) -> Iterator[Any]:
    """Every way to leave out or to simplify one thing below a node."""
    if isinstance(node, tuple):
        for position, item in enumerate(node):
            rest = (node[:position], node[position + 1 :])
            yield rest[0] + rest[1]
            if isinstance(item, (tree.For, tree.Repeat)):
                yield rest[0] + item.body + rest[1]
            if isinstance(item, tree.If):
                yield rest[0] + item.branches[0].body + rest[1]
                yield rest[0] + (item.otherwise or ()) + rest[1]
            for smaller in _smaller(item):
                yield (*rest[0], smaller, *rest[1])
    elif isinstance(node, tree.Node):
        yield from _simpler(node)
        for name in node.__struct_fields__:
            value = getattr(node, name)
            if name in ("span", "op_span", "head", "version"):
                continue
            if isinstance(value, (tuple, tree.Node)):
                for smaller in _smaller(value):
                    if name == "targets" or (smaller == () and name != "body"):
                        continue
                    yield replace(node, **{name: smaller})


def _simpler(node: tree.Node) -> Iterator[Any]:
    match node:
        case tree.Stage(label=tree.Name()):
            yield replace(node, label=None)
        case tree.Pipe(source=source, stages=(_,)):
            yield source
        case tree.Binary(left=left, right=right):
            yield left
            yield right
        case tree.Ternary(then=then, otherwise=otherwise):
            yield then
            yield otherwise
        case tree.Paren(inner=inner) if not isinstance(
            inner, (tree.Binary, tree.Pipe, tree.Ternary, tree.Unary)
        ):
            yield inner
        case tree.Assign(kind=tree.Name(id="output"), type=tree.TypeExpr()):
            yield replace(node, type=None)
        case tree.Assign(kind=None, type=tree.TypeExpr()):
            yield replace(node, type=None)
        case tree.If(otherwise=(*_,)):
            yield replace(node, otherwise=None)
        case tree.For(index=tree.Name()) | tree.Repeat(index=tree.Name()):
            yield replace(node, index=None)
        case tree.Call(func=func, arguments=()):
            yield func
