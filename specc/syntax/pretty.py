"""Fits text into lines: documents of strings and possible line breaks.

After Philip Wadler, "A prettier printer" (2003), in the form that formatters commonly use: a group
is set on one line if it fits, else all of its own breaks become new lines.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

WIDTH = 100


class Break(Enum):
    """A place where a line may end; the value is what stands there on one line."""

    LINE = " "
    SOFT = ""
    HARD = "\n"


class Comment(Struct):
    """A comment at the end of a line: whoever puts one sees to it that a break follows."""

    text: str


class Nest(Struct):
    """Lines that begin in ``body`` are indented two columns further."""

    body: Doc


class Group(Struct):
    """Set on one line if that fits and nothing in it forces a new line."""

    body: Doc
    broken: bool = False

    def __post_init__(self) -> None:
        self.broken = _forces(self.body)


Doc = str | Break | Comment | Nest | Group | list["Doc"]


def _forces(doc: Doc) -> bool:
    waiting = [doc]
    while waiting:
        part = waiting.pop()
        if part is Break.HARD or isinstance(part, Comment):
            return True
        if isinstance(part, Group):
            if part.broken:
                return True
        elif isinstance(part, Nest):
            waiting.append(part.body)
        elif isinstance(part, list):
            waiting += part
    return False


def render(doc: Doc, indent: int) -> str:
    """The text of a document whose first line is indented by ``indent`` columns."""
    out = [" " * indent]
    column = indent
    waiting: list[tuple[int, bool, Doc]] = [(indent, False, doc)]
    while waiting:
        margin, flat, part = waiting.pop()
        if isinstance(part, str):
            out.append(part)
            column += len(part)
        elif isinstance(part, list):
            waiting += [(margin, flat, item) for item in reversed(part)]
        elif isinstance(part, Nest):
            waiting.append((margin + 2, flat, part.body))
        elif isinstance(part, Comment):
            out.append(f"  {part.text}")
        elif isinstance(part, Group):
            flat = flat or (not part.broken and _fits(part.body, WIDTH - column, waiting))
            waiting.append((margin, flat, part.body))
        elif flat:
            out.append(part.value)
            column += len(part.value)
        else:
            out.append("\n" + " " * margin)
            column = margin
    return "".join(out)


def _fits(body: Doc, room: int, after: list[tuple[int, bool, Doc]]) -> bool:
    """Whether a group fits on the line, with all that follows it up to the next line break."""
    waiting: list[tuple[bool, Doc]] = [(True, body)]
    rest = len(after)
    while room >= 0:
        if not waiting:
            if rest == 0:
                return True
            rest -= 1
            _, flat, following = after[rest]
            waiting.append((flat, following))
        flat, part = waiting.pop()
        if isinstance(part, str):
            room -= len(part)
        elif isinstance(part, list):
            waiting += [(flat, item) for item in reversed(part)]
        elif isinstance(part, (Nest, Group)):
            waiting.append((flat and not (isinstance(part, Group) and part.broken), part.body))
        elif isinstance(part, Break):
            if not flat:
                return True
            room -= len(part.value)
        else:
            return True
    return False
