"""Sources of text and of lists."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from specc.components import Ragged, Source
from specc.stdlib.sources.aligned import Aligned
from specc.stdlib.sources.arrow import Arrow
from specc.stdlib.sources.conll import Conll
from specc.stdlib.sources.csv import Csv
from specc.stdlib.sources.join import Join
from specc.stdlib.sources.json_lines import JsonLines
from specc.stdlib.sources.npy import Npy
from specc.stdlib.sources.parquet import Parquet
from specc.stdlib.sources.splits import Splits
from specc.stdlib.sources.text_lines import TextLines
from tests.data.test_sources import refused, types


def rows(column: Ragged) -> list[list]:
    return [column.row(i).tolist() for i in range(len(column))]


# --- text --------------------------------------------------------------------------------------


def test_lines(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes("\ufeffone\r\n\r\nthree \u2028 x\nlast".encode())
    source = TextLines(path="x.txt")
    assert types(source, tmp_path) == {"text": "str[]"}
    read = source.read(tmp_path, ["text"])["text"]
    assert read.tolist() == ["one", "", "three \u2028 x", "last"]
    assert source.where(tmp_path, 2) == "x.txt:3"
    (tmp_path / "x.txt").write_bytes(b"ok\nnot \xff\n")
    assert refused("E0603", source, tmp_path, "text").message == "x.txt:2: the text is not UTF-8"


def test_aligned_lines(tmp_path: Path) -> None:
    (tmp_path / "a.en").write_text("one\ntwo\n")
    (tmp_path / "a.ja").write_text("ichi\nni\n")
    source = Aligned(paths=("a.en", "a.ja"))
    assert types(source, tmp_path) == {"en": "str[]", "ja": "str[]"}
    assert source.read(tmp_path, ["ja"])["ja"].tolist() == ["ichi", "ni"]
    named = Aligned(paths=("a.en", "a.ja"), names=("x", "y"))
    assert list(types(named, tmp_path)) == ["x", "y"]
    (tmp_path / "a.ja").write_text("ichi\nni\nsan\n")
    refusal = refused("E0605", source, tmp_path, "en")
    assert refusal.message == "a.ja:3: `a.en` has no such line, it has 2"
    refused("E0603", Aligned(paths=("a.en", "a.en")), tmp_path, "en")


CONLL = """\
-DOCSTART- -X-

# sent_id = 1
EU\tB-ORG
rejects\tO
\t
# not a comment\tO

