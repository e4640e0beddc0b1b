"""Mistakes in characters, words, numbers and strings."""

from __future__ import annotations

import unicodedata

from specc.diagnostics import Code, Diagnostic, SourceText, Span

UNKNOWN_CHARACTER = Code(
    "E0101",
    "A character that means nothing here",
    """\
Outside strings and comments a spec is written in ASCII: names, numbers, and the signs
of the language.

    x = image |> conv2d(64) $          # wrong: $ is no sign of the language
    x = image |> conv2d(64)            # right
""",
)

STRING_NOT_CLOSED = Code(
    "E0102",
    "A string that is never closed",
    """\
A string begins and ends with a double quote on the same line. A quote inside it is
written \\" and a line break \\n.

    source = image_folder("data/cifar10)     # wrong
    source = image_folder("data/cifar10")    # right
""",
)

STRING_QUOTES = Code(
    "E0103",
    "A string in the wrong quotes",
    """\
There is one kind of string: in straight double quotes, on one line. Single, triple and
curly quotes are not used.

    precision = 'bf16'       # wrong
    precision = "bf16"       # right
""",
)

NUMBER = Code(
    "E0104",
    "A malformed number",
    """\
A whole number has digits only. A float has digits on both sides of its dot, or an
exponent. No letter may touch a number: 2x is written 2 * x.

    lr = .1    momentum = 1.    width = 2channels        # wrong
    lr = 0.1   momentum = 1.0   width = 2 * channels     # right
""",
)

ESCAPE = Code(
    "E0105",
    "An unknown escape in a string",
    """\
In a string a backslash begins one of these: \\n (line break), \\t (tab), \\" (quote),
\\\\ (backslash) and \\uXXXX (a character by its four hexadecimal digits).

    source = csv("data\\diamonds.csv")      # wrong
    source = csv("data/diamonds.csv")      # right: slashes work on every system
""",
)

FOREIGN_SIGN = Code(
    "E0106",
    "A sign of another language",
    """\
Conditions are joined by words: and, or, not. Statements end with the line, not with a
semicolon. The pipe is |> and a power is **.

    if a && !b { ... }         # wrong
    if a and not b { ... }     # right
""",
)

NAME_NOT_ASCII = Code(
    "E0107",
    "A name that is not ASCII",
    """\
Names are made of the letters a to z and A to Z, digits and underscores, so that no two
names look the same and are not. Other letters may stand in strings and comments.

    größe = 3       # wrong
    groesse = 3     # right
""",
)

FORBIDDEN_CHARACTER = Code(
    "E0108",
    "A character that hides what the file says",
    """\
Characters that are invisible or that change the direction of writing can make a file
look different from what it is. They may stand nowhere, not even in comments or strings.
Where a string needs one, write it as an escape.

    title = "a<U+202E>b"       # wrong: the character itself
    title = "a\\u202Eb"         # right
""",
)

FOREIGN_COMMENT = Code(
    "E0109",
    "A comment of another language",
    """\
A comment begins with # and ends with the line. Lines that begin with ## document the
section or the name below them.

    // the stem                # wrong
    # the stem                 # right
""",
)

ENCODING = Code(
    "E0110",
    "A file that is not UTF-8",
    """\
A spec is a text file in UTF-8. Editors call it `UTF-8` or `UTF-8 with BOM`; both work.
Files in UTF-16 (PowerShell's > writes them), Latin-1 or a binary format do not.

    iconv -f latin1 -t utf-8 old.nnspec > new.nnspec
""",
)


def unknown_character(span: Span) -> Diagnostic:
    """Characters that begin no word and are no sign; a run of one character."""
    char = span.text[0]
    if char == "\\":
        return Diagnostic(
            UNKNOWN_CHARACTER,
            "a line is not continued with a backslash",
            span,
            help="inside ( ) and [ ], and before a line that begins with |>, a line goes on by"
            " itself: put the value in parentheses",
        )
    if char == "?":
        return Diagnostic(
            UNKNOWN_CHARACTER,
            "`?` means nothing here",
            span,
            help="a conditional value is written `a if condition else b`",
        )
    name = unicodedata.name(char, "a character without a name").lower()
    shown = f"`{char}`" if char.isascii() and char.isprintable() else f"U+{ord(char):04X} ({name})"
    return Diagnostic(
        UNKNOWN_CHARACTER,
        f"{shown} means nothing here",
        span,
        help="remove it; in a string or a comment it may stand",
    )


def string_over_lines(span: Span) -> Diagnostic:
    """From the opening quote to the closing one on the next line."""
    return Diagnostic(
        STRING_NOT_CLOSED,
        "this string runs over the end of its line",
        span,
        "begins here and is closed on the next line",
        help="strings stay on one line; a line break inside one is written \\n",
    )


def unterminated_string(span: Span) -> Diagnostic:
    """From the opening quote to the end of the line."""
    return Diagnostic(
        STRING_NOT_CLOSED,
        "this string is never closed",
        span,
        "begins here and runs to the end of the line",
        help='put the closing " where the string ends; strings stay on one line',
    )


