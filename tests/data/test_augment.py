"""`augment`: of the training rows alone, and the same for a row wherever it stands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import specc
from specc.compiler import Request
from specc.planning import plan_file
from specc.stdlib.augmentations.gaussian_noise import GaussianNoise
from specc.training.contract import AugmentPlan
from specc.training.draws import RowDraws, augmented, row_keys
from specc.training.identity import hashed, identity

SPEC = """nnspec 1

model Net {
  input x: float[B, 4]
  output y: float[B] = x |> linear(1) |> squeeze(1)
}

data Table {
  source = npz("x.npz")
  split = in_order(val=0.2)
  x = source.x |> standardize
  z = source.x |> standardize
  y = source.y
  augment x, y = (x, y) |> gaussian_noise(std=NOISE) |> gaussian_noise(std=0.0)
  augment z = z |> gaussian_noise(std=1.0)
}

train {
  data = Table
  model = Net
  loss = (x |> model, y) |> mse_loss
  optimizer = sgd(lr=0.05)
  epochs = 2
  batch = 8
}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "x.npz", x=rng.normal(size=(40, 4)), y=rng.normal(size=40))
    return tmp_path


def spec(root: Path, noise: str) -> Path:
    path = root / "x.nnspec"
    path.write_text(SPEC.replace("NOISE", noise))
    return path


def test_a_row_is_augmented_alike_in_every_batch() -> None:
    x, rows = torch.zeros(10, 3, 5), torch.arange(10)
    plan = (AugmentPlan(("x",), GaussianNoise(std=2.0)),)
    whole = augmented({"x": x}, plan, rows, 7, 1)["x"]
    chosen = torch.tensor([8, 2, 5])
    some = augmented({"x": x[chosen]}, plan, chosen, 7, 1)["x"]
    assert some.equal(whole[chosen])
    assert not augmented({"x": x}, plan, rows, 7, 2)["x"].equal(whole)
    assert not augmented({"x": x}, plan, rows, 8, 1)["x"].equal(whole)
    assert x.equal(torch.zeros(10, 3, 5)), "what was given is left as it is"


def test_noise_is_normal() -> None:
    draws = RowDraws(row_keys(torch.arange(20_000), 0, 1))
    values = draws.normal(3)
    assert values.shape == (20_000, 3)
    torch.testing.assert_close(values.mean(0), torch.zeros(3), atol=0.03, rtol=0)
    torch.testing.assert_close(values.std(0), torch.ones(3), atol=0.03, rtol=0)
    correlation = torch.corrcoef(torch.cat([values, draws.normal(2)], 1).T)
    torch.testing.assert_close(correlation, torch.eye(5), atol=0.03, rtol=0)


def test_what_is_used_is_augmented(root: Path) -> None:
    plan = plan_file(Request(str(spec(root, "0.5")))).plan
    assert [(a.fields, a.component.std) for a in plan.augments] == [  # type: ignore[attr-defined]
        (("x", "y"), 0.5),
        (("x", "y"), 0.0),
    ]
    assert list(plan.splits["train"]) == ["x", "y"]
    other = plan_file(Request(str(spec(root, "0.25")))).plan
    assert hashed(identity(plan)) != hashed(identity(other))


def test_validation_sees_the_rows_as_they_are(root: Path) -> None:
    def run(noise: str) -> list[dict[str, float]]:
        result = specc.train(spec(root, noise), "train.optimizer.lr=1e-30", runs=root / "runs")
        return [json.loads(line) for line in (result.run / "metrics.jsonl").open()]

    plain, noisy, again = run("0.0"), run("3.0"), run("3.0")
    assert noisy == again
    assert [each["val.loss"] for each in noisy] == [each["val.loss"] for each in plain]
    assert all(n["train.loss"] > p["train.loss"] + 1 for n, p in zip(noisy, plain, strict=True))
    assert noisy[0]["train.loss"] != noisy[1]["train.loss"], "each epoch has draws of its own"
