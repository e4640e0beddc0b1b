"""Sections that begin with what others have trained."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

import specc
from specc.compiler import check_file
from specc.diagnostics import Diagnostic, SpecError
from specc.training.errors import FileRefused
from specc.training.report import Report
from specc.training.weights import load
from tests.specs.cases import SPECS
from tests.training.test_resume import digest

COMMON = """nnspec 1

model Net(hidden: int, classes: int = 10, drop: float = 0.1) {
  input image: float[B, 64]
  output scores: logits[B, classes] = image
    |> fc: linear(hidden) |> relu |> dropout(drop) |> head: linear(classes)
}

data Digits {
  source = csv("digits.csv")
  split = fractions(val=0.1, test=0.2, seed=1)
  image = source["p*"] |> scale(min=0, max=16)
  label = source.label |> categories
}

train Teacher {
  data = Digits
  model = Net(32, label.classes)
  scores = image |> model
  loss = (scores, label) |> cross_entropy
  metric accuracy = (scores, label) |> accuracy
  optimizer = adam(lr=1e-2)
  epochs = 4
  limit = 320
}
"""

SECOND = """
train Second {
  data = Digits
  MODEL
  scores = image |> model
  loss = (scores, label) |> cross_entropy
  metric accuracy = (scores, label) |> accuracy
  output digit = scores |> argmax(dim=1) |> inverse(label)
  optimizer = sgd(lr=1e-9)
  epochs = 1
  limit = 320
}
"""

STUDENT = """
train Student {
  data = Digits
  model = Net(16, label.classes)
  shared teacher = load(Teacher)
  scores = image |> model
  loss = (scores, image |> teacher) |> mse_loss
  metric accuracy = (scores, label) |> accuracy
  optimizer = adam(lr=2e-2)
  epochs = 8
  limit = 320
}
"""


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    """A folder with the data and a run of `Teacher`, and its scores."""
    folder = tmp_path_factory.mktemp("taught")
    shutil.copy(SPECS / "data/digits.csv", folder)
    result = specc.train(write(folder, ""), name="Teacher", runs=folder / "runs")
    return folder, dict(result.metrics)


def write(folder: Path, text: str) -> Path:
    path = folder / "net.nnspec"
    path.write_text(COMMON + text, encoding="utf-8")
    return path


def second(folder: Path, model: str) -> Path:
    return write(folder, SECOND.replace("MODEL", model))


@pytest.mark.parametrize(
    "model",
    [
        "model = load(Teacher)",
        'model = load("runs/net-Teacher/1")',
        "model = Net(32, label.classes)\n  init = load(Teacher)",
    ],
)
def test_a_section_begins_where_another_ended(
    taught: tuple[Path, dict[str, float]], model: str
) -> None:
    folder, scores = taught
    result = specc.train(second(folder, model), name="Second", runs=folder / "runs")
    for name in ("val.loss", "val.accuracy", "test.loss", "test.accuracy"):
        assert result.metrics[name] == pytest.approx(scores[name], rel=1e-5), name
    assert len(specc.predict(result.run, folder / "digits.csv")) == 1797
    again = specc.evaluate(result.run)
    assert again["test.loss"] == pytest.approx(scores["test.loss"], rel=1e-5)


class Pulled(Exception):
    """The plug."""


class Pulls(Report):
    """Pulls the plug after an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def epoch_ended(self, epoch: int, scores: Any) -> None:
        if epoch == self.epoch:
            raise Pulled


def test_a_teacher_stays_as_it_is_and_the_run_repeats_itself(
    taught: tuple[Path, dict[str, float]],
) -> None:
    folder, _ = taught
    spec, runs = write(folder, STUDENT), folder / "runs"
    options: dict[str, Any] = {"name": "Student"}
    whole = specc.train(spec, "Student.save_steps=4", runs=runs, **options)
    before, after = (
        load(run / "weights.safetensors") for run in (runs / "net-Teacher/1", whole.run)
    )
    for key, value in before.items():
        assert torch.equal(after[f"teacher.{key}"], value)
    assert after["model.fc.weight"].shape == (16, 64)
    assert whole.metrics["test.accuracy"] > 0.5  # of what it was never told

    shutil.copytree(runs / "net-Teacher", folder / "broken/net-Teacher")
    for epoch in (1, 2):
        with pytest.raises(Pulled):
            specc.train(
                spec,
                "Student.save_steps=4",
                runs=folder / "broken",
                resume=True,
                report=Pulls(epoch),
                **options,
            )
    result = specc.train(
        spec, "Student.save_steps=4", runs=folder / "broken", resume=True, **options
    )
    assert result.run.name == "1"
    assert digest(result.run) == digest(whole.run)
    assert specc.evaluate(result.run)["test.loss"] == pytest.approx(whole.metrics["test.loss"])


def refused(folder: Path, model: str) -> Diagnostic:
    """The only mistake of a second section, found by the check or when its model is built."""
    path = second(folder, model)
    _, found = check_file(str(path))
    if not found:
        with pytest.raises(SpecError) as raised:
            specc.train(path, name="Second", runs=folder / "runs")
        found = list(raised.value.diagnostics)
    (only,) = found
    return only


@pytest.mark.parametrize(
    ("model", "code", "message", "help"),
    [
        ('model = load("runs/net-Teacher/7")', "E0765", "there is no run", "paths are relative"),
        ('model = load("runs/net-Techer/1")', "E0765", "there is no run", "paths are relative"),
        ('model = load("../elsewhere")', "E0765", "leads out of the project", None),
        ('model = load("runs")', "E0765", "`runs` is no finished run", None),
        ("model = load(Techer)", "E0765", "no train section `Techer`", "did you mean `Teacher`"),
        ("model = load(Second)", "E0765", "is this section itself", None),
        ("model = load(3)", "E0765", "not the number 3", "runs/teacher/3"),
        ("model = load()", "E0765", "takes one run", None),
        ("model = load(Teacher).critic", "E0765", "has no instance `critic`", "it has `model`"),
        (
            "model = Net(16, label.classes)\n  init = 3",
            "E0753",
            "takes the weights of another run",
            None,
        ),
        (
            "model = Net(16, label.classes)\n  init = load(Teacher)",
            "E0766",
            "do not fit `model`",
            "`fc.weight` has the shape [32, 64], not [16, 64]",
        ),
    ],
)
def test_what_cannot_be_loaded_is_refused(
    taught: tuple[Path, dict[str, float]], model: str, code: str, message: str, help: str | None
) -> None:
    diagnostic = refused(taught[0], model)
    assert diagnostic.code.id == code, diagnostic.message
    assert message in diagnostic.message
    if help is not None:
        assert help in (diagnostic.help or "")


def test_a_section_that_was_not_trained_and_weights_that_are_damaged(
    tmp_path: Path, taught: tuple[Path, dict[str, float]]
) -> None:
    folder, _ = taught
    path = second(folder, "model = load(Teacher)")
    with pytest.raises(SpecError) as raised:
        specc.train(path, name="Second", runs=tmp_path)
    (only,) = raised.value.diagnostics
    assert (only.code.id, only.span and only.span.text) == ("E0765", "Teacher")
    assert "--name Teacher" in (only.help or "")

    shutil.copytree(folder / "runs/net-Teacher", tmp_path / "net-Teacher")
    weights = tmp_path / "net-Teacher/1/weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-7])
    with pytest.raises(FileRefused, match="is no safetensors file"):
        specc.train(path, name="Second", runs=tmp_path)
