"""Rows of different lengths: from a source to padded batches."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from specc.components import Ragged, Refusal, Transform
from specc.components.ragged import ends
from specc.data import DataPlan, FieldPlan, Prepared, prepare
from specc.stdlib.sources.conll import Conll
from specc.stdlib.sources.csv import Csv
from specc.stdlib.sources.json_lines import JsonLines
from specc.stdlib.sources.text_lines import TextLines
from specc.stdlib.transforms.categories import Categories
from specc.stdlib.transforms.characters import Characters
from specc.stdlib.transforms.one_hot import OneHot
from specc.stdlib.transforms.split_words import SplitWords
from specc.stdlib.transforms.standardize import Standardize
from specc.stdlib.transforms.truncate import Truncate
from specc.stdlib.transforms.vocabulary import Vocabulary
from specc.training.feed import batches, by_length, epoch_order, lengths
from tests.stdlib.applying import type_of

TEXT = """\
The O
cat A
sat O

the O
dog A

cats A
"""


def rows(column: Ragged) -> list[list]:
    return [column.row(i).tolist() for i in range(len(column))]


def ragged(*given: list) -> Ragged:
    return Ragged(
        np.array([v for row in given for v in row]), ends(np.array(list(map(len, given))))
    )


def prepared(
    root: Path, source, *fields: tuple[str, str, list[Transform], str], split=None
) -> Prepared:
    plans = tuple(FieldPlan(n, (c,), False, tuple(t), type_of(type)) for n, c, t, type in fields)
    return prepare(DataPlan("Text", source, split, plans), root)


# --- the columns -------------------------------------------------------------------------------


def test_rows_are_taken_as_from_a_list() -> None:
    column = ragged([1, 2, 3], [], [4], [5, 6])
    assert rows(column[np.array([3, 0, 1, 3])]) == [[5, 6], [1, 2, 3], [], [5, 6]]
    assert rows(column[1:3]) == [[], [4]]
    assert rows(column[:2]) == [[1, 2, 3], []]
    assert len(column[4:]) == 0
    assert [column.row_of(i) for i in range(6)] == [0, 0, 0, 2, 3, 3]
    assert column.lengths.tolist() == [3, 0, 1, 2]


def test_fields_of_words_and_tags(tmp_path: Path) -> None:
    (tmp_path / "x.conll").write_text(TEXT)
    done = prepared(
        tmp_path,
        Conll(path="x.conll", columns=("words", "tags")),
        ("words", "words", [Vocabulary(lower_=True, min_count=2)], "ids(vocab)[T]"),
        ("tags", "tags", [Categories()], "ids(classes)[T]"),
        ("hot", "tags", [Categories(), OneHot()], "float[T, 2]"),
        ("cut", "words", [Vocabulary(), Truncate(length=2)], "ids(vocab)[T2]"),
    )
    assert done.attributes["words"] == {"vocab": 3, "max_length": 3, "min_length": 1}
    assert done.attributes["tags"] == {"classes": 2, "max_length": 3, "min_length": 1}
    assert done.attributes["cut"]["max_length"] == 2
    train = done.splits["train"]
    assert rows(train["words"]) == [[2, 1, 1], [2, 1], [1]]  # padding is 0, unknown 1, "the" 2
    assert rows(train["tags"]) == [[1, 0, 1], [1, 0], [0]]
    assert train["words"].offsets is train["tags"].offsets
    assert rows(train["hot"])[2] == [[1.0, 0.0]]
    assert [len(row) for row in rows(train["cut"])] == [2, 2, 1]
    assert json.loads(json.dumps(done.fitted)) == done.fitted
    tensors = done.tensors()["train"]
    assert isinstance(tensors["words"], Ragged)
    assert tensors["words"].values.dtype == torch.int64
    assert tensors["words"].offsets is tensors["tags"].offsets


def test_words_and_characters_of_a_text(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("a  b\nccc\n")
    source = TextLines(path="x.txt")
    done = prepared(
        tmp_path,
        source,
        ("words", "text", [SplitWords(), Vocabulary()], "ids(vocab)[Words]"),
        ("letters", "text", [Characters(), Vocabulary()], "ids(vocab)[Letters]"),
    )
    assert rows(done.splits["train"]["words"]) == [[2, 3], [4]]
    assert [len(row) for row in rows(done.splits["train"]["letters"])] == [4, 3]
    (tmp_path / "x.txt").write_text("a b\n \nc\n")
    words = ("words", "text", [SplitWords(), Vocabulary()], "ids(vocab)[Words]")
    with pytest.raises(Refusal) as raised:
        prepared(tmp_path, source, words)
    assert (raised.value.code.id, raised.value.message) == (
        "E0624", "x.txt:2: `words`: the row has no values",
    )  # fmt: skip
    done = prepared(tmp_path, TextLines(path="x.txt", bad_rows="skip"), words)
    assert (done.rows, done.skipped) == ({"train": 2}, {"train": 1})
    assert done.where("train", 1) == "x.txt:3"


def test_a_value_in_a_row_is_named_by_its_row(tmp_path: Path) -> None:
    lines = [{"x": [1.0, 2.0], "k": ["a"]}, {"x": [3.0], "k": ["a", "b"]}, {"x": [5.0], "k": ["c"]}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    source = JsonLines(path="x.jsonl")
    from specc.stdlib.splits.in_order import InOrder

    kinds = ("k", "k", [Categories()], "ids(classes)[K]")
    with pytest.raises(Refusal) as raised:
        prepared(tmp_path, source, kinds, split=InOrder(val=0.34))
    assert raised.value.message == "x.jsonl:3: `k`: the value c is in no training row"
    done = prepared(tmp_path, source, ("x", "x", [Standardize()], "float[X]"))
    np.testing.assert_allclose(done.splits["train"]["x"].values.mean(), 0, atol=1e-6)
    (tmp_path / "x.jsonl").write_text('{"x": [1.5, 2.5]}\n{"x": [3.5, NaN]}\n')
    with pytest.raises(Refusal) as raised:
        prepared(tmp_path, source, ("x", "x", [Standardize()], "float[X]"))
    assert raised.value.message == "x.jsonl:2: `x` is missing or not a number"


def test_fields_that_promise_equal_lengths(tmp_path: Path) -> None:
    lines = [{"a": [1, 2], "b": [1, 2]}, {"a": [1], "b": [1, 2]}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    source = JsonLines(path="x.jsonl", aligned=("a", "b"))
    with pytest.raises(Refusal) as raised:
        prepared(tmp_path, source, ("a", "a", [], "int[A]"), ("b", "b", [], "int[A]"))
    assert raised.value.code.id == "E0625"
    assert raised.value.message == "x.jsonl:2: `a` has 1 values, `b` has 2"


# --- transforms --------------------------------------------------------------------------------


def test_a_vocabulary_counts() -> None:
    column = np.array(["b", "a", "B", "c", "a", "d", "a", "b"], object)
    fit = lambda **given: Vocabulary(**given).learn([column], None)["words"]  # noqa: E731
    assert fit() == ["a", "b", "B", "c", "d"]
    assert fit(lower_=True) == ["a", "b", "c", "d"]
    assert fit(min_count=2) == ["a", "b"]
    assert fit(max_size=1) == ["a"]
    words = Vocabulary(min_count=2)
    state = words.learn([column], None)
    ids = words.apply(column, state)
    assert (state["vocab"], ids.tolist()) == (4, [3, 2, 1, 1, 2, 1, 2, 3])
    assert words.invert(np.array([0, 1, 2, 3]), state).tolist() == [None, None, "a", "b"]


@pytest.mark.parametrize(
    ("keep", "wanted"), [("first", [[1, 2], [4], [5, 6]]), ("last", [[2, 3], [4], [5, 6]])]
)
def test_truncated(keep: str, wanted: list) -> None:
    cut = Truncate(length=2, keep=keep)
    assert rows(cut.apply(ragged([1, 2, 3], [4], [5, 6]), {})) == wanted


# --- batches -----------------------------------------------------------------------------------


def random_fields(count: int) -> dict[str, torch.Tensor | Ragged]:
    generator = torch.Generator().manual_seed(0)
    sizes = torch.randint(1, 9, (count,), generator=generator)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), sizes.cumsum(0)])
    total = int(offsets[-1])
    ids = Ragged(torch.randint(1, 50, (total,), generator=generator), offsets)
    vectors = Ragged(torch.rand(total, 3, generator=generator), offsets)
    return {"ids": ids, "vectors": vectors, "mask": ids.where_values(), "row": torch.arange(count)}


@pytest.mark.parametrize("order", [None, epoch_order(23, 0, 1)])
@pytest.mark.parametrize("size", [1, 5, 23, 100])
def test_batches_are_what_padding_row_by_row_gives(order: torch.Tensor | None, size: int) -> None:
    fields = random_fields(23)
    ids, vectors = fields["ids"], fields["vectors"]
    assert isinstance(ids, Ragged)
    assert isinstance(vectors, Ragged)
    seen = []
    for batch in batches(fields, size, order):
        wanted = batch["row"].tolist()
        pad = torch.nn.utils.rnn.pad_sequence
        assert batch["ids"].equal(pad([ids.row(i) for i in wanted], batch_first=True))
        assert batch["vectors"].equal(pad([vectors.row(i) for i in wanted], batch_first=True))
        assert batch["mask"].equal(batch["ids"] != 0)
        seen += wanted
    assert seen == (list(range(23)) if order is None else order.tolist())


def test_batches_of_ragged_fields_alone() -> None:
    fields = {"ids": random_fields(10)["ids"]}
    assert [len(b["ids"]) for b in batches(fields, 4)] == [4, 4, 2]


def test_buckets_hold_every_row_once_and_save_padding() -> None:
    fields = random_fields(203)
    known = lengths(fields)
    plain = epoch_order(203, 0, 1)
    order = by_length(plain, known, 8, 10)
    assert sorted(order.tolist()) == list(range(203))
    assert order.equal(by_length(plain, known, 8, 10))
    assert not order.equal(by_length(epoch_order(203, 0, 2), known, 8, 10))

    def padding(order: torch.Tensor) -> int:
        return sum(int((~batch["mask"]).sum()) for batch in batches(fields, 8, order))

    assert padding(order) < padding(plain) / 3
    firsts = known[order][:80].reshape(10, 8).float().mean(1)
    assert not firsts.equal(firsts.sort().values), "short batches do not come first"


def test_text_of_a_table_as_words(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("text,label\ngood film,1\nbad,0\n")
    done = prepared(
        tmp_path,
        Csv(path="x.csv"),
        ("text", "text", [SplitWords(), Vocabulary()], "ids(vocab)[Text]"),
        ("label", "label", [Categories()], "ids(classes)[]"),
    )
    batch = next(batches(done.tensors()["train"], 2))
    assert batch["text"].tolist() == [[4, 3], [2, 0]]
