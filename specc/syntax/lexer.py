"""Text -> tokens, with newlines, comments and documentation lines; mistakes in words and signs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from msgspec import Struct, field

from specc.diagnostics import Collector, Diagnostic, SourceText, Span, SpecError
from specc.grammars import Token, load_table
from specc.syntax import errors_heads, errors_limits, errors_text, limits
from specc.syntax.kinds import ENDS_VALUE, NEWLINE
from specc.syntax.source import Readable

_WORD = re.compile(r"\w+")
_NUMBER_WITH_TAIL = re.compile(r"[0-9.]*\w*")
_LINE_REST = re.compile(r"[^\r\n]*")
# A closing quote on the next line ends a word there; an opening one would begin one.
_OVER_LINES = re.compile(r'"[^"\r\n]*\r?\n(?:[^"\r\n]*[^"\s(\[,=])?"(?=\s*(?:[)\]},]|[\r\n]|$))')
_SINGLE_QUOTED = re.compile(r"'(?:[^'\\\r\n]|\\[^\r\n])*'?")
_CURLY_QUOTED = re.compile("[“”‘’][^“”‘’\"'\r\n]*[“”‘’\"']?")
_TRIPLE_QUOTED = re.compile(r'"""(?:[^"]|"(?!""))*(?:""")?')
_BLOCK_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*(?:\*/)?")

# What another language, or a word processor, writes for a sign of ours: (its spelling, our token,
# our spelling). Longest first.
_FOREIGN = (
    ("&&", "AND", "and"),
    ("||", "OR", "or"),
    ("&", "AND", "and"),
    ("|", "PIPE", "|>"),
    ("!", "NOT", "not"),
    ("~", "NOT", "not"),
    ("^", "POWER", "**"),
    ("−", "MINUS", "-"),
    ("–", "MINUS", "-"),
    ("×", "STAR", "*"),
    ("·", "STAR", "*"),
    ("÷", "SLASH", "/"),
    ("≤", "LE", "<="),
    ("≥", "GE", ">="),
    ("≠", "NE", "!="),
    ("→", "PIPE", "|>"),
    ("▷", "PIPE", "|>"),
    ("…", "ELLIPSIS", "..."),
    ("，", "COMMA", ","),
    ("：", "COLON", ":"),
    ("（", "LPAR", "("),
    ("）", "RPAR", ")"),
    ("；", NEWLINE, "a new line"),
    (";", NEWLINE, "a new line"),
)


class Lexed(Struct):
    """The words of a file.

    ``tokens`` hold the line breaks (`NEWLINE`), several in a row as one; ``comments`` are apart, in
    order. ``docs`` gives the text of the ``##`` lines directly above the token that starts at an
    offset. ``tainted`` are the offsets of mistakes already reported, so that later stages do not
    report them again.
    """

    tokens: list[Token] = field(default_factory=list)
    comments: list[Token] = field(default_factory=list)
    docs: dict[int, str] = field(default_factory=dict)
    tainted: list[int] = field(default_factory=list)


def lex(source: SourceText, collector: Collector) -> Lexed:
    """Split a text into tokens; mistakes are reported and mended as well as can be.

    Raises `SpecError` at once if there are more tokens or mistakes than the limits.
    """
    return _Lexer(source, collector).run()


class _Lexer:
    def __init__(self, source: SourceText, collector: Collector) -> None:
        self.source = source
        self.readable = Readable.of(source.text)
        self.text = self.readable.text
        self.collector = collector
        self.out = Lexed()
        self.table = load_table("nnspec")
        self.keywords = self.table.keywords["NAME"]
        self.doc: list[str] = []
        self.commented = False
        self.fresh_line = True

    def run(self) -> Lexed:
        match, text = self.table.scanner.match, self.text
        tokens, comments = self.out.tokens, self.out.comments
        at, end = 0, len(text)
        while at < end:
            found = match(text, at)
            if found is None:
                at = self.stray(at)
            else:
                kind, word, after = str(found.lastgroup), found[0], found.end()
                if kind == "BLANK":
                    at = after
                    continue
                checked = _CHECKED.get(kind)
                if checked is None:
                    at = self.add(kind, word, at, after)
                else:
                    at = checked(self, kind, word, at, after)
            if len(tokens) + len(comments) > limits.TOKENS:
                raise SpecError(errors_limits.too_many_tokens(self.span(at, at)))
        return self.moved() if self.readable.pieces else self.out

    def moved(self) -> Lexed:
        """The words where they stand in the source, whose forbidden characters were not read."""
        original = self.readable.original

        def place(at: int) -> int:
            return original(at, at)[0]

        def placed(tokens: list[Token]) -> list[Token]:
            return [Token(t.kind, t.text, *original(t.start, t.end)) for t in tokens]

        return Lexed(
            placed(self.out.tokens),
            placed(self.out.comments),
            {place(at): text for at, text in self.out.docs.items()},
            [place(at) for at in self.out.tainted],
        )

    def add(self, kind: str, word: str, start: int, end: int) -> int:
        if self.fresh_line:
            self.fresh_line = False
            if self.doc:
                self.out.docs[start] = "\n".join(self.doc)
                self.doc = []
        self.out.tokens.append(Token(kind, word, start, end))
        return end

    def report(self, diagnostic: Diagnostic, at: int) -> None:
        self.collector.report(diagnostic)
        self.out.tainted.append(at)
        if len(self.out.tainted) > limits.ERRORS:
            raise SpecError(errors_limits.too_many_errors(self.span(at, at)))

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, *self.readable.original(start, end))

    # --- tokens that need a second look: (kind, word, start, end) -> where to go on -----------

    def newline(self, kind: str, word: str, start: int, end: int) -> int:
        if word.count("\n") > 1 or (self.fresh_line and not self.commented):
            self.doc = []
        tokens = self.out.tokens
        if not tokens or tokens[-1].kind != NEWLINE:
            tokens.append(Token(kind, word, start, end))
        self.fresh_line, self.commented = True, False
        return end

    def comment(self, kind: str, word: str, start: int, end: int) -> int:
        if self.fresh_line and word.startswith("##") and not word.startswith("###"):
            self.doc.append(word[2:].strip())
        elif self.fresh_line:
            self.doc = []
        self.commented = True
        self.out.comments.append(Token(kind, word.rstrip(), start, end))
        return end

    def name(self, kind: str, word: str, start: int, end: int) -> int:
        following = self.text[end : end + 1]
        if following > "\x7f" and _WORD.match(following):
            return self.foreign_name(start)
        if len(word) > limits.NAME:
            self.report(errors_limits.name_too_long(self.span(start, end)), start)
        tokens = self.out.tokens
        if tokens and tokens[-1].kind == "DOT":
            return self.add(kind, word, start, end)
        if word == "elif" and tokens and tokens[-1].kind == "RBRACE":
            self.report(errors_heads.elif_word(self.span(start, end)), start)
            self.add("ELSE", word, start, end)
            return self.add("IF", word, end, end)
        return self.add(self.keywords.get(word, kind), word, start, end)

    def number(self, kind: str, word: str, start: int, end: int) -> int:
        text = self.text
        bare_dot = kind == "INT" and text[end : end + 1] == "." and text[end : end + 2] != ".."
        tail = _WORD.match(text, end)
        if bare_dot or tail:
            whole = _NUMBER_WITH_TAIL.match(text, start)
            end = whole.end() if whole else end
            span = self.span(start, end)
            report = (
                errors_text.number_ends_in_dot if bare_dot else errors_text.number_glued_to_name
            )
            self.report(report(span), start)
        elif kind == "INT" and len(word) > limits.DIGITS:
            self.report(errors_limits.too_many_digits(self.span(start, end), len(word)), start)
            word = "0"
        elif kind == "FLOAT" and not math.isfinite(float(word)):
            self.report(errors_limits.number_out_of_range(self.span(start, end)), start)
            word = "0.0"
        else:
            return self.add(kind, word, start, end)
        return self.add("INT", "0", start, end)

    def dot(self, kind: str, word: str, start: int, end: int) -> int:
        tokens = self.out.tokens
        # After a value a dot asks for an attribute; elsewhere it begins a number like .5
        if self.text[end : end + 1].isdigit() and not (tokens and tokens[-1].kind in ENDS_VALUE):
            whole = _NUMBER_WITH_TAIL.match(self.text, start)
            end = whole.end() if whole else end
            self.report(errors_text.number_starts_with_dot(self.span(start, end)), start)
            return self.add("INT", "0", start, end)
        return self.add(kind, word, start, end)

    def quote(self, kind: str, word: str, start: int, end: int) -> int:
        if self.text.startswith('"""', start):
            return self.mended_string(start, _TRIPLE_QUOTED, errors_text.triple_quotes)
        return self.add(kind, word, start, end)

    def slash(self, kind: str, word: str, start: int, end: int) -> int:
        """``//`` opening a line and ``/*`` anywhere are comments of other languages."""
        if kind == "FLOOR" and self.fresh_line:
            pattern = _LINE_REST
        elif kind == "SLASH" and self.text.startswith("/*", start):
            pattern = _BLOCK_COMMENT
        else:
            return self.add(kind, word, start, end)
        found = pattern.match(self.text, start)
        end = found.end() if found else end
        self.report(errors_text.foreign_comment(self.span(start, start + 2)), start)
        return end

    # --- what is no token at all --------------------------------------------------------------

    def stray(self, at: int) -> int:
        text = self.text
        char = text[at]
        if char == '"':
            if text.startswith('"""', at):
                return self.mended_string(at, _TRIPLE_QUOTED, errors_text.triple_quotes)
            if _OVER_LINES.match(text, at):
                return self.mended_string(at, _OVER_LINES, errors_text.string_over_lines)
            return self.mended_string(at, _LINE_REST, errors_text.unterminated_string)
        if char == "'":
            return self.mended_string(at, _SINGLE_QUOTED, errors_text.single_quotes)
        if char in "“”‘’":
            return self.mended_string(at, _CURLY_QUOTED, errors_text.curly_quotes)
        for spelling, kind, ours in _FOREIGN:
            if text.startswith(spelling, at):
                end = at + len(spelling)
                self.report(errors_text.foreign_sign(self.span(at, end), ours), at)
                if kind == NEWLINE:
                    return self.newline(kind, "", at, end)
                return self.add(kind, ours, at, end)
        if _WORD.match(char):
            return self.foreign_name(at)
        end = at + 1
        while text[end : end + 1] == char:
            end += 1
        self.report(errors_text.unknown_character(self.span(at, end)), at)
        return end

    def mended_string(
        self, at: int, pattern: re.Pattern[str], report: Callable[[Span], Diagnostic]
    ) -> int:
        found = pattern.match(self.text, at)
        end = found.end() if found else at + 1
        self.report(report(self.span(at, end)), at)
        return self.add("STRING", '""', at, end)

    def foreign_name(self, at: int) -> int:
        found = _WORD.match(self.text, at)
        end = found.end() if found else at + 1
        self.report(errors_text.name_not_ascii(self.span(at, end)), at)
        return self.add("NAME", self.text[at:end], at, end)


_CHECKED = {
    NEWLINE: _Lexer.newline,
    "COMMENT": _Lexer.comment,
    "NAME": _Lexer.name,
    "INT": _Lexer.number,
    "FLOAT": _Lexer.number,
    "DOT": _Lexer.dot,
    "STRING": _Lexer.quote,
    "FLOOR": _Lexer.slash,
    "SLASH": _Lexer.slash,
}
