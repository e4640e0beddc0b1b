"""Where a spec, or an override, says a setting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specc.analysis.reading import nodes
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

    def metric(self, words: Sequence[str]) -> Span | None:
        """The value of ``metric name = ...``: ``section.name``, or ``section.step.name``."""
        found = find(self.file, words, (), ("metric",))
        return None if found is None else found.span

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


def find(
    file: tree.File,
    words: Sequence[str],
    names: Sequence[str],
    kinds: Sequence[str | None] = (None, "shared"),
) -> tree.Expr | None:
    """The expression of a setting, or of an argument of its component; that of a step has the
    step's name between."""
    first, *rest = words
    for section in _sections(file.body, first):
        found = _setting(section.body, rest, names, kinds)
        if found is not None:
            return found
    return None


def _setting(
    body: Sequence[tree.Statement],
    words: Sequence[str],
    names: Sequence[str],
    kinds: Sequence[str | None],
) -> tree.Expr | None:
    first, *rest = words
    for statement in body:
        match statement:
            case tree.Assign(targets=(tree.Name(id=name),), kind=kind) if name == first:
                if (kind and kind.id) in kinds:
                    return _argument(statement.value, rest, names)
            case tree.Section(name=tree.Name(id=name)) if name == first and rest:
                return _setting(statement.body, rest, names, kinds)
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


def _sections(body: Sequence[tree.Statement], name: str) -> Iterator[tree.Section]:
    for statement in body:
        if isinstance(statement, tree.Section) and name in (
            statement.word.id,
            statement.name and statement.name.id,
        ):
            yield statement
