"""What is wrong with a line that the grammar refuses, in the words of the person who wrote it.

The grammar knows only that a token cannot stand where it does. Each function here recognises one
way in which people come to write such a line, and answers with its diagnostic, or with ``None``;
the first that answers is right.
"""

from __future__ import annotations

from collections.abc import Callable

from specc.diagnostics import Diagnostic, SourceText
from specc.grammars import Machine, Token
from specc.syntax import errors_brackets, errors_text
from specc.syntax import errors_expressions as expressions
from specc.syntax import errors_heads as heads
from specc.syntax import errors_statements as statements
from specc.syntax.kinds import (
    BEGINS_VALUE,
    ENDS_VALUE,
    HEADS,
    LITERALS,
    NEWLINE,
    OPERATORS,
    RESERVED,
)
from specc.syntax.refused import Refused, assigns

_WANTS_VALUE = OPERATORS | {"PIPE", "ASSIGN", "COMMA", "IN", "COLON", "ASSERT", "IF", "ELSE", "DOT"}
_ENDS = frozenset([NEWLINE, "$END", "LBRACE"])


def explain(source: SourceText, line: list[Token], index: int, machine: Machine) -> Diagnostic:
    """The diagnostic for the token at ``index`` of a line, which ``machine`` has refused.

    A line goes from the first token of the statement, or from after the last brace, to its newline
    or opening brace.
    """
    refused = Refused(source, line, index, machine)
    for recognise in _RECOGNISERS:
        found = recognise(refused)
        if found is not None:
            return found
    return _unexpected(refused)


# --- how a line begins ------------------------------------------------------------------------


def _after_block(at: Refused) -> Diagnostic | None:
    text, place = at.source.text, at.first.start
    while place and text[place - 1] in " \t":
        place -= 1
    if at.before is not None or place == 0 or text[place - 1] != "}":
        return None
    return None if at.token.kind == "ELSE" else heads.two_statements(at.span())


def _foreign_statement(at: Refused) -> Diagnostic | None:
    if at.first.kind == "AT":
        return statements.decorator(at.span(at.first, at.line[1]))
    if at.first.kind == "NAME" and statements.is_foreign(at.first.text):
        return statements.foreign_statement(at.span(at.first))
    return None


def _version(at: Refused) -> Diagnostic | None:
    if at.first.text == "nnspec" and not at.assigned:
        return statements.header_malformed(at.span(at.first, at.line[-2]))
    return None


def _else(at: Refused) -> Diagnostic | None:
    if at.before is None and at.token.kind == "ELSE":
        return heads.else_without_if(at.span())
    return None


def _import(at: Refused) -> Diagnostic | None:
    if at.first.kind not in ("IMPORT", "USE") or at.before is None:
        return None
    if at.before is at.first and at.token.kind == "ASSIGN":
        return statements.reserved_word(at.span(at.first))
    return heads.import_malformed(at.gap if at.ends else at.span(), at.first.text)


def _second_statement(at: Refused) -> Diagnostic | None:
    """``name =`` or ``word name =`` after something that is whole."""
    before = at.before
    if before is None or before.kind not in ENDS_VALUE or at.token.kind != "NAME" or at.bracket:
        return None
    if not at.assigned and all(token.kind != "COLON" for token in at.read):
        return None
    kinds = [token.kind for token in at.rest[:2]]
    if kinds[:1] == ["ASSIGN"] or kinds in (["NAME", "ASSIGN"], ["NAME", "COLON"]):
        return heads.two_on_one_line(at.span())
    return None


# --- signs --------------------------------------------------------------------------------------


def _assignment(at: Refused) -> Diagnostic | None:
    """A sign that is, or begins, a malformed ``=``; or something before it that is no name."""
    before, following = at.before, at.next
    kind = at.token.kind
    if following and following.kind == "ASSIGN" and kind in OPERATORS and before and not at.bracket:
        name = at.span(at.first, before).text
        return statements.compound_assignment(at.span(at.token, following), at.token.text, name)
    if kind == "EQ" and not at.assigned and at.first.kind == "NAME" and not at.bracket:
        return statements.assignment_sign(at.span(), "==")
    if before is None and kind in BEGINS_VALUE and assigns(at.line):
        return statements.assigned_to_part(at.span())
    if kind != "ASSIGN" or before is None:
        return None
    if at.touches("COLON"):
        return statements.assignment_sign(at.span(before, at.token), ":=")
    if at.touches("PLUS") or at.touches("MINUS") or at.touches("STAR") or at.touches("SLASH"):
        name = at.span(at.first, at.first).text
        return statements.compound_assignment(at.span(before, at.token), before.text, name)
    if at.first.kind in RESERVED and before is at.first:
        return statements.reserved_word(at.span(at.first))
    if at.bracket:
        return None
    if at.first.kind in ("IF", "ASSERT", "ELSE"):
        return statements.assigned_in_condition(at.span())
    if at.assigned:
        return statements.second_assignment(at.span())
    return None


