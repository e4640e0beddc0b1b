"""One layout for every spec: ``specc fmt``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from specc.diagnostics import Collector, SourceText
from specc.grammars import Token
from specc.syntax import tree
from specc.syntax.lexer import lex
from specc.syntax.parser import parse
from specc.syntax.pretty import Break, Comment, Doc, Group, Nest, render


def format_source(source: SourceText) -> str:
    """The text of a spec in its one layout: same tree, same comments, and formatted again the same.

    Line breaks before ``|>`` and single blank lines are the writer's; everything else follows from
    the tree. Raises `SpecError` if the spec has syntax errors.
    """
    collector = Collector()
    file = parse(source, collector)
    collector.stop_if_failed()
    return _Formatter(source, lex(source, collector).comments).file(file)


class _Formatter:
    def __init__(self, source: SourceText, comments: list[Token]) -> None:
        self.text = source.text
        self.comments = deque(comments)
        self.out: list[str] = []
        # The place in the source up to which everything is written; whether a block begins there.
        self.done = 0
        self.opening = True

    def file(self, file: tree.File) -> str:
        if file.version:
            self.comment_lines(self.take(file.version.span.start), 0)
            self.line(f"nnspec {file.version.value}", file.version.span.end)
        self.body(file.body, len(self.text), 0)
        return "".join(self.out)

    # --- lines and comments -------------------------------------------------------------------

    def take(self, before: int) -> list[Token]:
        """The comments up to a place, each once."""
        taken = []
        while self.comments and self.comments[0].start < before:
            taken.append(self.comments.popleft())
        return taken

    def on_line_of(self, comment: Token, end: int) -> bool:
        """Whether a comment stands on the line on which something ended."""
        return end <= comment.start and "\n" not in self.text[end : comment.start]

    def line(self, text: str, end: int) -> None:
        """Write what ends at ``end``, with the comment behind it."""
        # Behind a head only its brace may stand before the comment.
        if self.comments and self.text[end : self.comments[0].start].strip(" \t") in ("", "{"):
            comment = self.comments.popleft()
            text, end = f"{text}  {comment.text}", comment.end
        self.out.append(f"{text}\n")
        self.done, self.opening = end, False

    def comment_lines(self, comments: list[Token], indent: int) -> None:
        """Write comments on lines of their own, keeping empty lines before them."""
        for comment in comments:
            self.blank(comment.start)
            self.out.append(f"{' ' * indent}{comment.text}\n")
            self.done, self.opening = comment.end, False

    def hoist(self, comments: list[Token], indent: int) -> None:
        """Write comments above the documentation of the statement that follows."""
        above = len(self.out)
        while above and self.out[above - 1].lstrip().startswith("##"):
            above -= 1
        lines = [f"{' ' * indent}{comment.text}\n" for comment in comments]
        if any(comment.text.startswith("##") for comment in comments):
            lines.append("\n")  # lest they be taken for documentation
        self.out[above:above] = lines

    def blank(self, start: int) -> None:
        """Keep an empty line before what starts at ``start``, but not at the start of a block."""
        if not self.opening and self.text.count("\n", self.done, start) > 1:
            self.out.append("\n")

    # --- statements ---------------------------------------------------------------------------

    def body(self, statements: Sequence[tree.Statement], end: int, indent: int) -> None:
        for statement in statements:
            self.comment_lines(self.take(statement.span.start), indent)
            self.blank(statement.span.start)
            self.done = statement.span.start
            self.statement(statement, indent)
        self.comment_lines(self.take(end), indent)

    def statement(self, statement: tree.Statement, indent: int) -> None:
        if isinstance(statement, tree.Section):
            doc = self.section(statement, indent)
        elif isinstance(statement, tree.If):
            doc = self.chain(statement, indent)
        elif isinstance(statement, (tree.For, tree.Repeat, tree.Scan)):
            doc = self.loop(statement, indent)
        else:
            doc = self.simple(statement)
        # Comments for which the statement has no place go above it.
        self.hoist(self.take(statement.span.end), indent)
        self.line(render(doc, indent), statement.span.end)

    def block(
        self, head: Doc, head_end: int, body: Sequence[tree.Statement], end: int, indent: int
    ) -> Doc:
        """Write a head and its statements, of which the brace at ``end`` closes the last.

        Returns how the line with that brace begins.
        """
        # A head that begins with a brace ends the block before, where the comments then belong.
        closes = isinstance(head, list) and head[0] == "}"
        self.hoist(self.take(head_end), indent + 2 if closes else indent)
        if not body and not (self.comments and self.comments[0].start < end):
            return [head, " {}"]
        self.line(render([head, " {"], indent), head_end)
        self.opening = True
        self.body(body, end, indent + 2)
        self.done = end
        return "}"

    def section(self, section: tree.Section, indent: int) -> Doc:
        head: list[Doc] = [section.word.id]
        if section.name:
            head += [" ", section.name.id]
        if section.parameters is not None:
            head.append(self.bracketed("(", section.parameters, ")", section.head.end - 1))
        return self.block(head, section.head.end, section.body, section.span.end - 1, indent)

    def chain(self, statement: tree.If, indent: int) -> Doc:
        lead: list[Doc] = ["if "]
        for branch in statement.branches:
            head: Doc = [*lead, self.expr(branch.condition)]
            end = branch.condition.span.end
            closing = self.block(head, end, branch.body, branch.span.end - 1, indent)
            lead = [closing, " else if "]
        if statement.otherwise is None:
            return closing
        brace = self.text.index("{", statement.branches[-1].span.end)
        return self.block(
            [closing, " else"], brace, statement.otherwise, statement.span.end - 1, indent
        )

    def loop(self, loop: tree.For | tree.Repeat | tree.Scan, indent: int) -> Doc:
        if isinstance(loop, tree.Repeat):
            value = loop.count
            head: list[Doc] = ["repeat ", self.expr(value)]
        else:
            names = ", ".join(name.id for name in loop.targets)
            value = loop.iterable if isinstance(loop, tree.For) else loop.sequences
            word = "for" if isinstance(loop, tree.For) else "scan"
            head = [f"{word} {names} in ", self.expr(value)]
        end = value.span.end
        if not isinstance(loop, tree.Scan) and loop.index:
            head.append(f" as {loop.index.id}")
            end = loop.index.span.end
        return self.block(head, end, loop.body, loop.span.end - 1, indent)

    def simple(self, statement: tree.Assign | tree.Assert | tree.Import | tree.Use) -> Doc:
        if isinstance(statement, tree.Import):
            return f"import {statement.path.span.text} as {statement.alias.id}"
        if isinstance(statement, tree.Use):
            bound = f" {statement.op} {statement.version}" if statement.op else ""
            return f"use {statement.name.id}{bound}"
        if isinstance(statement, tree.Assert):
            condition: Doc = ["assert ", self.expr(statement.condition)]
            return (
                [condition, ", ", statement.message.span.text] if statement.message else condition
            )
        kind = f"{statement.kind.id} " if statement.kind else ""
        doc: list[Doc] = [kind + ", ".join(name.id for name in statement.targets)]
        if statement.type:
            doc += [": ", self.type(statement.type)]
        if statement.value:
            doc += [" = ", self.expr(statement.value)]
        return doc

    def parameter(self, parameter: tree.Parameter) -> Doc:
        doc: list[Doc] = [parameter.name.id]
        if parameter.type:
            doc += [": ", self.type(parameter.type)]
        if parameter.default:
            doc += [" = ", self.expr(parameter.default)]
        return doc

    def type(self, type_: tree.TypeExpr) -> Doc:
        doc: list[Doc] = [type_.name.id]
        if type_.bounds:
            doc += ["(", *_separated(self.expr(bound) for bound in type_.bounds), ")"]
        if type_.items is not None:
            doc += ["[", *_separated(self.expr(item) for item in type_.items), "]"]
        return doc

    # --- expressions --------------------------------------------------------------------------

    def expr(self, node: tree.Expr | tree.Slice | tree.EllipsisItem) -> Doc:
        if isinstance(node, tree.Pipe):
            return self.pipe(node)
        if isinstance(node, tree.Call):
            func = self.expr(node.func)
            return [func, self.bracketed("(", node.arguments, ")", node.span.end - 1)]
        if isinstance(node, tree.Binary):
            left = self.expr(node.left)
            return [left, f" {node.op} ", self.expr(node.right)]
        if isinstance(node, tree.Attribute):
            return [self.expr(node.value), ".", node.name.id]
        if isinstance(node, tree.ListExpr):
            return self.bracketed("[", node.items, "]", node.span.end - 1)
        if isinstance(node, tree.Group):
            # Without its comma a group of one would be that one in parentheses.
            alone = len(node.items) == 1 and node.items[0].name is None
            return self.bracketed("(", node.items, ",)" if alone else ")", node.span.end - 1)
        if isinstance(node, tree.Paren):
            return self.bracketed("(", [node.inner], ")", node.span.end - 1)
        if isinstance(node, tree.Unary):
            return [node.op + (" " if node.op == "not" else ""), self.expr(node.operand)]
        if isinstance(node, tree.Ternary):
            then, condition = self.expr(node.then), self.expr(node.condition)
            return [then, " if ", condition, " else ", self.expr(node.otherwise)]
        if isinstance(node, tree.Range):
            return [self.expr(node.low), "..", self.expr(node.high)]
        if isinstance(node, tree.Index):
            value = self.expr(node.value)
            return [value, "[", *_separated(self.expr(item) for item in node.items), "]"]
        if isinstance(node, tree.Slice):
            return self.slice(node)
        if isinstance(node, tree.Name):
            return node.id
        if isinstance(node, tree.IntLiteral):
            return str(node.value)
        # The other literals stand as they were written: escapes, exponents, words.
        return node.span.text

    def slice(self, node: tree.Slice) -> Doc:
        doc: list[Doc] = [self.expr(node.start)] if node.start else []
        doc += [":", self.expr(node.stop)] if node.stop else [":"]
        return [*doc, ":", self.expr(node.step)] if node.step else doc

    def pipe(self, pipe: tree.Pipe) -> Doc:
        """Breaks where the writer has them; without any, all or none."""
        ends = [pipe.source.span.end, *(stage.span.end for stage in pipe.stages)]
        starts = [stage.span.start for stage in pipe.stages]
        kept = ["\n" in self.text[end:start] for end, start in zip(ends, starts, strict=False)]
        doc: list[Doc] = [self.expr(pipe.source)]
        stages: list[Doc] = []
        for stage, end, keep in zip(pipe.stages, ends, kept, strict=False):
            comments = self.behind(end, stage.span.start)
            one_line: Doc = " " if any(kept) else Break.LINE
            stages += [*comments, Break.HARD if keep or comments else one_line]
            label = f"{stage.label.id}: " if stage.label else ""
            stages += [f"|> {label}", self.expr(stage.target)]
        return Group([*doc, Nest(stages)])

    def argument(self, argument: tree.Argument) -> Doc:
        value = self.expr(argument.value)
        return [f"{argument.name.id}=", value] if argument.name else value

    def item(self, node: tree.Parameter | tree.Argument | tree.Expr) -> Doc:
        if isinstance(node, tree.Parameter):
            return self.parameter(node)
        return self.argument(node) if isinstance(node, tree.Argument) else self.expr(node)

    def bracketed(
        self,
        opener: str,
        nodes: Sequence[tree.Parameter | tree.Argument | tree.Expr],
        closer: str,
        end: int,
    ) -> Doc:
        """Items on one line, or each on its own with the comments that stand beside it."""
        if not nodes:
            return opener + closer
        inside: list[Doc] = []
        before = None
        for node in nodes:
            if before is not None:
                inside += [",", *self.behind(before, node.span.start), Break.LINE]
            else:
                inside.append(Break.SOFT)
                for comment in self.take(node.span.start):
                    inside += [comment.text, Break.HARD]
            inside.append(self.item(node))
            before = node.span.end
        inside += self.behind(nodes[-1].span.end, end)
        return Group([opener, Nest(inside), Break.SOFT, closer])

    def behind(self, end: int, before: int) -> list[Doc]:
        """The comments up to ``before``: the first behind what ended at ``end`` if it is there."""
        doc: list[Doc] = []
        for comment in self.take(before):
            if not doc and self.on_line_of(comment, end):
                doc.append(Comment(comment.text))
            else:
                doc += [Break.HARD, comment.text]
        return doc


def _separated(docs: Iterable[Doc]) -> list[Doc]:
    parts: list[Doc] = []
    for doc in docs:
        parts += [", ", doc] if parts else [doc]
    return parts
