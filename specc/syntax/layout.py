"""Tokens -> tokens with a newline exactly where a statement ends, and with brackets that match.

Brackets are matched here, before the parser, because a bracket that is never closed would hide
every line after it. Each mistake is reported once, and mended by adding or dropping a sign, so that
the parser sees balanced text.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from specc.diagnostics import Collector, Diagnostic, SourceText, Span, SpecError
from specc.grammars import Token
from specc.syntax import errors_brackets, errors_limits, errors_statements, limits, lines
from specc.syntax.kinds import NEWLINE, OPERATORS
from specc.syntax.lexer import Lexed

_CLOSER = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_SIGN = {"RPAR": ")", "RSQB": "]", "RBRACE": "}"}

# A `{` after one of these cannot open a block: somebody writes a dict.
_WANTS_VALUE = OPERATORS | {"ASSIGN", "LPAR", "LSQB", "COMMA", "COLON", "PIPE", "IN"}

# Each of these makes the tree at most one node deeper; after one of the others the count begins
# anew at what it was when the bracket around it was opened.
_DEEPENS = OPERATORS | {"IF", "DOT"}
_SEPARATES = frozenset(["COMMA", "PIPE", "ASSIGN", "COLON"])


class _Open(Struct):
    """A bracket that waits for its closer.

    ``index`` is its place among the tokens read and ``written`` among those passed on; ``indent``
    that of its line; ``depth`` how deep the expression around it is.
    """

    token: Token
    index: int
    written: int
    indent: int
    depth: int
    # A brace that nobody wrote: it ends where the indentation ends.
    invented: bool = False


def arrange(source: SourceText, lexed: Lexed, collector: Collector) -> list[Token]:
    """The tokens for the parser, ending in ``$END``.

    Adds the places of the mistakes it mended to ``lexed.tainted``. Raises `SpecError` at once when
    brackets or operators nest too deeply.
    """
    return _Arranger(source, lexed, collector).run()


class _Arranger:
    def __init__(self, source: SourceText, lexed: Lexed, collector: Collector) -> None:
        self.source = source
        self.tokens = lexed.tokens
        self.tainted = lexed.tainted
        self.tainted_lines = {self.line(at) for at in lexed.tainted}
        self.collector = collector
        self.out: list[Token] = []
        self.open: list[_Open] = []
        self.depth = 0
        # Where the statement that is being passed on began in `out`, and the indent of its line.
        self.began = 0
        self.indent = 0
        # The first brace whose closer stood further left than its own line: likely the one that was
        # left open when a brace is missing in the end.
        self.suspect: _Open | None = None
        # Where a bracket that is never closed is taken to end.
        self.cut = -1

    def run(self) -> list[Token]:
        tokens, handlers = self.tokens, _HANDLERS
        index = 0
        while True:
            if index == self.cut:
                self.close_cut()
            if index == len(tokens):
                if not self.in_brackets():
                    break
                index = self.cut_open_bracket(index)
                continue
            token = tokens[index]
            kind = token.kind
            handler = handlers.get(kind)
            if handler is not None:
                index = handler(self, index, token)
                continue
            if kind in _DEEPENS:
                self.deepen(token)
            elif kind in _SEPARATES:
                self.depth = self.open[-1].depth if self.open else 0
            self.out.append(token)
            index += 1
        self.end_of_file()
        return self.out

    # --- helpers ------------------------------------------------------------------------------

    def report(self, diagnostic: Diagnostic, at: int) -> None:
        self.collector.report(diagnostic)
        self.tainted.append(at)
        if len(self.tainted) > limits.ERRORS:
            raise SpecError(errors_limits.too_many_errors(Span(self.source, at, at)))

    def line(self, at: int) -> int:
        return self.source.position(at)[0]

    def span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    def in_brackets(self) -> bool:
        return bool(self.open) and self.open[-1].token.kind != "LBRACE"

    def last_kind(self) -> str:
        return self.out[-1].kind if self.out else NEWLINE

    def add(self, kind: str, text: str, at: int) -> None:
        """Pass on a sign that nobody wrote."""
        self.out.append(Token(kind, text, at, at))

    def end_statement(self, at: int) -> None:
        if self.last_kind() not in (NEWLINE, "LBRACE"):
            self.add(NEWLINE, "", at)
        self.began = len(self.out)
        self.depth = self.open[-1].depth if self.open else 0

    def deepen(self, token: Token) -> None:
        self.depth += 1
        if self.depth > limits.OPERATORS:
            raise SpecError(errors_limits.expression_too_deep(self.span(token)))

    # --- brackets: each handler returns the index to go on at ---------------------------------

    def opening(self, index: int, token: Token) -> int:
        if token.kind == "LBRACE":
            if self.last_kind() in _WANTS_VALUE:
                return self.skip_dict(index, token)
            if self.in_brackets():
                return self.cut_open_bracket(index)
        else:
            self.deepen(token)
        if len(self.open) == limits.NESTING:
            if self.in_brackets() and self.outermost().index < lines.start(self.tokens, index):
                return self.cut_open_bracket(index)
            raise SpecError(errors_limits.nested_too_deeply(self.span(token)))
        depth = 0 if token.kind == "LBRACE" else self.depth
        self.open.append(_Open(token, index, len(self.out), self.indent, depth))
        self.out.append(token)
        if token.kind == "LBRACE":
            self.began = len(self.out)
        return index + 1

    def closing(self, index: int, token: Token) -> int:
        """A round or square bracket closes."""
        if not self.in_brackets():
            self.report(errors_brackets.closer_without_opener(self.span(token)), token.start)
            return index + 1
        top = self.open[-1]
        if _CLOSER[top.token.kind] != token.kind:
            below = self.open[-2] if len(self.open) > 1 else None
            if below is not None and _CLOSER[below.token.kind] == token.kind:
                self.report(errors_brackets.never_closed(self.span(top.token)), token.start)
                self.close(token.start)
                return self.closing(index, token)
            pair = (self.span(top.token), self.span(token))
            self.report(errors_brackets.wrong_closer(*pair), token.start)
        self.open.pop()
        self.depth = top.depth
        self.out.append(token._replace(kind=_CLOSER[top.token.kind]))
        return index + 1

    def closing_brace(self, index: int, token: Token) -> int:
        if self.in_brackets():
            return self.cut_open_bracket(index)
        if not self.open:
            self.report(errors_brackets.closer_without_opener(self.span(token)), token.start)
            return index + 1
        top = self.open[-1]
        if lines.is_first(self.tokens, index):
            indent = self.column(token)
            if top.invented and indent < top.indent:
                self.close(token.start)
                return index
            if indent < top.indent and self.suspect is None:
                self.suspect = top
        self.end_statement(token.start)
        self.open.pop()
        self.out.append(token)
        self.began = len(self.out)
        return index + 1

    def close(self, at: int) -> None:
        """Close the innermost bracket with a sign that nobody wrote."""
        top = self.open.pop()
        closer = _CLOSER[top.token.kind]
        if closer == "RBRACE":
            self.end_statement(at)
        self.add(closer, _SIGN[closer], at)
        self.depth = top.depth

    def outermost(self) -> _Open:
        """The outermost of the round and square brackets that are open here."""
        number = len(self.open) - 1
        while number > 0 and self.open[number - 1].token.kind != "LBRACE":
            number -= 1
        return self.open[number]

    def cut_open_bracket(self, index: int) -> int:
        """What stands at ``index`` cannot stand in brackets: the outermost one is never closed.

        Goes back to it, to read it again up to the line that looks like a new statement.
        """
        opener = self.outermost()
        if self.line(opener.token.start) not in self.tainted_lines:
            self.report(errors_brackets.never_closed(self.span(opener.token)), opener.token.start)
        self.cut = lines.next_statement(
            self.source, self.tokens, opener.index, index, opener.indent
        )
        del self.open[self.open.index(opener) + 1 :], self.out[opener.written + 1 :]
        self.depth = opener.depth
        return opener.index + 1

    def close_cut(self) -> None:
        at = self.out[-1].end
        while self.in_brackets():
            self.close(at)
        self.tainted.append(at)
        self.cut = -1

    def skip_dict(self, index: int, token: Token) -> int:
        """Braces where a value is wanted: stand-in ``none`` for all up to the closing one."""
        end = lines.matching_brace(self.tokens, index)
        last = self.tokens[end - 1]
        self.report(
            errors_brackets.braces_as_value(Span(self.source, token.start, last.end)), token.start
        )
        self.out.append(Token("NONE", "none", token.start, last.end))
        return end

    # --- line ends ----------------------------------------------------------------------------

    def newline(self, index: int, token: Token) -> int:
        tokens = self.tokens
        after = index + 1
        while after < len(tokens) and tokens[after].kind == NEWLINE:
            after += 1
        if self.in_brackets():
            return after if self.cut < 0 else min(after, max(self.cut, index + 1))
        following = tokens[after] if after < len(tokens) else None
        last = self.last_kind()
        if following is None or following.kind == "PIPE":
            return after
        if last in (NEWLINE, "LBRACE"):
            self.indent = self.column(following)
            return after
        if following.kind == "LBRACE":
            self.report(
                errors_brackets.brace_on_its_own_line(self.span(following)), following.start
            )
            return after
        if following.kind == "ELSE" and last == "RBRACE":
            self.report(errors_brackets.else_on_its_own_line(self.span(following)), following.start)
            return after
        indent = self.column(following)
        if indent > self.indent and lines.is_header(self.out, self.began):
            self.invent_brace(token)
        else:
            self.dedent(indent, following, token.start)
            if following.kind != "ELSE" or self.last_kind() != "RBRACE":
                self.end_statement(token.start)
        self.indent = indent
        return after

    def dedent(self, indent: int, following: Token, at: int) -> None:
        """Close the braces that nobody wrote, up to the indentation of the next line."""
        while self.open and self.open[-1].invented and indent <= self.open[-1].indent:
            if following.kind == "RBRACE" and indent == self.open[-1].indent:
                return
            self.close(at)
            self.began = len(self.out)

    def invent_brace(self, newline: Token) -> None:
        """The line opens a block, as the indentation after it shows, but without a brace."""
        last = self.out[-1]
        if last.kind == "COLON":
            self.out.pop()
            head = self.out[self.began]
            if not errors_statements.is_foreign(head.text):  # which the parser refuses by itself
                self.report(errors_brackets.colon_block(self.span(last), head), last.start)
        else:
            place = Span(self.source, last.end, last.end)
            self.report(errors_brackets.brace_missing(place, self.out[self.began]), last.end)
        brace = Token("LBRACE", "{", newline.start, newline.start)
        self.open.append(_Open(brace, -1, len(self.out), self.indent, 0, invented=True))
        self.out.append(brace)
        self.began = len(self.out)

    def column(self, token: Token) -> int:
        return self.source.position(token.start)[1] - 1

    def end_of_file(self) -> None:
        end = len(self.source.text)
        left = [brace for brace in self.open if not brace.invented]
        if left and self.suspect is not None:
            left[-1] = self.suspect
        for brace in left:
            self.report(errors_brackets.never_closed(self.span(brace.token)), brace.token.start)
        while self.open:
            self.close(end)
        self.end_statement(end)
        self.add("$END", "", end)


_HANDLERS: dict[str, Callable[[_Arranger, int, Token], int]] = {
    NEWLINE: _Arranger.newline,
    "LPAR": _Arranger.opening,
    "LSQB": _Arranger.opening,
    "LBRACE": _Arranger.opening,
    "RPAR": _Arranger.closing,
    "RSQB": _Arranger.closing,
    "RBRACE": _Arranger.closing_brace,
}
