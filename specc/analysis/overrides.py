"""``path=value`` on the command line: the tree, changed before it is analysed.

A path is a constant of the file (``hidden``), a setting (``train.epochs``), or an argument of the
component that a setting names (``train.optimizer.lr``); those of a step have its name between
(``train.judge.optimizer.lr``). The value is an expression of the language
and is checked like the file.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from specc.diagnostics import Code, Collector, Diagnostic, SourceText, Span
from specc.diagnostics.suggest import did_you_mean
from specc.syntax import parse_expression, tree

BAD_OVERRIDE = Code(
    "E0757",
    "an override reaches nothing",
    """An override is `path=value`: a constant of the file (`hidden=128`), a setting of a section
(`train.epochs=5`), or an argument of its component (`train.optimizer.lr=0.01`). A section is called
by its word or its name; a setting of a step has the step's name in front (`train.judge.every=2`).
The value is written as in the file.""",
)


def override(file: tree.File, texts: Sequence[str], collector: Collector) -> tree.File:
    """The file with every override applied; those that reach nothing are reported."""
    for text in texts:
        source = SourceText("<command line>", text)
        path, equals, _ = text.partition("=")
        if not equals or not path.strip():
            _report(collector, Span(source, 0, len(text)), "an override is `path=value`", None)
            continue
        # The expression keeps its place in the whole text, so that its mistakes point there.
        padded = SourceText("<command line>", " " * (len(path) + 1) + text[len(path) + 1 :])
        value = parse_expression(padded, collector)
        if value is not None:
            words = path.strip().split(".")
            file = _Override(words, value, Span(source, 0, len(path)), collector).apply(file)
    return file


def _report(collector: Collector, span: Span, message: str, hint: str | None) -> None:
    collector.report(Diagnostic(BAD_OVERRIDE, message, span, "reaches nothing", help=hint))


def _called(section: tree.Section) -> str | None:
    """The name of a section or a step."""
    return None if section.name is None else section.name.id


class _Override:
    def __init__(
        self, words: list[str], value: tree.Expr, span: Span, collector: Collector
    ) -> None:
        self.words = words
        self.value = value
        self.span = span
        self.collector = collector

    def apply(self, file: tree.File) -> tree.File:
        first, *rest = self.words
        body = list(file.body)
        for position, statement in enumerate(body):
            match statement:
                case tree.Assign(kind=None, targets=(tree.Name(id=name),)) if name == first:
                    body[position] = self.assign(statement, rest)
                    return replace(file, body=tuple(body))
                case tree.Section(word=word, name=name) if rest and first in (
                    word.id,
                    name.id if name else word.id,
                ):
                    if word.id == "model":
                        break
                    body[position] = self.section(statement, rest)
                    return replace(file, body=tuple(body))
        known = [t.id for s in file.body if isinstance(s, tree.Assign) for t in s.targets] + [
            s.word.id for s in file.body if isinstance(s, tree.Section) and s.word.id != "model"
        ]
        what = f"there is no constant or section `{first}`"
        hint = self.in_front(file) or did_you_mean(first, known)
        self.fail(what, hint or f"there are {', '.join(known)}")
        return file

    def in_front(self, file: tree.File) -> str | None:
        """The hint for a setting that lacks its section."""
        for section in file.body:
            if isinstance(section, tree.Section) and section.word.id != "model":
                said = [t.id for s in section.body if isinstance(s, tree.Assign) for t in s.targets]
                if self.words[0] in said:
                    whole = ".".join((_called(section) or section.word.id, *self.words))
                    return f"its section stands in front: `{whole}=...`"
        return None

    def fail(self, message: str, hint: str | None) -> None:
        _report(self.collector, self.span, message, hint)

    def section(
        self, section: tree.Section, words: list[str], outer: Sequence[tree.Statement] = ()
    ) -> tree.Section:
        """Change a setting; one that is not written yet is added.

        What a step takes over from ``outer``, its section, is copied into it first.
        """
        first, *rest = words
        body = list(section.body)
        for position, statement in enumerate(body):
            if isinstance(statement, tree.Assign) and any(t.id == first for t in statement.targets):
                body[position] = self.assign(statement, rest)
                return replace(section, body=tuple(body))
            if isinstance(statement, tree.Section) and rest and first == _called(statement):
                body[position] = self.section(statement, rest, section.body)
                return replace(section, body=tuple(body))
        for statement in outer if rest else ():
            if isinstance(statement, tree.Assign) and any(t.id == first for t in statement.targets):
                return replace(section, body=(*body, self.assign(statement, rest)))
        if rest:
            known = [t.id for s in body if isinstance(s, tree.Assign) for t in s.targets]
            known += [name for s in body if isinstance(s, tree.Section) and (name := _called(s))]
            called = _called(section) if section.word.id == "step" else section.word.id
            self.fail(f"`{called}` has no `{first}`", did_you_mean(first, known))
            return section
        target = tree.Name(self.span, first)
        added = tree.Assign(self.span, None, (target,), None, self.value, "")
        return replace(section, body=(*body, added))

    def assign(self, statement: tree.Assign, words: list[str]) -> tree.Assign:
        """Change the value, or an argument of the component that it configures."""
        if not words:
            return replace(statement, value=self.value)
        (word, *more) = words
        call = statement.value
        if isinstance(call, tree.Name):
            call = tree.Call(call.span, call, ())
        if more or not isinstance(call, tree.Call):
            self.fail(f"`{'.'.join(self.words)}` goes deeper than there is something to set", None)
            return statement
        arguments = [a for a in call.arguments if a.name is None or a.name.id != word]
        added = tree.Argument(self.span, tree.Name(self.span, word), self.value)
        return replace(statement, value=replace(call, arguments=(*arguments, added)))
