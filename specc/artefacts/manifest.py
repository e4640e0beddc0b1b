"""manifest.json: what stands beside an artefact, and the only way to load one."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

import specc
from specc.artefacts.replay import (
    ReplayFailed,
    find_backend,
    in_a_line,
    interface_from_json,
)
from specc.components import Backend, Interface, Refusal, Runner
from specc.diagnostics import SpecError
from specc.training import disk
from specc.training.errors import FileRefused

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Artefact:
    """An artefact whose files are those that were proven; ``run`` takes and gives named tensors."""

    manifest: Mapping[str, Any]
    interface: Interface
    run: Runner


def versions(backend: Backend) -> dict[str, str]:
    """What the artefact was made with."""
    found = {"specc": specc.__version__, "python": platform.python_version()}
    found["torch"] = str(torch.__version__)
    for distribution in backend.requires.values():
        try:
            found[distribution] = version(distribution)
        except PackageNotFoundError:
            continue
    return found


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of an artefact."""
    return {
        path.name: disk.digest(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST
    }


def checked(folder: Path) -> dict[str, Any]:
    """The manifest of a folder in which nothing was changed, added or taken away.

    Raises:
        FileRefused: if there is none, or a file is not what it says.
    """
    path = folder / MANIFEST
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): str(digest) for name, digest in told["files"].items()}
        known = told["format"] == FORMAT and str(told["file"]) in files
    except FileNotFoundError:
        raise FileRefused(
            folder,
            "has no manifest.json",
            help="an artefact is loaded only where its manifest says what it is",
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileRefused(path, f"is no manifest: {in_a_line(error)}") from error
    if not known:
        raise FileRefused(path, "is a manifest of another form")
    there = {each.name: each for each in folder.iterdir() if each.name != MANIFEST}
    wrong = [f"{name} is missing" for name in files if name not in there]
    wrong += [f"{name} is not in the manifest" for name in there if name not in files]
    for name, each in there.items():
        if each.is_symlink() or not each.is_file():
            wrong.append(f"{name} is no plain file")
        elif name in files and disk.digest(each) != files[name]:
            wrong.append(f"{name} is not what was proven: its SHA-256 is another one")
    if wrong:
        raise FileRefused(folder, "is not the artefact of its manifest", details=wrong)
    assert isinstance(told, dict)
    return told


def load(folder: Path) -> Artefact:
    """An artefact, ready to run, if its files are those that were proven.

    The manifest says which backend wrote it. That backend looks the file through before it loads
    it, as digests say that nothing was damaged, and not who wrote it.

    Raises:
        FileRefused: if a file was changed, or holds what the backend does not write.
    """
    told = checked(folder)
    file = folder / told["file"]
    try:
        asked = told["backend"]
        interface = interface_from_json(told["interface"])
        backend = find_backend(asked["owner"], asked["name"], asked["settings"])
        return Artefact(told, interface, backend.load(file, interface))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileRefused(folder / MANIFEST, f"is no manifest: {in_a_line(error)}") from error
    except (Refusal, ReplayFailed, SpecError) as error:
        raise FileRefused(file, f"is not loaded: {in_a_line(error)}") from error
