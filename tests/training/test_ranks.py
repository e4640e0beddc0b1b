"""Several ranks against one, against themselves after a kill, and against other numbers of them.

The runs are those of `tests.training.ranked`: a repeated block, a tied weight, one that nothing
uses; accumulated, clipped, averaged, and with a last batch that has a row for one rank only.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from specc.training.checkpoint import Checkpoints, complete

DRIVER = [sys.executable, "-m", "tests.training.ranked"]
NEAR = 1e-5
"""Sums of other parts in another order, over ten updates; weights are some tenths."""


def told(folder: Path, *cases: str) -> dict[str, Any]:
    """What the cases came to."""
    command = [*DRIVER, str(folder), ", ".join(cases)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    return {case: value for case, value, _ in map(json.loads, result.stdout.splitlines())}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ranks")


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    """All short cases by one driver, as importing costs more than most of them."""
    return told(
        folder,
        "like_one ddp",
        "like_one fsdp",
        "resumed fsdp",
        "elsewhere fsdp 2 null 1",
    )


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_two_ranks_come_to_what_one_does(found: dict[str, Any], strategy: str) -> None:
    assert 0 < found[f"like_one {strategy}"] < NEAR


def test_a_rank_is_killed_and_the_run_goes_on_to_the_same_bits(found: dict[str, Any]) -> None:
    statuses, differences = found["resumed fsdp"]
    assert statuses == [75, -9]
    assert differences == []


@pytest.mark.parametrize("way", ["flipped", "missing", "cut", "another's"])
@pytest.mark.parametrize("shard", [1, 2])
def test_a_shard_that_is_damaged_costs_its_checkpoint_alone(
    found: dict[str, Any], folder: Path, tmp_path: Path, way: str, shard: int
) -> None:
    run = shutil.copytree(folder / "2/whole-fsdp/digits/1", tmp_path / "run")
    before, last = Checkpoints(run / "checkpoints").present()
    file = last / f"shard-{shard:05d}-model-00001-of-00001.safetensors"
    whole = file.read_bytes()
    if way == "flipped":
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :])
    elif way == "cut":
        file.write_bytes(whole[:-1])
    elif way == "another's":
        file.write_bytes((before / file.name).read_bytes())
    else:
        file.unlink()
    taken = Checkpoints(run / "checkpoints").newest()
    assert taken is not None
    checkpoint, reasons = taken
    assert checkpoint.path == before
    assert len(reasons) == 1
    assert str(file) in reasons[0]
    weights = complete(checkpoint).weights
    assert {key: tensor.shape for key, tensor in weights.items()}["stem.weight"] == (24, 64)
    assert "again.weight" not in weights, "a tied weight lies there once"
    assert complete(checkpoint).aliases == {"again.weight": "tied.weight"}


def test_nothing_of_a_checkpoint_is_a_pickle(found: dict[str, Any], folder: Path) -> None:
    """A pickle of protocol 2 and later begins with 80, and a zip of torch with PK."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.parent.parent.name == "checkpoints"]
    assert {p.name for p in files} >= {"SHA256SUMS", "checkpoint.json", "weights.safetensors"}
    for path in files:
        assert path.suffix in (".json", ".safetensors") or path.name == "SHA256SUMS", path
        assert not path.read_bytes().startswith((b"\x80", b"PK")), path


def test_shares_of_two_ranks_are_taken_up_by_one(found: dict[str, Any]) -> None:
    done, apart = found["elsewhere fsdp 2 null 1"]
    assert 0 < done < 5, "it was to break off in the middle of an epoch"
    assert apart < NEAR


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_two_steps_move_their_own_weights(tmp_path: Path, strategy: str) -> None:
    (apart,) = told(tmp_path, f"duel {strategy}").values()
    assert 0 < apart < NEAR


@pytest.mark.slow
def test_three_ranks_come_to_what_one_does(tmp_path: Path) -> None:
    for value in told(tmp_path, "three ddp", "three fsdp").values():
        assert 0 < value < NEAR


@pytest.mark.slow
def test_shares_go_on_to_the_same_bits(tmp_path: Path) -> None:
    for statuses, differences in told(tmp_path, "resumed fsdp", "resumed fsdp 3").values():
        assert statuses[-2:] == [-9, 75][:: 1 if len(statuses) == 3 else -1]
        assert differences == []


@pytest.mark.slow
def test_checkpoints_are_taken_up_by_any_number_of_ranks_and_strategy(tmp_path: Path) -> None:
    cases = (
        "elsewhere ddp 2 null 1",
        "elsewhere ddp 3 ddp 2",
        "elsewhere ddp 2 fsdp 3",
        "elsewhere fsdp 3 fsdp 2",
        "elsewhere fsdp 2 fsdp 3",
        "elsewhere fsdp 2 ddp 2",
    )
    for case, (done, apart) in told(tmp_path, *cases).items():
        assert 0 < done < 5, case
        assert apart < NEAR, case
