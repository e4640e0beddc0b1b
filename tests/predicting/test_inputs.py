"""Where new rows may come from, and what is written for rows of different lengths."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import specc
from specc.components import Ragged
from specc.data.answers import as_json, without_padding
from specc.diagnostics import SpecError
from specc.predicting import open_run
from specc.stdlib.transforms.characters import Characters
from specc.stdlib.transforms.split_words import SplitWords
from specc.stdlib.transforms.truncate import Truncate
from specc.testing.application import type_of

TAGS = """nnspec 1

model Tagger(vocabulary: int, tags: int) {
  input words: ids(vocabulary)[B, T]
  output scores: logits[B, T, tags] = words |> embedding(vocabulary, 16) |> linear(tags)
}

data Lines {
  source = conll("train.conll", columns=["word", "tag"])
  words = source.word |> vocabulary
  tags = source.tag |> categories
}

train {
  data = Lines
  model = Tagger(words.vocab, tags.classes)
  scores = words |> model
  loss = (scores, tags, mask=tags.mask) |> cross_entropy(dim=-1)
  output found = scores |> argmax(dim=-1) |> inverse(tags)
  output last = scores[:, 1:] |> argmax(dim=-1)
  optimizer = adam(lr=0.1)
  epochs = 30
}
"""

OPINIONS = """nnspec 1

model Opinion(vocabulary: int, kinds: int) {
  input words: ids(vocabulary)[B, T]
  input seen: mask[B, T]
  x = (words |> embedding(vocabulary, 8), mask=seen) |> masked_mean
  output scores: logits[B, kinds] = x |> linear(kinds)
}

data Reviews {
  source = csv("reviews.csv")
  words = source.review |> split_words |> vocabulary
  kind = source.kind |> categories
}

