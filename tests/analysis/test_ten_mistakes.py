"""Ten mistakes in ten places are ten diagnostics in one run, each with a hint and no followers."""

from __future__ import annotations

from pathlib import Path

from specc.compiler import check_file
from specc.diagnostics import render_text

SPEC = Path(__file__).with_name("ten_mistakes.nnspec")

EXPECTED = [
    ("E0204", 3, '"blocks/missing.nnspec"'),
    ("E0313", 5, "integer"),
    ("E0301", 12, "kernal_size"),
    ("E0202", 13, "Conv2d"),
    ("E0402", 19, "B, 64*6*6"),
    ("E0406", 20, "+"),
    ("E0304", 21, "1.5"),
    ("E0407", 22, "x |> flatten |> linear(12)"),
    ("E0503", 27, "embedding(5000, 128)"),
    ("E0201", 28, "image"),
]


def test_each_mistake_is_reported_at_its_place() -> None:
    compiled, found = check_file(str(SPEC))
    assert compiled is None
    places = [(d.code.id, d.span.line, d.span.text) for d in found if d.span is not None]
    assert places == EXPECTED, render_text(found)


def test_each_has_a_hint() -> None:
    _, found = check_file(str(SPEC))
    assert [each.code.id for each in found if not each.help] == []
