"""Where a spec, or an override, says a setting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specc.analysis.definitions import nodes
from specc.diagnostics import Collector, Span
from specc.planning import Planned
from specc.syntax import parse, tree

COMMAND_LINE = "<command line>"
"""The name of the source that an override is."""


class Written:
    """The tree of a planned file, overrides included."""

    def __init__(self, planned: Planned) -> None:
        file = planned.compiled.file
        self.file = file.parsed
        self.original = parse(file.source, Collector())

    def place(self, words: Sequence[str], names: Sequence[str] = ()) -> Span | None:
        """The value of ``section.setting`` or ``section.setting.argument``.

        ``names`` are the parameters of the setting's component, in their order.
        """
        found = find(self.file, words, names)
        return None if found is None else found.span

    def before(self, words: Sequence[str], names: Sequence[str] = ()) -> Span | None:
        """What the file itself says, where an override says something else."""
        found = find(self.original, words, names)
        return None if found is None else found.span

    def metric(self, name: str) -> Span | None:
        """The value of ``metric name = ...``."""
        for section in _sections(self.file, None):
            for statement in section.body:
                match statement:
                    case tree.Assign(kind=tree.Name(id="metric"), value=value):
                        if value is not None and statement.targets[0].id == name:
                            return value.span
        return None

    def constants(self, words: Sequence[str], names: Sequence[str] = ()) -> Iterator[Span]:
        """The constants of the file that the value is made of."""
        pending = [find(self.file, words, names)]
        known = {
            target.id: statement
            for statement in self.file.body
            if isinstance(statement, tree.Assign)
            for target in statement.targets
        }
        while pending:
            value = pending.pop()
            for node in () if value is None else nodes(value):
                if isinstance(node, tree.Name) and node.id in known:
                    statement = known.pop(node.id)
                    yield (
                        statement.targets[0].span
                        if statement.value is None
                        else (statement.value.span)
                    )
                    pending.append(statement.value)


def find(file: tree.File, words: Sequence[str], names: Sequence[str]) -> tree.Expr | None:
    """The expression of a setting, or of an argument of its component."""
    first, setting, *rest = words
    for section in _sections(file, first):
        for statement in section.body:
            match statement:
                case tree.Assign(kind=None, targets=(tree.Name(id=name),)) if name == setting:
                    return _argument(statement.value, rest, names)
    return None


def _argument(
    value: tree.Expr | None, rest: Sequence[str], names: Sequence[str]
) -> tree.Expr | None:
    if not rest:
        return value
    if not isinstance(value, tree.Call):
        return None
    for position, argument in enumerate(value.arguments):
        word = argument.name.id if argument.name is not None else None
        if word is None and position < len(names):
            word = names[position]
        if word == rest[0]:
            return argument.value
    return None


def _sections(file: tree.File, name: str | None) -> Iterator[tree.Section]:
    for statement in file.body:
        if isinstance(statement, tree.Section) and (
            name is None or name in (statement.word.id, statement.name and statement.name.id)
        ):
            yield statement
