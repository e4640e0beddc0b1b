"""How diagnostics look to a person."""

from __future__ import annotations

import textwrap
import time

import pytest

from specc.diagnostics import Code, Diagnostic, Label, SourceText, Span, render_text

RESHAPE = Code("E0402", "reshape changes the number of values", "page")
UNUSED = Code("W0501", "unused", "page")

SOURCE = SourceText(
    "net.nnspec",
    textwrap.dedent(
        """\
        nnspec 1

        model A {
          input x: float[B, 3]
          y = x |> linear(a, b)
          z = y
        \t|> relu
            |> gelu
          w = y



          output w
        }
        """
    ),
)


def span(text: str, source: SourceText = SOURCE) -> Span:
    start = source.text.index(text)
    return Span(source, start, start + len(text))


def show(*diagnostics: Diagnostic, color: bool = False) -> str:
    return render_text(diagnostics, color)


def block(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def test_a_place_with_words_and_a_hint() -> None:
    found = Diagnostic(
        RESHAPE, "does not fit", span("linear(a, b)"), "8 against 9", help="use flatten"
    )
    assert show(found) == block("""
        error[E0402]: does not fit
         --> net.nnspec:5:12
          |
        5 |   y = x |> linear(a, b)
          |            ^^^^^^^^^^^^ 8 against 9
          = help: use flatten
        """)


def test_several_places_share_one_excerpt_and_distant_lines_are_cut() -> None:
    labels = (
        Label(span("linear"), "configured here"),
        Label(span("input"), "declared here"),
        Label(span("output"), "wanted here"),
    )
    found = Diagnostic(RESHAPE, "does not fit", span("b)"), "this one", labels)
    assert show(found) == block("""
        error[E0402]: does not fit
          --> net.nnspec:5:22
           |
         4 |   input x: float[B, 3]
           |   ----- declared here
         5 |   y = x |> linear(a, b)
           |            ------    ^^ this one
           |            |
           |            configured here
        ...
        13 |   output w
           |   ------ wanted here
        """)


def test_a_single_line_between_two_places_is_shown() -> None:
    found = Diagnostic(RESHAPE, "m", span("w = y"), "", (Label(span("|> relu"), "first"),))
    assert show(found) == block("""
        error[E0402]: m
         --> net.nnspec:9:3
          |
        7 |     |> relu
          |     ------- first
        8 |     |> gelu
        9 |   w = y
          |   ^^^^^
        """)


def test_overlapping_places_get_rows_of_their_own() -> None:
    labels = (Label(span("x |> linear(a, b)"), "the whole pipe"),)
    assert show(Diagnostic(RESHAPE, "m", span("linear"), "here", labels)) == block("""
        error[E0402]: m
         --> net.nnspec:5:12
          |
        5 |   y = x |> linear(a, b)
          |            ^^^^^^ here
          |       ----------------- the whole pipe
        """)


def test_a_place_of_several_lines() -> None:
    assert show(Diagnostic(RESHAPE, "m", span("y\n\t|> relu\n    |> gelu\n"), "all")) == block("""
        error[E0402]: m
         --> net.nnspec:6:7
          |
        6 |   z = y
          |       ^
        7 |     |> relu
          |     ^^^^^^^
        8 |     |> gelu
          |     ^^^^^^^ all
        """)
    whole = Diagnostic(RESHAPE, "m", Span(SOURCE, 10, len(SOURCE.text)), "all")
    assert show(whole) == block("""
        error[E0402]: m
          --> net.nnspec:3:1
           |
         3 | model A {
           | ^^^^^^^^^
        ...
        14 | }
           | ^ all
        """)


def test_a_place_in_another_file_and_one_without_a_place() -> None:
    other = SourceText("blocks.nnspec", "model B {}\n")
    found = Diagnostic(
        RESHAPE, "m", span("input"), "", (Label(span("B", other), "it"),), notes=("n",)
    )
    assert show(found, Diagnostic(UNUSED, "no place", None, help="h")) == block("""
        warning[W0501]: no place
         = help: h

        error[E0402]: m
         --> net.nnspec:4:3
          |
        4 |   input x: float[B, 3]
          |   ^^^^^
         ::: blocks.nnspec:1:7
          |
        1 | model B {}
          |       - it
          = note: n
        """)


def test_the_end_of_a_file_without_a_newline() -> None:
    source = SourceText("a", "model")
    assert show(Diagnostic(RESHAPE, "m", Span(source, 5, 5), "a brace")) == block("""
        error[E0402]: m
         --> a:1:6
          |
        1 | model
          |      ^ a brace
        """)


def test_what_a_terminal_would_obey_is_escaped() -> None:
    source = SourceText("a\x1b]0;", 's = "\x1b[31m\u202e"  # \x00\n')
    found = Diagnostic(
        RESHAPE, "\x9b1m", span("\x1b[31m", source), "\x07", help="\u2066", notes=("\x1b",)
    )
    text = show(found)
    assert text == block(r"""
        error[E0402]: \x9b1m
         --> a\x1b]0;:1:6
          |
        1 | s = "\x1b[31m\u202e"  # \x00
          |      ^^^^^^^^ \x07
          = note: \x1b
          = help: \u2066
        """)


def test_marks_stand_under_wide_and_combining_characters() -> None:
    source = SourceText("a", "# 模型 e\u0301 here")
    assert show(Diagnostic(RESHAPE, "m", span("here", source))).splitlines()[-1] == (
        "  |" + " " * 10 + "^^^^"
    )


@pytest.mark.parametrize("filler", ["x", "\x00", "模"])
def test_a_line_of_ten_megabytes_gives_a_short_excerpt(filler: str) -> None:
    source = SourceText("a", filler * 5_000_000 + "HERE" + filler * 5_000_000)
    found = [
        Diagnostic(RESHAPE, "m", span("HERE", source), "", (Label(Span(source, 0, 1), "first"),)),
        Diagnostic(RESHAPE, "n" * 10_000_000, Span(source, 0, len(source.text))),
    ]
    start = time.process_time()
    text = show(*found)
    assert time.process_time() - start < 1
    assert len(text) < 10_000
    assert "...HERE" not in text
    assert "HERE" in text
    assert "^^^^\n" in text


def test_twenty_are_shown_errors_before_warnings_and_the_rest_counted() -> None:
    source = SourceText("a", "xyz\n" * 50_000)
    places = [Span(source, 4 * i, 4 * i + 3) for i in range(50_000)]
    found = [Diagnostic(UNUSED, "warn", place) for place in places[:-3]]
    found += [Diagnostic(RESHAPE, "err", place) for place in places[-3:]]
    text = show(*reversed(found))
    assert text.count("--> ") == 20
    assert text.count("error[") == 3
    assert text.index("a:1:1") < text.index("a:17:1") < text.index("error[")
    assert text.endswith("\n\n20 of 50,000 shown (3 errors, 49,997 warnings)\n")


def test_nothing_found_shows_nothing() -> None:
    assert show() == ""


def test_colours_wrap_the_plain_text() -> None:
    found = Diagnostic(RESHAPE, "m", span("input"), "here", help="h")
    painted = show(found, color=True)
    assert painted.startswith("\x1b[1;31merror[E0402]\x1b[0m")
    for code in ("1;31", "34", "1", "0"):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == show(found)
