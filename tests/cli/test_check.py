"""``specc check``, apart from what it finds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from specc.cli.main import run
from specc.diagnostics import Code, Diagnostic, SourceText, Span

BAD, LINT = Code("E0402", "t", "p"), Code("W0501", "t", "p")


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch):
    """A stand-in that finds what a file's words say: ``bad`` and ``lint``."""
    calls = []

    def check_file(path, plugins=None):
        calls.append((path, plugins))
        text = sys.stdin.read() if path == "-" else Path(path).read_text()
        source = SourceText(path, text)
        found = [
            Diagnostic(code, word, Span(source, text.index(word), text.index(word) + len(word)))
            for word, code in (("bad", BAD), ("lint", LINT))
            if word in text
        ]
        return None, found

    module = ModuleType("specc.compiler")
    module.check_file = check_file
    monkeypatch.setitem(sys.modules, "specc.compiler", module)
    return calls


@pytest.mark.parametrize(
    ("text", "status", "shown"), [("fine", 0, 0), ("a lint", 0, 1), ("bad lint", 2, 2)]
)
def test_only_errors_fail(compiler, tmp_path, capsys, text, status, shown) -> None:
    file = tmp_path / "a.nnspec"
    file.write_text(text)
    assert run(["check", str(file)]) == status
    assert capsys.readouterr().out.count("-->") == shown
    assert run(["check", "--format", "json", str(file)]) == status
    out, err = capsys.readouterr()
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(file)] * shown
    assert err == ""


def test_a_file_that_is_named_twice_is_checked_once(compiler, tmp_path) -> None:
    file = tmp_path / "a.nnspec"
    file.write_text("fine")
    assert run(["check", str(file), str(file)]) == 0
    assert len(compiler) == 1


def test_github_and_plugins(compiler, tmp_path, capsys) -> None:
    file, plugin = tmp_path / "a.nnspec", tmp_path / "mine.py"
    file.write_text("bad")
    plugin.write_text("")
    options = ["--plugin", str(plugin), "-p", "text", "-p", "no:audio"]
    assert run(["check", "--format", "github", *options, str(file)]) == 2
    assert capsys.readouterr().out.startswith("::error file=")
    plugins = compiler[0][1]
    assert plugins.files == (plugin,)
    assert plugins.names == ("text",)
    assert plugins.blocked == {"audio"}


def test_a_cold_check_imports_nothing_heavy(tmp_path: Path) -> None:
    file = tmp_path / "a.nnspec"
    file.write_text("nnspec 1\n\nmodel A {\n  input x: float[B, 3]\n  output y = x |> relu\n}\n")
    program = (
        "import sys\nfrom specc.cli.main import run\n"
        f"assert run(['check', {str(file)!r}]) == 0\n"
        "heavy = ('torch', 'numpy', 'pyarrow', 'rich')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr
