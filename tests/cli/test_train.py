"""``specc train``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from specc.cli.main import run

SPECS = Path(__file__).parents[2] / "specs"
DIGITS = str(SPECS / "digits_mlp.nnspec")


def specc(*arguments: str, folder: Path, text: str | None = None) -> subprocess.CompletedProcess:
    command = [sys.executable, "-W", "always", "-m", "specc", *arguments]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True)


def test_json_is_all_there_is_on_stdout(tmp_path: Path) -> None:
    done = specc("train", DIGITS, "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["metrics"]["test.accuracy"] >= 0.95
    assert result["epochs"] == 30
    assert result["seconds"] < 60
    folder = tmp_path / result["run"]
    assert folder == tmp_path / "runs" / "digits_mlp" / "1"
    assert (folder / "spec.nnspec").exists() or (folder / "digits_mlp.nnspec").exists()
    assert (folder / "model.py").exists()
    assert len(done.stderr.splitlines()) >= 31


def test_a_spec_on_stdin(tmp_path: Path) -> None:
    text = Path(DIGITS).read_text()
    shutil.copytree(SPECS / "data", tmp_path / "data")
    done = specc(
        "train", "-", "train.epochs=1", "--quiet", "--runs", "there", folder=tmp_path, text=text
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("there/stdin/1: 1 epoch in ")
    assert "test.accuracy" in done.stdout
    assert done.stderr == ""


def test_a_run_that_fails(tmp_path: Path, capsys) -> None:
    arguments = ["train.optimizer.lr=1e30", "--runs", str(tmp_path), "--json", "--quiet"]
    assert run(["train", DIGITS, *arguments]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert "error[E0701]" in err


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["train.optimizer=muon(lr=1e-3)"], "error[E0705]"),
        (["train.batch=true"], "error[E0304]"),
        (["--device", "abacus"], "--device: abacus"),
        (["--name", "warmup"], "no train section `warmup`"),
    ],
)
def test_a_plan_that_cannot_be_run(
    arguments: list[str], shown: str, tmp_path: Path, capsys
) -> None:
    assert run(["train", DIGITS, *arguments, "--runs", str(tmp_path / "runs")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert shown in err
    assert not (tmp_path / "runs").exists()


def test_data_that_is_not_there(tmp_path: Path, capsys) -> None:
    file = tmp_path / "a.nnspec"
    file.write_text(Path(DIGITS).read_text())
    assert run(["train", str(file), "--runs", str(tmp_path)]) == 2
    assert "data/digits.csv" in capsys.readouterr().err


def test_nothing_to_resume(tmp_path: Path, capsys) -> None:
    arguments = ["train", DIGITS, "train.epochs=1", "--runs", str(tmp_path), "--quiet", "--json"]
    assert run(arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert run([*arguments, "--resume"]) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert run([*arguments, "--resume", "train.batch=32"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "is a run of another plan" in err
