"""The house itself: what is packaged, how it is tested, and how large its rooms may be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import specc

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LONGEST_MODULE = 400


def shipped() -> dict[str, Path]:
    """Every file that belongs into the wheel: its name there -> its place here."""
    files = {}
    for folder, package in ((ROOT / "specc", "specc"), (ROOT / "grammars", "specc/grammars")):
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                files[f"{package}/{path.relative_to(folder).as_posix()}"] = path
    return files


def test_every_folder_is_a_package_that_is_listed() -> None:
    folders = {name.rpartition("/")[0].replace("/", ".") for name in shipped()}
    assert sorted(folders) == PYPROJECT["tool"]["setuptools"]["packages"]


def test_every_package_says_what_it_is() -> None:
    for package in PYPROJECT["tool"]["setuptools"]["packages"]:
        assert f"{package.replace('.', '/')}/__init__.py" in shipped()


def test_modules_are_of_a_size_to_be_read() -> None:
    sizes = {
        name: len(path.read_text(encoding="utf-8").splitlines())
        for name, path in shipped().items()
        if name.endswith(".py")
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_ci_does_what_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install -e '.[test]'\npython -m tests\n" in readme
    install, test = script.strip().splitlines()[-2:]
    assert re.fullmatch(r"pip install (--[\w-]+ )*-e '\.\[test\]'", install)
    assert test == "python -m tests"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build folder left in the checkout would add old files."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("out")
    for name in ("specc", "grammars"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(out)]
    subprocess.run([*pip, *options, str(copy)], check=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process that finds the wheel before the checkout."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    options = ["--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([*pip, *options, str(wheel)], check=True)
    return {**os.environ, "PYTHONPATH": str(target)}


def python(environment: dict[str, str], folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=folder, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_wheel_has_every_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == set(shipped())


def test_the_wheel_works(installed: dict[str, str], tmp_path: Path) -> None:
    where = python(installed, tmp_path, "-c", "import specc; print(specc.__file__)")
    assert where.startswith(installed["PYTHONPATH"])
    version = python(installed, tmp_path, "-m", "specc", "--version")
    assert version == f"specc, version {specc.__version__}\n"
    python(installed, tmp_path, "-m", "specc", "explain")
    (tmp_path / "net.nnspec").write_text(
        "nnspec 1\n\nmodel Net {\n  input x: float[B, 3]\n  output y = x |> linear(2) |> relu\n}\n"
    )
    assert python(installed, tmp_path, "-m", "specc", "check", "net.nnspec") == ""
