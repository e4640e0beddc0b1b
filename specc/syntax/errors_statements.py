"""Mistakes in statements and in the heads of sections."""

from __future__ import annotations

from specc.diagnostics import Code, Diagnostic, Span

VERSION = Code(
    "E0131",
    "A first line that names no known version",
    """\
The first line of a file may say which version of the language it is written in. There is
one version.

    nnspec 2       # wrong
    nnspec 1       # right
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


def header_unknown(span: Span, word: str) -> Diagnostic:
    return Diagnostic(
        VERSION,
        f"`{word}` is followed by a number, as only the first line `nnspec 1` is",
        span,
        help=f"write {word} = ... to give it a value",
    )


def version_unsupported(span: Span, version: str) -> Diagnostic:
    return Diagnostic(
        VERSION,
        f"version {version} of the language is not known",
        span,
        help="this specc reads `nnspec 1`; a newer file needs a newer specc",
    )


def unexpected(span: Span, found: str, after: str) -> Diagnostic:
    return Diagnostic(UNEXPECTED, f"{found} cannot stand after {after}", span)
