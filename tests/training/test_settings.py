"""What settings of a run do, held against a loop that does the same by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from specc.components import Refusal
from specc.data import Prepared
from specc.stdlib.optimizers.sgd import Sgd
from specc.training.checkpoint import Checkpoints, read
from specc.training.feed import epoch_order
from specc.training.fit import fit
from specc.training.weights import State, load
from tests.training import digits
from tests.training.test_resume import digest


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return digits.data()


def trained(run: Path) -> State:
    return dict(read(Checkpoints(run / "checkpoints").present()[-1]).weights)


def by_hand(prepared: Prepared, parts: int, decay: float) -> tuple[nn.Module, State]:
    """Two epochs of 8 steps; the weights, and their averages."""
    torch.manual_seed(5)
    model = digits.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, fused=True)
    averages = {name: value.clone() for name, value in model.state_dict().items()}
    tensors = prepared.tensors()["train"]
    image, label = tensors["image"][:250], tensors["label"][:250]
    for epoch in (1, 2):
        for rows in epoch_order(250, 5, epoch).split(32):
            optimizer.zero_grad()
            for part in rows.tensor_split(parts):
                loss = F.cross_entropy(model(image[part]), label[part])
                (loss * (len(part) / len(rows))).backward()
            optimizer.step()
            for name, value in model.state_dict().items():
                averages[name].lerp_(value, 1 - decay)
    return model, averages


def plan(prepared: Prepared, **settings):
    given = {"epochs": 2, "batch": 32, "limit": 250, "seed": 5, "keep": None, **settings}
    splits = {"train": prepared.tensors()["train"]}
    optimizer = Sgd(lr=0.1, momentum=0.9)
    return digits.plan(prepared, splits=splits, settings=given, step={"optimizer": optimizer})


def test_accumulation_and_averages(tmp_path: Path, prepared: Prepared) -> None:
    result = fit(plan(prepared, accumulate=3, ema=0.9), tmp_path)
    model, averages = by_hand(prepared, 3, 0.9)
    weights = trained(result.run)
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())
    kept = load(result.run / "weights.safetensors")
    assert all(torch.equal(kept[name], value) for name, value in averages.items())


def test_parts_add_up_to_the_batch(tmp_path: Path, prepared: Prepared) -> None:
    whole, parts = (fit(plan(prepared, accumulate=n), tmp_path) for n in (1, 5))
    for name, value in trained(whole.run).items():
        torch.testing.assert_close(trained(parts.run)[name], value, rtol=1e-4, atol=1e-6)
    assert whole.metrics["train.loss"] == pytest.approx(parts.metrics["train.loss"], rel=1e-4)
    assert whole.metrics["train.accuracy"] == pytest.approx(parts.metrics["train.accuracy"])


def test_averages_are_what_is_judged(tmp_path: Path, prepared: Prepared) -> None:
    settings = {"epochs": 2, "batch": 32, "limit": 250, "ema": 0.95}
    result = fit(digits.plan(prepared, settings=settings), tmp_path)
    model = digits.model()
    model.load_state_dict(load(result.run / "weights.safetensors"))
    rows = {k: v[:250] for k, v in prepared.tensors()["val"].items()}
    right = (model(rows["image"]).argmax(1) == rows["label"]).float().mean().item()
    assert result.metrics["val.accuracy"] == pytest.approx(right)


def test_what_is_frozen_stays(tmp_path: Path, prepared: Prepared) -> None:
    def build() -> nn.Module:
        return nn.Sequential(
            nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 16), nn.Linear(16, 10)
        )

    chosen = plan(prepared, freeze=("1", "0.weight", "*.bias"))
    result = fit(digits.replaced(chosen, build=build), tmp_path)
    torch.manual_seed(5)
    before = build().state_dict()
    after = trained(result.run)
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == set(before) - {"3.weight", "4.weight"}
    assert json.loads((result.run / "plan.json").read_text())["parameters"] == 16 * 16 + 160


@pytest.mark.parametrize(
    ("rows", "batch", "parts", "hint"),
    [(100, 10, 6, "batch = 17"), (9, 8, 2, "batch = 9"), (5, 4, 4, "fewer parts or more rows")],
)
def test_a_part_of_one_row(
    tmp_path: Path, prepared: Prepared, rows: int, batch: int, parts: int, hint: str
) -> None:
    chosen = plan(prepared, limit=rows, batch=batch, accumulate=parts)
    with pytest.raises(Refusal) as raised:
        fit(digits.replaced(chosen, needs_batch="batch_norm"), tmp_path)
    assert (raised.value.code.id, raised.value.help) == ("E0704", hint)


def test_the_last_checkpoints_stay(tmp_path: Path, prepared: Prepared) -> None:
    result = fit(plan(prepared, save_steps=3, keep_last=4), tmp_path)
    names = [path.name for path in (result.run / "checkpoints").iterdir()]
    assert sorted(names) == ["000000009", "000000012", "000000015", "000000016"]


@pytest.mark.slow
def test_a_compiled_step(tmp_path: Path, prepared: Prepared) -> None:
    eager = fit(plan(prepared), tmp_path / "eager")
    whole = fit(plan(prepared, compile=True), tmp_path / "whole")
    for name, value in trained(eager.run).items():
        torch.testing.assert_close(trained(whole.run)[name], value, rtol=1e-3, atol=1e-5)
    from tests.training.test_resume import broken, pull

    resumed = broken(plan(prepared, compile=True, save_steps=3), tmp_path / "broken", {7, 12}, pull)
    assert digest(resumed.run) == digest(whole.run)


@pytest.mark.gpu
def test_half_floats_with_a_scaler_on_cuda(tmp_path: Path, prepared: Prepared) -> None:
    from tests.training.test_resume import broken, pull

    chosen = {"precision": "fp16", "clip": 1.0, "ema": 0.9, "accumulate": 2}
    whole = fit(plan(prepared, **chosen), tmp_path / "whole")
    (state,) = read(Checkpoints(whole.run / "checkpoints").present()[-1]).state["steps"]
    assert state["scaler"]["scale"] > 1
    changed = plan(prepared, save_steps=3, **chosen)
    resumed = broken(changed, tmp_path / "broken", {7, 12, 25}, pull)
    assert digest(resumed.run) == digest(whole.run)
