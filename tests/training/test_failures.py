"""What stops a run, and what it says."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from specc.codegen.load import load_source
from specc.components import Refusal
from specc.data import Prepared
from specc.stdlib.optimizers.sgd import Sgd
from specc.training.checkpoint import Checkpoints, read
from specc.training.errors import RunFailed
from specc.training.fit import fit
from tests.training import digits
from tests.training.test_resume import digest, small, step


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return digits.data()


class Late(nn.Module):
    """Something goes wrong when a weight has grown."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.fc1 = nn.Linear(64, 16)
        self.fc2 = nn.Linear(16, 10)
        self.count = nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.fc1(x).relu()
        # The gradient of the count is -1: plain sgd with lr = 1 makes it the number of steps.
        late = (self.count.detach() >= 23).float()
        if self.kind == "sqrt":
            hidden = hidden + torch.sqrt(0.5 - late)
        if self.kind == "backward":
            hidden = hidden + torch.sqrt((1 - late) * (hidden + 1))
        if self.kind == "exp":
            hidden = torch.exp(hidden + late * 1000)
        if self.kind == "masked":
            mask = torch.zeros_like(hidden).bool()
            mask[:, 0] = True
            hidden = hidden.masked_fill(mask, float("-inf")).softmax(1)
            hidden = hidden / (1 - late)
        return self.fc2(hidden)


def counted(model: Late, image: torch.Tensor, label: torch.Tensor):
    scores = model(image)
    loss = F.cross_entropy(scores, label) * 1e-3 - model.count + model.count.detach()
    return loss, {}, {"accuracy": (scores, label)}


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("sqrt", r"in step 24: the result of `sqrt` in `Late` is the first NaN"),
        ("exp", r"in step 24: the result of `exp` in `Late` is the first infinite"),
        ("masked", r"in step 24: the result of `(div|__truediv__|truediv)` in `Late` is the first"),
        (
            "backward",
            r"the gradient of `fc1.bias` is NaN in step 24: "
            r"the derivative of `sqrt` is the first infinite",
        ),
    ],
)
@pytest.mark.parametrize("save_steps", [None, 6])
def test_the_first_value_that_is_not_finite_is_found(
    tmp_path: Path, prepared: Prepared, kind: str, wanted: str, save_steps: int | None
) -> None:
    plan = small(
        prepared,
        step={"run": counted, "optimizer": Sgd(lr=1.0)},
        settings={"save_steps": save_steps},
    )
    plan = digits.replaced(plan, build=lambda: Late(kind))
    with pytest.raises(RunFailed) as raised:
        fit(plan, tmp_path)
    assert raised.value.code.id == "E0701"
    assert re.search(wanted, raised.value.message), raised.value.message
    kept = Checkpoints(tmp_path / "digits/1/checkpoints").present()
    assert [path.name for path in kept] == (
        [] if save_steps is None else ["000000012", "000000018"]
    )
    for path in kept:
        found = read(path)
        assert all(tensor.isfinite().all() for tensor in found.weights.values())


def test_the_line_of_the_emitted_source_is_named(tmp_path: Path, prepared: Prepared) -> None:
    source = (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.head = nn.Linear(64, 10)\n\n"
        "    def forward(self, x):\n        h = torch.log(x - 2)\n        return self.head(h)\n"
    )
    plan = digits.replaced(small(prepared), build=load_source(source).Net)
    with pytest.raises(RunFailed, match=r"the result of `log` .*\(h = torch\.log\(x - 2\)\)"):
        fit(plan, tmp_path)


def test_a_validation_that_is_not_finite(tmp_path: Path, prepared: Prepared) -> None:
    class Judged(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x if self.training else (x * 0).rsqrt())

    plan = digits.replaced(small(prepared), build=lambda: Judged(64, 10))
    with pytest.raises(RunFailed) as raised:
        fit(plan, tmp_path)
    assert "on the val split, after step 10: the result of `rsqrt`" in raised.value.message


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        MemoryError(),
    ],
)
def test_out_of_memory_says_what_to_change(
    tmp_path: Path, prepared: Prepared, error: Exception
) -> None:
    calls = 0

    def run(*args: Any, **fields: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 9:
            raise error
        return step(*args, **fields)

    plan = small(prepared, step={"run": run}, settings={"save_steps": 5})
    with pytest.raises(RunFailed) as raised:
        fit(plan, tmp_path)
    assert raised.value.code.id == "E0709"
    assert raised.value.message == "the memory of cpu is not enough for step 8, 16 rows at once"
    assert "accumulate = 2" in (raised.value.help or "")
    assert 'precision = "bf16"' in (raised.value.help or "")
    whole = fit(small(prepared), tmp_path / "whole")
    assert digest(fit(plan, tmp_path, resume=True).run) == digest(whole.run)


def test_a_real_lack_of_memory(tmp_path: Path, prepared: Prepared) -> None:
    def run(model: nn.Module, image: torch.Tensor, label: torch.Tensor):
        if model.training:
            torch.empty(1 << 62, dtype=torch.uint8)
        return step(model, image, label)

    with pytest.raises(RunFailed) as raised:
        fit(small(prepared, step={"run": run}), tmp_path)
    assert raised.value.code.id == "E0709"


@pytest.mark.parametrize("operation", ["write", "fsync", "rename"])
def test_a_disk_that_fails_leaves_the_checkpoint_before(
    tmp_path: Path, prepared: Prepared, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    plan = small(prepared, settings={"save_steps": 5})
    real = getattr(os, operation)
    failing = False

    def patched(*args: Any, **kwargs: Any) -> Any:
        checkpoints = tmp_path / "digits/1/checkpoints"
        if failing and (checkpoints / "000000010").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args, **kwargs)

    monkeypatch.setattr(os, operation, patched)
    failing = True
    with pytest.raises(RunFailed) as raised:
        fit(plan, tmp_path)
    failing = False
    assert raised.value.code.id == "E0708"
    assert "No space left on device" in raised.value.message
    present = sorted(path.name for path in (tmp_path / "digits/1/checkpoints").iterdir())
    assert present[-1].startswith("0000000")
    whole = fit(small(prepared), tmp_path / "whole")
    assert digest(fit(plan, tmp_path, resume=True).run) == digest(whole.run)


def test_half_floats_are_for_cuda(tmp_path: Path, prepared: Prepared) -> None:
    plan = small(prepared, settings={"precision": "fp16"})
    plan = digits.replaced(plan, device="cpu")
    with pytest.raises(Refusal) as raised:
        fit(plan, tmp_path)
    assert (raised.value.code.id, raised.value.field) == ("E0710", "precision")
    assert not list(tmp_path.iterdir())


def test_a_pattern_that_freezes_nothing(tmp_path: Path, prepared: Prepared) -> None:
    with pytest.raises(Refusal) as raised:
        fit(small(prepared, settings={"freeze": ["0.weigth"]}), tmp_path)
    assert (raised.value.code.id, raised.value.field) == ("E0711", "freeze")
    assert "0.weight" in (raised.value.help or "")
