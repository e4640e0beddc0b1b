"""What a project says about its plugins: ``[tool.specc]`` in pyproject.toml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from msgspec import Struct

from specc.diagnostics import Diagnostic, SourceText, Span, SpecError, did_you_mean
from specc.registry.errors import BAD_PROJECT

FILE = "pyproject.toml"
KEYS = ("plugins",)


class Project(Struct, frozen=True):
    """The nearest folder whose pyproject.toml has ``[tool.specc]``.

    ``names`` are the installed plugins and ``files`` the single-file plugins that it lists.
    """

    root: Path
    names: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def find_project(start: Path) -> Project | None:
    """The project that the folder ``start`` lies in, or ``None``.

    Raises:
        SpecError: if its pyproject.toml is not TOML, or its ``[tool.specc]`` is wrong.
    """
    folder = start.resolve()
    for root in (folder, *folder.parents):
        file = root / FILE
        if file.is_file() and (project := _read(file)) is not None:
            return project
    return None


def _read(file: Path) -> Project | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    if b"specc" not in content:  # most say nothing of specc, and parsing them takes time
        return None
    import tomllib

    try:
        text = content.decode()
        tool = tomllib.loads(text).get("tool")
    except (ValueError, RecursionError) as error:
        raise SpecError(Diagnostic(BAD_PROJECT, f"{file} cannot be read: {error}", None)) from error
    table = tool.get("specc") if isinstance(tool, dict) else None
    if table is None:
        return None
    source = SourceText(str(file), text)
    if not isinstance(table, dict):
        raise _wrong(source, "specc", "`tool.specc` is not a table")
    for key in table:
        if key not in KEYS:
            raise _wrong(source, key, f"unknown key `{key}`", did_you_mean(key, KEYS))
    listed = table.get("plugins", [])
    if not _is_list_of_strings(listed):
        raise _wrong(source, "plugins", "`plugins` is not a list of strings")
    is_file = [item.endswith(".py") or "/" in item for item in listed]
    return Project(
        file.parent,
        tuple(item for item, path in zip(listed, is_file, strict=True) if not path),
        tuple(file.parent / item for item, path in zip(listed, is_file, strict=True) if path),
    )


def _is_list_of_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _wrong(source: SourceText, key: str, message: str, help: str | None = None) -> SpecError:
    """The mistake at the line of the key: TOML parsers keep no places, so it is looked for."""
    table = source.text.find("[tool.specc]")
    found = re.compile(rf"^\s*({re.escape(key)})\s*=", re.MULTILINE).search(
        source.text, max(table, 0)
    )
    place = (found.start(1), found.end(1)) if found else (max(table, 0), max(table, 0))
    return SpecError(Diagnostic(BAD_PROJECT, message, Span(source, *place), help=help))
