"""What is wrong with a line that the grammar refuses, in words of the person who wrote it."""

from __future__ import annotations

from specc.diagnostics import Diagnostic, SourceText, Span
from specc.grammars import Machine, Token
from specc.syntax import errors_statements


def explain(source: SourceText, line: list[Token], index: int, machine: Machine) -> Diagnostic:
    """The diagnostic for the token at ``index`` of a line, which ``machine`` has refused."""
    token = line[index]
    span = Span(source, token.start, token.end)
    after = f"`{line[index - 1].text}`" if index else "the start of a line"
    found = f"`{token.text}`" if token.text.strip() else "the end of the line"
    return errors_statements.unexpected(span, found, after)
