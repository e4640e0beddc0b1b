"""Tokenizers that are learned: the same everywhere, as their algorithms say, and back to text."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from specc_text.transforms.tokenize import Tokenize
from tokenizers import pre_tokenizers

from specc.components import Ragged, Refusal
from specc.data import DataPlan, FieldPlan, prepare
from specc.stdlib.sources.text_lines import TextLines
from specc.stdlib.splits.in_order import InOrder
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType

HERE = Path(__file__).parent
MODELS = ("whitespace", "wordpiece", "bpe", "characters")


def sentences(count: int) -> list[str]:
    with (HERE.parent / "specs/data/sentences.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)][:count]


def texts(rows: list[str]) -> np.ndarray:
    return np.array([*rows, None], object)[:-1]


def ids(column: Ragged) -> list[list[int]]:
    return [column.row(row).tolist() for row in range(len(column))]


# --- the same everywhere -----------------------------------------------------------------------


LEARN = """\
import csv, hashlib, sys
import numpy as np
from specc_text.transforms.tokenize import Tokenize
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    rows = np.array([row["text"] for row in csv.DictReader(file)], object)
for model in sys.argv[2:]:
    state = Tokenize(model=model, vocab_size=400, lower_=True).fit(rows, None)
    print(hashlib.sha256(state["tokenizer"].encode()).hexdigest())
