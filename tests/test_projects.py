"""A spec that imports from elsewhere in its project, and a run that has to stand without it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from specc.cli.main import run as run_command

BLOCKS = """nnspec 1

model Block(width: int) {
  input x: float[B, F]
  output y = x |> linear(width) |> relu
}
"""

SPEC = """nnspec 1

import "../blocks/dense.nnspec" as blocks

model Net(sides: int) {
  input x: float[B, F]
  output scores: logits[B, sides] = x |> blocks.Block(4) |> linear(sides)
}

data Rows {
  source = csv("rows.csv")
  x = source[["a", "b"]] |> to_float
  side = source.side |> categories
}

train {
  data = Rows
  model = Net(side.classes)
  scores = x |> model
  loss = (scores, side) |> cross_entropy
  output guess = scores |> argmax(dim=1) |> inverse(side)
  optimizer = sgd(lr=0.1)
  epochs = 1
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("specs", "blocks"):
        (root / name).mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.specc]\n")
    (root / "blocks/dense.nnspec").write_text(BLOCKS)
    (root / "specs/net.nnspec").write_text(SPEC)
    rows = [f"{i % 7},{i % 5},{'left' if i % 7 > i % 5 else 'right'}" for i in range(40)]
    (root / "specs/rows.csv").write_text("\n".join(["a,b,side", *rows]) + "\n")
    return root


def test_imports_stay_inside_the_project(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    assert run_command(["check", "specs/net.nnspec"]) == 0
    capsys.readouterr()
    (project / "pyproject.toml").unlink()
    assert run_command(["check", "specs/net.nnspec"]) == 2
    assert '"../blocks/dense.nnspec" leaves the project' in capsys.readouterr().out


def test_an_imported_file_is_called_as_the_user_reaches_it(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "blocks/dense.nnspec").write_text(BLOCKS.replace("relu", "rellu"))
    monkeypatch.chdir(project)
    run_command(["check", "specs/net.nnspec"])
    assert "--> blocks/dense.nnspec:5:36" in capsys.readouterr().out
    monkeypatch.chdir(project / "specs")
    run_command(["check", "net.nnspec"])
    assert "--> ../blocks/dense.nnspec:5:36" in capsys.readouterr().out


def test_a_run_stands_without_the_files_it_came_from(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "elsewhere"
    train = ["train", str(project / "specs/net.nnspec"), "--runs", str(runs), "--json"]
    assert run_command(train) == 0
    run = runs / "net/1"
    assert json.loads((run / "plan.json").read_text())["spec"] == "specs/net.nnspec"
    assert (run / "blocks/dense.nnspec").read_text() == BLOCKS
    # The model of the run is that of its own files, whatever became of the project's.
    (project / "blocks/dense.nnspec").write_text(BLOCKS.replace("relu", "gelu"))
    capsys.readouterr()
    assert run_command(["eval", str(run), "--split", "train", "--json"]) == 0
    shutil.rmtree(project / "blocks")
    new = tmp_path / "new.csv"
    new.write_text("a,b\n1,2\n6,0\n")
    capsys.readouterr()
    assert run_command(["predict", str(run), str(new)]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(each) for each in said] == [{"guess"}, {"guess"}]
