"""Checkpoints that are damaged, hostile, of another plan, or in use."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from specc.data import Prepared
from specc.stdlib.optimizers.sgd import Sgd
from specc.training import disk, weights
from specc.training.checkpoint import Checkpoints, read
from specc.training.contract import TrainPlan
from specc.training.errors import FileRefused
from specc.training.fit import fit
from specc.training.folder import RunFolder
from specc.training.report import Report
from tests.training import digits
from tests.training.test_resume import Pulled, digest, pull, small, step


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return digits.data()


@pytest.fixture(scope="module")
def plan(prepared: Prepared) -> TrainPlan:
    return small(prepared, settings={"save_steps": 6, "keep_last": 3})


@pytest.fixture(scope="module")
def whole(plan: TrainPlan, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the run comes to."""
    return digest(fit(plan, tmp_path_factory.mktemp("whole")).run)


@pytest.fixture(scope="module")
def stopped(plan: TrainPlan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs folder of a run that was killed in its third epoch: steps 12, 18 and 24."""
    runs = tmp_path_factory.mktemp("stopped")
    calls = 0

    def run(*args: Any, **fields: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 50:
            pull()
        return step(*args, **fields)

    with pytest.raises(Pulled):
        fit(digits.with_step(plan, run=run), runs)
    names = [path.name for path in Checkpoints(runs / "digits/1/checkpoints").present()]
    assert names == ["000000012", "000000018", "000000024"]
    return runs


@pytest.fixture
def runs(stopped: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    return Path(shutil.copytree(stopped, tmp_path / "runs"))


class Notes(Report):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def flip(path: Path, part: float) -> None:
    """One bit."""
    data = bytearray(path.read_bytes())
    data[min(len(data) - 1, int(part * len(data)))] ^= 1 << (len(data) % 8)
    path.write_bytes(data)


def cut(path: Path, part: float) -> None:
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])


@pytest.mark.parametrize(
    "name",
    [
        "weights.safetensors",
        "training.safetensors",
        "best.safetensors",
        "checkpoint.json",
        "SHA256SUMS",
    ],
)
def test_a_damaged_checkpoint_is_skipped_by_name(
    plan: TrainPlan, runs: Path, whole: dict[str, str], name: str
) -> None:
    last = runs / "digits/1/checkpoints/000000024"
    kept = shutil.copytree(last, runs / "kept")
    ways = [lambda p: flip(p, 0.0), lambda p: flip(p, 0.5), lambda p: flip(p, 1.0)]
    ways += [lambda p: cut(p, 0.0), lambda p: cut(p, 0.6), lambda p: p.unlink()]
    for way in ways:
        shutil.rmtree(last)
        shutil.copytree(kept, last)
        way(last / name)
        with pytest.raises(FileRefused, match="000000024"):
            read(last)
    notes = Notes()
    result = fit(plan, runs, notes, resume=True)
    skipped = [text for text in notes.said if text.startswith("skipped")]
    assert len(skipped) == 1
    assert f"000000024/{name} is missing" in skipped[0]
    assert "goes on after step 18, in epoch 2" in notes.said
    assert digest(result.run) == whole
    assert not last.exists()


def test_all_damaged_is_refused_and_nothing_is_deleted(plan: TrainPlan, runs: Path) -> None:
    run = runs / "digits/1"
    for path in (run / "checkpoints").iterdir():
        flip(path / "weights.safetensors", 0.9)
    before = {p: p.read_bytes() for p in run.rglob("*") if p.is_file() and p.name != ".lock"}
    with pytest.raises(FileRefused) as raised:
        fit(plan, runs, resume=True)
    assert len(raised.value.details) == 3
    assert all("SHA-256" in line for line in raised.value.details)
    after = {p: p.read_bytes() for p in run.rglob("*") if p.is_file() and p.name != ".lock"}
    assert before == after


def test_file_times_mean_nothing(plan: TrainPlan, runs: Path, whole: dict[str, str]) -> None:
    for i, path in enumerate(Checkpoints(runs / "digits/1/checkpoints").present()):
        for file in (path, *path.iterdir()):
            os.utime(file, (1e9 - i * 1e6, 1e9 - i * 1e6))
    notes = Notes()
    assert digest(fit(plan, runs, notes, resume=True).run) == whole
    assert "goes on after step 24, in epoch 3" in notes.said


def test_metrics_that_changed_under_a_checkpoint(
    plan: TrainPlan, runs: Path, whole: dict[str, str]
) -> None:
    metrics = runs / "digits/1/metrics.jsonl"
    with metrics.open("a") as file:
        file.write('{"epoch": 3, "half a li')  # the process died while it wrote
    lines = metrics.read_text().splitlines(keepends=True)
    assert digest(fit(plan, shutil.copytree(runs, runs / "copy"), resume=True).run) == whole
    metrics.write_text(lines[0] + lines[1].replace("0.", "1.", 1))
    notes = Notes()
    result = fit(plan, runs, notes, resume=True)
    assert "metrics.jsonl is not what it was" in notes.said[0]
    assert digest(result.run) == whole


# --- hostile files, whose digests are right -----------------------------------------------------


def forged(header: dict[str, Any] | bytes, data: bytes = b"", size: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


def tensor(shape: list[int], start: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


HOSTILE = {
    "a header of 2^63 bytes": forged({}, size=2**63),
    "a header of 2^64-1 bytes": forged({}, size=2**64 - 1),
    "a header of a terabyte": forged({}, size=2**40),
    "tensors that overlap": forged({"a": tensor([2], 0, 8), "b": tensor([2], 4, 12)}, b"\0" * 12),
    "a gap": forged({"a": tensor([1], 0, 4), "b": tensor([1], 8, 12)}, b"\0" * 12),
    "a shape that overflows": forged({"a": tensor([2**62, 8], 0, 8)}, b"\0" * 8),
    "a shape of another size": forged({"a": tensor([3], 0, 8)}, b"\0" * 8),
    "negative": forged({"a": tensor([-1], 0, 8)}, b"\0" * 8),
    "past the end": forged({"a": tensor([4], 0, 16)}, b"\0" * 8),
    "backwards": forged({"a": tensor([2], 8, 0)}, b"\0" * 8),
    "an unknown type": forged({"a": tensor([2], 0, 8, "OBJECT")}, b"\0" * 8),
    "no JSON": forged(b"{" * 64),
    "deep JSON": forged(b'{"a":' + b"[" * 100_000),
    "not UTF-8": forged(b'{"\xff": 1}'),
    "a pickle": b"\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06system\x93.",
    "nothing": b"",
    "aliases that lead nowhere": forged(
        {"__metadata__": {"aliases": '{"x": "y"}'}, "a": tensor([2], 0, 8)}, b"\0" * 8
    ),
}


@pytest.mark.parametrize("way", HOSTILE)
def test_hostile_weights_are_refused_before_use(runs: Path, way: str) -> None:
    path = runs / "digits/1/checkpoints/000000024"
    (path / "weights.safetensors").write_bytes(HOSTILE[way])
    resum(path)
    with pytest.raises(FileRefused, match=r"weights\.safetensors"):
        read(path)
    with pytest.raises(FileRefused, match=r"weights\.safetensors"):
        weights.load(path / "weights.safetensors")


def resum(path: Path) -> None:
    """Make the digests right again, as whoever changes a file on purpose would."""
    names = [line.split("  ")[1] for line in (path / "SHA256SUMS").read_text().splitlines()]
    (path / "SHA256SUMS").write_text("".join(f"{disk.digest(path / n)}  {n}\n" for n in names))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2}',
        '{"format": 1, "step": 24}',
        '{"format": 1, "step": 23, "best": null, "state": {}}',
        '{"format": 1, "step": 24, "best": null, "state": {"$tensor": "nowhere"}}',
        '{"format": 1, "step": 24, "best": null, "state": {"$call": "os.system"}}',
        '{"format": 1, "step": 24, "best": {"step": 1}, "state": {}}',
        '{"format": 1, "a": ' + "[" * 100_000,
        "{" + '"a": {' * 50_000,
    ],
)
def test_hostile_json_is_refused(runs: Path, text: str) -> None:
    path = runs / "digits/1/checkpoints/000000024"
    (path / "checkpoint.json").write_text(text)
    resum(path)
    with pytest.raises(FileRefused, match="000000024"):
        read(path)


def test_sums_that_lead_elsewhere(runs: Path) -> None:
    path = runs / "digits/1/checkpoints/000000024"
    sums = (path / "SHA256SUMS").read_text()
    for wrong in (
        sums + f"{'0' * 64}  ../../../../etc/passwd\n",
        sums.replace("weights.safetensors", "weights.pt"),
        sums.replace("\n", ""),
        "",
    ):
        (path / "SHA256SUMS").write_text(wrong)
        with pytest.raises(FileRefused, match="SHA256SUMS"):
            read(path)
    (path / "SHA256SUMS").write_text(sums)
    (path / "weights.safetensors").rename(runs / "elsewhere")
    (path / "weights.safetensors").symlink_to(runs / "elsewhere")
    with pytest.raises(FileRefused, match="no plain file"):
        read(path)


def test_tensors_that_are_not_the_models_are_listed(plan: TrainPlan, runs: Path) -> None:
    path = runs / "digits/1/checkpoints/000000024"
    file = path / "weights.safetensors"
    state = load_file(file)
    state["0.bias"] = state["0.bias"].double()
    state["0.weight"] = state["0.weight"][:, :63].contiguous()
    state["9.extra"] = torch.zeros(1)
    del state["4.bias"]
    file.unlink()
    weights.save(file, state, {})
    resum(path)
    before = {p: p.read_bytes() for p in path.iterdir()}
    with pytest.raises(FileRefused) as raised:
        fit(plan, runs, resume=True)
    assert raised.value.details == (
        "`4.bias` is missing",
        "`9.extra` is not part of the model",
        "`0.weight` has the shape [24, 63], not [24, 64]",
        "`0.bias` is float64, not float32",
    )
    assert before == {p: p.read_bytes() for p in path.iterdir()}


# --- another plan, another data set, another process --------------------------------------------


def test_what_changed_is_shown(prepared: Prepared, plan: TrainPlan, runs: Path) -> None:
    tensors = prepared.tensors()
    tensors["train"]["image"] = tensors["train"]["image"].clone()
    tensors["train"]["image"][3, 3] += 0.5
    settings = plan.settings
    changes: dict[str, Any] = {
        "settings.epochs: 3 -> 4": {
            "settings": settings.model_copy(update={"epochs": 4}),
        },
        "optimizer.lr: 0.003 -> 0.1": {
            "steps": digits.with_step(plan, optimizer=Sgd(lr=0.1)).steps,
        },
        "train.image: other values": {"splits": tensors},
        "model.py: computes something else": {
            "files": {"model.py": "x = 1\n", "a.nnspec": "nnspec 1\n"},
        },
    }
    (runs / "digits/1/a.nnspec").write_text("nnspec 1\n# old\n")
    before = {p: p.read_bytes() for p in runs.rglob("*") if p.is_file() and p.name != ".lock"}
    for line, change in changes.items():
        with pytest.raises(FileRefused) as raised:
            fit(digits.replaced(plan, **change), runs, resume=True)
        assert line in raised.value.details
    assert "-# old" in raised.value.details
    after = {p: p.read_bytes() for p in runs.rglob("*") if p.is_file() and p.name != ".lock"}
    assert before == after


def test_comments_and_saving_are_no_change(
    plan: TrainPlan, runs: Path, whole: dict[str, str]
) -> None:
    changed = digits.replaced(
        plan,
        files={"model.py": '"""Another docstring."""\n\n# another comment\n'},
        settings=plan.settings.model_copy(update={"save_seconds": 9.0, "keep_last": 1}),
    )
    assert digest(fit(changed, runs, resume=True).run) == whole


def test_without_its_plan_a_run_is_known_by_its_checkpoint(
    plan: TrainPlan, runs: Path, whole: dict[str, str]
) -> None:
    (runs / "digits/1/plan.json").write_text("{")
    other = digits.with_step(plan, optimizer=Sgd(lr=0.1))
    with pytest.raises(FileRefused, match="another plan"):
        fit(other, runs, resume=True)
    assert digest(fit(plan, runs, resume=True).run) == whole
    assert json.loads((runs / "digits/1/plan.json").read_text())["name"] == "digits"


HOLDER = """
import sys
from pathlib import Path
from specc.training.folder import RunFolder
with RunFolder(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_run_in_a_folder(plan: TrainPlan, runs: Path, whole: dict[str, str]) -> None:
    command = [sys.executable, "-c", HOLDER, str(runs / "digits/1")]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    try:
        with pytest.raises(FileRefused, match=f"is being trained by process {holder.pid} on "):
            fit(plan, runs, resume=True)
    finally:
        holder.kill()
        holder.communicate()
    assert digest(fit(plan, runs, resume=True).run) == whole  # the lock died with it


def test_a_new_run_leaves_the_old_one_as_it_was(plan: TrainPlan, runs: Path) -> None:
    before = {p: p.read_bytes() for p in runs.rglob("*") if p.is_file()}
    result = fit(plan, runs)
    assert result.run.name == "2"
    assert before == {p: p.read_bytes() for p in before}


def test_the_lock_is_free_after_a_run(tmp_path: Path, plan: TrainPlan) -> None:
    run = fit(plan, tmp_path).run
    with RunFolder(run).locked():
        pass
