"""``specc doctor``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from specc.cli.main import run
from specc.environment import clashes, examine


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``distribution(name, version, *requires)`` installs metadata that hides the real."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(name: str, version: str, *requires: str) -> None:
        info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (info / "METADATA").write_text("\n".join(lines) + "\n")

    return make


def test_it_says_what_is_installed(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    run(["doctor", "--json"])
    found = json.loads(capsys.readouterr().out)
    versions = {package["name"]: package["version"] for package in found["packages"]}
    assert versions["torch"]
    assert "pytest" not in versions, "extras are told of apart"
    run(["doctor"])
    assert f"package    torch {versions['torch']}\n" in capsys.readouterr().out


def test_it_names_the_line_that_installs_an_extra(distribution) -> None:
    distribution("specc", "9", "click>=8", 'nowhere>=1; extra == "far"')
    found = examine()
    assert [package.name for package in found.packages] == ["click"]
    (extra,) = found.extras
    assert (extra.missing, extra.install) == (("nowhere",), "pip install 'specc[far]'")


@pytest.mark.parametrize(
    ("installed", "words"),
    [
        (
            [("torch", "2.13.0+cpu"), ("torchvision", "0.28.1", "torch==2.13.1")],
            "torchvision 0.28.1",
        ),
        ([("torch-tensorrt", "2.13.0"), ("torch-tensorrt-rtx", "2.13.0")], "overwrite each other"),
        ([("torch", "2.13.0+cpu"), ("torch-tensorrt", "2.13.0")], "needs a CUDA build"),
    ],
)
def test_what_clashes(distribution, installed, words: str) -> None:
    for arguments in installed:
        distribution(*arguments)
    assert any(words in clash for clash in clashes())


def test_what_belongs_together_does_not_clash(distribution) -> None:
    distribution("torch", "2.13.0+cu130")
    distribution("torchvision", "0.28.0", "torch (==2.13.0)", "numpy")
    distribution("torch-tensorrt", "2.13.0", "torch==2.13")
    assert list(clashes()) == []


def test_a_missing_package_fails(distribution, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    distribution("specc", "9", "nowhere>=1")
    assert run(["doctor"]) == 2
    assert "package    nowhere is missing\n" in capsys.readouterr().out


def test_it_imports_nothing_it_speaks_of() -> None:
    program = (
        "import sys\nfrom specc.cli.main import run\nrun(['doctor'])\n"
        "print([name for name in ('torch', 'pyarrow', 'rich', 'numpy') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]"