def _arrow(at: Refused) -> Diagnostic | None:
    before, following = at.before, at.next
    if at.token.kind == "GT" and before and (at.touches("MINUS") or at.touches("ASSIGN")):
        return expressions.pipe_mistyped(at.span(before, at.token), before.text + ">")
    if at.token.kind == "GT" and before and before.kind == "PIPE":
        return expressions.pipe_mistyped(at.span(), ">")
    pair = (at.token.kind, following.kind) if following else ()
    if following and pair in (("MINUS", "GT"), ("LT", "MINUS"), ("ASSIGN", "GT")):
        sign = at.token.text + following.text
        if at.first.text == "model" and sign == "->" and not at.bracket:
            return expressions.result_annotated(at.span(at.token, following))
        return expressions.pipe_mistyped(at.span(at.token, following), sign)
    return None


def _reserved(at: Refused) -> Diagnostic | None:
    """A reserved word where only a name can stand."""
    kind = at.token.kind
    if kind not in RESERVED or not at.machine.accepts("NAME"):
        return None
    if kind == "IF" and at.before and at.before.kind in ("ASSIGN", "LPAR", "COMMA"):
        return heads.ternary_form(at.span())
    if at.machine.accepts("STRING") and kind in ("IF", "ELSE", "AND", "OR"):
        return None
    return statements.reserved_word(at.span())


def _colon(at: Refused) -> Diagnostic | None:
    before = at.before
    if at.token.kind != "COLON" or before is None:
        return None
    if at.bracket and at.bracket.kind == "LPAR" and before.kind == "NAME":
        return expressions.named_by_colon(at.span(), before.text)
    if at.first.kind in HEADS and not at.bracket:
        return errors_brackets.colon_block(at.span(), at.first)
    return None


def _dot(at: Refused) -> Diagnostic | None:
    if at.token.kind == "INT" and at.before and at.before.kind == "DOT":
        return expressions.foreign_expression(
            at.span(at.before, at.token),
            "numbers after a dot",
            f"an item of a list is written name[{at.token.text}]",
        )
    return None


def _pipe_in_index(at: Refused) -> Diagnostic | None:
    if at.token.kind == "PIPE" and at.bracket and at.bracket.kind == "LSQB":
        return expressions.pipe_in_index(at.span())
    return None


def _star(at: Refused) -> Diagnostic | None:
    if at.token.kind not in ("STAR", "POWER") or not at.bracket or at.before is None:
        return None
    if at.before.kind not in ("LPAR", "LSQB", "COMMA"):
        return None
    return expressions.foreign_expression(
        at.span(), "unpacked arguments", "write the arguments one by one"
    )


# --- where a value is wanted ----------------------------------------------------------------------


def _unfinished(at: Refused) -> Diagnostic | None:
    """The line ends after a sign that wants something."""
    before = at.before
    if before is None or at.token.kind not in _ENDS:
        return None
    if before.kind == "COLON" and not at.assigned:
        return heads.type_malformed(at.gap)
    if before.kind in _WANTS_VALUE and (before is not at.first or before.kind == "ASSERT"):
        return expressions.value_missing(at.gap, before.text)
    if before.kind in ENDS_VALUE and at.machine.accepts("ELSE"):
        return heads.ternary_without_else(at.gap)
    return None


def _operand(at: Refused) -> Diagnostic | None:
    """Two signs side by side, the first of which wants a value."""
    before, kind = at.before, at.token.kind
    if before is None:
        return None
    if kind == "PIPE" and before.kind == "PIPE":
        return expressions.pipe_doubled(at.span())
    if kind == "COMMA" and before.kind in ("LPAR", "LSQB", "COMMA"):
        return expressions.item_missing(at.span())
    closes = kind in ("RPAR", "RSQB", "COMMA", "ELSE", "COLON", "ASSIGN")
    if before.kind == "COLON" and kind == "ASSIGN":
        return heads.type_malformed(at.span())
    if before.kind in _WANTS_VALUE and (kind in OPERATORS or kind == "PIPE" or closes):
        return expressions.operand_missing(at.span(), before.text, at.token.text)
    return None


# --- two values side by side ----------------------------------------------------------------------


def _foreign_value(at: Refused) -> Diagnostic | None:
    before, token = at.before, at.token
    if before is None:
        return None
    place = at.span(before, token)
    if before.text == "lambda" or (before.kind == "NAME" and before.text == "new"):
        return expressions.foreign_expression(
            at.span(before), f"`{before.text}` expressions", "write a model and use its name"
        )
    if token.kind == "STRING" and at.touches("NAME") and len(before.text) <= 2:
        return expressions.foreign_expression(
            place, f"{before.text}-strings", "strings are plain; remove the letter before the quote"
        )
    if token.kind == "STRING" and before.kind == "STRING":
        return expressions.foreign_expression(
            place, "strings that join by themselves", "write one string"
        )
    if token.text == "is":
        return expressions.foreign_expression(at.span(), "`is` comparisons", "write ==")
    if token.kind == "FOR" and before.kind in ENDS_VALUE:
        return expressions.foreign_expression(
            at.span(), "comprehensions", "a loop is a statement: for name in values { ... }"
        )
    if token.kind in ("IN", "NOT") and before.kind in ENDS_VALUE and at.first.kind != "FOR":
        return expressions.foreign_expression(
            at.span(), "membership tests", "compare with ==, and join comparisons with or"
        )
    return None


