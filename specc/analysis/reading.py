"""Walking through trees: their nodes, and how the names in them are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from specc.syntax import tree


def nodes(node: Any) -> Iterator[tree.Node]:
    """Every tree node under ``node``, in the order it was written."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, tuple):
            pending += each[::-1]
        elif isinstance(each, tree.Node):
            yield each
            pending += [getattr(each, word) for word in _INNER[type(each)]]


# The fields that may hold other nodes, last first.
_LEAVES = ("Span", "int", "float", "bool", "str", "str | None")
_INNER: dict[type, tuple[str, ...]] = {
    kind: tuple(
        name
        for name in reversed(kind.__struct_fields__)
        if name != "span" and kind.__annotations__[name] not in _LEAVES
    )
    for kind in vars(tree).values()
    if isinstance(kind, type) and issubclass(kind, tree.Node)
}


class LoopBody(Struct, frozen=True):
    """What the body of a loop says of names.

    ``written`` are those that it binds, ``mentioned`` all that stand in it, ``carried`` those of
    the bound ones that an iteration may read before it binds them. ``weight`` is the number of its
    nodes.
    """

    written: frozenset[str]
    mentioned: frozenset[str]
    carried: frozenset[str]
    weight: int


def loop(body: tuple[tree.Statement, ...]) -> LoopBody:
    """What the body of a loop says of names."""
    found = list(nodes(body))
    written = frozenset(n.id for s in found if isinstance(s, tree.Assign) for n in s.targets)
    mentioned = frozenset(node.id for node in found if isinstance(node, tree.Name))
    return LoopBody(written, mentioned, written & _entering(body), len(found) + 1)


def _entering(body: Sequence[tree.Statement], bound: set[str] | None = None) -> set[str]:
    """The names that an iteration may read before it binds them; ``bound`` gains those it binds."""
    bound = set() if bound is None else bound
    found: set[str] = set()
    for statement in body:
        match statement:
            case tree.Assign(targets=targets):
                found |= _mentioned((statement.type, statement.value)) - bound
                bound |= {target.id for target in targets}
            case tree.If(branches=branches, otherwise=otherwise):
                found |= _mentioned(tuple(b.condition for b in branches)) - bound
                for side in (*(b.body for b in branches), otherwise or ()):
                    found |= _entering(side, set(bound))
            case tree.For(body=inner) | tree.Repeat(body=inner):
                head = statement.iterable if isinstance(statement, tree.For) else statement.count
                found |= _mentioned((head,)) - bound
                found |= _entering(inner, set(bound))
            case _:
                found |= _mentioned((statement,)) - bound
    return found


def _mentioned(written: tuple[object, ...]) -> set[str]:
    return {node.id for node in nodes(written) if isinstance(node, tree.Name)}


def read_as_tensors(found: Iterable[tree.Node]) -> frozenset[str]:
    """The names that are read nowhere but where a tensor is wanted, in these nodes of a body.

    One that holds a record stands for its first field in all of these places, and can be bound to
    that alone: a loop that carries it then carries a tensor, whatever its first iteration got.
    """
    reads: dict[str, int] = {}
    wanted: set[str] = set()
    for node in found:
        if isinstance(node, tree.Name):
            reads[node.id] = reads.get(node.id, 0) + 1
            continue
        about = _OPERANDS.get(type(node))
        if about is not None:
            for operand in map(_bare, about(node)):
                if isinstance(operand, tree.Name):
                    reads[operand.id] = reads.get(operand.id, 0) - 1
                    wanted.add(operand.id)
        written = _WRITTEN.get(type(node))
        if written is not None:
            for name in written(node):
                if name is not None:
                    reads[name.id] = reads.get(name.id, 0) - 1
    return frozenset(name for name in wanted if not reads[name])


def _bare(node: tree.Expr) -> tree.Expr:
    return _bare(node.inner) if isinstance(node, tree.Paren) else node


def _piped(node: Any) -> tuple[tree.Expr, ...]:
    source = node.source
    return tuple(i.value for i in source.items) if isinstance(source, tree.Group) else (source,)


# The expressions in a node that are wanted as tensors.
_OPERANDS: dict[type, Callable[[Any], tuple[tree.Expr, ...]]] = {
    tree.Pipe: _piped,
    tree.Unary: lambda node: (node.operand,),
    tree.Binary: lambda node: (node.left, node.right),
    tree.Index: lambda node: (node.value,),
    tree.Assign: lambda node: (node.value,) if node.kind and node.kind.id == "output" else (),
}

# The names in a node that are no values: targets, labels, fields.
_WRITTEN: dict[type, Callable[[Any], tuple[tree.Name | None, ...]]] = {
    tree.Assign: lambda node: node.targets,
    tree.Stage: lambda node: (node.label,),
    tree.Attribute: lambda node: (node.name,),
    tree.Argument: lambda node: (node.name,),
}
