"""What a model binds and never reads: found by liveness over its statements, without types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from specc.analysis import errors_names as errors
from specc.diagnostics import Collector, Diagnostic, Span
from specc.syntax import tree

Names = frozenset[str]


def lint(section: tree.Section, collector: Collector) -> None:
    """Warn of parameters, inputs, instances and values of a model that nothing reads.

    A value that every path binds again before it is read counts as unused: a loop reads as its
    unrolled lines. Names that start with an underscore are meant to be unused.
    """
    liveness = _Liveness()
    live = liveness.before(section.body, frozenset())
    unused = [(name, "value") for name in liveness.dead]
    unused += [(name, kind) for name, kind in liveness.declared if name.id not in liveness.read]
    unused += [(p.name, "parameter") for p in section.parameters or () if p.name.id not in live]
    for name, kind in unused:
        if name.id.startswith("_") or (kind == "parameter" and name.id in liveness.read):
            continue
        collector.report(_warning(name.id, name.span, kind))


def _warning(name: str, span: Span, kind: str) -> Diagnostic:
    hints = {
        "value": "use it, remove the line, or start its name with `_`",
        "input": "use it, or remove it: what applies the model has to give it a tensor",
        "parameter": "use it, or remove it",
        "shared": "apply it, or remove it: its weights would learn nothing",
    }
    what = "shared instance" if kind == "shared" else kind
    article = "an" if what[0] in "aeiou" else "a"
    return Diagnostic(
        errors.UNUSED,
        f"`{name}` is {article} {what} that nothing uses",
        span,
        "bound here, and not read after this",
        help=hints[kind],
    )


class _Liveness:
    """The names that are read later, statement by statement from the end."""

    def __init__(self) -> None:
        self.dead: list[tree.Name] = []
        self.declared: list[tuple[tree.Name, str]] = []
        self.read: set[str] = set()
        self.settled = True

    def before(self, body: Sequence[tree.Statement], after: Names) -> Names:
        """The names that are live before a body, given those live after it."""
        for statement in reversed(body):
            after = self.statement(statement, after)
        return after

    def statement(self, node: tree.Statement, after: Names) -> Names:
        match node:
            case tree.Assign():
                return self.assign(node, after)
            case tree.Assert(condition=condition):
                return after | self.reads(condition)
            case tree.If(branches=branches, otherwise=otherwise):
                live = self.before(otherwise, after) if otherwise is not None else after
                for branch in reversed(branches):
                    live |= self.before(branch.body, after) | self.reads(branch.condition)
                return live
            case tree.For(targets=targets, index=index):
                bound = {t.id for t in targets} | ({index.id} if index is not None else set())
                return self.loop(node.body, after, bound) | self.reads(node.iterable)
            case tree.Repeat(index=index):
                bound = {index.id} if index is not None else set()
                return self.loop(node.body, after, bound) | self.reads(node.count)
            case tree.Scan(targets=targets):
                # What is born inside is stacked and visible afterwards, so nothing in it is dead.
                inside = self.loop(node.body, after | self.reads(node.body), set())
                return (inside - {t.id for t in targets}) | self.reads(node.sequences)
            case _:
                return after

    def loop(self, body: Sequence[tree.Statement], after: Names, bound: set[str]) -> Names:
        """A body that may run any number of times: what one iteration leaves, the next may read."""
        live = after
        quiet, self.settled = self.settled, False
        while (around := live | self.before(body, live)) != live:
            live = around
        self.settled = quiet
        return (after | self.before(body, live)) - bound

    def assign(self, node: tree.Assign, after: Names) -> Names:
        kind = node.kind.id if node.kind is not None else ""
        reads = self.reads(node.type) | self.reads(node.value)
        if kind in ("input", "shared"):
            if self.settled:
                self.declared += [(target, kind) for target in node.targets]
            return after | reads
        targets = {target.id for target in node.targets}
        if not kind and self.settled:
            self.dead += [target for target in node.targets if target.id not in after]
        return (after - targets) | reads

    def reads(self, node: Any) -> Names:
        """The names that an expression or a type reads."""
        found = frozenset(_names(node))
        self.read |= found
        return found


def _names(node: Any) -> Iterator[str]:
    match node:
        case tree.Name(id=name):
            yield name
        case tree.Argument(value=value) | tree.Attribute(value=value):
            yield from _names(value)
        case tree.Stage(target=target):
            yield from _names(target)
        case tree.Assign(value=value):
            yield from _names(value)
        case tree.TypeExpr(bounds=bounds, items=items):
            yield from _names(bounds)
            yield from _names(items)
        case tree.Node():
            for name in node.__struct_fields__:
                if name not in ("span", "op_span"):
                    yield from _names(getattr(node, name))
        case tuple():
            for item in node:
                yield from _names(item)
