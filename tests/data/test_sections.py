"""Data sections from the text of a spec to a plan, and what is refused before the first step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import specc
from specc.compiler import Request
from specc.components.data import listed
from specc.diagnostics import SpecError
from specc.planning import Planned, plan_file
from specc.training.feed import batches

TEXT = "The\tO\ncat\tA\nsat\tO\n\nA\tO\ndog\tA\n\nCats\tA\n"

POSITIONS = """
nnspec 1

model Net(words: int, longest: int) {
  input x: ids(words)[B, T]
  input seen: mask[B, T]
  h = x |> embedding(words, 8) |> learned_positions(longest)
  output y = (h, mask=seen) |> masked_mean |> linear(1)
}

data Text {
  source = conll("words.conll", columns=["words", "tags"])
  words = source.words |> vocabulary%s
}

train {
  data = Text
  model = Net(words.vocab, %s)
  loss = (words, words.mask) |> model |> mean
  optimizer = sgd(lr=0.1)
  epochs = 2
  batch = 2
}
"""


def planned(root: Path, text: str) -> Planned:
    (root / "x.nnspec").write_text(text.lstrip())
    return plan_file(Request(str(root / "x.nnspec")))


def refused(root: Path, text: str) -> str:
    with pytest.raises(SpecError) as raised:
        planned(root, text)
    (only,) = raised.value.diagnostics
    return f"{only.code.id} {only.message}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "words.conll").write_text(TEXT)
    return tmp_path


def test_the_longest_row_sizes_the_model(root: Path) -> None:
    plan = planned(root, POSITIONS % ("", "words.max_length")).plan
    shapes = {name: tuple(p.shape) for name, p in plan.build().named_parameters()}
    assert shapes["embedding.weight"] == (8, 8)
    assert (3, 8) in shapes.values()
    batch = next(batches(plan.splits["train"], 3))
    assert batch["words.mask"].tolist() == [[True] * 3, [True, True, False], [True, False, False]]
    loss, _, _ = plan.steps[0].run(plan.build(), **batch)
    assert loss.isfinite()


def test_rows_that_are_longer_than_the_model_takes(root: Path) -> None:
    wanted = "E0654 a sequence of T is longer than the 2 positions that are learned"
    assert refused(root, POSITIONS % ("", "2")) == wanted
    cut = planned(root, POSITIONS % (" |> truncate(2)", "2")).plan
    assert next(batches(cut.splits["train"], 3))["words"].shape == (3, 2)


def test_lengths_of_a_field(root: Path) -> None:
    text = """
nnspec 1

model Net(words: int) {
  input x: ids(words)[B, T]
  input seen: mask[B, T]
  h = (x |> embedding(words, 8), mask=seen) |> masked_mean
  output y: float[B] = h |> linear(1) |> squeeze(1)
}

data Text {
  source = conll("words.conll", columns=["words", "tags"])
  words = source.words |> vocabulary
}

train {
  data = Text
  model = Net(words.vocab)
  loss = ((words, words.mask) |> model, words.lengths |> to_float) |> mse_loss
  optimizer = sgd(lr=0.1)
  epochs = 1
}
"""
    plan = planned(root, text).plan
    assert plan.splits["train"]["words.lengths"].tolist() == [3, 2, 1]  # type: ignore[union-attr]
    result = specc.train(root / "x.nnspec", runs=root / "runs")
    assert np.isfinite(result.metrics["train.loss"])


def test_padding_does_not_change_what_is_learned(root: Path) -> None:
    """A masked loss is that of the words alone, however long the rows beside them are."""
    text = """
nnspec 1

model Tagger(words: int, tags: int) {
  input x: ids(words)[B, T]
  input seen: mask[B, T]
  h = (x |> embedding(words, 8), mask=seen) |> lstm(5, bidirectional=true)
  output scores: logits[B, T, tags] = h |> linear(tags)
}

data Text {
  source = conll("words.conll", columns=["words", "tags"])
  words = source.words |> vocabulary
  tags = source.tags |> categories
}

train {
  data = Text
  model = Tagger(words.vocab, tags.classes)
  scores = (words, words.mask) |> model
  loss = (scores, tags, mask=tags.mask) |> cross_entropy(dim=-1, reduction="sum")
  metric accuracy = (scores, tags, mask=tags.mask) |> accuracy(dim=-1)
  optimizer = sgd(lr=0.1)
  epochs = 1
}
"""
    plan = planned(root, text).plan
    torch.manual_seed(0)
    model = plan.build().eval()
    fields = plan.splits["train"]
    (together,) = (plan.steps[0].run(model, **batch)[0] for batch in batches(fields, 3))
    one_by_one = [plan.steps[0].run(model, **batch)[0] for batch in batches(fields, 1)]
    torch.testing.assert_close(together, sum(one_by_one))

    def accuracy(size: int) -> float:
        metric = plan.steps[0].metrics["accuracy"].build()
        for batch in batches(fields, size):
            metric.update(*plan.steps[0].run(model, **batch)[2]["accuracy"])
        return float(metric.compute())

    assert accuracy(3) == pytest.approx(accuracy(1))


def test_skipped_rows_stand_in_the_plan(root: Path) -> None:
    (root / "x.csv").write_text("x,y\n1.5,0\nnan,1\n2.5,1\n")
    text = """
nnspec 1

model Net {
  input x: float[B]
  output scores: logits[B, 2] = x |> reshape(B, 1) |> linear(2)
}

data Table {
  source = csv("x.csv", bad_rows="skip")
  x = source.x
  y: ids(2)[] = source.y
}

train {
  data = Table
  model = Net
  loss = (x |> model, y) |> cross_entropy
  optimizer = sgd(lr=0.1)
  epochs = 1
}
"""
    plan = planned(root, text).plan
    assert plan.rows == {"train": 2}
    assert plan.description["skipped"] == {"train": 1}


def test_a_last_batch_of_one_under_batch_norm(root: Path) -> None:
    np.save(root / "x.npy", np.random.default_rng(0).normal(size=(9, 4)))
    (root / "x.nnspec").write_text(
        """nnspec 1

model Net {
  input x: float[B, 4]
  output y = x |> batch_norm |> linear(1)
}

data Table {
  source = npy("x.npy", name="x")
  x = source.x
}

train {
  data = Table
  model = Net
  loss = x |> model |> mean
  optimizer = sgd(lr=0.1)
  epochs = 1
  batch = 4
}
"""
    )
    with pytest.raises(SpecError) as raised:
        specc.train(root / "x.nnspec", runs=root / "runs")
    (only,) = raised.value.diagnostics
    assert only.span is not None
    assert (only.code.id, only.span.text) == ("E0704", "4")
    assert only.help == "batch = 5"
    assert not (root / "runs").exists()


def test_buckets_train_and_are_checked(root: Path) -> None:
    planned(root, POSITIONS % ("", "words.max_length"))
    specc.train(root / "x.nnspec", "train.bucket=2", runs=root / "runs")
    with pytest.raises(SpecError):
        specc.train(root / "x.nnspec", "train.bucket=0", runs=root / "runs")


def test_numbered_columns_are_listed_together() -> None:
    pixels = [f"p{k}" for k in range(64)]
    assert listed([*pixels, "label", "x1", "x2"]) == "p0 to p63, label, x1, x2"
    assert listed([f"{letter}s" for letter in "abcdefghijkl"]) == (
        "as, bs, cs, ds, es, fs, gs, hs and 4 more"
    )
