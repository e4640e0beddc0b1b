"""The text of an emitted module: two blank lines between classes, comments, wrapped calls."""

from __future__ import annotations

import ast
import re

WIDTH = 100


def with_comments(module: ast.Module, comments: dict[int, str]) -> str:
    """Unparse, and set each statement's comment behind its line.

    `ast` knows no comments, so they are carried over by walking the tree that was unparsed and the
    tree of its own text side by side.
    """
    text = re.sub(
        r"^( *def .*)$", lambda m: re.sub(r"(: [\w\[\]]+)=", r"\1 = ", m[1]), ast.unparse(module), flags=re.M
    )
    lines = text.split("\n")
    notes: dict[int, str] = {}
    if comments:
        for ours, theirs in zip(_statements(module), _statements(ast.parse(text)), strict=True):
            if id(ours) in comments:
                notes[theirs.end_lineno or theirs.lineno] = comments[id(ours)]
    found: list[str] = []
    for number, line in enumerate(lines, 1):
        note = notes.get(number)
        if note and len(line) + len(note) + 4 <= WIDTH:
            found.append(f"{line}  # {note}")
        else:
            found += wrapped(line)
    return _spaced(found)


def _statements(module: ast.Module) -> list[ast.stmt]:
    return [node for node in ast.walk(module) if isinstance(node, ast.stmt)]


def _spaced(lines: list[str]) -> str:
    """Two blank lines before each class and function at the top, one before each method."""
    found: list[str] = []
    for line in lines:
        if re.match(r"(class |def |@)", line) and not (found and found[-1].startswith("@")):
            while found and not found[-1]:
                found.pop()
            found += ["", ""] if found else []
        found.append(line)
    text = "\n".join(found)
    text = re.sub(r"(\n(?:import|from) [^\n]+)\n(?!import|from|\n)", r"\1\n\n", text)
    return text.rstrip() + "\n"


def wrapped(line: str) -> list[str]:
    """A line broken once at the commas of its outermost call, if it is too long."""
    if len(line) <= WIDTH or not line.endswith(")"):
        return [line]
    indent = len(line) - len(line.lstrip())
    start = _outermost(line)
    if start is None:
        return [line]
    pieces = _split(line[start + 1 : -1])
    inner = " " * (indent + 4)
    joined = inner + ", ".join(pieces)
    if len(joined) <= WIDTH:
        return [line[: start + 1], joined, " " * indent + ")"]
    return [line[: start + 1], *(f"{inner}{piece}," for piece in pieces), " " * indent + ")"]


def _outermost(line: str) -> int | None:
    """Where the bracket opens that the last character closes."""
    depth = 0
    for position in range(len(line) - 1, -1, -1):
        depth += (line[position] in ")]}") - (line[position] in "([{")
        if line[position] in "\"'":
            return None  # a string may hold brackets
        if depth == 0:
            return position
    return None


def _split(text: str) -> list[str]:
    """The arguments of a call."""
    pieces, depth, start = [], 0, 0
    for position, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            pieces.append(text[start:position].strip())
            start = position + 1
    return [*pieces, text[start:].strip()]
