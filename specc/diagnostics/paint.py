"""Colours for a terminal, and none elsewhere."""

from __future__ import annotations

import os
from typing import TextIO

from msgspec import Struct

_STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "frame": "34",
    "second": "36",
    "strong": "1",
}


class Paint(Struct, frozen=True):
    """Wraps text in the escape sequences of a named style; ``on=False`` leaves it as it is."""

    on: bool

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.on and text else text


def wants_color(stream: TextIO) -> bool:
    """Whether colours may be written to ``stream``: a terminal, without ``NO_COLOR``."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
