"""Tokens -> tree: drives the automaton through the statements, and past those that are wrong."""

from __future__ import annotations

from typing import Any

from specc.diagnostics import Collector, SourceText, Span, SpecError
from specc.grammars import Machine, Token, load_table
from specc.grammars.machine import bind
from specc.syntax import errors_limits, limits, tree
from specc.syntax.builder import Builder
from specc.syntax.explain import explain
from specc.syntax.kinds import NEWLINE
from specc.syntax.layout import arrange
from specc.syntax.lexer import Lexed, lex
from specc.syntax.source import check_characters


def parse(source: SourceText, collector: Collector) -> tree.File:
    """The tree of a spec.

    Every independent mistake is reported into ``collector``; the tree then holds the statements
    that could be read. Raises nothing on account of the text.
    """
    empty = tree.File(Span(source, 0, len(source.text)), None, ())
    return _Parse(source, collector).run("file") or empty


def parse_expression(source: SourceText, collector: Collector) -> tree.Expr | None:
    """The tree of a single expression, as after the ``=`` of an override on the command line.

    ``None`` if it is wrong, with the mistakes in ``collector``.
    """
    mistakes = Collector()
    expression: tree.Expr | None = _Parse(source, mistakes).run("expr")
    collector.extend(mistakes.diagnostics)
    return None if mistakes.failed else expression


class _Parse:
    def __init__(self, source: SourceText, collector: Collector) -> None:
        self.source = source
        self.collector = collector
        self.mistakes = 0

    def run(self, entry: str) -> Any:
        """What the entry rule became, or ``None`` if nothing of it could be read."""
        check_characters(self.source, self.collector)
        try:
            lexed = lex(self.source, self.collector)
            tokens = arrange(self.source, lexed, self.collector)
            if entry == "expr":
                tokens = [token for token in tokens if token.kind != NEWLINE]
            return self.drive(tokens, lexed, entry)
        except SpecError as failure:
            self.collector.extend(failure.diagnostics)
            return None

    def drive(self, tokens: list[Token], lexed: Lexed, entry: str) -> Any:
        table = load_table("nnspec")
        builder = Builder(self.source, lexed.docs, self.collector)
        machine = Machine(table, bind(table, builder), entry)
        feed = machine.feed
        # The depth of the stack below the statement being read, and below each one around it.
        base = 0
        around: list[int] = []
        # Where the line began: after the last newline or brace; and whether nothing of it is read.
        began, fresh = 0, True
        index = 0
        while index < len(tokens):
            token = tokens[index]
            kind = token.kind
            if feed(token):
                index += 1
                if kind == NEWLINE:
                    base, began, fresh = machine.depth, index, True
                elif kind == "LBRACE":
                    around.append(base)
                    base, began, fresh = machine.depth, index, True
                elif kind == "RBRACE":
                    base, began, fresh = around.pop(), index, False
                elif fresh:
                    # Only now are the statements before this one folded into one symbol.
                    base, fresh = machine.depth - 1, False
                continue

            end = _line_end(tokens, index)
            self.report(lexed, tokens, began, index, end, machine)
            if entry == "expr":
                return None
            if began == index and not fresh:
                # Something stands behind a closing brace: as if it stood on the next line.
                feed(Token(NEWLINE, "", token.start, token.start))
                base, fresh = machine.depth, True
                continue
            machine.truncate(base)
            if tokens[end].kind == "LBRACE":
                # The block that a faulty head opens is read all the same.
                word, *rest = _stand_in(tokens, began)
                feed(word)
                base = machine.depth - 1
                for stand_in in rest:
                    feed(stand_in)
                index = end
            else:
                if kind == NEWLINE:
                    self.skip_continuation(lexed, tokens[began], tokens[end + 1])
                index = end + 1
                base, began, fresh = machine.depth, index, True
        return machine.result

    def skip_continuation(self, lexed: Lexed, first: Token, following: Token) -> None:
        """Say nothing of the next line if it is the rest of the unfinished one."""
        position = self.source.position
        if position(following.start)[1] > position(first.start)[1]:
            lexed.tainted.append(following.start)

    def report(
        self,
        lexed: Lexed,
        tokens: list[Token],
        began: int,
        index: int,
        end: int,
        machine: Machine,
    ) -> None:
        """Say what is wrong at ``index``, unless the line holds a mistake already reported."""
        first, last = tokens[began].start, tokens[end].end
        if any(first <= place <= last for place in lexed.tainted):
            return
        self.mistakes += 1
        token = tokens[index]
        if self.mistakes > limits.ERRORS:
            place = Span(self.source, token.start, token.end)
            raise SpecError(errors_limits.too_many_errors(place))
        self.collector.report(explain(self.source, tokens[began : end + 1], index - began, machine))


def _stand_in(tokens: list[Token], began: int) -> list[Token]:
    """A head for a block whose own is wrong: its word and name, or a condition that holds."""
    first, second = tokens[began : began + 2]
    if first.kind != "NAME" or second.kind == "ASSIGN":
        return [first._replace(kind="IF", text="if"), first._replace(kind="TRUE", text="true")]
    return [first, second] if second.kind == "NAME" else [first]


def _line_end(tokens: list[Token], index: int) -> int:
    """The index of the newline or the opening brace that ends the line, or of the last token."""
    while index < len(tokens) - 1 and tokens[index].kind not in (NEWLINE, "LBRACE"):
        index += 1
    return index
