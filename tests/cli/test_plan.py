"""``specc plan``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from specc.cli.main import run

DIGITS = str(Path(__file__).parents[2] / "specs" / "digits_mlp.nnspec")


def settings(capsys, *arguments: str) -> dict[str, dict]:
    assert run(["plan", DIGITS, *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_everything_is_resolved(capsys) -> None:
    found = settings(capsys, "train.batch=100", "train.optimizer.eps=1e-7")
    value = {path: each["value"] for path, each in found.items()}
    assert sum(value[f"rows.{split}"] for split in ("train", "val", "test")) == 1797
    assert value["steps.epoch"] == -(-value["rows.train"] // 100)
    assert value["steps.all"] == value["steps.epoch"] * value["train.epochs"]
    assert value["parameters"] == 26122
    assert value["train.model"] == "DigitsMlp"
    assert value["train.model.classes"] == 10
    assert value["train.optimizer.betas"] == [0.9, 0.999]
    assert value["train.keep"] == "best(val.accuracy)"
    assert value["execution.threads"] >= 1
    assert value["memory.weights"] == value["memory.gradients"] == 4 * 26122
    # Two moments a weight, and the number of updates for each of six tensors.
    assert value["memory.optimizer"] == 4 * (2 * 26122 + 6)
    # The pixels, two hidden layers and the log-probabilities; labels; the weight of the mean.
    assert value["memory.activations"] == 100 * (4 * (64 + 128 + 128 + 10) + 8) + 4


def test_where_each_comes_from(capsys) -> None:
    found = settings(capsys, "train.batch=100", "train.optimizer.eps=1e-7")
    origin = {path: each["from"] for path, each in found.items()}
    assert origin["train.epochs"] == "spec"
    assert origin["train.batch"] == "override"
    assert origin["train.optimizer.eps"] == "override"
    assert origin["train.optimizer.lr"] == "spec"
    assert origin["train.optimizer.betas"] == "default"
    assert origin["train.model.hidden"] == "default"
    assert origin["train.model.classes"] == "spec"
    assert origin["rows.val"] == "data"
    assert origin["execution.device"] == "machine"


def test_what_each_rank_does(capsys) -> None:
    assert settings(capsys)["ranks"]["value"] == 1
    found = settings(capsys, "--nproc", "3", "train.batch=64", "train.strategy=fsdp")
    assert found["ranks"]["value"] == 3
    assert found["ranks.strategy"]["value"] == "fsdp"
    assert "share" in found["ranks.strategy"]["note"]
    assert found["ranks.batch"]["value"] == "21 or 22"
    assert found["ranks.random"]["value"] == "per rank"
    assert settings(capsys, "--nproc", "2")["ranks.strategy"]["value"] == "ddp"
    assert run(["plan", DIGITS, "--nproc", "65", "train.batch=64"]) == 2
    assert "a batch has 64 rows, and there are 65 ranks" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--why", "train.optimizer.lr"], "adam(lr=2e-3)"),
        (["--why", "optimizer.lr"], "set here"),
        (["--why", "optimizer.betas"], "nothing sets it; it is the default of adam"),
        (["--why", "model.hidden"], "model DigitsMlp(hidden: int = 128"),
        (
            ["train.optimizer.lr=0.5", "--why", "optimizer.lr"],
            "set by train.optimizer.lr=0.5 on the command line",
        ),
        (["train.optimizer.lr=0.5", "--why", "optimizer.lr"], "what the file says"),
    ],
)
def test_why(arguments: list[str], shown: str, capsys) -> None:
    assert run(["plan", DIGITS, *arguments]) == 0
    assert shown in capsys.readouterr().out


def test_why_something_that_is_not_there(capsys) -> None:
    assert run(["plan", DIGITS, "--why", "model.hiden"]) == 2
    assert "Did you mean model.hidden?" in capsys.readouterr().err


def test_a_constant_is_followed(tmp_path: Path, capsys) -> None:
    folder = Path(DIGITS).parent
    text = (folder / "digits_mlp.nnspec").read_text()
    text = text.replace("nnspec 1\n", "nnspec 1\n\nrate = 2e-3\n").replace("lr=2e-3", "lr=rate")
    shutil.copytree(folder / "data", tmp_path / "data")
    file = tmp_path / "constant.nnspec"
    file.write_text(text)
    assert run(["plan", str(file), "--why", "optimizer.lr"]) == 0
    out = capsys.readouterr().out
    assert "set here" in out
    assert "rate = 2e-3" in out
    assert run(["plan", str(file), "rate=0.25", "--why", "optimizer.lr"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("train.optimizer.lr = 0.25\n")
    assert "from the command line" in out


def test_the_text(capsys) -> None:
    assert run(["plan", DIGITS]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{DIGITS}, section train"
    (epochs,) = (line.split() for line in lines if line.startswith("train.epochs"))
    assert epochs[1] == "30"
    assert epochs[2].startswith(f"{DIGITS}:")


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("train.epoch=3", "epochs"),
        ("trian.epochs=3", "train"),
        ("train.epochs=0", "at least 1"),
        ("epochs=3", "`train.epochs=...`"),
    ],
)
def test_an_override_that_is_wrong(override: str, hint: str, capsys) -> None:
    assert run(["plan", DIGITS, override]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "<command line>" in err
    assert hint in err


GAN = str(Path(DIGITS).with_name("digits_gan.nnspec"))


def test_a_plan_of_several_steps(capsys) -> None:
    overrides = ("train.judge.optimizer.lr=1e-4", "train.forge.every=3", "train.clip=0.5")
    assert run(["plan", GAN, *overrides, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    value = {path: each["value"] for path, each in found.items()}
    origin = {path: each["from"] for path, each in found.items()}
    assert value["train.judge.optimizer.lr"] == 1e-4
    assert (
        value["train.judge.optimizer.betas"] == value["train.forge.optimizer.betas"] == [0.5, 0.999]
    )
    assert value["train.forge.optimizer.lr"] == 5e-4
    assert (value["train.judge.every"], value["train.forge.every"]) == (1, 3)
    assert value["train.judge.clip"] == value["train.forge.clip"] == 0.5
    assert (value["train.judge.update"], value["train.forge.update"]) == (["critic"], ["model"])
    assert value["train.keep"] == "the last epoch"
    assert (value["train.model"], value["train.critic"]) == ("Generator", "Critic")
    assert value["parameters.judge"] == 33633
    assert value["parameters.forge"] == 41953
    assert value["parameters"] == 33633 + 41953
    assert origin["train.judge.optimizer.lr"] == origin["train.forge.every"] == "override"
    assert origin["train.forge.optimizer.lr"] == "spec"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--why", "judge.update"], "update = critic"),
        (["--why", "forge.optimizer.lr"], "optimizer = adam(lr=5e-4"),
        (["train.judge.every=2", "--why", "judge.every"], "set by train.judge.every=2"),
        (["--why", "parameters.judge"], "it follows from the rest"),
    ],
)
def test_where_a_setting_of_a_step_comes_from(arguments: list[str], said: str, capsys) -> None:
    assert run(["plan", GAN, *arguments]) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("train.juge.every=2", "did you mean `judge`?"),
        ("train.judge.batch=2", "is a setting of the whole section, not of a step"),
        ("train.judge.schedule.warmup=2", "`judge` has no `schedule`"),
        ("train.judge.every=0", "has to be at least 1"),
    ],
)
def test_an_override_of_a_step_that_is_wrong(override: str, said: str, capsys) -> None:
    assert run(["plan", GAN, override]) == 2
    assert said in capsys.readouterr().err
