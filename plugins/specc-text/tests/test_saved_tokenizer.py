"""Tokenizers from a file: read as the library reads them, and never anything but JSON."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from specc_text.transforms.saved_tokenizer import SavedTokenizer
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from specc.components import Example, Refusal, RowRefusal
from specc.testing import check_component


def texts(*rows: str) -> np.ndarray:
    return np.array([*rows, None], object)[:-1]


@pytest.fixture
def saved(tmp_path: Path) -> Tokenizer:
    """A tokenizer as published ones are: padding, truncation and special tokens of its own."""
    words = ["[PAD]", "[CLS]", "[SEP]", "the", "cat", "sat", "[UNK]"]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["[CLS]", "[SEP]", "[PAD]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.enable_padding(length=9)
    tokenizer.enable_truncation(3)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tokenizer


def test_texts_are_cut_as_the_library_does(tmp_path: Path, saved: Tokenizer) -> None:
    rows = ["the cat sat", "a cat", ""]
    saved.no_padding()
    saved.no_truncation()
    for special in (True, False):
        transform = SavedTokenizer(path="tokenizer.json", special_tokens=special)
        state = transform.load(tmp_path)
        found = transform.apply(texts(*rows), state)
        wanted = [saved.encode(row, add_special_tokens=special).ids for row in rows]
        assert [found.row(row).tolist() for row in range(3)] == wanted
    assert state["vocab"] == 7
    cut = SavedTokenizer(path="tokenizer.json", max_length=4, keep="last")
    assert cut.apply(texts(rows[0]), cut.load(tmp_path)).values.tolist() == [1, 4, 5, 2]


def test_it_conforms(tmp_path: Path, saved: Tokenizer) -> None:
    example = Example("str[]", path="tokenizer.json", max_length=4)
    check_component(SavedTokenizer, example, root=tmp_path).stop_if_failed()


def test_text_comes_back_without_special_tokens(tmp_path: Path, saved: Tokenizer) -> None:
    transform = SavedTokenizer(path="tokenizer.json")
    state = json.loads(json.dumps(transform.load(tmp_path)))
    (tmp_path / "tokenizer.json").unlink()  # a run keeps what it needs
    column = transform.apply(texts("the cat", "sat"), state)
    assert transform.invert(column, state).tolist() == ["the cat", "sat"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pickle.dumps({"model": 1}), "it is not UTF-8"),
        (b"cos\nsystem\n(S'true'\ntR.", "line 1"),
        (b"{}", "line 1"),
        (b'{"model": ' + b"[" * 100_000, "line 1"),
        (b'{"model": {"type": "WordLevel", "vocab": {}, "unk_token": "x"}}', "it has no tokens"),
    ],
)
def test_what_is_no_tokenizer_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(Refusal, match="is no tokenizer") as caught:
        SavedTokenizer(path="tokenizer.json").load(tmp_path)
    assert reason in caught.value.message
    assert (caught.value.code.id, caught.value.field) == ("E0603", "path")


def test_what_stands_around_texts_has_to_be_there(tmp_path: Path, saved: Tokenizer) -> None:
    told = json.loads((tmp_path / "tokenizer.json").read_text())
    told["post_processor"]["special_tokens"].pop("[SEP]")
    (tmp_path / "tokenizer.json").write_text(json.dumps(told))
    with pytest.raises(Refusal, match="is no tokenizer"):
        SavedTokenizer(path="tokenizer.json").load(tmp_path)


def test_paths_stay_inside_the_project(tmp_path: Path, saved: Tokenizer) -> None:
    (tmp_path / "project").mkdir()
    with pytest.raises(Refusal) as caught:
        SavedTokenizer(path="../tokenizer.json").load(tmp_path / "project")
    assert caught.value.code.id == "E0602"


def test_a_text_without_an_id_is_named(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel({"the": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    transform = SavedTokenizer(path="tokenizer.json")
    with pytest.raises(RowRefusal) as caught:
        transform.apply(texts("the", "cat", "the the", "dog"), transform.load(tmp_path))
    assert (caught.value.row, caught.value.rows) == (1, [1, 3])
