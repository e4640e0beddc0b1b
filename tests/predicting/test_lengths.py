"""A new row may be longer than any of training: said before the model meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specc.cli.main import run as run_command

SPEC = """nnspec 1

model Net(words: int, longest: int) {
  input text: ids(words)[B, T]
  input seen: mask[B, T]
  h = text |> embedding(words, 4) |> learned_positions(longest)
  output score = (h, mask=seen) |> masked_mean |> linear(1) |> squeeze(1)
}

data Reviews {
  source = csv("reviews.csv")
  text = source.text |> split_words |> vocabulary
  stars = source.stars |> to_float
}

train {
  data = Reviews
  model = Net(text.vocab, text.max_length)
  score = (text, text.mask) |> model
  loss = (score, stars) |> mse_loss
  output score = score
  optimizer = sgd(lr=0.01)
  epochs = 1
}
"""


def test_a_row_that_is_too_long_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.nnspec").write_text(SPEC)
    rows = "".join(f"{'good ' * (k % 3 + 1)}film,{k % 5}\n" for k in range(12))
    (tmp_path / "reviews.csv").write_text("text,stars\n" + rows)
    assert run_command(["train", "net.nnspec"]) == 0
    (tmp_path / "new.csv").write_text("text\ngood film\na good good good good film\n")
    capsys.readouterr()
    assert run_command(["predict", "runs/net/1", "new.csv"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "error[E0654]: new.csv:3: the row is 6 long: a sequence of T " in printed.err
    assert "`truncate` in the data section cuts rows" in printed.err
    (tmp_path / "new.csv").write_text("text\ngood film\na good good film\n")
    assert run_command(["predict", "runs/net/1", "new.csv"]) == 0
    assert len([json.loads(line) for line in capsys.readouterr().out.splitlines()]) == 2
