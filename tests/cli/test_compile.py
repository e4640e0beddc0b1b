"""``specc compile``."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import specc
from specc.cli.main import run
from specc.ir.json import from_json

SPECS = Path(__file__).parents[2] / "specs"
DIGITS = str(SPECS / "digits_mlp.nnspec")
GPT = str(SPECS / "gpt_small.nnspec")


def test_python_is_the_source_of_the_models(capsys) -> None:
    assert run(["compile", DIGITS]) == 0
    out, err = capsys.readouterr()
    assert out == specc.load(DIGITS).source()
    assert "import specc" not in out
    assert err == ""


def test_the_written_module_is_the_model(tmp_path: Path, capsys) -> None:
    file = tmp_path / "model.py"
    assert run(["compile", DIGITS, "-o", str(file)]) == 0
    assert capsys.readouterr().out == ""
    spec = importlib.util.spec_from_file_location("model", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    torch.manual_seed(3)
    written = module.DigitsMlp(classes=7).state_dict()
    torch.manual_seed(3)
    loaded = specc.load(DIGITS).model("DigitsMlp", classes=7).state_dict()
    assert list(written) == list(loaded)
    assert all(torch.equal(written[key], loaded[key]) for key in written)


def test_the_ir_is_the_same_in_every_process(capsys) -> None:
    assert run(["compile", GPT, "--emit", "ir"]) == 0
    here = capsys.readouterr().out
    command = [sys.executable, "-m", "specc", "compile", GPT, "--emit", "ir"]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    there = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert there.stdout == here
    program = from_json(here.removesuffix("\n"))
    assert [model.name for model in program.models] == ["Block", "Gpt"]


def test_the_schema(capsys) -> None:
    assert run(["compile", GPT, "--emit", "schema"]) == 0
    gpt = json.loads(capsys.readouterr().out)["models"]["Gpt"]
    assert gpt["parameters"]["required"] == ["vocabulary"]
    assert gpt["parameters"]["properties"]["drop"] == {"type": "number", "default": 0.1}
    assert gpt["inputs"] == {"tokens": {"element": "ids(vocabulary)", "dims": ["B", "T"]}}
    assert gpt["outputs"]["scores"]["dims"] == ["B", "T", "vocabulary"]


def test_a_spec_on_stdin_and_a_reader_that_leaves() -> None:
    text = "nnspec 1\n\nmodel A {\n  input x: float[B, 3]\n  output y = x |> linear(2)\n}\n"
    command = [sys.executable, "-m", "specc", "compile", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "self.linear = nn.Linear(3, 2)" in done.stdout


@pytest.mark.parametrize("emit", ["python", "ir", "schema"])
def test_a_wrong_spec_prints_nothing_on_stdout(emit: str, tmp_path: Path, capsys) -> None:
    file = tmp_path / "a.nnspec"
    file.write_text(
        "nnspec 1\n\nmodel A {\n  input x: float[B, 3]\n  output y = x |> liner(2)\n}\n"
    )
    assert run(["compile", str(file), "--emit", emit]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "E0202" in err
    assert "did you mean `linear`?" in err
