"""What is installed beside specc, and what of it is known to clash; nothing is imported."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import specc

NVIDIA_DRIVER = "/proc/driver/nvidia/version"


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution that specc needs or can use; ``version`` is ``None`` where it is missing."""

    name: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Extra:
    """An extra of specc: what of it is missing, and the line that installs it."""

    name: str
    missing: tuple[str, ...]
    install: str


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that ``specc doctor`` says, apart from plugins."""

    specc: str
    python: str
    platform: str
    gpu_driver: str | None
    packages: tuple[Package, ...]
    extras: tuple[Extra, ...]
    clashes: tuple[str, ...] = field(default=())


def examine() -> Environment:
    """Look at this environment by its metadata alone."""
    needed: list[str] = []
    extras: dict[str, list[str]] = {}
    for requirement in importlib.metadata.requires("specc") or ():
        name = _name(requirement)
        extra = re.search(r"""extra\s*==\s*["']([\w-]+)["']""", requirement)
        (extras.setdefault(extra.group(1), []) if extra else needed).append(name)
    return Environment(
        specc=specc.__version__,
        python=f"{platform.python_version()} ({sys.executable})",
        platform=platform.platform(),
        gpu_driver=_gpu_driver(),
        packages=tuple(Package(name, version_of(name)) for name in needed),
        extras=tuple(
            Extra(name, missing, f"pip install 'specc[{name}]'")
            for name, wanted in extras.items()
            if (missing := tuple(package for package in wanted if version_of(package) is None))
        ),
        clashes=tuple(clashes()),
    )


def clashes() -> Iterator[str]:
    """What is installed together and is known not to work together, a sentence each."""
    torch = version_of("torch")
    for name in ("torchvision", "torchaudio", "torch-tensorrt", "torch-tensorrt-rtx"):
        wanted = _pinned_torch(name)
        if torch and wanted and not _same_release(torch, wanted):
            yield (
                f"{name} {version_of(name)} is built for torch {wanted}, and torch {torch} is "
                f"installed: importing it fails, and takes other libraries with it. Uninstall it, "
                "or install the one that belongs to this torch."
            )
    if version_of("torch-tensorrt") and version_of("torch-tensorrt-rtx"):
        yield (
            "torch-tensorrt and torch-tensorrt-rtx are both installed, and overwrite each other's "
            "files: they have one package name. Uninstall both, then install one."
        )
    if torch and torch.endswith("+cpu"):
        for name in ("torch-tensorrt", "torch-tensorrt-rtx"):
            if version_of(name):
                yield f"{name} needs a CUDA build of torch, and torch {torch} is installed."


def version_of(name: str) -> str | None:
    """The installed version of a distribution, or ``None``."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _pinned_torch(name: str) -> str | None:
    """The torch that a distribution was built for, as it pins it: ``torch==2.13.0``."""
    try:
        requirements = importlib.metadata.requires(name) or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    for requirement in requirements:
        pin = re.match(r"torch\s*\(?\s*==\s*([\d.]+)", requirement)
        if pin:
            return pin.group(1).rstrip(".")
    return None


def _same_release(installed: str, pinned: str) -> bool:
    parts = pinned.split(".")
    return installed.split("+", maxsplit=1)[0].split(".")[: len(parts)] == parts


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return found.group() if found else requirement


def _gpu_driver() -> str | None:
    """The first line of the NVIDIA driver's own description, where there is one."""
    try:
        with open(NVIDIA_DRIVER, encoding="utf-8", errors="replace") as stream:
            return stream.readline().strip()
    except OSError:
        return None
