"""The image files of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from specc.components import Refusal
from specc.components.errors_data import BAD_FILE, NO_FILE, OUTSIDE
from specc.components.files import shown
from specc.diagnostics import did_you_mean
from specc_vision.images import SUFFIXES, BadImageError, Content

IGNORED = frozenset(("desktop.ini", "thumbs.db"))
"""What desktops leave in folders; so are names that begin with a dot."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file. ``name`` is its path below the folder; its content may be a fault."""

    name: str
    content: Content


class Folder:
    """A folder of images, or of one folder for each class.

    The order of everything is that of names by code points, whatever the file system or the locale.
    Links to files are followed where they stay in the folder; links to folders are not.
    """

    def __init__(self, root: Path, path: str) -> None:
        """Raises a `Refusal` unless ``path`` is a folder inside ``root``."""
        self.path = path
        self.folder = _folder(root, path)

    def classes(self) -> list[str]:
        """The names of the folders inside; raises a `Refusal` where there are none."""
        names = []
        for entry in self._entries(self.folder):
            if entry.is_dir(follow_symlinks=False):
                names.append(entry.name)
            elif entry.is_symlink() and entry.is_dir():
                raise self._bad(f"`{self.path}/{entry.name}` is a link to a folder")
            elif Path(entry.name).suffix.lower() in SUFFIXES:
                raise self._bad(f"the image `{self.path}/{entry.name}` is in no folder of a class")
        if not names:
            raise self._bad(f"`{self.path}` has no folders, one for each class")
        return names

    def files(self, label: str = "") -> Iterator[Found]:
        """The files of a class, or of the folder, in their order; those with a fault among them."""
        yield from self._below(self.folder / label, f"{label}/" if label else "")

    def _below(self, folder: Path, prefix: str) -> Iterator[Found]:
        for entry in self._entries(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(folder / entry.name, f"{prefix}{entry.name}/")
            else:
                content = self._content(entry, folder / entry.name)
                yield Found(f"{prefix}{entry.name}", content)

    def _content(self, entry: os.DirEntry[str], file: Path) -> Content:
        if entry.is_symlink():
            try:
                inside = file.resolve(strict=True).is_relative_to(self.folder)
            except (OSError, RuntimeError):  # it leads nowhere, or in a circle
                return BadImageError("it is a link that leads nowhere")
            if not inside:
                raise Refusal(
                    OUTSIDE,
                    f"`{self._shown(file)}` is a link that leads out of `{self.path}`",
                    help="copy the file",
                    field="path",
                )
        if not entry.is_file():
            return BadImageError("it is no plain file")
        if file.suffix.lower() not in SUFFIXES:
            return BadImageError("its name does not end as that of an image does")
        return file

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """What is in a folder, sorted; what desktops leave there is left out."""
        try:
            with os.scandir(folder) as found:
                entries = [
                    entry
                    for entry in found
                    if not entry.name.startswith(".") and entry.name.lower() not in IGNORED
                ]
        except OSError as error:
            raise Refusal(
                NO_FILE, f"`{self._shown(folder)}` cannot be read: {error.strerror}", field="path"
            ) from error
        for entry in entries:
            if not entry.name.isprintable() or any("\ud800" <= c <= "\udfff" for c in entry.name):
                place = self._shown(folder)
                raise self._bad(f"`{place}` holds a file whose name is no text: {entry.name!a}")
        return sorted(entries, key=lambda entry: entry.name)

    def _shown(self, file: Path) -> str:
        inner = file.relative_to(self.folder).as_posix()
        return self.path if inner == "." else f"{self.path}/{inner}"

    def _bad(self, message: str) -> Refusal:
        return Refusal(
            BAD_FILE,
            message,
            help="`cat/1.png` and `dog/7.png` below the folder have the labels cat and dog",
            field="path",
        )


def is_folder(root: Path, path: str) -> bool:
    """Whether a path is that of a folder; where it leads to, and whether it may, is not told."""
    try:
        return "\0" not in path and (root / path).is_dir()
    except OSError:
        return False


def _folder(root: Path, path: str) -> Path:
    """The folder at ``path`` under ``root``, links resolved."""
    base = root.resolve()
    if "\0" in path:
        raise Refusal(NO_FILE, "a path holds no NUL character", field="path")
    try:
        folder = (base / path).resolve()
        if not folder.is_relative_to(base):
            raise Refusal(
                OUTSIDE,
                f"`{path}` leads out of the project",
                help=f"data lies inside {shown(base)}",
                field="path",
            )
        if folder.is_dir():
            return folder
        there = folder.exists()
        beside = [p.name for p in folder.parent.iterdir()] if folder.parent.is_dir() else []
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Refusal(NO_FILE, f"`{path}` cannot be opened: {reason}", field="path") from error
    if there:
        raise Refusal(BAD_FILE, f"`{path}` is a file, not a folder", field="path")
    raise Refusal(
        NO_FILE,
        f"`{path}` is not there",
        help=did_you_mean(folder.name, beside) or f"paths are relative to {shown(base)}",
        field="path",
    )
