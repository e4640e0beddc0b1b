"""``specc plugins``."""

from __future__ import annotations

import json
from pathlib import Path

from specc.cli.main import run

PLUGIN = """
from specc.registry import Lazy, hookimpl

specc_api = 1

print("noise")


@hookimpl
def specc_components():
    yield Lazy("swish", "layer", "a:B")
    yield Lazy("mish", "layer", "a:C")
"""


def test_a_file_of_a_project_is_listed_and_trusted(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    Path("mine.py").write_text(PLUGIN)
    Path("pyproject.toml").write_text('[tool.specc]\nplugins = ["./mine.py"]\n')

    assert run(["plugins"]) == 0
    out = capsys.readouterr().out
    assert "mine  -  not trusted" in out
    assert f"specc plugins trust {tmp_path / 'mine.py'}" in out

    assert run(["plugins", "trust", "mine.py"]) == 0
    capsys.readouterr()
    assert run(["plugins", "--json"]) == 0
    out, err = capsys.readouterr()
    (status,) = (found for found in json.loads(out) if found["name"] == "mine")
    assert status["state"] == "ready"
    assert status["contributions"] == [["layer", "swish"], ["layer", "mish"]]
    assert err == ""

    assert run(["plugins"]) == 0
    assert "    layer: mish, swish\n" in capsys.readouterr().out


def test_a_wrong_table_is_a_diagnostic(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text("[tool.specc]\nplugin = []\n")
    assert run(["plugins"]) == 2
    assert "did you mean `plugins`?" in capsys.readouterr().err
