"""How text stands on a terminal: what is escaped, and how many cells a character takes."""

from __future__ import annotations

import unicodedata

TAB = 4
"""Cells from one tab stop to the next."""

LONGEST = 1000
"""Characters of a message that are shown: one may quote a name of megabytes."""

# Control and format characters (escape sequences, bidirectional overrides, zero-width joiners),
# surrogates, private use, line and paragraph separators: none may reach a terminal as they are.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """``text`` on one line of at most `LONGEST` characters.

    Every character that a terminal would obey, or not show, is written as an escape.
    """
    if len(text) > LONGEST:
        text = text[:LONGEST] + "..."
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) if _is_hidden(char) else char for char in text)


class Cells:
    """A piece of source as it is shown, and the cell at which each of its characters begins."""

    def __init__(self, text: str) -> None:
        shown: list[str] = []
        self._starts: list[int] = []
        width = 0
        for char in text:
            self._starts.append(width)
            if char == "\t":
                piece = " " * (TAB - width % TAB)
                width += len(piece)
            elif _is_hidden(char):
                piece = _escape(char)
                width += len(piece)
            else:
                piece = char
                width += _width(char)
            shown.append(piece)
        self.text = "".join(shown)
        self.width = width

    def at(self, index: int) -> int:
        """The cell of the character at ``index``; past the end, the cells go on one by one."""
        if index < len(self._starts):
            return self._starts[index]
        return self.width + index - len(self._starts)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN


def _escape(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
