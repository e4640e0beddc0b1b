"""``[tool.specc]`` in pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from specc.diagnostics import SpecError, render_text
from specc.registry import find_project


def test_the_nearest_table_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.specc]\nplugins = ["./mine.py", "text"]\n')
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "specc-thing"\n')
    project = find_project(inner)
    assert project.root == tmp_path
    assert project.names == ("text",)
    assert project.files == (tmp_path / "mine.py",)


def test_no_table_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("this is [ not toml")
    assert find_project(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "message", "help", "line"),
    [
        ("[tool.specc]\nplugin = []\n", "unknown key `plugin`", "did you mean `plugins`?", 2),
        ("[tool.specc]\nplugins = 'x'\n", "`plugins` is not a list of strings", None, 2),
        ("[tool.specc]\nplugins = [1]\n", "`plugins` is not a list of strings", None, 2),
        ("[tool]\nspecc = 1\n", "`tool.specc` is not a table", None, 2),
    ],
)
def test_mistakes_have_a_place(tmp_path: Path, text, message, help, line) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(SpecError) as raised:
        find_project(tmp_path)
    (error,) = raised.value.diagnostics
    assert (error.code.id, error.message, error.help) == ("E0254", message, help)
    assert f"pyproject.toml:{line}:1" in render_text([error])


def test_a_table_that_is_not_toml(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.specc\n")
    with pytest.raises(SpecError, match="cannot be read"):
        find_project(tmp_path)
