"""Mistakes in brackets and blocks."""

from __future__ import annotations

from specc.diagnostics import Code, Diagnostic, Label, Span
from specc.grammars import Token

NEVER_CLOSED = Code(
    "E0111",
    "A bracket that is never closed",
    """\
Every ( [ { needs its partner. The place shown is the opening bracket; the closing one is
missing somewhere after it.

    x = image |> conv2d(64, kernel_size=3      # wrong
    x = image |> conv2d(64, kernel_size=3)     # right
""",
)

NEVER_OPENED = Code(
    "E0112",
    "A closing bracket without an opening one",
    """\
A ) ] or } closes something that was opened before it. Here nothing is open: either this
one is too many, or its partner was deleted.

    x = image |> relu())       # wrong
    x = image |> relu()        # right
""",
)

WRONG_CLOSER = Code(
    "E0113",
    "A bracket closed by another kind",
    """\
( goes with ), [ with ] and { with }.

    betas = [0.5, 0.999)       # wrong
    betas = [0.5, 0.999]       # right
""",
)

BLOCK = Code(
    "E0114",
    "A block without its brace",
    """\
The body of a section, a loop or a condition stands in braces. Indentation is for the
reader and a colon opens nothing.

    if stride != 1:            # wrong
      x = x |> conv2d(64)

    if stride != 1 {           # right
      x = x |> conv2d(64)
    }
""",
)

BRACE_LINE = Code(
    "E0115",
    "A brace or an else on a line of its own",
    """\
A line break ends a statement, so the { stands on the line of what it opens, and else on
the line of the } before it.

    }
    else {                     # wrong

    } else {                   # right
""",
)

BRACES_AS_VALUE = Code(
    "E0116",
    "Braces where a value is wanted",
    """\
Braces hold statements. There are no dicts and sets: named values are the arguments of a
component, several values are a list.

    optimizer = {"lr": 0.1}    # wrong
    optimizer = sgd(lr=0.1)    # right
""",
)

_PARTNER = {"(": ")", "[": "]", "{": "}", ")": "(", "]": "[", "}": "{"}


def never_closed(opener: Span) -> Diagnostic:
    """An opening bracket whose partner does not come."""
    sign = opener.text
    return Diagnostic(
        NEVER_CLOSED,
        f"this {sign} is never closed",
        opener,
        help=f"put a {_PARTNER[sign]} where it ends",
    )


def closer_without_opener(closer: Span) -> Diagnostic:
    """A closing bracket where nothing is open."""
    sign = closer.text
    return Diagnostic(
        NEVER_OPENED,
        f"this {sign} closes nothing",
        closer,
        help=f"remove it, or put the missing {_PARTNER[sign]} before it",
    )


def wrong_closer(opener: Span, closer: Span) -> Diagnostic:
    """An opening bracket and the one of another kind that stands where its partner should."""
    return Diagnostic(
        WRONG_CLOSER,
        f"{opener.text} is closed by {closer.text}",
        closer,
        f"should be {_PARTNER[opener.text]}",
        (Label(opener, "opened here"),),
        help=f"write {_PARTNER[opener.text]}",
    )


def colon_block(colon: Span, head: Token) -> Diagnostic:
    """The colon after a head written as in Python; ``head`` is its first word."""
    if head.text in ("def", "class", "fn", "func", "function"):
        return Diagnostic(
            BLOCK,
            f"`{head.text}` is not used here, and a block does not begin with a colon",
            colon,
            help="a part that is used several times is a model: model Name(width: int) { ... }",
        )
    return Diagnostic(
        BLOCK,
        "a block does not begin with a colon",
        colon,
        help=f"put the body of `{head.text}` in braces: {{ instead of the colon, and a }} after it",
    )


def brace_missing(place: Span, head: Token) -> Diagnostic:
    """A head whose body is indented but not in braces; ``head`` is its first word."""
    return Diagnostic(
        BLOCK,
        f"the body of `{head.text}` has no opening brace",
        place,
        "a { is missing here",
        help="put a { at the end of this line, and a } after the body",
    )


def brace_on_its_own_line(brace: Span) -> Diagnostic:
    """A ``{`` that begins a line."""
    return Diagnostic(
        BRACE_LINE,
        "the { must stand on the line of what it opens",
        brace,
        help="move it to the end of the line before: a line break ends a statement",
    )


def else_on_its_own_line(word: Span) -> Diagnostic:
    """An ``else`` that begins the line after the brace."""
    return Diagnostic(
        BRACE_LINE,
        "else must stand on the line of the } before it",
        word,
        help="write } else {: a line break ends a statement",
    )


def braces_as_value(span: Span) -> Diagnostic:
    """A dict or a set."""
    return Diagnostic(
        BRACES_AS_VALUE,
        "braces hold statements, not values",
        span,
        help="there are no dicts and sets: give named values as arguments, name(key=value), and"
        " several values as a list, [a, b]",
    )
