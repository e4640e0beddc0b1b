"""The actions of the grammar: each builds one node from its parts, bottom-up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from specc.diagnostics import Collector, Diagnostic, SourceText, Span, SpecError
from specc.grammars import Token
from specc.syntax import (
    errors_expressions,
    errors_limits,
    errors_statements,
    errors_text,
    limits,
    tree,
)

_COMPARISONS = frozenset(["==", "!=", "<", "<=", ">", ">="])
_OPERATORS = (tree.Binary, tree.Unary, tree.Ternary, tree.Range)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|[^\r\n])")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Builder:
    """Makes `specc.syntax.tree` nodes; method names are the rules of ``nnspec.lark``.

    Reports what the grammar lets pass and the language does not. ``docs`` are the documentation
    lines by the offset of the token below them.
    """

    def __init__(self, source: SourceText, docs: dict[int, str], collector: Collector) -> None:
        self._source = source
        self._docs = docs
        self._collector = collector
        self._mistakes = 0

    def _report(self, diagnostic: Diagnostic) -> None:
        self._collector.report(diagnostic)
        self._mistakes += 1
        if self._mistakes > limits.ERRORS and diagnostic.span:
            raise SpecError(errors_limits.too_many_errors(diagnostic.span))

    def _span(self, first: Token | tree.Node, last: Token | tree.Node) -> Span:
        start = first.start if isinstance(first, Token) else first.span.start
        end = last.end if isinstance(last, Token) else last.span.end
        return Span(self._source, start, end)

    def _name(self, token: Token) -> tree.Name:
        return tree.Name(Span(self._source, token.start, token.end), token.text)

    # --- file and statements ------------------------------------------------------------------

    def file(self, version: tree.IntLiteral | None, *body: tree.Statement) -> tree.File:
        return tree.File(Span(self._source, 0, len(self._source.text)), version, body)

    def header(self, word: Token, number: Token) -> tree.IntLiteral:
        version = self.integer(number)
        if word.text != "nnspec":
            self._report(errors_statements.header_unknown(self._span(word, number), word.text))
        elif version.value != 1:
            self._report(errors_statements.version_unsupported(version.span, number.text))
        return version

    def _assign(
        self,
        kind: Token | None,
        targets: tuple[tree.Name, ...],
        type_: tree.TypeExpr | None,
        value: tree.Expr | None,
    ) -> tree.Assign:
        first = targets[0] if kind is None else self._name(kind)
        last = value or type_ or targets[-1]
        span = first.span.to(last.span)
        doc = self._docs.get(span.start, "")
        return tree.Assign(span, first if kind else None, targets, type_, value, doc)

    def assign(self, targets: tuple[tree.Name, ...], value: tree.Expr) -> tree.Assign:
        return self._assign(None, targets, None, value)

    def declare(self, targets: tuple[tree.Name, ...], type_: tree.TypeExpr) -> tree.Assign:
        return self._assign(None, targets, type_, None)

    def assign_typed(
        self, targets: tuple[tree.Name, ...], type_: tree.TypeExpr, value: tree.Expr
    ) -> tree.Assign:
        return self._assign(None, targets, type_, value)

    def kind_assign(
        self, kind: Token, targets: tuple[tree.Name, ...], value: tree.Expr
    ) -> tree.Assign:
        return self._assign(kind, targets, None, value)

    def kind_declare(
        self, kind: Token, targets: tuple[tree.Name, ...], type_: tree.TypeExpr
    ) -> tree.Assign:
        return self._assign(kind, targets, type_, None)

    def kind_assign_typed(
        self,
        kind: Token,
        targets: tuple[tree.Name, ...],
        type_: tree.TypeExpr,
        value: tree.Expr,
    ) -> tree.Assign:
        return self._assign(kind, targets, type_, value)

    def targets(self, *names: tree.Name) -> tuple[tree.Name, ...]:
        return names

    def target(self, first: Token, *rest: Token) -> tree.Name:
        """``train.optimizer.lr`` is one name; blanks around its dots do not count."""
        parts = [part.text for part in (first, *rest)]
        return tree.Name(self._span(first, rest[-1] if rest else first), ".".join(parts))

    def section(
        self,
        word: Token,
        name: Token | None,
        parameters: tuple[tree.Parameter, ...] | None,
        block: _Block,
    ) -> tree.Section:
        if errors_statements.is_foreign(word.text):
            place = self._span(word, word)
            self._report(errors_statements.foreign_statement(place))
        head = self._source.text[word.start : block.opened.start].rstrip()
        return tree.Section(
            self._span(word, block.closed),
            self._name(word),
            self._name(name) if name else None,
            parameters,
            block.body,
            self._docs.get(word.start, ""),
            Span(self._source, word.start, word.start + len(head)),
        )

    def parameters(
        self, _open: Token, *items: tree.Parameter | Token | None
    ) -> tuple[tree.Parameter, ...]:
        return tuple(_nodes(items))

    def parameter(
        self, name: Token, type_: tree.TypeExpr | None, default: tree.Expr | None
    ) -> tree.Parameter:
        span = self._span(name, default or type_ or name)
        return tree.Parameter(span, self._name(name), type_, default)

    def assertion(self, word: Token, condition: tree.Expr, message: Token | None) -> tree.Assert:
        text = self.string(message) if message else None
        return tree.Assert(self._span(word, text or condition), condition, text)

    def for_loop(
        self,
        word: Token,
        names: tuple[tree.Name, ...],
        iterable: tree.Expr,
        index: Token | None,
        block: _Block,
    ) -> tree.For:
        span = self._span(word, block.closed)
        return tree.For(span, names, iterable, self._name(index) if index else None, block.body)

    def repeat_loop(
        self, word: Token, count: tree.Expr, index: Token | None, block: _Block
    ) -> tree.Repeat:
        span = self._span(word, block.closed)
        return tree.Repeat(span, count, self._name(index) if index else None, block.body)

    def scan_loop(
        self, word: Token, names: tuple[tree.Name, ...], sequences: tree.Expr, block: _Block
    ) -> tree.Scan:
        return tree.Scan(self._span(word, block.closed), names, sequences, block.body)

    def if_chain(
        self, word: Token, condition: tree.Expr, block: _Block, *rest: tree.Branch | _Block | None
    ) -> tree.If:
        branches = [tree.Branch(self._span(word, block.closed), condition, block.body)]
        branches += [part for part in rest if isinstance(part, tree.Branch)]
        *_, otherwise = rest
        last: Token | tree.Node = branches[-1]
        if isinstance(otherwise, _Block):
            last = otherwise.closed
        body = otherwise.body if isinstance(otherwise, _Block) else None
        return tree.If(self._span(word, last), tuple(branches), body)

    def else_if(self, word: Token, condition: tree.Expr, block: _Block) -> tree.Branch:
        return tree.Branch(self._span(word, block.closed), condition, block.body)

    def else_block(self, block: _Block) -> _Block:
        return block

    def block(self, *parts: Token | tree.Statement) -> _Block:
        opened, *_, closed = parts
        assert isinstance(opened, Token)
        assert isinstance(closed, Token)
        return _Block(opened, tuple(_nodes(parts)), closed)

    def names(self, *names: Token) -> tuple[tree.Name, ...]:
        return tuple(self._name(name) for name in names)

    def import_file(self, word: Token, path: Token, alias: Token) -> tree.Import:
        return tree.Import(self._span(word, alias), self.string(path), self._name(alias))

    def use_plugin(
        self, word: Token, name: Token, bound: tuple[Token, str, Token] | None
    ) -> tree.Use:
        if bound is None:
            return tree.Use(self._span(word, name), self._name(name), None, None)
        operator, version, last = bound
        return tree.Use(self._span(word, last), self._name(name), operator.text, version)

    def version_bound(self, operator: Token, *parts: Token) -> tuple[Token, str, Token]:
        return operator, "".join(part.text for part in parts), parts[-1]

    # --- types --------------------------------------------------------------------------------

    def type_expr(
        self,
        name: Token,
        bounds: tuple[Token, tuple[tree.Expr, ...]] | None,
        dims: tuple[Token, tuple[tree.Expr | tree.EllipsisItem, ...]] | None,
    ) -> tree.TypeExpr:
        last = dims[0] if dims else bounds[0] if bounds else name
        return tree.TypeExpr(
            self._span(name, last),
            self._name(name),
            bounds[1] if bounds else (),
            dims[1] if dims else None,
        )

    def bounds(self, *parts: Token | tree.Expr | None) -> tuple[Token, tuple[tree.Expr, ...]]:
        closed = parts[-1]
        assert isinstance(closed, Token)
        return closed, tuple(_nodes(parts))

    def dims(
        self, *parts: Token | tree.Expr | tree.EllipsisItem | None
    ) -> tuple[Token, tuple[tree.Expr | tree.EllipsisItem, ...]]:
        closed = parts[-1]
        assert isinstance(closed, Token)
        return closed, tuple(_nodes(parts))

    # --- expressions --------------------------------------------------------------------------

    def pipe(self, source: tree.Expr, *stages: tree.Stage) -> tree.Pipe:
        pipe = tree.Pipe(source.span.to(stages[-1].span), source, stages)
        for part in (source, *(stage.target for stage in stages)):
            if isinstance(part, _OPERATORS):
                self._report(errors_expressions.pipe_beside_operator(pipe, part))
                break
        return pipe

    def stage(self, sign: Token, target: tree.Expr) -> tree.Stage:
        return tree.Stage(self._span(sign, target), None, target)

    def labelled_stage(
        self, sign: Token, label: Token, _colon: Token, target: tree.Expr
    ) -> tree.Stage:
        return tree.Stage(self._span(sign, target), self._name(label), target)

    def ternary(self, then: tree.Expr, condition: tree.Expr, otherwise: tree.Expr) -> tree.Ternary:
        return tree.Ternary(then.span.to(otherwise.span), then, condition, otherwise)

    def binary(self, left: tree.Expr, operator: Token, right: tree.Expr) -> tree.Binary:
        span = left.span.to(right.span)
        place = self._span(operator, operator)
        comparing = operator.text in _COMPARISONS
        if comparing and isinstance(left, tree.Binary) and left.op in _COMPARISONS:
            self._report(errors_expressions.chained_comparison(left, place, right))
        return tree.Binary(span, operator.text, place, left, right)

    def unary(self, operator: Token, operand: tree.Expr) -> tree.Unary:
        return tree.Unary(self._span(operator, operand), operator.text, operand)

    def range_expr(self, low: tree.Expr, high: tree.Expr) -> tree.Range:
        return tree.Range(low.span.to(high.span), low, high)

    def attribute(self, value: tree.Expr, name: Token) -> tree.Attribute:
        return tree.Attribute(self._span(value, name), value, self._name(name))

    def call(self, func: tree.Expr, arguments: _Arguments, closed: Token) -> tree.Call:
        return tree.Call(self._span(func, closed), func, arguments.items)

    def index(
        self, value: tree.Expr, *items: tree.Expr | tree.Slice | tree.EllipsisItem | Token | None
    ) -> tree.Index:
        closed = items[-1]
        assert isinstance(closed, Token)
        return tree.Index(self._span(value, closed), value, tuple(_nodes(items)))

    def slice_expr(self, *parts: tree.Expr | Token | None) -> tree.Slice:
        fields: list[tree.Expr | None] = [None]
        for part in parts:
            if isinstance(part, Token):
                fields.append(None)
            elif part is not None:
                fields[-1] = part
        present = [part for part in parts if part is not None]
        start, stop, step = (*fields, None)[:3]
        return tree.Slice(self._span(present[0], present[-1]), start, stop, step)

    def ellipsis(self, dots: Token) -> tree.EllipsisItem:
        return tree.EllipsisItem(self._span(dots, dots))

    def arguments(self, *parts: tree.Argument | Token | None) -> _Arguments:
        items: tuple[tree.Argument, ...] = tuple(_nodes(parts))
        comma = next((part for part in reversed(parts) if part is not None), None)
        self._check_arguments(items)
        return _Arguments(items, isinstance(comma, Token))

    def _check_arguments(self, items: tuple[tree.Argument, ...]) -> None:
        named: dict[str, tree.Name] = {}
        for item in items:
            if item.name is None:
                if named:
                    last = next(reversed(named.values()))
                    self._report(errors_expressions.positional_after_named(item.span, last.span))
                    return
            elif item.name.id in named:
                earlier = named[item.name.id].span
                self._report(errors_expressions.argument_twice(item.name, earlier))
            else:
                named[item.name.id] = item.name

    def positional(self, value: tree.Expr) -> tree.Argument:
        return tree.Argument(value.span, None, value)

    def keyword(self, name: Token, value: tree.Expr) -> tree.Argument:
        return tree.Argument(self._span(name, value), self._name(name), value)

    def group(self, opened: Token, arguments: _Arguments, closed: Token) -> tree.Expr:
        span = self._span(opened, closed)
        items = arguments.items
        if len(items) == 1 and items[0].name is None and not arguments.trailing_comma:
            return tree.Paren(span, items[0].value)
        if not items:
            self._report(errors_expressions.empty_group(span))
        return tree.Group(span, items)

    def list_expr(self, *parts: tree.Expr | Token | None) -> tree.ListExpr:
        opened, *_, closed = parts
        assert isinstance(opened, Token)
        assert isinstance(closed, Token)
        return tree.ListExpr(self._span(opened, closed), tuple(_nodes(parts)))

    # --- words --------------------------------------------------------------------------------

    def name(self, token: Token) -> tree.Name:
        name = self._name(token)
        if mistake := errors_statements.foreign_constant(name.span):
            self._report(mistake)
        return name

    def integer(self, token: Token) -> tree.IntLiteral:
        return tree.IntLiteral(self._span(token, token), int(token.text))

    def float_number(self, token: Token) -> tree.FloatLiteral:
        return tree.FloatLiteral(self._span(token, token), float(token.text), token.text)

    def boolean(self, token: Token) -> tree.BoolLiteral:
        return tree.BoolLiteral(self._span(token, token), token.kind == "TRUE")

    def none(self, token: Token) -> tree.NoneLiteral:
        return tree.NoneLiteral(self._span(token, token))

    def string(self, token: Token) -> tree.StringLiteral:
        def unescaped(match: re.Match[str]) -> str:
            escape = match[1]
            if escape[0] == "u" and len(escape) > 1:
                char = chr(int(escape[1:], 16))
                if not "\ud800" <= char <= "\udfff":
                    return char
            elif escape in _ESCAPES:
                return _ESCAPES[escape]
            start = token.start + 1 + match.start()
            place = Span(self._source, start, start + len(match[0]))
            self._report(errors_text.unknown_escape(place))
            return match[0]

        value = _ESCAPE.sub(unescaped, token.text[1:-1])
        return tree.StringLiteral(self._span(token, token), value)


class _Block(NamedTuple):
    """The statements between a pair of braces."""

    opened: Token
    body: tuple[tree.Statement, ...]
    closed: Token


class _Arguments(NamedTuple):
    items: tuple[tree.Argument, ...]
    trailing_comma: bool


def _nodes(parts: Iterable[Any]) -> Iterator[Any]:
    """The nodes among the parts of a bracketed list: all but its signs and absent parts."""
    return (part for part in parts if isinstance(part, tree.Node))
