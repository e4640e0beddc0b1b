"""Reading spec files: bounded, UTF-8, and free of characters that deceive the reader."""

from __future__ import annotations

import re
from bisect import bisect_right
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from specc.diagnostics import Collector, SourceText, Span, SpecError
from specc.syntax import errors_limits, errors_text, limits

# Bidirectional controls and invisible marks make text look different from what it is, in comments
# and strings as well; a lone carriage return hides a line in a terminal. The rest is unprintable.
_CHARACTERS = (
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
)
_FORBIDDEN = re.compile(f"(?:[{_CHARACTERS}]|\r(?!\n))+")
_BREAKS = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")

# Finds nothing in nearly every file, fifteen times as fast.
_SUSPECT = re.compile(f"[{_CHARACTERS}\r]")


def read_source(path: Path, shown_name: str) -> SourceText:
    """The text of a spec file, called ``shown_name`` in diagnostics.

    Reads no more than the limit on its size. Raises `SpecError` if the file is too large or not
    UTF-8, and `OSError` if it cannot be read.
    """
    with path.open("rb") as stream:
        return read_stream(stream, shown_name)


def read_stream(stream: BinaryIO, shown_name: str) -> SourceText:
    """As `read_source`, from an open binary stream (``specc check -`` reads standard input)."""
    data = stream.read(limits.SOURCE_BYTES + 1)
    if len(data) > limits.SOURCE_BYTES:
        raise SpecError(errors_limits.source_too_large(SourceText(shown_name, "")))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SpecError(errors_text.utf16(SourceText(shown_name, "")))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        readable = SourceText(shown_name, data.decode("utf-8-sig", "replace"))
        at = len(data[: failure.start].decode("utf-8-sig"))
        raise SpecError(
            errors_text.not_utf8(Span(readable, at, at + 1), data[failure.start])
        ) from None
    return SourceText(shown_name, text)


def check_characters(source: SourceText, collector: Collector) -> None:
    """Report the characters that may stand nowhere in a spec, a run of them once."""
    if not _SUSPECT.search(source.text):
        return
    for count, match in enumerate(_FORBIDDEN.finditer(source.text)):
        if count == limits.ERRORS:
            break
        place = Span(source, match.start(), match.end())
        collector.report(errors_text.forbidden_character(place))


class Readable(Struct, frozen=True):
    """A text without the characters that `check_characters` reports.

    ``pieces`` are the offsets at which its parts begin, here and in the original: a word with a
    forbidden character inside is one word, so that it is one mistake.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]

    @staticmethod
    def of(text: str) -> Readable:
        if not _SUSPECT.search(text):
            return Readable(text, ())
        kept: list[str] = []
        pieces: list[tuple[int, int]] = []
        length = at = 0
        for match in _FORBIDDEN.finditer(text):
            # What a line ends in elsewhere ends one here.
            part = text[at : match.start()] + ("\n" if _BREAKS.search(match[0]) else "")
            kept.append(part)
            pieces.append((length, at))
            length, at = length + len(part), match.end()
        pieces.append((length, at))
        return Readable("".join((*kept, text[at:])), tuple(pieces))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of this text stands in the original."""
        if not self.pieces:
            return start, end
        first = self._moved(start)
        return first, first if end <= start else self._moved(end - 1) + 1

    def _moved(self, offset: int) -> int:
        here, there = self.pieces[bisect_right(self.pieces, offset, key=lambda p: p[0]) - 1]
        return there + offset - here
