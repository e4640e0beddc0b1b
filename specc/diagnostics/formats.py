"""Diagnostics for machines: JSON lines, and annotations for GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterable

from specc.diagnostics.cells import visible
from specc.diagnostics.diagnostic import Diagnostic, by_place
from specc.diagnostics.source import Span
from specc.diagnostics.terminal import count_line, most_important


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """One object a line for every diagnostic, sorted by place.

    The keys are ``code severity message file line column end_line end_column labels help``. Lines
    and columns count characters from 1, and ``end_column`` is the one after the last. The words
    under the place itself come first among the labels; notes are labels without a place.
    """
    return "".join(json.dumps(_as_dict(d)) + "\n" for d in by_place(diagnostics))


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Workflow commands that mark the lines of a pull request, and a count if some are left."""
    found = list(diagnostics)
    shown = most_important(found)
    lines = [_annotation(diagnostic) for diagnostic in shown]
    if len(found) > len(shown):
        lines.append(f"::notice::{count_line(found, len(shown))}")
    return "".join(line + "\n" for line in lines)


def _as_dict(diagnostic: Diagnostic) -> dict[str, object]:
    labels = [{"text": label.text, **_place(label.span)} for label in diagnostic.labels]
    if diagnostic.label:
        labels.insert(0, {"text": diagnostic.label, **_place(diagnostic.span)})
    labels += [{"text": note, **_place(None)} for note in diagnostic.notes]
    return {
        "code": diagnostic.code.id,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "labels": labels,
        "help": diagnostic.help,
    }


def _place(span: Span | None) -> dict[str, object]:
    if span is None:
        return dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _annotation(diagnostic: Diagnostic) -> str:
    where = ""
    if diagnostic.span is not None:
        place = _place(diagnostic.span)
        names = {"file": "file", "line": "line", "end_line": "endLine", "column": "col"}
        # GitHub refuses columns where the lines differ.
        if place["line"] == place["end_line"]:
            names["end_column"] = "endColumn"
        else:
            del names["column"]
        where = ",".join(f"{name}={_property(str(place[key]))}" for key, name in names.items())
        where += ","
    words = [diagnostic.message, diagnostic.label, *diagnostic.notes]
    if diagnostic.help:
        words.append(f"help: {diagnostic.help}")
    text = "%0A".join(_escape(visible(line)) for word in words for line in word.splitlines())
    return f"::{diagnostic.severity.value} {where}title={diagnostic.code.id}::{text}"


def _escape(text: str) -> str:
    return text.replace("%", "%25")


def _property(text: str) -> str:
    return _escape(visible(text)).replace(":", "%3A").replace(",", "%2C")
