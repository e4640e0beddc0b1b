"""What a run gathers."""

from __future__ import annotations

import pytest

from specc.diagnostics import Code, Collector, Diagnostic, SourceText, Span, SpecError

BAD = Code("E0402", "t", "p")
LINT = Code("W0501", "t", "p")
SOURCE = SourceText("a.nnspec", "one two\n")


def test_equal_ones_count_once_and_come_sorted() -> None:
    found = Collector()
    later, first = (
        Diagnostic(BAD, "m", Span(SOURCE, 4, 7)),
        Diagnostic(BAD, "m", Span(SOURCE, 0, 3)),
    )
    found.extend([later, first, Diagnostic(BAD, "m", Span(SOURCE, 4, 7))])
    assert found.diagnostics == [first, later]
    assert not found.crowded


def test_warnings_do_not_stop_a_run_and_errors_do() -> None:
    found = Collector()
    found.report(Diagnostic(LINT, "lint", None))
    found.stop_if_failed()
    found.report(Diagnostic(BAD, "bad", None))
    with pytest.raises(SpecError, match="E0402: bad; W0501: lint") as raised:
        found.stop_if_failed()
    assert len(raised.value.diagnostics) == 2


def test_a_source_counts_lines_and_columns_from_one() -> None:
    source = SourceText("a", "é\r\nb\n")
    assert [source.position(n) for n in (0, 1, 3, 5)] == [(1, 1), (1, 2), (2, 1), (3, 1)]
    assert [source.line(n) for n in (1, 2, 3)] == ["é", "b", ""]
    assert str(Span(source, 3, 4)) == "a:2:1"
