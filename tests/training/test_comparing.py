"""Runs side by side."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import specc
from specc.cli.main import run as run_command
from specc.training.comparing import compare
from specc.training.errors import FileRefused
from specc.training.listing import describe, list_runs

SPECS = Path(__file__).resolve().parents[2] / "specs"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: one as the spec says, one with overrides, one of a spec that was changed."""
    project = tmp_path_factory.mktemp("compared")
    (project / "data").mkdir()
    shutil.copy(SPECS / "data/digits.csv", project / "data")
    spec = project / "digits_mlp.nnspec"
    text = (SPECS / "digits_mlp.nnspec").read_text().replace("epochs = 30", "epochs = 1")
    spec.write_text(text)
    specc.train(spec, runs=project / "runs")
    specc.train(spec, "train.epochs=3", "train.optimizer.lr=5e-3", runs=project / "runs")
    spec.write_text(
        text.replace("|> fc2: linear(hidden) |> relu", "|> fc2: linear(hidden) |> gelu")
    )
    specc.train(spec, runs=project / "runs")
    return project / "runs"


def test_what_differs_and_what_is_best(runs: Path) -> None:
    first, second, third = found = list_runs(runs)
    two = compare([first, second])
    assert two.settings == {"settings.epochs": [1, 3], "optimizer.lr": [0.002, 0.005]}
    assert two.specs == ()
    for name, values in two.scores.items():
        assert values == [run.metrics[name] for run in (first, second)]
        better = max if name.endswith("accuracy") else min
        assert two.best[name] == [k for k, v in enumerate(values) if v == better(values)]
    assert [n.partition(".")[0] for n in two.scores] == ["test"] * 2 + ["val"] * 2 + ["train"] * 2
    three = compare([first, third, describe(runs / "digits_mlp/3")])
    assert list(three.settings) == ["model.py"]
    changes = [line for line in three.specs if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert changes == [
        "-    |> fc2: linear(hidden) |> relu",
        "+    |> fc2: linear(hidden) |> gelu",
    ]
    same = compare([found[2], found[2]])
    assert same.settings == {}
    assert not any(same.best.values())


def test_as_a_person_and_as_a_program_read_it(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = str(runs / "digits_mlp/1"), str(runs / "digits_mlp/2")
    assert run_command(["runs", one, two]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["digits_mlp/1", "digits_mlp/2"]
    rows = {line.split("  ")[0]: line for line in lines if line}
    assert rows["settings.epochs"].split()[1:] == ["1", "3"]
    assert rows["train.loss"].endswith(" *")  # three epochs are better than one
    assert run_command(["runs", "--runs", str(runs)]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[1:3] for line in listed[1:]] == [["finished", k] for k in "131"]
    assert run_command(["runs", one, two, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["compared"]["best"]["train.loss"] == [1]
    assert run_command(["runs", "--runs", str(runs / "none")]) == 0
    assert "there are no runs in" in capsys.readouterr().err
    assert run_command(["runs", str(runs)]) == 3


def test_a_parameter_of_the_model_is_part_of_a_run(runs: Path, tmp_path: Path) -> None:
    spec = runs.parent / "digits_mlp.nnspec"
    result = specc.train(spec, runs=tmp_path)
    other = specc.train(spec, "train.model.hidden=16", runs=tmp_path)
    compared = compare([describe(result.run), describe(other.run)])
    assert compared.settings == {"models.model.hidden": [128, 16]}
    with pytest.raises(FileRefused) as refused:
        specc.train(spec, runs=tmp_path, resume=True)
    assert "models.model.hidden: 16 -> 128" in refused.value.details
