"""``specc fmt``, apart from how it formats."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType

import pytest

from specc.cli.main import run
from specc.diagnostics import Code, Diagnostic, SourceText, Span, SpecError


@pytest.fixture(autouse=True)
def _formatter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that strips spaces, and cannot read ``bad``."""

    def format_source(source: SourceText) -> str:
        if "bad" in source.text:
            raise SpecError(Diagnostic(Code("E0199", "t", "p"), "no", Span(source, 0, 3)))
        return source.text.strip() + "\n"

    module = ModuleType("specc.syntax.format")
    module.format_source = format_source
    monkeypatch.setitem(sys.modules, "specc.syntax.format", module)


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    monkeypatch.chdir(tmp_path)
    texts = {"good": "x\n", "loose": "  x\n", "bad": "bad  \n"}
    files = {name: tmp_path / f"{name}.nnspec" for name in texts}
    for name, text in texts.items():
        files[name].write_text(text)
    return files


def test_files_are_rewritten_and_a_wrong_one_is_left(specs, capsys) -> None:
    assert run(["fmt", "good.nnspec", "bad.nnspec", "loose.nnspec"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "error[E0199]: no" in err
    assert err.endswith("reformatted loose.nnspec\n")
    assert "good" not in err
    assert specs["loose"].read_text() == "x\n"
    assert specs["bad"].read_text() == "bad  \n"
    assert run(["fmt", "loose.nnspec"]) == 0


def test_check_writes_nothing(specs, capsys) -> None:
    assert run(["fmt", "--check", "good.nnspec"]) == 0
    assert run(["fmt", "--check", "loose.nnspec"]) == 2
    assert capsys.readouterr() == ("", "would reformat loose.nnspec\n")
    assert specs["loose"].read_text() == "  x\n"


def test_diff_prints_what_would_change(specs, capsys) -> None:
    assert run(["fmt", "--diff", "loose.nnspec"]) == 0
    assert capsys.readouterr().out == (
        "--- loose.nnspec\n+++ loose.nnspec\n@@ -1 +1 @@\n-  x\n+x\n"
    )
    assert run(["fmt", "--check", "--diff", "loose.nnspec"]) == 2
    assert specs["loose"].read_text() == "  x\n"


def test_stdin_goes_to_stdout(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"  x\n")))
    assert run(["fmt", "-"]) == 0
    assert capsys.readouterr().out == "x\n"
