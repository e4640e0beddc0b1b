"""The README: every block in it is what really happens."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import specc
from specc.cli.main import COMMANDS, run
from specc.components import Component

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BROKEN = """\
nnspec 1

model Cnn(classes: int = 10) {
  input image: float[B, 3, 32, 32]
  x = image |> conv2d(64, kernel_size=3, paddding=1) |> relu
  h = image |> conv2d(64, kernel_size=3, padding=1) |> max_pool2d(4)
  h = h |> reshape(B, 64 * 6 * 6) |> linear(128) |> relu
  output scores: logits[B, classes] = image |> flatten |> linear(classes) |> softmax(dim=1)
}
"""


def block(heading: str, language: str = "") -> str:
    """The first block of code under a heading."""
    (_, below) = README.split(f"\n## {heading}\n")
    return re.findall(rf"^```{language}\n(.*?)^```", below, re.DOTALL | re.MULTILINE)[0]


def test_the_spec_trains_and_its_source_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "digits.nnspec"
    file.write_text(block("A spec", "nnspec"))
    shutil.copytree(ROOT / "specs" / "data", tmp_path / "data")
    assert block("Its source", "python") in specc.load(file).source()
    result = specc.train(file, runs=tmp_path / "runs")
    assert result.metrics["test.accuracy"] >= 0.93


def test_the_spec_is_laid_out_as_fmt_does(tmp_path: Path) -> None:
    file = tmp_path / "digits.nnspec"
    file.write_text(block("A spec", "nnspec"))
    assert run(["fmt", "--check", str(file)]) == 0


def test_the_mistakes(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.nnspec").write_text(BROKEN)
    assert run(["check", "broken.nnspec"]) == 2
    assert capsys.readouterr().out == block("Its mistakes")


def test_every_command_is_listed() -> None:
    listed = re.findall(r"^\| `specc (\w+)", README, re.MULTILINE)
    assert list(dict.fromkeys(listed)) == list(COMMANDS)


def test_the_plugin(tmp_path: Path, capsys) -> None:
    plugin, net = tmp_path / "swish.py", tmp_path / "net.nnspec"
    plugin.write_text(block("A plugin", "python"))
    net.write_text("nnspec 1\n\nmodel Net {\n  input x: float[B, 8]\n  output y = x |> swish\n}\n")
    assert run(["compile", "--plugin", str(plugin), str(net)]) == 0
    assert "F.silu(x)" in capsys.readouterr().out


def test_the_plugin_passes_the_conformance_checks(tmp_path: Path) -> None:
    from specc.testing import check_component

    scope: dict[str, type[Component]] = {}
    exec(block("A plugin", "python"), scope)
    check_component(scope["Swish"])


def test_what_measures_the_promises_is_there() -> None:
    table = README.split("\n## The promises")[1].split("\n## ")[0]
    paths = re.findall(r"tests/[\w/.]+", table)
    assert len(paths) >= 8
    assert [path for path in paths if not (ROOT / path).exists()] == []
