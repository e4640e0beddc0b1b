"""``specc train --nproc``: ranks that are killed, asked to end, or wrong from the start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from specc.cli.main import run
from specc.components import Refusal
from specc.training.checkpoint import Checkpoints
from specc.training.checks import check_metrics, check_rows
from specc.training.folder import RunFolder
from specc.training.ranks import Ranks
from specc.training.slices import own_places, slice_of
from tests.training import digits
from tests.training.launching import (
    SPEC,
    checkpoints,
    kill,
    project,
    rank,
    train,
    trained,
    when,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("ranks") / "project")


def test_a_rank_is_killed_and_all_go_on_by_themselves(folder: Path) -> None:
    status, out, err = trained(folder, "--nproc", "2", "--runs", "whole")
    assert status == 0, err
    assert out.startswith("whole/net/1: 2 epochs"), "the first rank alone shows the result"
    assert out.count("test.accuracy") == 1
    assert err.count("epoch 2/2") == 1, "and its progress"
    process = train(folder, "--nproc", "2")
    when(lambda: len(checkpoints(folder)) > 1)
    kill(rank(process, 1))
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "rank 1 was killed by SIGKILL: all ranks are started again" in err
    assert "goes on after step" in err
    for name in ("weights.safetensors", "metrics.jsonl"):
        whole, again = (folder / runs / "net/1" / name for runs in ("whole", "runs"))
        assert whole.read_bytes() == again.read_bytes(), name


@pytest.mark.slow
def test_sigterm_saves_on_all_ranks(folder: Path) -> None:
    process = train(folder, "--nproc", "2", "train.epochs=500", "--runs", "asked")
    when(lambda: len(checkpoints(folder, "asked")) > 0)
    kill(process.pid, signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert err.count("SIGTERM: saved step ") == 1
    step = int(checkpoints(folder, "asked")[-1].name)
    assert f"saved step {step} of asked/net/1" in err


@pytest.mark.slow
def test_ranks_save_and_end_when_nobody_is_left_to_end_them(folder: Path) -> None:
    process = train(folder, "--nproc", "2", "train.epochs=5000", "--runs", "orphans")
    when(lambda: len(checkpoints(folder, "orphans")) > 0)
    ranks = [rank(process, number) for number in range(2)]
    kill(process.pid)
    for pid in ranks:
        when(lambda pid=pid: not Path(f"/proc/{pid}").exists(), 60)  # type: ignore[misc]
    _, err = process.communicate(timeout=60)
    assert "SIGTERM: saved step " in err
    with RunFolder(folder / "orphans/net/1").locked():
        assert Checkpoints(folder / "orphans/net/1/checkpoints").newest() is not None


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_a_wrong_spec_is_said_once(folder: Path, strategy: str) -> None:
    changes = [f"train.strategy={strategy}", "train.batch=1"]
    status, out, err = trained(folder, "--nproc", "2", *changes)
    assert (status, out) == (2, "")
    assert err.count("error[") == 1
    assert "error[E0722]: a batch has 1 row, and there are 2 ranks" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_loss_that_is_not_a_number_is_said_once(folder: Path) -> None:
    hot = SPEC.replace("adam(lr=2e-3)", "sgd(lr=1e30)")
    other = project(folder.parent / "hot", hot)
    status, _, err = trained(other, "--nproc", "2")
    assert status == 4
    assert err.count("error[E0701]") == 1, err
    assert "on rank " in err


@pytest.mark.slow
def test_a_rank_that_is_killed_over_and_over(folder: Path) -> None:
    process = train(folder, "--nproc", "2", "train.epochs=5000", "--runs", "died")
    for number in range(1, 5):
        when(lambda number=number: len(checkpoints(folder, "died")) > 0)  # type: ignore[misc]
        victim = rank(process, 1)
        when(lambda victim=victim: _works(victim))  # type: ignore[misc]
        kill(victim)
        when(lambda victim=victim: not Path(f"/proc/{victim}").exists())  # type: ignore[misc]
        if number < 4:
            when(lambda: _started(process))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 4
    assert "error[E0721]: rank 1 was killed by SIGKILL, and so it was after 3 new starts" in err


def _works(pid: int) -> bool:
    """Whether a process has come as far as torch."""
    try:
        return "libtorch" in Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return False


def _started(process: subprocess.Popen[str]) -> bool:
    try:
        return rank(process, 1) > 0
    except AssertionError:
        return False


@pytest.mark.slow
def test_torchrun_starts_ranks_too(folder: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command += ["-m", "specc", "train", "net.nnspec", "--runs", "torchrun"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("torchrun/net/1: 2 epochs") == 1


@pytest.mark.gpu
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_each_rank_has_a_device(folder: Path, strategy: str) -> None:
    if torch.cuda.device_count() < 2:
        pytest.skip("needs two CUDA devices")
    runs = f"cuda-{strategy}"
    chosen = [f"train.strategy={strategy}", "--device", "cuda"]
    status, _, err = trained(folder, "--nproc", "2", "--runs", runs, *chosen)
    assert status == 0, err
    assert "2 ranks, cuda" in err
    status, _, err = trained(folder, "--runs", f"{runs}-one", "--device", "cuda")
    assert status == 0, err
    # Dropout draws per rank: the two are not the same run, but of one kind.
    ends = [
        json.loads((folder / each / "net/1/result.json").read_text())["metrics"]["train.loss"]
        for each in (runs, f"{runs}-one")
    ]
    assert ends[0] == pytest.approx(ends[1], rel=0.1)


@pytest.mark.gpu
def test_more_ranks_than_devices_are_refused(folder: Path) -> None:
    count = torch.cuda.device_count() + 1
    status, _, err = trained(folder, "--nproc", str(count), "--device", "cuda")
    assert status == 2
    assert f"there is no device for rank {count - 1} on this machine" in err


# --- without starting any -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nproc", "0"], "0 is not in the range x>=1"),
        (["--nproc", "two"], "'two' is not a valid integer"),
        (["--nproc", "2", "--smoke"], "--smoke tries a run on one rank"),
        (["--nproc", "2", "--device", "cuda:1"], "each rank has a device of its own"),
    ],
)
def test_what_does_not_go_together(
    folder: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", str(folder / "net.nnspec"), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_ranks_cannot_share_a_stdin(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "-", "--nproc", "2"]) == 2
    assert "several ranks cannot read one stdin" in capsys.readouterr().err


def test_nproc_under_torchrun(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert run(["train", str(folder / "net.nnspec"), "--nproc", "2"]) == 2
    assert "torchrun has started some already" in capsys.readouterr().err
    assert "MASTER_PORT" not in os.environ


def test_more_ranks_than_rows() -> None:
    plan = digits.plan(settings={"batch": 4, "limit": 6})
    check_rows(plan, 4)
    with pytest.raises(Refusal, match="a batch has 4 rows, and there are 5 ranks") as raised:
        check_rows(plan, 5)
    assert raised.value.field == "batch"
    with pytest.raises(Refusal, match="the train split has 6 rows, and there are 7 ranks"):
        check_rows(digits.plan(settings={"batch": 8, "limit": 6}), 7)


class Largest:
    """A metric of a plugin that knows nothing of ranks."""

    def update(self, *tensors: torch.Tensor) -> None: ...
    def compute(self) -> torch.Tensor: ...
    def reset(self) -> None: ...
    def to(self, device: torch.device) -> Largest: ...


def test_a_metric_that_nobody_adds_up() -> None:
    check_metrics({"accuracy": digits.accuracy()})
    with pytest.raises(Refusal, match="the metric `largest` cannot be taken") as raised:
        check_metrics({"accuracy": digits.accuracy(), "largest": Largest()})
    assert raised.value.label == "Largest is no torchmetrics.Metric and holds none"


@pytest.mark.parametrize("world", [1, 2, 3, 7])
@pytest.mark.parametrize("rows", [1, 6, 7, 20, 21, 23])
def test_slices_are_the_batch(world: int, rows: int) -> None:
    """Whatever the number of ranks: each row once, in its batch; the sizes differ by one."""
    size, order = 7, torch.randperm(rows)
    ranks = [Ranks(number, world) for number in range(world)]
    mine = [own_places(order, size, each).tolist() for each in ranks]
    for batch in order.split(size):
        found = []
        counts = []
        for places, each in zip(mine, ranks, strict=True):
            _, _, count = slice_of(len(batch), each)
            taken = [places.pop(0) for _ in range(max(1, count))]
            assert set(taken) <= set(batch.tolist()), "a stand-in is of the same batch"
            found += taken[:count]
            counts.append(count)
        assert found == batch.tolist()
        assert max(counts) - min(counts) <= 1
    assert not any(mine)
