"""The text of an emitted module: what stands where, comments, and lines that are not too long."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Mapping

WIDTH = 100


def laid_out(
    title: str,
    imports: Iterable[str],
    parts: Iterable[str],
    definitions: Iterable[ast.stmt],
    comments: Mapping[int, str],
) -> str:
    """A module: docstring, groups of imports, parts as they are, classes and functions.

    ``comments`` are set behind the statements whose ``id`` they have.
    """
    docstring = ast.unparse(ast.Module([ast.Expr(ast.Constant(title))], []))
    head = "\n\n".join([docstring, *imports])
    blocks = [head, *parts, *(_definition(node, comments) for node in definitions)]
    return "\n\n\n".join(block.strip("\n") for block in blocks) + "\n"


def _definition(node: ast.stmt, comments: Mapping[int, str]) -> str:
    """A class or function as text.

    `ast` knows no comments, so they are carried over by walking the tree that was unparsed and the
    tree of its own text side by side.
    """
    text = _double_quoted(ast.unparse(ast.fix_missing_locations(node)))
    ours, theirs = _statements(node), _statements(ast.parse(text).body[0])
    notes = {
        there.end_lineno: comments[id(here)]
        for here, there in zip(ours, theirs, strict=True)
        if id(here) in comments
    }
    code = {there.lineno for there in theirs if _is_one_line(there)}
    found: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        note = notes.get(number)
        if note and len(line) + len(note) + 4 <= WIDTH:
            found.append(f"{line}  # {note}")
        elif number in code:
            found += wrapped(_spaced_defaults(line))
        else:
            found.append(line.rstrip())
    return "\n".join(found)


def _statements(node: ast.AST) -> list[ast.stmt]:
    return [each for each in ast.walk(node) if isinstance(each, ast.stmt)]


def _is_one_line(node: ast.stmt) -> bool:
    """Whether the statement, or its head, is one line of code, and not a docstring."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    return isinstance(node, ast.FunctionDef) or node.lineno == node.end_lineno


def _double_quoted(text: str) -> str:
    """Strings in double quotes, where that changes nothing else about them."""
    lines = text.split("\n")
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        quoted = token.string
        if (
            token.type == tokenize.STRING
            and quoted[0] == "'"
            and not quoted.startswith("'''")
            and not set('"\\') & set(quoted)
        ):
            row, start = token.start[0] - 1, token.start[1]
            line = lines[row]
            lines[row] = f'{line[:start]}"{quoted[1:-1]}"{line[start + len(quoted) :]}'
    return "\n".join(lines)


def _spaced_defaults(line: str) -> str:
    """``size: int = 3``: spaces around the default of an argument that has a type."""
    if not line.lstrip().startswith("def "):
        return line
    return re.sub(r"(: [^,=()]+)=", r"\1 = ", line)


# --- long lines --------------------------------------------------------------------------------


def wrapped(line: str) -> list[str]:
    """A line that is too long, broken at the commas of its outermost brackets, and again inside."""
    if len(line) <= WIDTH:
        return [line]
    indent = len(line) - len(line.lstrip())
    span = _brackets(line)
    if span is None:
        return [line]
    start, end = span
    pieces = _split(line[start + 1 : end])
    inner = " " * (indent + 4)
    joined = inner + ", ".join(pieces)
    body = [joined]
    if len(joined) > WIDTH or len(pieces) == 1:
        body = [part for piece in pieces for part in wrapped(f"{inner}{piece},")]
        if len(pieces) == 1:
            body[-1] = body[-1].removesuffix(",")
    return [line[: start + 1], *body, " " * indent + line[end:]]


def _brackets(line: str) -> tuple[int, int] | None:
    """Where the last pair of outermost brackets that holds something opens and closes.

    Of a function's head it is the pair around its arguments.
    """
    found: tuple[int, int] | None = None
    opened: list[int] = []
    for position, char in _outside_strings(line):
        if char in "([{":
            opened.append(position)
        elif char in ")]}":
            start = opened.pop()
            if not opened and position > start + 1:
                found = start, position
                if line.lstrip().startswith("def "):
                    break
    return found


def _split(text: str) -> list[str]:
    """The items between the commas of a pair of brackets."""
    pieces, depth, start = [], 0, 0
    for position, char in _outside_strings(text):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            pieces.append(text[start:position].strip())
            start = position + 1
    last = text[start:].strip()
    return [*pieces, last] if last else pieces


def _outside_strings(text: str) -> Iterable[tuple[int, str]]:
    """Positions and characters that are not inside a string."""
    quote, escaped = "", False
    for position, char in enumerate(text):
        if quote:
            if not escaped and char == quote:
                quote = ""
            escaped = char == "\\" and not escaped
        elif char in "\"'":
            quote = char
        else:
            yield position, char
