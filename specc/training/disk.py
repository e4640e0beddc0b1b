"""File operations that survive a power cut: each is done when it returns, or raises."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

Bytes = bytes | memoryview


def write(path: Path, parts: Iterable[Bytes]) -> str:
    """Make a new file of these parts and wait until it is on the disk; gives its SHA-256.

    The digest is of what was meant to be written, so that a disk that lies is found out later.
    """
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        for part in parts:
            digest.update(part)
            _write_all(descriptor, part)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def replace(path: Path, text: str) -> None:
    """Put a text in the place of a file: its readers see the old one or the new one, whole."""
    draft = path.with_name(f".{path.name}.tmp")
    draft.unlink(missing_ok=True)
    write(draft, [text.encode()])
    os.replace(draft, path)
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """A new folder, its name on the disk."""
    path.mkdir()
    sync_folder(path.parent)


def publish(draft: Path, final: Path) -> None:
    """Give a folder of files that are on the disk its final name, which must be free."""
    sync_folder(draft)
    os.rename(draft, final)
    sync_folder(final.parent)


def discard(path: Path) -> None:
    """Remove a folder; it loses its name first, so that one half removed is not taken for whole."""
    doomed = path.with_name(f".{path.name}.old")
    if not path.name.startswith("."):
        if doomed.exists():
            shutil.rmtree(doomed)
        os.rename(path, doomed)
        path = doomed
    shutil.rmtree(path)


def append(descriptor: int, data: bytes) -> None:
    """Add to an open file."""
    _write_all(descriptor, data)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_all(descriptor: int, data: Bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
