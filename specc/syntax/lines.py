"""What the tokens of a line tell about it, for `specc.syntax.layout` to mend brackets by."""

from __future__ import annotations

from specc.diagnostics import SourceText
from specc.grammars import Token
from specc.syntax.kinds import HEADS, NEWLINE

# These begin a statement wherever they begin a line, even within a bracket that is still open.
_STATEMENT_WORDS = frozenset(["FOR", "REPEAT", "SCAN", "ASSERT", "IMPORT", "USE", "RBRACE"])


def is_first(tokens: list[Token], index: int) -> bool:
    """Whether a token is the first of its line."""
    return index == 0 or tokens[index - 1].kind == NEWLINE


def start(tokens: list[Token], index: int) -> int:
    """The index of the first token of the line on which a token stands."""
    while not is_first(tokens, index):
        index -= 1
    return index


def matching_brace(tokens: list[Token], index: int) -> int:
    """The index after the ``}`` that closes the ``{`` at ``index``, or the end of its line."""
    open_braces = 0
    line_end = None
    for at in range(index, len(tokens)):
        kind = tokens[at].kind
        if kind == "LBRACE":
            open_braces += 1
        elif kind == "RBRACE":
            open_braces -= 1
            if open_braces == 0:
                return at + 1
        elif kind == NEWLINE and line_end is None:
            line_end = at
    return line_end or len(tokens)


def next_statement(
    source: SourceText, tokens: list[Token], opener: int, limit: int, indent: int
) -> int:
    """Where the statement with the unclosed bracket at ``opener`` ends, at ``limit`` at the latest.

    That is the newline before the first line that reads like a statement. ``indent`` is that of
    the line with the bracket.
    """
    for at in range(opener + 1, limit):
        if tokens[at].kind != NEWLINE:
            continue
        line = at + 1
        if line < len(tokens) and _reads_like_statement(source, tokens, line, indent):
            return at
    return limit


def _reads_like_statement(source: SourceText, tokens: list[Token], line: int, indent: int) -> bool:
    kinds = [token.kind for token in tokens[line : line + 2]]
    if kinds[0] in _STATEMENT_WORDS:
        return kinds[1:] != ["ASSIGN"]
    end = line
    while end < len(tokens) and tokens[end].kind != NEWLINE:
        end += 1
    if kinds[0] in ("NAME", "IF", "ELSE") and end > line and tokens[end - 1].kind == "LBRACE":
        return True
    if kinds[0] != "NAME":
        return False
    at = line + 1
    while at < end and tokens[at].kind in ("NAME", "DOT", "COMMA"):
        at += 1
    is_assignment = at < end and tokens[at].kind in ("ASSIGN", "COLON")
    # `name = value` may also be an argument on a line of its own, after a comma.
    before = tokens[line - 2].kind if line > 1 else NEWLINE
    inside = before in ("COMMA", "LPAR", "LSQB")
    if is_assignment and not (inside and at == line + 1 and tokens[at].kind == "ASSIGN"):
        return True
    # Otherwise what is not indented further than the statement is not a part of it.
    outside = source.position(tokens[line].start)[1] - 1 <= indent
    return outside and (is_assignment or not inside)


def is_header(tokens: list[Token], began: int) -> bool:
    """Whether the statement that began at ``began`` reads like the head of a block."""
    kinds = [token.kind for token in tokens[began:]]
    if not kinds:
        return False
    if kinds[0] in HEADS:
        return True
    if kinds[0] != "NAME":
        return False
    if kinds[-1] == "COLON":
        kinds.pop()
    at = 2 if kinds[1:2] == ["NAME"] else 1
    return at == len(kinds) or (kinds[at] == "LPAR" and kinds[-1] == "RPAR")