train {
  data = Reviews
  model = Opinion(words.vocab, kind.classes)
  scores = (words, words.mask) |> model
  loss = (scores, kind) |> cross_entropy
  output guess = scores |> argmax(dim=1) |> inverse(kind)
  optimizer = adam(lr=0.1)
  epochs = 20
}
"""

SENTENCES = [[("the", "D"), ("cat", "N")], [("a", "D"), ("big", "A"), ("dog", "N"), ("sat", "V")]]


def conll(sentences: list[list[tuple[str, str]]]) -> str:
    return "\n".join("".join(f"{word} {tag}\n" for word, tag in each) for each in sentences)


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tagged")
    (folder / "train.conll").write_text(conll(SENTENCES))
    (folder / "tags.nnspec").write_text(TAGS)
    specc.train(folder / "tags.nnspec", runs=folder / "runs")
    return folder


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviewed")
    (folder / "reviews.csv").write_text("review,kind\ngood film,+\nbad film,-\n" * 4)
    (folder / "opinions.nnspec").write_text(OPINIONS)
    specc.train(folder / "opinions.nnspec", runs=folder / "runs")
    return folder / "runs/opinions/1"


def test_what_is_said_of_a_row_is_as_long_as_the_row(tagged: Path) -> None:
    rows = specc.predict(tagged / "runs/tags/1", tagged / "train.conll")
    assert [row["found"] for row in rows] == [[tag for _, tag in each] for each in SENTENCES]
    assert [len(row["last"]) for row in rows] == [1, 3]


def test_rows_alone_say_what_they_say_among_others(tagged: Path, tmp_path: Path) -> None:
    together = specc.predict(tagged / "runs/tags/1", tagged / "train.conll")
    for number, sentence in enumerate(SENTENCES):
        (tmp_path / f"{number}.conll").write_text(conll([sentence]))
    apart = specc.predict(tagged / "runs/tags/1", tmp_path / "0.conll", tmp_path / "1.conll")
    assert [{**row, "input": None} for row in apart] == [{"input": None, **row} for row in together]
    assert [row["input"] for row in apart] == [str(tmp_path / f"{n}.conll:1") for n in (0, 1)]


def test_lines_on_standard_input_are_texts(reviewed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bad\ngood good\r\nbad")))
    assert [row["guess"] for row in specc.predict(reviewed, "-")] == ["-", "+", "-"]


def test_standard_input_is_as_the_rows_were_where_they_are_no_text(
    tagged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = conll(SENTENCES).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    rows = specc.predict(tagged / "runs/tags/1", "-")
    assert rows == specc.predict(tagged / "runs/tags/1", tagged / "train.conll")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("new.csv", "review\nbad\ngood film\n"),
        ("new.jsonl", '{"review": "bad"}\n{"review": "good film", "kind": 3}\n'),
        ("new.txt", "bad\ngood film\n"),
        ("new", "review\nbad\ngood film\n"),
    ],
)
def test_the_ending_of_a_file_says_how_it_is_read(
    reviewed: Path, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    assert [row["guess"] for row in specc.predict(reviewed, tmp_path / name)] == ["-", "+"]


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("new.jsonl", '{"text": "bad"}\n', "E0604", "`new.jsonl` has no column `review`"),
        ("new.csv", "reviews\nbad\n", "E0604", "`new.csv` has no column `review`"),
        ("new.csv", "review\n", "E0630", "`new.csv` has no rows"),
        ("new.npy", "x", "E0603", "`new.npy`"),
        (None, "", "E0601", "`new.csv` is not there"),
    ],
)
def test_inputs_that_do_not_suit_the_run_are_diagnostics(
    reviewed: Path, tmp_path: Path, name: str | None, content: str, code: str, words: str
) -> None:
    if name is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(SpecError) as caught:
        specc.predict(reviewed, tmp_path / (name or "new.csv"))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code.id == code
    assert words in diagnostic.message


def test_rows_of_another_size_are_refused(tmp_path: Path) -> None:
    for name, size in (("x", 4), ("other", 5)):
        np.savez(
            tmp_path / f"{name}.npz", x=np.ones((6, size), np.float32), y=np.zeros(6, np.int64)
        )
    (tmp_path / "s.nnspec").write_text(
        "nnspec 1\n"
        "model Net {\n  input x: float[B, 4]\n  output y = x |> linear(1)\n}\n"
        'data Rows {\n  source = npz("x.npz")\n  x = source.x\n}\n'
        "train {\n  data = Rows\n  model = Net\n  y = x |> model\n  loss = y |> mean\n"
        "  output said = y\n  optimizer = sgd(lr=0.1)\n  epochs = 1\n}\n"
    )
    specc.train(tmp_path / "s.nnspec", runs=tmp_path / "runs")
    assert len(specc.predict(tmp_path / "runs/s/1", tmp_path / "x.npz")) == 6
    with pytest.raises(SpecError) as caught:
        specc.predict(tmp_path / "runs/s/1", tmp_path / "other.npz")
    assert "`x` is float[5], and was float[4] in training" in caught.value.diagnostics[0].message


def test_a_run_is_opened_once_for_many_rows(reviewed: Path, tmp_path: Path) -> None:
    run = open_run(reviewed)
    (tmp_path / "new.txt").write_text("bad\n")
    one, other = (list(run.predict(tmp_path / "new.txt")) for _ in range(2))
    assert one == other
    assert json.dumps(one) == '[{"guess": "-"}]'


# --- the parts ---------------------------------------------------------------------------------


def test_every_ragged_axis_is_cut() -> None:
    values = torch.arange(2 * 3 * 2 * 5).reshape(2, 3, 2, 5).numpy()
    dims = type_of("float[B, T, 2, U]").dims
    rows = without_padding(values, dims, {"T": np.array([1, 3]), "U": np.array([5, 2])})
    assert [row.shape for row in rows] == [(1, 2, 5), (3, 2, 2)]
    assert as_json(rows)[1] == values[1, :, :, :2].tolist()
    assert without_padding(values, type_of("float[B, 3, 2, 5]").dims, {"T": None}) is values


def test_texts_are_put_together_as_they_were_cut() -> None:
    texts = np.array(["a bc  d", "", "e"], object)
    for transform, wanted in (
        (SplitWords(), ["a bc d", "", "e"]),
        (SplitWords(separator=" "), ["a bc  d", "", "e"]),
        (Characters(), ["a bc  d", "", "e"]),
    ):
        column = transform.apply(texts, {})
        assert isinstance(column, Ragged)
        assert transform.invert(column, {}).tolist() == wanted
    cut = Truncate(length=1)
    words = cut.apply(SplitWords().apply(texts, {}), {})
    assert SplitWords().invert(cut.invert(words, {}), {}).tolist() == ["a", "", "e"]
    unknown = Ragged(np.array(["a", None], object), np.array([0, 2]))
    assert SplitWords().invert(unknown, {}).tolist() == ["a \ufffd"]
