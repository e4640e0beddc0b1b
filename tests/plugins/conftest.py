"""Plugins of this repository as wheels, installed where only a child process finds them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Installed:
    """A folder with a distribution in it, as `pip install --target` makes it."""

    target: Path

    def python(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Python that has it on its path."""
        return subprocess.run(
            [sys.executable, "-P", *arguments],
            env={**os.environ, "PYTHONPATH": str(self.target), "NO_COLOR": "1"},
            cwd=folder,
            capture_output=True,
            text=True,
        )

    def specc(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python(folder, "-m", "specc", *arguments)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Installed]:
    """``installed("specc-vision")``: its wheel, built from a copy and installed, all offline."""
    done: dict[str, Installed] = {}

    def install(name: str) -> Installed:
        if name in done:
            return done[name]
        place = tmp_path_factory.mktemp(name)
        copy, wheels, target = place / "copy", place / "wheels", place / "site"
        ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
        shutil.copytree(ROOT / "plugins" / name, copy, ignore=ignored)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        offline = ["--no-deps", "--no-index"]
        build = ["wheel", *offline, "--no-build-isolation", "--wheel-dir", str(wheels), str(copy)]
        subprocess.run([*pip, *build], check=True)
        (wheel,) = wheels.glob("*.whl")
        subprocess.run([*pip, "install", *offline, "--target", str(target), str(wheel)], check=True)
        done[name] = Installed(target)
        return done[name]

    return install
