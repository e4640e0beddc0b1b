"""Limits on a spec as text; see `specc.syntax.limits` for the figures."""

from __future__ import annotations

from specc.diagnostics import Code, Diagnostic, SourceText, Span
from specc.syntax import limits

SOURCE_SIZE = Code(
    "E0901",
    "A spec file that is too large",
    f"""\
A spec may have {limits.SOURCE_BYTES:,} bytes. Large things belong into data files, which a
spec names: rows, vocabularies and weights are never written into it.
""",
)

NESTING = Code(
    "E0902",
    "Brackets nested too deeply",
    f"""\
Brackets and blocks may stand {limits.NESTING} deep inside one another. Give inner parts names:

    inner = (a, b) |> concat(dim=1)
    outer = (inner, c) |> concat(dim=1)
""",
)

EXPRESSION_DEPTH = Code(
    "E0903",
    "An expression that is too deep",
    f"""\
One expression may hold {limits.OPERATORS} operators, dots and calls between its commas and pipes.
Give its parts names; sum([a, b, c]) adds up a list of values.
""",
)

DIGITS = Code(
    "E0904",
    "A number that is too large",
    f"""\
A whole number may have {limits.DIGITS} digits, and a float must be a finite number in double
precision (about 1.8e308 at most).

    lr = 1e999         # wrong
    lr = 1e-3          # right
""",
)

TOKENS = Code(
    "E0905",
    "A spec file with too many words",
    f"""\
A file may hold {limits.TOKENS:,} words and signs. Loops say what repeats, and
`import "parts.nnspec" as parts` takes models from another file.
""",
)

NAME_LENGTH = Code(
    "E0906",
    "A name that is too long",
    f"""\
A name may have {limits.NAME} characters.
""",
)

ERROR_COUNT = Code(
    "E0907",
    "More mistakes than can be shown",
    f"""\
After {limits.ERRORS:,} mistakes in its syntax a file is not read further. Often the file is not a
spec at all, or is in another language.
""",
)


def source_too_large(source: SourceText) -> Diagnostic:
    """More bytes than are read."""
    return Diagnostic(
        SOURCE_SIZE,
        f"the file is larger than {limits.SOURCE_BYTES:,} bytes",
        Span(source, 0, 0),
        help="a spec names its data; it does not contain it",
    )


def nested_too_deeply(span: Span) -> Diagnostic:
    """The first bracket beyond the limit."""
    return Diagnostic(
        NESTING,
        f"brackets are nested more than {limits.NESTING} deep",
        span,
        help="give inner parts names",
    )


def expression_too_deep(span: Span) -> Diagnostic:
    """The first operator beyond the limit."""
    return Diagnostic(
        EXPRESSION_DEPTH,
        f"this expression has more than {limits.OPERATORS} operators in a row",
        span,
        help="give its parts names",
    )


def too_many_digits(span: Span, count: int) -> Diagnostic:
    """A whole number, and how many digits it has."""
    return Diagnostic(
        DIGITS,
        f"a whole number of {count:,} digits is too large",
        span,
        help=f"at most {limits.DIGITS} digits are read; for a real number write 1e30",
    )


def number_out_of_range(span: Span) -> Diagnostic:
    """A float that is infinite in double precision."""
    return Diagnostic(
        DIGITS,
        "this number is too large for a float",
        span,
        help="the largest is about 1.8e308",
    )


def too_many_tokens(span: Span) -> Diagnostic:
    """The first word beyond the limit."""
    return Diagnostic(
        TOKENS,
        f"the file has more than {limits.TOKENS:,} words and signs",
        span,
        help="say what repeats with a loop, or split the file and import its parts",
    )


def name_too_long(span: Span) -> Diagnostic:
    """A name beyond the limit."""
    return Diagnostic(
        NAME_LENGTH,
        f"a name of {span.end - span.start:,} characters is too long",
        span,
        help=f"at most {limits.NAME} are read",
    )


def too_many_errors(span: Span) -> Diagnostic:
    """The first mistake beyond the limit."""
    return Diagnostic(
        ERROR_COUNT,
        f"more than {limits.ERRORS:,} syntax errors: the rest of the file was not read",
        span,
        help="is this a spec?",
    )
