"""Runs over ragged, bucketed and augmented rows that are broken off come to the same bits."""

from __future__ import annotations

import json
import random
from pathlib import Path

from specc.compiler import Request
from specc.planning import plan_file
from specc.training.fit import fit
from tests.training.test_resume import broken, digest, pull

SPEC = """nnspec 1

model Net(words: int, tags: int) {
  input x: ids(words)[B, T]
  input seen: mask[B, T]
  input about: float[B, 3]
  h = (x |> embedding(words, 6), mask=seen) |> lstm(5, bidirectional=true) |> dropout(0.2)
  output scores: logits[B, T, tags] = h |> linear(tags)
  output size: float[B] = about |> linear(1) |> squeeze(1)
}

data Text {
  source = json_lines("x.jsonl", aligned=["words", "tags"], bad_rows="skip")
  split = fractions(val=0.2, seed=1)
  words = source.words |> vocabulary(min_count=2)
  tags = source.tags |> categories
  about = source[["a", "b", "c"]] |> standardize
  augment about = about |> gaussian_noise(0.2)
}

train {
  data = Text
  model = Net(words.vocab, tags.classes)
  made = (words, words.mask, about) |> model
  tagging = (made.scores, tags, mask=tags.mask) |> cross_entropy(dim=-1)
  sizing = (made.size, words.lengths |> to_float) |> mse_loss
  loss = tagging + 0.01 * sizing
  metric accuracy = (made.scores, tags, mask=tags.mask) |> accuracy(dim=-1)
  optimizer = adam(lr=0.01)
  epochs = 3
  batch = 8
  bucket = 3
  accumulate = 2
  save_steps = 4
}
"""


def test_the_same_bits(tmp_path: Path) -> None:
    draw = random.Random(0)
    with (tmp_path / "x.jsonl").open("w") as lines:
        for number in range(90):
            words = [draw.choice("abcdefgh") for _ in range(draw.randint(1, 9))]
            row = {"words": words, "tags": [str(word < "d") for word in words]}
            row |= {name: draw.random() for name in "abc"}
            if number % 30 == 7:
                row["b"] = None  # is skipped
            lines.write(json.dumps(row) + "\n")
    (tmp_path / "x.nnspec").write_text(SPEC)
    plan = plan_file(Request(str(tmp_path / "x.nnspec"))).plan
    assert sum(plan.description["skipped"].values()) == 3
    whole = fit(plan, tmp_path / "whole")
    result = broken(plan, tmp_path / "broken", {5, 12, 31, 40}, pull)
    assert digest(result.run) == digest(whole.run)
    assert result.metrics == whole.metrics
    assert whole.metrics["train.accuracy"] > 0.5