Peter\tB-PER
"""


def test_columns_of_words(tmp_path: Path) -> None:
    (tmp_path / "x.conll").write_text(CONLL.replace("\t\n# not", "\n\nHash\tO\n# not"))
    source = Conll(path="x.conll", columns=("words", "tags"))
    assert types(source, tmp_path) == {"words": "str[T]", "tags": "str[T]"}
    read = source.read(tmp_path, ["words", "tags"])
    assert rows(read["words"]) == [["EU", "rejects"], ["Hash", "# not a comment"], ["Peter"]]
    assert rows(read["tags"])[0] == ["B-ORG", "O"]
    assert [source.where(tmp_path, i) for i in range(3)] == ["x.conll:4", "x.conll:8", "x.conll:11"]
    assert list(types(Conll(path="x.conll"), tmp_path)) == ["c0", "c1"]
    refused("E0603", Conll(path="x.conll", columns=("a", "b", "c")), tmp_path, "a")


def test_a_line_without_a_tag(tmp_path: Path) -> None:
    (tmp_path / "x.conll").write_text("a O\nb O\n\nc O\nd\n\ne O\n")
    source = Conll(path="x.conll", columns=("w", "t"))
    assert refused("E0605", source, tmp_path, "w").message == "x.conll:5 has 1 columns, not 2"
    read, numbers, skipped = source.read_good(tmp_path, ["w"])
    assert (rows(read["w"]), numbers.tolist(), skipped) == ([["a", "b"], ["e"]], [0, 2], 1)
    (tmp_path / "x.conll").write_text("\n\n")
    refused("E0603", source, tmp_path, "w")


# --- JSON --------------------------------------------------------------------------------------


def json_lines(path: Path, *lines: object) -> None:
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(text) + "\n")


def test_json_lines(tmp_path: Path) -> None:
    json_lines(
        tmp_path / "x.jsonl",
        {"n": 1, "x": 1, "ok": True, "words": ["a", "b"], "tags": [1, 0], "deep": {"a": 1}},
        "",
        {"n": 2, "x": 2.5, "ok": False, "words": ["c"], "tags": [1], "text": "hello"},
        {"n": 3, "x": None, "ok": True, "words": [], "tags": [], "text": "x"},
    )
    source = JsonLines(path="x.jsonl", aligned=("words", "tags"))
    assert types(source, tmp_path) == {
        "n": "int[]", "x": "float[]", "ok": "bool[]", "words": "str[Words]", "tags": "int[Words]",
        "text": "str[]",
    }  # fmt: skip
    assert types(JsonLines(path="x.jsonl"), tmp_path)["tags"] == "int[Tags]"
    read = source.read(tmp_path, ["n", "x", "words", "tags"])
    assert read["n"].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(read["x"], [1, 2.5, np.nan])
    assert rows(read["words"]) == [["a", "b"], ["c"], []]
    assert rows(read["tags"]) == [[1, 0], [1], []]
    assert source.where(tmp_path, 1) == "x.jsonl:3"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"n": 1.5, "w": []}, "x.jsonl:602: `n` holds 1.5, not a whole number"),
        ({"n": True, "w": []}, "x.jsonl:602: `n` holds true, not a whole number"),
        ({"n": 2**70, "w": []}, f"x.jsonl:602: `n` holds {2**70}, not a whole number"),
        ({"w": []}, "x.jsonl:602: `n` has no value"),
        ({"n": 1, "w": "a"}, "x.jsonl:602: `w` is no list"),
        ({"n": 1, "w": ["a", 3]}, "x.jsonl:602: `w` holds 3, not a string"),
        ("[1]", "x.jsonl:602: a row is an object: `{...}`"),
        ('{"n": 1', "x.jsonl:602: this is not JSON: Expecting ',' delimiter at column 8"),
    ],
)
def test_a_bad_json_row(tmp_path: Path, line: object, message: str) -> None:
    good = [{"n": 1, "w": ["a"]}] * 601
    json_lines(tmp_path / "x.jsonl", *good, line, {"n": 2, "w": ["b"]})
    source = JsonLines(path="x.jsonl")
    assert refused("E0605", source, tmp_path, "n", "w").message == message
    read, numbers, skipped = source.read_good(tmp_path, ["n"])
    if "`w`" in message:  # which is not read here
        assert skipped == 0
    else:
        assert (len(read["n"]), numbers[-1], skipped) == (602, 602, 1)


def test_json_that_is_hostile(tmp_path: Path) -> None:
    json_lines(tmp_path / "x.jsonl", '{"a": ' + "[" * 100_000)
    refused("E0605", JsonLines(path="x.jsonl"), tmp_path, "a")
    json_lines(tmp_path / "x.jsonl", '{"a": ' + "9" * 10_000 + "}")
    refused("E0605", JsonLines(path="x.jsonl"), tmp_path, "a")
    json_lines(tmp_path / "x.jsonl", "{}")
    refused("E0603", JsonLines(path="x.jsonl"), tmp_path, "a")


# --- Arrow -------------------------------------------------------------------------------------

BOXES = pyarrow.list_(pyarrow.list_(pyarrow.float32(), 2), 1)
TRACKS = pyarrow.list_(pyarrow.list_(pyarrow.int64(), 2))
TABLE = {
    "n": pyarrow.array([1, 2, 3], pyarrow.int32()),
    "byte": pyarrow.array([1, 2, 255], pyarrow.uint8()),
    "x": pyarrow.array([1.5, None, 2.5]),
    "ok": pyarrow.array([True, False, True]),
    "kind": pyarrow.array(["a", "b", "a"]).dictionary_encode(),
    "words": pyarrow.array([["a", "b"], [], ["c"]]),
    "tags": pyarrow.array([[1, 2], [], [3]], pyarrow.large_list(pyarrow.int16())),
    "box": pyarrow.array([[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]], BOXES),
    "track": pyarrow.array([[[1, 2]], [[3, 4], [5, 6]], [[7, 8]]], TRACKS),
    "when": pyarrow.array([0, 1, 2], pyarrow.timestamp("s")),
}  # fmt: skip


def written(root: Path, kind: str, table: pyarrow.Table) -> Source:
    if kind == "parquet":
        parquet.write_table(table, root / "x.parquet")
        return Parquet(path="x.parquet", aligned=("words", "tags"))
    opened = pyarrow.ipc.new_file if kind == "file" else pyarrow.ipc.new_stream
    with opened(root / "x.arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return Arrow(path="x.arrow", aligned=("words", "tags"))


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_tables(tmp_path: Path, kind: str) -> None:
    source = written(tmp_path, kind, pyarrow.table(TABLE))
    assert types(source, tmp_path) == {
        "n": "int[]", "byte": "uint8[]", "x": "float[]", "ok": "bool[]", "kind": "str[]",
        "words": "str[Words]", "tags": "int[Words]", "box": "float[1, 2]", "track": "int[Track, 2]",
    }  # fmt: skip
    assert source.describe(tmp_path).rows == 3
    read = source.read(tmp_path, ["n", "byte", "x", "ok", "kind", "words", "tags", "box", "track"])
    assert read["n"].tolist() == [1, 2, 3]
    assert read["byte"].dtype == np.uint8
    np.testing.assert_array_equal(read["x"], [1.5, np.nan, 2.5])
    assert read["ok"].tolist() == [True, False, True]
    assert read["kind"].tolist() == ["a", "b", "a"]
    assert rows(read["words"]) == [["a", "b"], [], ["c"]]
    assert rows(read["tags"]) == [[1, 2], [], [3]]
    assert read["box"].tolist() == [[[1, 2]], [[3, 4]], [[5, 6]]]
    assert rows(read["track"]) == [[[1, 2]], [[3, 4], [5, 6]], [[7, 8]]]
    assert source.where(tmp_path, 2).endswith("[2]")
    refused("E0604", source.model_copy(update={"aligned": ("n",)}), tmp_path, "n")


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_missing_values_of_tables(tmp_path: Path, kind: str) -> None:
    words, tags = pyarrow.array([["a"], None, ["b"]]), pyarrow.array([[1], [2], [3]])
    source = written(tmp_path, kind, pyarrow.table({"words": words, "tags": tags}))
    assert refused("E0605", source, tmp_path, "words").message.endswith("[1]: `words` has no value")
    read, numbers, skipped = source.read_good(tmp_path, ["words", "tags"])
    assert (rows(read["tags"]), numbers.tolist(), skipped) == ([[1], [3]], [0, 2], 1)
    inner = pyarrow.array([["a", None], ["b"], ["c"]])
    source = written(tmp_path, kind, pyarrow.table({"words": inner, "tags": tags}))
    refused("E0603", source, tmp_path, "words")


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_damaged_tables(tmp_path: Path, kind: str) -> None:
    source = written(tmp_path, kind, pyarrow.table(TABLE))
    path = tmp_path / source.path  # type: ignore[attr-defined]
    whole = path.read_bytes()
    for content in (b"", b"ARROW1", whole[: len(whole) // 2], b"PAR1" + whole[4:-9] + b"x" * 9):
        path.write_bytes(content)
        refused("E0603", source, tmp_path, "words")


def test_offsets_that_lead_out_of_the_file_are_not_followed(tmp_path: Path) -> None:
    table = pyarrow.table({"x": ["hello", "world"]})
    path = tmp_path / "x.arrow"
    with pyarrow.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    content, offsets = path.read_bytes(), np.array([0, 5, 10], np.int32)
    assert offsets.tobytes() in content
    offsets_out = np.array([0, 10**9, 10], np.int32)
    path.write_bytes(content.replace(offsets.tobytes(), offsets_out.tobytes()))
    refused("E0603", Arrow(path="x.arrow"), tmp_path, "x")


# --- joins -------------------------------------------------------------------------------------


def test_joined_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,label\n1,a\n2,b\n3,c\n")
    np.save(tmp_path / "b.npy", np.arange(6.0).reshape(3, 2))
    source = Join(sources=(Csv(path="a.csv"), Npy(path="b.npy", name="x")))
    assert types(source, tmp_path) == {"n": "int[]", "label": "str[]", "x": "float[2]"}
    assert source.describe(tmp_path).rows == 3
    read = source.read(tmp_path, ["x", "label"])
    assert read["x"].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert read["label"].tolist() == ["a", "b", "c"]
    assert source.where(tmp_path, 1) == "a.csv:3"
    np.save(tmp_path / "b.npy", np.zeros((4, 2)))
    refused("E0614", source, tmp_path, "x")
    refused("E0613", Join(sources=(Csv(path="a.csv"), Csv(path="a.csv"))), tmp_path, "n")


def test_a_row_that_one_source_skips_is_skipped_in_all(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n".join(["n", *["1"] * 501, "x", "3"]) + "\n")
    np.save(tmp_path / "b.npy", np.arange(503))
    source = Join(sources=(Csv(path="a.csv"), Npy(path="b.npy", name="x")), bad_rows="skip")
    read, numbers, skipped = source.read_good(tmp_path, ["n", "x"])
    assert (read["x"][-2:].tolist(), numbers[-1], skipped) == ([500, 502], 502, 1)


def test_splits_are_joined_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    (tmp_path / "b.txt").write_text("three\n")
    np.save(tmp_path / "a.npy", np.arange(2))
    np.save(tmp_path / "b.npy", np.arange(1))
    texts = Splits(train=TextLines(path="a.txt"), test=TextLines(path="b.txt"))
    labels = Splits(train=Npy(path="a.npy", name="y"), test=Npy(path="b.npy", name="y"))
    parts = Join(sources=(texts, labels)).parts()
    assert list(parts) == ["train", "test"]
    assert parts["test"].read(tmp_path, ["text", "y"])["text"].tolist() == ["three"]
    refused_parts = Join(sources=(texts, Npy(path="a.npy")))
    with pytest.raises(Exception, match="either all sources"):
        refused_parts.parts()


def test_csv_rows_that_are_skipped(tmp_path: Path) -> None:
    lines = ["n,x,ok,t", *["1,0.5,true,a"] * 600, "1.5,1,true,b", "2", "3,,FALSE,NA", "4,nan,,c"]
    (tmp_path / "x.csv").write_text("\n".join(lines) + "\n")
    source = Csv(path="x.csv", bad_rows="skip")
    read, numbers, skipped = source.read_good(tmp_path, ["n", "x", "ok", "t"])
    assert (len(numbers), numbers[-1], skipped) == (601, 602, 3)
    assert read["n"].dtype == np.int64
    last = {name: column[-1] for name, column in read.items()}
    assert np.isnan(last.pop("x"))
    assert last == {"n": 3, "ok": False, "t": "NA"}
