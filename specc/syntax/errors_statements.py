"""Mistakes in assignments, and statements of other languages."""

from __future__ import annotations

from specc.diagnostics import Code, Diagnostic, Span

VERSION = Code(
    "E0131",
    "A first line that names no known version",
    """\
The first line of a file says which version of the language it is written in. There is
one version.

    nnspec 1.0     # wrong
    nnspec 1       # right
""",
)

VALUE_GOES_NOWHERE = Code(
    "E0132",
    "A value that goes nowhere",
    """\
A statement gives a name to a value. A value without a name has no effect, because
nothing in a spec happens by itself.

    x |> conv2d(64) |> relu            # wrong
    x = x |> conv2d(64) |> relu        # right
""",
)

ASSIGNMENT = Code(
    "E0133",
    "A malformed assignment",
    """\
A statement is `name = value`, with a single = and plain names before it. There are no
+=, := and the like, and a part of a value is not replaced.

    x += skip          # wrong
    x = x + skip       # right
""",
)

RESERVED_WORD = Code(
    "E0134",
    "A reserved word used as a name",
    """\
These words are reserved: for in if else repeat scan as assert import use and or not true
false none. They cannot name anything; after a dot and before the = of an argument they
are ordinary names.

    in = image |> to_float         # wrong
    inputs = image |> to_float     # right
""",
)

FOREIGN_STATEMENT = Code(
    "E0136",
    "A statement of another language",
    """\
A spec has sections, assignments, for, if, repeat, scan and assert. What would be a
function or a class elsewhere is a model; its results are its outputs.

    def block(x, width):                       # wrong
        return relu(conv(x, width))

    model Block(width: int) {                  # right
      input x: float[B, C, H, W]
      output y = x |> conv2d(width, kernel_size=3) |> relu
    }
""",
)

UNEXPECTED = Code(
    "E0199",
    "Something that cannot stand here",
    """\
A statement is `names = value`, perhaps with a word before it (`input`, `output`,
`metric`) and a type after the names; or it is a block: a section, for, if, repeat, scan.

    output y = x |> relu
    input x: float[B, 3, H, W]
    for width in [64, 128] { ... }
""",
)

_MODEL = "a part that is used several times is a model: model Name(width: int) { ... }"

_FOREIGN_CONSTANTS = {"True": "true", "False": "false", "None": "none"}

_FOREIGN_WORDS = {
    "def": _MODEL,
    "class": _MODEL,
    "func": _MODEL,
    "function": _MODEL,
    "fn": _MODEL,
    "return": "results are named: output y = ...",
    "yield": "results are named: output y = ...",
    "while": "a spec always ends: use `repeat N { ... }` or `for x in values { ... }`",
    "from": 'other spec files are imported by their path: import "blocks.nnspec" as blocks',
    "let": "a name needs no word before it: name = value",
    "var": "a name needs no word before it: name = value",
    "const": "a name needs no word before it: name = value",
    "print": "nothing is printed by a spec; `specc show` lists the layers and their shapes",
    "del": "names are not deleted; leave the line out",
    "with": "there are no contexts; what trains is said by `update` in the train section",
    "try": "nothing is caught in a spec; remove the block",
    "pass": "an empty block is { }",
    "elif": "write else if",
    "switch": "write if ... { ... } else if ... { ... }",
    "match": "write if ... { ... } else if ... { ... }",
    "raise": 'a condition that must hold is `assert condition, "message"`',
    "break": "loops run over all their items; put the condition into an if",
    "continue": "loops run over all their items; put the condition into an if",
}


def is_foreign(word: str) -> bool:
    """Whether a word begins statements in other languages that people are used to."""
    return word in _FOREIGN_WORDS


def header_unknown(span: Span, word: str) -> Diagnostic:
    """A name and a number in the first line, where the name is not ``nnspec``."""
    return Diagnostic(
        VERSION,
        f"`{word}` is followed by a number, as only `nnspec` in the first line is",
        span,
        help=f"to give it a value write {word} = ...",
    )