"""


def test_the_same_rows_give_the_same_bytes_in_every_process() -> None:
    path = [str(HERE.parent), str(HERE.parent.parent.parent)]
    found = set()
    for seed in ("0", "1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", LEARN, str(HERE.parent / "specs/data/sentences.csv"), *MODELS],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path),
                "PYTHONHASHSEED": seed,
                "RAYON_NUM_THREADS": str(1 + int(seed)),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1
    rows = texts(sentences(2000))
    for model, digest in zip(MODELS, found.pop().split(), strict=True):
        state = Tokenize(model=model, vocab_size=400, lower_=True).fit(rows, None)
        assert hashlib.sha256(state["tokenizer"].encode()).hexdigest() == digest, model


# --- as the algorithms say ---------------------------------------------------------------------


def vocabulary(state: dict) -> dict[str, int]:
    return json.loads(state["tokenizer"])["model"]["vocab"]


def longest_first(word: str, vocab: dict[str, int]) -> list[int]:
    """Wordpieces by hand: the longest piece that fits, and so on; the whole word or nothing."""
    found, start = [], 0
    while start < len(word):
        for stop in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:stop]
            if piece in vocab:
                break
        else:
            return [vocab["[UNK]"]]
        found.append(vocab[piece])
        start = stop
    return found


def merged(letters: list[str], merges: list[list[str]]) -> list[str]:
    """Byte pairs by hand: merges in the order in which they were learned, wherever they apply."""
    for left, right in merges:
        place = 0
        while place < len(letters) - 1:
            if letters[place : place + 2] == [left, right]:
                letters[place : place + 2] = [left + right]
            place += 1
    return letters


def test_wordpieces_are_the_longest_that_fit() -> None:
    rows = sentences(600)
    transform = Tokenize(model="wordpiece", vocab_size=500)
    state = transform.fit(texts(rows[:500]), None)
    vocab = vocabulary(state)
    split = pre_tokenizers.BertPreTokenizer()
    wanted = [
        [i for word, _ in split.pre_tokenize_str(row) for i in longest_first(word, vocab)]
        for row in rows
    ]
    assert ids(transform.apply(texts(rows), state)) == wanted
    assert state["vocab"] == len(vocab) == 500


def test_byte_pairs_are_merged_in_their_order() -> None:
    rows = [*sentences(300), "naïve 東京 \U0001f600\n"]
    transform = Tokenize(model="bpe", vocab_size=420)
    state = transform.fit(texts(rows[:200]), None)
    vocab, merges = vocabulary(state), json.loads(state["tokenizer"])["model"]["merges"]
    split = pre_tokenizers.ByteLevel(add_prefix_space=False)
    wanted = [
        [
            vocab[token]
            for word, _ in split.pre_tokenize_str(row)
            for token in merged(list(word), merges)
        ]
        for row in rows
    ]
    assert ids(transform.apply(texts(rows), state)) == wanted
    assert min(map(min, wanted)) > 3


def test_words_and_characters_are_numbered_by_how_often_they_occur() -> None:
    rows = texts(["b a b", "c b  a", "d"])
    transform = Tokenize(model="whitespace", min_frequency=2)
    state = transform.fit(rows, None)
    assert vocabulary(state) == {"[PAD]": 0, "[UNK]": 1, "[BOS]": 2, "[EOS]": 3, "b": 4, "a": 5}
    assert ids(transform.apply(rows, state)) == [[4, 5, 4], [1, 4, 5], [1]]
    transform = Tokenize(model="characters", vocab_size=6)
    state = transform.fit(rows, None)
    assert ids(transform.apply(texts(["b\na "]), state)) == [[5, 1, 1, 4]]


# --- what is changed before, and what is cut off -----------------------------------------------


def test_texts_are_normalised_before_they_are_cut() -> None:
    transform = Tokenize(model="characters", lower_=True, strip_accents=True, normalization="nfkc")
    state = transform.fit(texts(["éa", "b"]), None)
    assert sorted(vocabulary(state))[:-4] == ["[BOS]", "[EOS]", "[PAD]"]  # "[UNK]", a, b, e follow
    one, other = ids(transform.apply(texts(["ÉÀ", "e\u0301a"]), state))
    assert one == other
    assert 1 not in one


@pytest.mark.parametrize(
    ("keep", "wanted"), [("first", [[2, 4, 5, 3], [2, 4, 3]]), ("last", [[2, 6, 7, 3], [2, 4, 3]])]
)
def test_what_is_too_long_is_cut_off_between_beginning_and_end(keep: str, wanted: list) -> None:
    rows = texts(["a b c d", "a"])
    transform = Tokenize(model="whitespace", begin=True, end=True, max_length=4, keep=keep)
    state = transform.fit(rows, None)
    assert ids(transform.apply(rows, state)) == wanted
    assert state["max_length"] == 4


def test_signs_in_a_text_are_text() -> None:
    transform = Tokenize(model="bpe", vocab_size=300, end=True)
    rows = texts(["say [EOS] or [PAD]"])
    state = transform.fit(rows, None)
    (found,) = ids(transform.apply(rows, state))
    assert found[-1] == 3
    assert min(found[:-1]) > 3
    assert transform.invert(transform.apply(rows, state), state).tolist() == rows.tolist()


# --- back to text ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["bpe", "characters"])
def test_every_text_comes_back(model: str) -> None:
    rows = [*sentences(100), "  two blanks\tand a tab ", "", "\r\n", "東京 ßÉ"]
    transform = Tokenize(model=model, vocab_size=600, begin=True, end=True)
    state = transform.fit(texts(rows), None)
    assert transform.invert(transform.apply(texts(rows), state), state).tolist() == rows


def test_text_ends_where_its_end_is() -> None:
    transform = Tokenize(model="whitespace", begin=True, end=True)
    state = transform.fit(texts(["a b"]), None)
    said = Ragged(np.array([2, 4, 5, 3, 4, 4, 0, 1, 4, 0]), np.array([0, 7, 10]))
    assert transform.invert(said, state).tolist() == ["a b", "[UNK] a"]


# --- learned from the training rows ------------------------------------------------------------


def test_the_training_rows_alone_are_learned_from(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("a b\na c\nb new\n")
    transform = Tokenize(model="whitespace")
    type = TensorType(Element("ids", Dim.named("x.vocab")), (Dim.named("X"),))
    plan = FieldPlan("x", ("text",), False, (transform,), type)
    source = TextLines(path="x.txt")
    done = prepare(DataPlan("Text", source, InOrder(val=1 / 3), (plan,)), tmp_path)
    assert ids(done.splits["train"]["x"]) == [[4, 5], [4, 6]]
    assert ids(done.splits["val"]["x"]) == [[5, 1]]
    assert done.attributes["x"] == {"vocab": 7, "max_length": 2, "min_length": 2}


def test_letters_need_room() -> None:
    with pytest.raises(Refusal, match="no room for the letters") as caught:
        Tokenize(model="wordpiece", vocab_size=10).fit(texts(sentences(50)), None)
    assert "ids are the least" in (caught.value.help or "")
