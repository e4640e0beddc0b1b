"""Random transforms in a plain field: two views of a row, in every split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from specc.compiler import Request
from specc.components import Streamed
from specc.diagnostics import SpecError
from specc.planning import plan_file
from specc.predicting import open_run
from specc.training.draws import RowDraws, augmented, row_keys
from specc.training.feed import batches
from specc.training.fit import fit
from tests.training.test_resume import broken, digest, pull

SPEC = """nnspec 1

model Encoder {
  input x: float[B, 4]
  output code: float[B, 3] = x |> linear(3)
}

data Rows {
  source = csv("x.csv")
  split = in_order(val=0.25)
  plain = source["x*"] |> standardize
  one = source["x*"] |> standardize |> gaussian_noise(0.5)
  other = source["x*"] |> standardize |> gaussian_noise(0.5) |> gaussian_noise(0.1)
}

train {
  data = Rows
  model = Encoder
  a = one |> model
  b = other |> model
  c = plain |> model
  loss = ((a, b) |> mse_loss) + ((a, c) |> mse_loss)
  output code = a
  optimizer = sgd(lr=0.1)
  epochs = 3
  batch = 8
}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    table = np.random.default_rng(0).standard_normal((64, 4))
    lines = [",".join(f"{value:.4f}" for value in row) for row in table]
    (tmp_path / "x.csv").write_text("\n".join(["x0,x1,x2,x3", *lines]) + "\n")
    (tmp_path / "x.nnspec").write_text(SPEC)
    return tmp_path / "x.nnspec"


def test_views_differ_from_each_other_and_stay_what_they_are_in_validation(spec: Path) -> None:
    plan = plan_file(Request(str(spec))).plan
    assert [augment.everywhere for augment in plan.augments] == [True] * 3
    val = plan.splits["val"]
    noise = {name: val[name] - val["plain"] for name in ("one", "other")}  # type: ignore[operator]
    assert 0.35 < noise["one"].std() < 0.65
    assert not torch.allclose(noise["one"], noise["other"])
    by_hand = val["plain"] + 0.5 * RowDraws(row_keys(torch.arange(16), 0, 0, 0)).normal(4)
    assert torch.equal(val["one"], by_hand)
    # the training rows wait for their batch
    rows = torch.arange(8)
    (first, *_) = batches(plan.splits["train"], 8)
    assert torch.equal(first["one"], first["plain"])
    views = [augmented(first, plan.augments, rows, 0, epoch)["one"] for epoch in (1, 1, 2)]
    assert torch.equal(views[0], views[1])
    assert not torch.equal(views[0], views[2])


def test_streamed_and_resumed_it_is_the_same_run(spec: Path, tmp_path: Path) -> None:
    whole = fit(plan_file(Request(str(spec), ["train.resident=true"])).plan, tmp_path / "whole")
    plan = plan_file(Request(str(spec), ["train.resident=false"])).plan
    assert isinstance(plan.splits["val"]["one"], Streamed)
    result = broken(plan, tmp_path / "broken", {3, 11}, pull)
    assert digest(result.run) == digest(whole.run)


def test_new_rows_are_changed_too(spec: Path, tmp_path: Path) -> None:
    run = fit(plan_file(Request(str(spec))).plan, tmp_path / "runs").run
    once, twice = (
        [row["code"] for row in open_run(run).predict(spec.parent / "x.csv")] for _ in "ab"
    )
    assert once == twice
    assert len(once) == 64


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (
            'source["x*"] |> gaussian_noise(0.5) |> standardize',
            "`standardize` comes after what changes the rows at random",
        ),
        ('source["x*"] |> standardize |> gaussian_nois(0.5)', "no transform"),
    ],
)
def test_mistakes_have_a_place(spec: Path, field: str, message: str) -> None:
    text = SPEC.replace(
        'one = source["x*"] |> standardize |> gaussian_noise(0.5)\n', f"one = {field}\n"
    )
    spec.write_text(text)
    with pytest.raises(SpecError) as raised:
        plan_file(Request(str(spec)))
    assert message in raised.value.diagnostics[0].message
    assert raised.value.diagnostics[0].span.line == 12
