"""What the sources that read text have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from specc.components import Ragged, Refusal
from specc.components.errors_data import BAD_FILE
from specc.components.files import inside, unreadable


def start_of(root: Path, path: str, size: int, field: str = "path") -> bytes:
    """The whole lines in the first ``size`` bytes of a file."""
    try:
        with inside(root, path, field=field).open("rb") as opened:
            start = opened.read(size)
    except OSError as error:
        raise unreadable(path, error, field=field) from error
    # The last line may be cut off.
    return start[: start.rfind(b"\n") + 1] if len(start) == size else start


def content_of(root: Path, path: str, field: str = "path") -> str:
    """The text of a file."""
    try:
        content = inside(root, path, field=field).read_bytes()
    except OSError as error:
        raise unreadable(path, error, field=field) from error
    return decoded(path, content, field)


def decoded(path: str, content: bytes, field: str = "path") -> str:
    """UTF-8 as text, without the mark that some programs put at its beginning."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(
            BAD_FILE, f"{path}:{line}: the text is not UTF-8", help="save it as UTF-8", field=field
        ) from error


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends; what ends the last line begins no other."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def joined(column: Ragged, separator: str) -> Any:
    """The parts of each row as one text; what has no text (``None``) as U+FFFD, the sign for that.

    An array of texts, as a source gives it.
    """
    rows = (column.row(row).tolist() for row in range(len(column)))
    return as_texts(
        [separator.join("\ufffd" if part is None else part for part in row) for row in rows]
    )


def as_texts(values: list[Any]) -> Any:
    """Texts as the array that a source gives."""
    import numpy as np

    array = np.empty(len(values), object)
    array[:] = values
    return array