def single_quotes(span: Span) -> Diagnostic:
    """A string as in ``'text'``."""
    inner = span.text.strip("'")
    mended = "" if '"' in inner else f': "{inner}"'
    return Diagnostic(
        STRING_QUOTES,
        "strings are in double quotes",
        span,
        help=f"write it with double quotes{mended}",
    )


def curly_quotes(span: Span) -> Diagnostic:
    """A string in typographic quotes."""
    inner = span.text.strip("“”‘’\"'")
    return Diagnostic(
        STRING_QUOTES,
        "strings are in straight double quotes, not in curly ones",
        span,
        help=f'write "{inner}"',
    )


def triple_quotes(span: Span) -> Diagnostic:
    """A string that begins with three quotes."""
    return Diagnostic(
        STRING_QUOTES,
        "there are no triple-quoted strings",
        Span(span.source, span.start, span.start + 3),
        help="for a description write lines beginning with ## above the section; for a string use"
        ' "..." with \\n for line breaks',
    )


def number_ends_in_dot(span: Span) -> Diagnostic:
    """``1.``"""
    digits = span.text.split(".")[0]
    return Diagnostic(
        NUMBER,
        f"`{_short(span.text)}` is not a number: digits are missing after the dot",
        span,
        help=f"write {_short(digits)}.0 for the float or {_short(digits)} for the whole number",
    )


def number_starts_with_dot(span: Span) -> Diagnostic:
    """``.5``"""
    return Diagnostic(
        NUMBER,
        f"`{_short(span.text)}` is not a number: a digit is missing before the dot",
        span,
        help=f"write 0{_short(span.text)}",
    )


def number_glued_to_name(span: Span) -> Diagnostic:
    """``3x``, ``0x10``, ``1_000``"""
    text = span.text
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
    tail = text[len(digits) :]
    if text[:2].lower() in ("0x", "0b", "0o"):
        hint = "whole numbers are written in decimal digits"
    elif "_" in text and text.replace("_", "").isdigit():
        hint = f"write {_short(text.replace('_', ''))}: digits are not grouped"
    elif digits and tail:
        hint = (
            f"a product is written {_short(digits)} * {_short(tail)}; a name begins with a letter"
        )
    else:
        hint = "put a blank or an operator between them; a name begins with a letter"
    return Diagnostic(NUMBER, f"`{_short(text)}` is neither a number nor a name", span, help=hint)


def unknown_escape(span: Span) -> Diagnostic:
    """A backslash in a string with what follows it."""
    return Diagnostic(
        ESCAPE,
        f"`{span.text}` is no escape",
        span,
        help='a backslash is written \\\\; the escapes are \\n \\t \\" \\\\ and \\uXXXX',
    )


def foreign_sign(span: Span, ours: str) -> Diagnostic:
    """A sign of another language, and how it is written here."""
    sign = span.text
    if sign in ";；":
        message, help_ = "statements are not separated by semicolons", "begin a new line instead"
    else:
        message, help_ = f"`{sign}` is not used here", f"write {ours}"
    return Diagnostic(FOREIGN_SIGN, message, span, help=help_)


def foreign_comment(span: Span) -> Diagnostic:
    """``//`` or ``/*``."""
    return Diagnostic(
        FOREIGN_COMMENT,
        f"`{span.text}` does not begin a comment",
        span,
        help="comments begin with # and end with the line",
    )


def name_not_ascii(span: Span) -> Diagnostic:
    """A name with letters beyond ASCII."""
    char = next(char for char in span.text if not char.isascii())
    name = unicodedata.name(char, "unnamed").lower()
    return Diagnostic(
        NAME_NOT_ASCII,
        f"the name `{_short(span.text)}` has letters that are not ASCII",
        span,
        f"U+{ord(char):04X}, {name}",
        help="use a-z, A-Z, 0-9 and _ in names",
    )


def forbidden_character(span: Span) -> Diagnostic:
    """A control character or an invisible one; or a run of them."""
    char = span.text[0]
    number = ord(char)
    if char == "\0":
        message = "the file contains a NUL byte"
        help_ = "is this a text file? remove the byte"
    elif char == "\r":
        message = "the file contains a carriage return without a line feed"
        help_ = "save the file with Unix (LF) or Windows (CRLF) line ends"
    else:
        kind = "control character" if number < 0xA0 else "invisible character"
        name = unicodedata.name(char, kind).lower()
        message = f"U+{number:04X} ({name}) may not stand in a spec"
        help_ = f"remove it, or write \\u{number:04X} in a string"
    return Diagnostic(FORBIDDEN_CHARACTER, message, span, help=help_)


def not_utf8(span: Span, byte: int) -> Diagnostic:
    """The place of the first byte that is not UTF-8, and the byte."""
    return Diagnostic(
        ENCODING,
        f"the file is not UTF-8: the byte 0x{byte:02X} cannot stand here",
        span,
        help="save it as UTF-8 in your editor; a spec is a text file",
    )


def utf16(source: SourceText) -> Diagnostic:
    """A file that begins with the byte order mark of UTF-16."""
    return Diagnostic(
        ENCODING,
        "the file is UTF-16, not UTF-8",
        Span(source, 0, 0),
        help="save it as UTF-8 in your editor",
    )


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:27]}..."
