"""What the commands say of runs that were made."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from torch import Tensor, nn

from specc.api import evaluate, train
from specc.cli.main import run
from specc.diagnostics import SpecError
from specc.stdlib.schedules.one_cycle import OneCycle
from specc.training.errors import FileRefused, RunFailed
from specc.training.report import Report
from specc.training.smoke import smoke
from tests.training import digits

SPECS = Path(__file__).resolve().parents[2] / "specs"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    project = folder / "project"
    (project / "data").mkdir(parents=True)
    shutil.copy(SPECS / "digits_mlp.nnspec", project)
    shutil.copy(SPECS / "data/digits.csv", project / "data")
    for epochs in (1, 2):
        train(project / "digits_mlp.nnspec", f"train.epochs={epochs}", runs=folder / "runs")
    return folder / "runs"


class Notes(Report):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


@dataclass
class Ended:
    returncode: int
    stdout: str
    stderr: str


def specc(*arguments: str) -> Ended:
    """The command, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(arguments)
    return Ended(status, out.getvalue(), err.getvalue())


def test_a_run_is_measured_again(runs: Path) -> None:
    made = runs / "digits_mlp/2"
    before = json.loads((made / "result.json").read_text())["metrics"]
    notes = Notes()
    for split in ("train", "val", "test"):
        found = evaluate(made, split, report=notes)
        if split != "train":  # the weights moved while those were measured
            assert found == {key: before[key] for key in found}
    assert notes.said == []
    with pytest.raises(SpecError, match="there is no split `dev`"):
        evaluate(made, "dev")


def test_measured_again_on_other_data(runs: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(runs.parent, tmp_path / "moved"))
    made = moved / "runs/digits_mlp/2"
    plan = json.loads((made / "plan.json").read_text())
    plan["project"] = str(moved / "project")
    (made / "plan.json").write_text(json.dumps(plan))
    data = moved / "project/data/digits.csv"
    data.write_text("\n".join(data.read_text().splitlines()[:-100]) + "\n")
    notes = Notes()
    assert set(evaluate(made, "test", report=notes)) == {"test.loss", "test.accuracy"}
    assert any(note.startswith("not as in the run: rows.train: ") for note in notes.said)

    weights = made / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5])
    with pytest.raises(FileRefused, match="safetensors"):
        evaluate(made, "test")
    weights.unlink()
    with pytest.raises(FileRefused, match="has no result yet"):
        evaluate(made, "test")
    (made / "plan.json").write_text("[]")
    with pytest.raises(FileRefused, match="is no folder of a run"):
        evaluate(made, "test")


def test_the_commands(runs: Path) -> None:
    one, two = str(runs / "digits_mlp/1"), str(runs / "digits_mlp/2")
    listed = json.loads(specc("runs", "--runs", str(runs), "--json").stdout)["runs"]
    assert [(each["run"], each["state"], each["epochs"]) for each in listed] == [
        (one, "finished", 1),
        (two, "finished", 2),
    ]
    compared = json.loads(specc("runs", one, two, "--json").stdout)["compared"]
    assert compared["settings"] == {"settings.epochs": [1, 2]}
    assert compared["scores"]["test.accuracy"] == [
        each["metrics"]["test.accuracy"] for each in listed
    ]
    assert "settings.epochs" in specc("runs", one, two).stdout
    shown = specc("eval", two, "--json")
    assert json.loads(shown.stdout).keys() == {"test.loss", "test.accuracy"}
    assert specc("eval", str(runs)).returncode == 3


def test_resume_by_command(runs: Path) -> None:
    spec = str(runs.parent / "project/digits_mlp.nnspec")
    again = specc("train", spec, "train.epochs=2", "--runs", str(runs), "--resume", "--json")
    assert json.loads(again.stdout)["run"] == str(runs / "digits_mlp/2")
    assert "is finished" in again.stderr
    changed = specc("train", spec, "train.epochs=3", "--runs", str(runs), "--resume")
    assert changed.returncode == 3
    assert "settings.epochs: 2 -> 3" in changed.stderr


def test_smoke(runs: Path, tmp_path: Path) -> None:
    spec = str(runs.parent / "project/digits_mlp.nnspec")
    tried = specc("train", spec, "--smoke", "--runs", str(tmp_path / "none"))
    assert tried.returncode == 0
    assert tried.stdout == ""
    assert tried.stderr.splitlines() == [
        "smoke: trained 2 steps of 64 rows",
        "smoke: measured val.loss, val.accuracy",
        "smoke: measured test.loss, test.accuracy",
        "smoke: broken off and resumed: the same weights, bit for bit",
    ]
    assert not (tmp_path / "none").exists()
    refused = specc("train", spec, "--smoke", 'train.precision="fp16"', "--device", "cpu")
    assert (refused.returncode, "E0710" in refused.stderr) == (2, True)


def test_smoke_finds_what_no_seed_reaches() -> None:
    numbers = iter(range(1000))

    def step(model: nn.Module, image: Tensor, label: Tensor):
        loss, terms, metrics = digits.step(model, image, label)
        return loss * (1 + next(numbers)), terms, metrics

    with pytest.raises(RunFailed) as raised:
        list(smoke(digits.plan(step={"run": step})))
    assert raised.value.code.id == "E0712"
    plan = digits.plan(step={"schedule": OneCycle(max_lr=0.1, total_steps=1)})
    assert next(smoke(plan)) == "without the schedule"
