"""A line that the grammar refuses, as `specc.syntax.explain` looks at it."""

from __future__ import annotations

from functools import cached_property

from specc.diagnostics import SourceText, Span
from specc.grammars import Machine, Token
from specc.syntax.kinds import NEWLINE


class Refused:
    """A line and the token in it that the grammar refuses."""

    def __init__(self, source: SourceText, line: list[Token], index: int, machine: Machine) -> None:
        self.source = source
        self.line = line
        self.token = line[index]
        self.first = line[0]
        self.before = line[index - 1] if index else None
        self.read = line[:index]
        self.rest = line[index + 1 :]
        self.machine = machine

    def span(self, first: Token | None = None, last: Token | None = None) -> Span:
        """The place of a token (the refused one by itself), or from one to another."""
        first = first or self.token
        return Span(self.source, first.start, (last or first).end)

    @property
    def gap(self) -> Span:
        """The place right after what was read."""
        end = self.before.end if self.before else self.token.start
        return Span(self.source, end, end)

    @property
    def ends(self) -> bool:
        """Whether the line simply ends too early."""
        return self.token.kind in (NEWLINE, "$END")

    def touches(self, kind: str) -> bool:
        """Whether a token of this kind stands right before the refused one, with no blank."""
        before = self.before
        return before is not None and before.kind == kind and before.end == self.token.start

    @property
    def next(self) -> Token | None:
        """The token right behind the refused one, with no blank."""
        following = self.rest[0] if self.rest else None
        return following if following and following.start == self.token.end else None

    @cached_property
    def bracket(self) -> Token | None:
        """The bracket within which the refused token stands."""
        waiting: list[Token] = []
        for token in self.read:
            if token.kind in ("LPAR", "LSQB"):
                waiting.append(token)
            elif token.kind in ("RPAR", "RSQB") and waiting:
                waiting.pop()
        return waiting[-1] if waiting else None

    @cached_property
    def assigned(self) -> bool:
        """Whether the value of an assignment is being read."""
        return assigns(self.read)

    @property
    def in_parameters(self) -> bool:
        """Whether the parameters in the head of a section are being read."""
        kinds = [token.kind for token in self.line]
        at = 2 if kinds[:2] == ["NAME", "NAME"] else 1
        return kinds[0] == "NAME" and kinds[at : at + 1] == ["LPAR"] and kinds[-1] == "LBRACE"


def assigns(line: list[Token]) -> bool:
    """Whether the line has an ``=`` outside of brackets."""
    depth = 0
    for token in line:
        depth += (token.kind in ("LPAR", "LSQB")) - (token.kind in ("RPAR", "RSQB"))
        if token.kind == "ASSIGN" and depth == 0:
            return True
    return False