def version_unsupported(span: Span, version: str) -> Diagnostic:
    """A first line that names a version this specc does not read."""
    return Diagnostic(
        VERSION,
        f"version {version} of the language is not known",
        span,
        help="this specc reads `nnspec 1`; a newer file needs a newer specc",
    )


def header_malformed(span: Span) -> Diagnostic:
    """A line that begins with ``nnspec`` and does not go on with a whole number."""
    return Diagnostic(
        VERSION,
        "this is not the version line",
        span,
        help="write `nnspec 1`, as the first line of the file",
    )


def value_goes_nowhere(span: Span) -> Diagnostic:
    """An expression where a statement is wanted."""
    return Diagnostic(
        VALUE_GOES_NOWHERE,
        "this value goes nowhere",
        span,
        help="give it a name: name = ..., or output name = ...",
    )


def assignment_sign(span: Span, sign: str) -> Diagnostic:
    """``:=`` or ``==`` where ``=`` is meant."""
    return Diagnostic(
        ASSIGNMENT, f"a name gets its value by =, not by {sign}", span, help="write ="
    )


def compound_assignment(span: Span, sign: str, name: str) -> Diagnostic:
    """``x += 1``."""
    return Diagnostic(
        ASSIGNMENT,
        f"there is no {sign}=",
        span,
        help=f"write {name} = {name} {sign} ...",
    )


def second_assignment(span: Span) -> Diagnostic:
    """``a = b = c``."""
    return Diagnostic(
        ASSIGNMENT,
        "a statement has one =",
        span,
        help="write two statements; to compare two values write ==",
    )


def assigned_in_condition(span: Span) -> Diagnostic:
    """``if x = 3 {``."""
    return Diagnostic(ASSIGNMENT, "= does not compare", span, help="write == to compare two values")


def assigned_to_part(span: Span) -> Diagnostic:
    """``x[0] = y`` or ``f(x) = y``."""
    return Diagnostic(
        ASSIGNMENT,
        "only names get values",
        span,
        help="write name = ..., or a, b = ... without parentheses; a part of a tensor is never"
        " changed in place",
    )


def values_without_brackets(span: Span) -> Diagnostic:
    """``a, b = b, a``."""
    return Diagnostic(
        ASSIGNMENT,
        "several values stand in parentheses or in a list",
        span,
        help="write (a, b) for tensors, [a, b] for a list",
    )


def declaration_unfinished(span: Span, text: str) -> Diagnostic:
    """One or two names and nothing more."""
    return Diagnostic(
        ASSIGNMENT,
        f"`{text}` is not a statement: a value or a type is missing",
        span,
        help="write = and a value, or : and a type; a section has its body in { }",
    )


def reserved_word(span: Span) -> Diagnostic:
    """A reserved word where a name is wanted."""
    word = span.text
    return Diagnostic(
        RESERVED_WORD,
        f"`{word}` is a reserved word and cannot be a name",
        span,
        help=f"choose another name, such as {word}_",
    )


def foreign_statement(span: Span) -> Diagnostic:
    """A statement that begins with a word for which `is_foreign` holds."""
    word = span.text
    return Diagnostic(
        FOREIGN_STATEMENT,
        f"there is no `{word}` in a spec",
        span,
        help=_FOREIGN_WORDS[word],
    )


def foreign_constant(span: Span) -> Diagnostic | None:
    """``True``, ``False`` or ``None`` as a value; ``None`` for any other name."""
    ours = _FOREIGN_CONSTANTS.get(span.text)
    if ours is None:
        return None
    return Diagnostic(
        FOREIGN_STATEMENT, f"`{span.text}` is written {ours}", span, help=f"write {ours}"
    )


def decorator(span: Span) -> Diagnostic:
    """``@something`` at the start of a line."""
    return Diagnostic(
        FOREIGN_STATEMENT,
        "there are no decorators in a spec",
        span,
        help="remove the line; @ stands between two tensors and multiplies matrices",
    )


def unexpected(span: Span, message: str) -> Diagnostic:
    """What no better words were found for."""
    return Diagnostic(
        UNEXPECTED,
        message,
        span,
        help="a statement is `name = value`, or a block: word Name { ... }",
    )