def _side_by_side(at: Refused) -> Diagnostic | None:
    before, token = at.before, at.token
    if before is None or token.kind not in BEGINS_VALUE or before.kind not in ENDS_VALUE:
        return None
    if at.bracket:
        return expressions.missing_comma(at.gap, before.text, token.text)
    if at.first.kind == "ASSERT" and token.kind == "STRING":
        return expressions.missing_comma(at.gap, before.text, token.text)
    if not at.assigned:
        return None
    comment = next((other for other in at.read if other.kind == "FLOOR"), None)
    if comment and before.kind == token.kind == "NAME":
        return errors_text.foreign_comment(at.span(comment))
    piped = any(other.kind == "PIPE" for other in at.line)
    called = bool(at.rest) and at.rest[0].kind == "LPAR"
    if token.kind == "NAME" and (piped or called):
        return expressions.missing_pipe(at.gap, token.text)
    return expressions.two_values(at.gap, before.text, token.text)


# --- heads and statements ------------------------------------------------------------------------


def _parameters(at: Refused) -> Diagnostic | None:
    if at.in_parameters and at.bracket and not any(t.kind == "ASSIGN" for t in at.read[-2:]):
        return heads.parameter_malformed(at.span())
    return None


def _message(at: Refused) -> Diagnostic | None:
    if at.first.kind == "ASSERT" and at.before and at.before.kind == "COMMA" and not at.bracket:
        return heads.message_no_string(at.span())
    return None


def _head(at: Refused) -> Diagnostic | None:
    word = at.first.text
    if at.first.kind in HEADS:
        if at.ends and at.machine.accepts("LBRACE"):
            return heads.head_unfinished(at.gap, word)
        return heads.head_malformed(at.gap if at.ends else at.span(), word)
    if at.line[-1].kind != "LBRACE" or at.assigned or at.first.kind != "NAME":
        return None
    if at.before is at.first and at.token.kind in LITERALS:
        return heads.section_without_name(at.span(), word)
    return heads.section_head_malformed(at.span(), word)


def _statement(at: Refused) -> Diagnostic | None:
    """A line without a value: names alone, or an expression that nobody named."""
    if at.assigned or at.first.kind in RESERVED - LITERALS - {"NOT"}:
        return None
    kinds = [token.kind for token in at.line]
    if at.ends and kinds[0] == "NAME" and "LPAR" in kinds[1:3] and at.machine.accepts("LBRACE"):
        if kinds[1] == "NAME":
            return heads.head_unfinished(at.gap, at.first.text)
    elif "COLON" in kinds:
        return None
    if assigns(at.line):
        return statements.assigned_to_part(at.span(at.first, at.before))
    if at.ends and kinds[:-1] in (["NAME"], ["NAME", "NAME"]):
        text = at.span(at.first, at.before).text
        return statements.declaration_unfinished(at.span(at.first, at.before), text)
    if at.first.kind in BEGINS_VALUE | {"MINUS", "PLUS"} and kinds[:2] != ["NAME", "NAME"]:
        return statements.value_goes_nowhere(at.span(at.first, at.line[-2]))
    return None


def _comma(at: Refused) -> Diagnostic | None:
    if at.token.kind == "COMMA" and not at.bracket and (at.assigned or at.first.kind == "FOR"):
        return statements.values_without_brackets(at.span())
    return None


def _type(at: Refused) -> Diagnostic | None:
    if at.assigned:
        return None
    kinds = [token.kind for token in at.read]
    if at.first.kind == "NAME" and "COLON" in kinds and "LPAR" not in kinds[: kinds.index("COLON")]:
        return heads.type_malformed(at.gap if at.ends else at.span())
    return None


def _unexpected(at: Refused) -> Diagnostic:
    found = "the end of the line" if at.ends else f"`{at.token.text}`"
    place = at.gap if at.ends else at.span()
    if at.before is None:
        return statements.unexpected(place, f"a statement cannot begin with {found}")
    return statements.unexpected(place, f"{found} cannot stand after `{at.before.text}`")


_RECOGNISERS: tuple[Callable[[Refused], Diagnostic | None], ...] = (
    _after_block,
    _foreign_statement,
    _version,
    _else,
    _import,
    _second_statement,
    _arrow,
    _assignment,
    _reserved,
    _colon,
    _dot,
    _pipe_in_index,
    _star,
    _message,
    _unfinished,
    _operand,
    _parameters,
    _foreign_value,
    _side_by_side,
    _comma,
    _type,
    _head,
    _statement,
)
