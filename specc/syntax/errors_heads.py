"""Mistakes in the heads of blocks, in types, and in import, use and assert."""

from __future__ import annotations

from specc.diagnostics import Code, Diagnostic, Span

SECTION_HEAD = Code(
    "E0135",
    "A malformed head of a section",
    """\
A section is a word, perhaps a name, perhaps parameters, and a body in braces. Parameters
are `name: type`, perhaps with `= default`.

    model Block(int width) { ... }             # wrong
    model Block(width: int = 64) { ... }       # right
""",
)

ELSE = Code(
    "E0137",
    "An else without its if",
    """\
else follows the } of an if, on the same line. A further condition is `else if`. Between
values the form is `a if condition else b`, and it always has an else.

    } elif stride == 2 {           # wrong
    } else if stride == 2 {        # right
""",
)

IMPORT = Code(
    "E0138",
    "A malformed import or use",
    """\
Other spec files are imported by their path in quotes and get a name. Plugins are named
by `use`, perhaps with a version.

    import blocks                          # wrong
    import "blocks.nnspec" as blocks       # right
    use specc_text >= 1.2                  # right
""",
)

HEAD = Code(
    "E0139",
    "A malformed loop, condition or assert",
    """\
The forms are

    for name in values { ... }             for a, b in pairs as i { ... }
    repeat count { ... }                   repeat count as i { ... }
    scan step in sequence { ... }          if condition { ... } else { ... }
    assert condition                       assert condition, "message"
""",
)

ONE_LINE = Code(
    "E0140",
    "Two statements on one line",
    """\
Each statement has a line of its own.

    if deep { width = 512 } depth = 4      # wrong

    if deep { width = 512 }                # right
    depth = 4
""",
)

TYPE = Code(
    "E0141",
    "A malformed type",
    """\
A type is a name, perhaps with its sizes in square brackets: int, str, list[int],
float[B, 3, H, W], logits[B, classes], ids(10)[B].

    input x: float(B, 3)           # wrong, unless B and 3 are bounds
    widths: list<int>              # wrong
    input x: float[B, 3]           # right
""",
)

_HEAD_FORMS = {
    "for": "for name in values { ... }",
    "repeat": "repeat count { ... }",
    "scan": "scan name in sequence { ... }",
    "if": "if condition { ... }",
    "else": "else { ... } or else if condition { ... }",
}


def section_without_name(span: Span, word: str) -> Diagnostic:
    """``model "Net" {`` or ``model 3 {``."""
    return Diagnostic(
        SECTION_HEAD,
        f"the name after `{word}` is a bare word",
        span,
        help=f"write {word} Name {{ ... }}: no quotes, no digit at the beginning",
    )


def parameter_malformed(span: Span) -> Diagnostic:
    """Something in the parameters of a section that is not ``name: type = default``."""
    return Diagnostic(
        SECTION_HEAD,
        "parameters are written `name: type = default`",
        span,
        help="for instance (width: int, act: layer = relu); the type and the default may be absent",
    )


def head_unfinished(span: Span, word: str) -> Diagnostic:
    """A head without its ``{``."""
    return Diagnostic(
        SECTION_HEAD,
        f"the body of `{word}` is missing",
        span,
        "a { is missing here",
        help="the body stands in { }, which opens on this line",
    )


def section_head_malformed(span: Span, word: str) -> Diagnostic:
    """A line that ends in ``{`` and is no head."""
    return Diagnostic(
        SECTION_HEAD,
        f"this cannot stand in the head of `{word}`",
        span,
        help="a section is `word { ... }`, `word Name { ... }` or"
        " `word Name(parameter: type) { ... }`",
    )


def else_without_if(span: Span) -> Diagnostic:
    """An ``else`` that follows no block of an ``if``."""
    return Diagnostic(
        ELSE,
        "this else belongs to no if",
        span,
        help="it stands on the line of the } that ends an if: } else {",
    )


def elif_word(span: Span) -> Diagnostic:
    """``elif`` after a block."""
    return Diagnostic(ELSE, "`elif` is written else if", span, help="write } else if condition {")


def ternary_form(span: Span) -> Diagnostic:
    """``y = if c then a`` or the like."""
    return Diagnostic(
        ELSE,
        "a conditional value is written the other way round",
        span,
        help="write value if condition else other",
    )


def ternary_without_else(span: Span) -> Diagnostic:
    """``y = a if c`` and nothing more."""
    return Diagnostic(
        ELSE,
        "this conditional value has no else",
        span,
        help="write value if condition else other",
    )


def import_malformed(span: Span, word: str) -> Diagnostic:
    """An ``import`` or a ``use`` that is not in its form."""
    if word == "use":
        return Diagnostic(
            IMPORT,
            "a use names one plugin, perhaps with a version",
            span,
            help="for instance: use specc_text, or use specc_text >= 1.2",
        )
    return Diagnostic(
        IMPORT,
        "an import names a file in quotes, and gives it a name",
        span,
        help='for instance: import "blocks.nnspec" as blocks. Plugins are asked for by `use`',
    )


def head_malformed(span: Span, word: str) -> Diagnostic:
    """A ``for``, ``repeat``, ``scan``, ``if`` or ``else`` that is not in its form."""
    return Diagnostic(
        HEAD,
        f"this is not the form of `{word}`",
        span,
        help=f"write {_HEAD_FORMS[word]}",
    )


def message_no_string(span: Span) -> Diagnostic:
    """``assert condition, name``."""
    return Diagnostic(
        HEAD,
        "the message of an assert is a string",
        span,
        help='write assert condition, "what must hold"',
    )


def two_statements(span: Span) -> Diagnostic:
    """Something after the ``}`` of a block."""
    return Diagnostic(
        ONE_LINE,
        "a new statement begins on the line of the } before it",
        span,
        help="put it on a line of its own",
    )


def two_on_one_line(span: Span) -> Diagnostic:
    """``input x: float[B, 8] output y = x``."""
    return Diagnostic(
        ONE_LINE,
        f"a new statement begins with `{span.text}` on the line of the one before it",
        span,
        help="put it on a line of its own",
    )


def type_malformed(span: Span) -> Diagnostic:
    """Something in a type that is not a name with its sizes."""
    return Diagnostic(
        TYPE,
        "this is not the form of a type",
        span,
        help="for instance int, list[int], float[B, 3, H, W], ids(10)[B]",
    )
