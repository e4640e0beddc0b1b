"""Diagnostics for machines."""

from __future__ import annotations

import json

from specc.diagnostics import Code, Diagnostic, Label, SourceText, Span
from specc.diagnostics.formats import render_github, render_json

BAD = Code("E0402", "t", "p")
LINT = Code("W0501", "t", "p")
SOURCE = SourceText("a,b:c.nnspec", "one\ntwo\n")


def test_json_has_one_object_a_line_sorted_by_place() -> None:
    found = [
        Diagnostic(LINT, "later", Span(SOURCE, 4, 7)),
        Diagnostic(
            BAD,
            "first\x1b",
            Span(SOURCE, 0, 5),
            "words",
            (Label(Span(SOURCE, 4, 7), "there"),),
            "do",
            ("note",),
        ),
    ]
    first, second = map(json.loads, render_json(found).splitlines())
    place = {"file": "a,b:c.nnspec", "line": 1, "column": 1, "end_line": 2, "end_column": 2}
    there = {"file": "a,b:c.nnspec", "line": 2, "column": 1, "end_line": 2, "end_column": 4}
    nowhere = dict.fromkeys(place)
    assert first == {
        "code": "E0402",
        "severity": "error",
        "message": "first\x1b",
        **place,
        "labels": [
            {"text": "words", **place},
            {"text": "there", **there},
            {"text": "note", **nowhere},
        ],
        "help": "do",
    }
    assert second["severity"] == "warning"
    assert second["help"] is None
    assert render_json([]) == ""


def test_json_holds_all_of_them() -> None:
    found = [Diagnostic(BAD, str(n), None) for n in range(30)]
    assert len(render_json(found).splitlines()) == 30


def test_github_annotations_are_escaped() -> None:
    found = Diagnostic(BAD, "100%\n::error::\x1b", Span(SOURCE, 0, 3), "l", help="h")
    assert render_github([found]) == (
        "::error file=a%2Cb%3Ac.nnspec,line=1,endLine=1,col=1,endColumn=4,title=E0402"
        "::100%25%0A::error::\\x1b%0Al%0Ahelp: h\n"
    )


def test_github_wants_no_columns_over_several_lines() -> None:
    text = render_github([Diagnostic(LINT, "m", Span(SOURCE, 0, 7)), Diagnostic(BAD, "m", None)])
    assert text == (
        "::error title=E0402::m\n::warning file=a%2Cb%3Ac.nnspec,line=1,endLine=2,title=W0501::m\n"
    )


def test_github_shows_twenty_and_counts_the_rest() -> None:
    text = render_github([Diagnostic(BAD, str(n), None) for n in range(30)])
    assert text.count("::error ") == 20
    assert text.endswith("::notice::20 of 30 shown (30 errors)\n")
