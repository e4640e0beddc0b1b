"""The files that a source may read."""

from __future__ import annotations

from pathlib import Path

from specc.components.errors import Refusal
from specc.components.errors_data import NO_FILE, OUTSIDE
from specc.diagnostics import did_you_mean


def inside(root: Path, path: str, *, field: str = "path") -> Path:
    """The file at ``path`` under ``root``, links resolved; it exists and is a plain file.

    Raises:
        Refusal: if it leads out of ``root`` or is not a file.
    """
    base = root.resolve()
    if "\0" in path:
        raise Refusal(NO_FILE, "a path holds no NUL character", field=field)
    try:
        file = (base / path).resolve()
        if not file.is_relative_to(base):
            raise Refusal(
                OUTSIDE,
                f"`{path}` leads out of the project",
                help=f"data lies inside {shown(base)}",
                field=field,
            )
        if file.is_file():
            return file
        kind = "is a folder" if file.is_dir() else "is not there"
        beside = [found.name for found in file.parent.iterdir()] if file.parent.is_dir() else []
    except (OSError, RuntimeError) as error:  # a loop of links, a folder that may not be listed
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Refusal(NO_FILE, f"`{path}` cannot be opened: {reason}", field=field) from error
    raise Refusal(
        NO_FILE,
        f"`{path}` {kind}",
        help=did_you_mean(file.name, beside) or f"paths are relative to {shown(base)}",
        field=field,
    )


def unreadable(path: str, error: OSError, *, field: str = "path") -> Refusal:
    """The refusal for a file that is there but cannot be read."""
    return Refusal(NO_FILE, f"`{path}` cannot be read: {error.strerror}", field=field)


def shown(path: Path) -> str:
    """A path for a message: relative to the current folder where it lies below it."""
    try:
        relative = str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
    return "the current folder" if relative == "." else relative
