"""Sources: what their headers say, what is read, and how a bad file is refused."""

from __future__ import annotations

import gzip
import io
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from specc.components import Refusal, Source
from specc.stdlib.sources.csv import Csv
from specc.stdlib.sources.idx import Idx
from specc.stdlib.sources.npy import Npy
from specc.stdlib.sources.npz import Npz
from specc.stdlib.sources.splits import Splits

SPECS = Path(__file__).resolve().parents[2] / "specs"


def types(source: Source, root: Path) -> dict[str, str]:
    return {name: str(type) for name, type in source.describe(root).fields.items()}


def refused(code: str, source: Source, root: Path, *columns: str) -> Refusal:
    def use() -> None:
        source.describe(root)
        source.read(root, columns)

    with pytest.raises(Refusal) as raised:
        use()
    assert raised.value.code.id == code, raised.value.message
    return raised.value


# --- csv ---------------------------------------------------------------------------------------


def test_csv_types_and_values(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        '\ufeffage,name,"a b",ok,part\n'
        '1,"Ann, ""A""",0.5,true,1\n\n'
        '-2,"two\nlines",3e2,False,\n'
        "30,NA,nan,TRUE,2\n"
    )
    source = Csv(path="x.csv")
    assert types(source, tmp_path) == {
        "age": "int[]", "name": "str[]", "a b": "float[]", "ok": "bool[]", "part": "float[]",
    }  # fmt: skip
    read = source.read(tmp_path, ["part", "name", "age", "ok", "a b"])
    assert list(read["age"]) == [1, -2, 30]
    assert list(read["name"]) == ['Ann, "A"', "two\nlines", "NA"]
    assert list(read["ok"]) == [True, False, True]
    np.testing.assert_array_equal(read["a b"], [0.5, 300, np.nan])
    np.testing.assert_array_equal(read["part"], [1, np.nan, 2])
    assert [source.where(tmp_path, row) for row in range(3)] == ["x.csv:2", "x.csv:4", "x.csv:6"]


def test_csv_without_header_and_with_declared_types(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("1\t2\n3\t4\n")
    source = Csv(path="x.tsv", delimiter="\t", header=False, floats=["c0"], strs=["c1"])
    assert types(source, tmp_path) == {"c0": "float[]", "c1": "str[]"}
    read = source.read(tmp_path, ["c0", "c1"])
    assert read["c0"].tolist() == [1.0, 3.0]
    assert read["c1"].tolist() == ["2", "4"]
    assert source.where(tmp_path, 1) == "x.tsv:2"


def test_csv_columns_by_pattern() -> None:
    schema = Csv(path="data/digits.csv").describe(SPECS)
    assert schema.select(["p*"]) == tuple(f"p{i}" for i in range(64))
    assert schema.select(["label", "p6?", "p6"]) == ("label", "p60", "p61", "p62", "p63", "p6")
    with pytest.raises(Refusal) as raised:
        schema.select(["lable"])
    assert raised.value.code.id == "E0604"
    assert raised.value.help == "did you mean `label`?"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["1.5,b"], "x.csv:602: `n` holds `1.5`, not a whole number"),
        ([",b"], "x.csv:602: `n` has no value"),
        (["7"], "x.csv:602 has 1 cells, not 2"),
        (["7,b,c"], "x.csv:602 has 3 cells, not 2"),
        (["oops,b"], "x.csv:602: `n` holds `oops`, not a whole number"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path, rows: list[str], message: str) -> None:
    (tmp_path / "x.csv").write_text("\n".join(["n,t", *["1,a"] * 600, *rows, "2,c"]) + "\n")
    refusal = refused("E0605", Csv(path="x.csv"), tmp_path, "n", "t")
    assert refusal.message == message


def test_a_bad_cell_of_an_unused_column_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("\n".join(["n,t", *["1,2"] * 600, "3,oops"]))
    assert len(Csv(path="x.csv").read(tmp_path, ["n"])["n"]) == 601


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", "E0603", "`x.csv` is empty"),
        (b"a,a\n1,2\n", "E0603", "`x.csv` has two columns `a`"),
        (b"a,b\n1,\xff\n", "E0603", "x.csv:2: the text is not UTF-8"),
        (b'a,b\n1,"' + b"x" * 200_000 + b'"\n', "E0605", "x.csv:2: field larger"),
    ],
)
def test_what_is_no_csv(tmp_path: Path, content: bytes, code: str, message: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    assert refused(code, Csv(path="x.csv"), tmp_path, "a").message.startswith(message)


# --- paths -------------------------------------------------------------------------------------


def test_a_path_stays_inside_the_project(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    root = tmp_path / "project"
    root.mkdir()
    (root / "link.csv").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    (root / "folder").mkdir()
    for path in ("../outside.csv", str(outside), "link.csv", "/etc/passwd"):
        assert refused("E0602", Csv(path=path), root, "a").field == "path"
    for path in ("missing.csv", "loop", "folder", "", "nul\0.csv", "https://x.test/a.csv"):
        refused("E0601", Csv(path=path), root, "a")


def test_a_missing_file_suggests_the_one_beside(tmp_path: Path) -> None:
    (tmp_path / "digits.csv").write_text("a\n1\n")
    refusal = refused("E0601", Csv(path="digit.csv"), tmp_path, "a")
    assert (refusal.message, refusal.help) == (
        "`digit.csv` is not there",
        "did you mean `digits.csv`?",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").touch(mode=0)
    refused("E0601", Csv(path="x.csv"), tmp_path, "a")


# --- numpy -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "type"),
    [
        (np.arange(12, dtype="u1").reshape(3, 2, 2), "uint8[2, 2]"),
        (np.arange(3, dtype=">i2"), "int[]"),
        (np.arange(3, dtype="u4"), "int[]"),
        (np.ones((3, 5), "f2"), "float[5]"),
        (np.asfortranarray(np.arange(6.0).reshape(3, 2)), "float[2]"),
        (np.array([True, False, True]), "bool[]"),
        (np.array(["a", "bc", "é"]), "str[]"),
    ],
)
def test_npy_and_npz(tmp_path: Path, array: np.ndarray, type: str) -> None:
    np.save(tmp_path / "x.npy", array)
    np.savez_compressed(tmp_path / "x.npz", first=array, second=np.zeros(3), scale=np.float32(2))
    one, many = Npy(path="x.npy", name="x"), Npz(path="x.npz")
    assert types(one, tmp_path) == {"x": type}
    assert one.describe(tmp_path).rows == many.describe(tmp_path).rows == 3
    assert types(many, tmp_path) == {"first": type, "second": "float[]"}
    for read in (one.read(tmp_path, ["x"])["x"], many.read(tmp_path, ["first"])["first"]):
        assert read.dtype.isnative
        assert read.tolist() == array.tolist()
    assert one.where(tmp_path, 2) == "x.npy[2]"


class Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("the pickle ran",)


def test_object_arrays_are_refused_unread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "x.npy", np.array([Bomb()], object), allow_pickle=True)
    np.savez(tmp_path / "x.npz", a=np.array([Bomb()], object))
    record = np.zeros(2, [("a", "O"), ("b", "f4")])
    np.save(tmp_path / "r.npy", record, allow_pickle=True)
    refused("E0610", Npy(path="x.npy"), tmp_path, "value")
    refused("E0610", Npz(path="x.npz"), tmp_path, "a")
    refused("E0610", Npy(path="r.npy"), tmp_path, "value")
    assert capsys.readouterr().out == ""


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode("latin1")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"\x80\x04pickle",
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': ()}") + b"\0" * 4,
        header("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}") + b"\0" * 8,
        header("{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}") + b"\0" * 16,
        header("__import__('os').system('x')"),
        header("(" * 3000),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff",
    ],
)
def test_what_is_no_npy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npy").write_bytes(content)
    refused("E0603", Npy(path="x.npy"), tmp_path, "value")
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("value.npy", content)
    refused("E0603", Npz(path="x.npz"), tmp_path, "value")


def test_members_of_an_archive_write_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    np.savez(inside / "x.npz", **{"../planted": np.arange(3), "a": np.arange(3)})
    source = Npz(path="x.npz")
    assert source.read(inside, ["../planted"])["../planted"].tolist() == [0, 1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["project"]
    assert [path.name for path in inside.iterdir()] == ["x.npz"]


def test_a_damaged_archive(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=np.arange(5000), b=np.arange(7))
    whole = bytearray(buffer.getvalue())
    (tmp_path / "x.npz").write_bytes(whole)
    message = refused("E0603", Npz(path="x.npz"), tmp_path, "a", "b").message
    assert "`a` has 5000 rows, but `b` has 7" in message
    (tmp_path / "x.npz").write_bytes(whole[:-50])
    refused("E0603", Npz(path="x.npz"), tmp_path, "a")
    whole[2000] ^= 255
    (tmp_path / "x.npz").write_bytes(whole)
    refused("E0603", Npz(path="x.npz"), tmp_path, "a")


# --- idx ---------------------------------------------------------------------------------------


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, kind, array.ndim]) + sizes + array.tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx(tmp_path: Path, pack) -> None:
    images = np.arange(5 * 4 * 3, dtype="u1").reshape(5, 4, 3)
    (tmp_path / "images").write_bytes(pack(idx(images)))
    (tmp_path / "labels").write_bytes(pack(idx(np.arange(5, dtype=">i2"), 0x0B)))
    source = Idx(images="images", labels="labels")
    assert types(source, tmp_path) == {"image": "uint8[4, 3]", "label": "int[]"}
    assert source.describe(tmp_path).rows == 5
    read = source.read(tmp_path, ["image", "label"])
    assert read["image"].tolist() == images.tolist()
    assert read["label"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\x08",
        b"\0\0\x07\x01\0\0\0\x01\0",
        b"\0\0\x08\x03\0\0\0\x01",
        b"\0\0\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff",
        idx(np.zeros(9, "u1"))[:-1],
    ],
)
def test_what_is_no_idx(tmp_path: Path, content: bytes, pack) -> None:
    (tmp_path / "images").write_bytes(pack(content))
    refused("E0603", Idx(images="images"), tmp_path, "image")


def test_idx_files_of_different_lengths(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(idx(np.zeros((5, 2), "u1")))
    (tmp_path / "labels").write_bytes(idx(np.zeros(4, "u1")))
    refusal = refused("E0603", Idx(images="images", labels="labels"), tmp_path, "image")
    assert refusal.message == "there are 5 images, but 4 labels"


# --- splits ------------------------------------------------------------------------------------


def test_splits_agree_in_their_fields(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("y,x,z\n1,2,3\n")
    (tmp_path / "c.csv").write_text("x,y\n1,2.5\n")
    (tmp_path / "d.csv").write_text("x\n1\n")
    a, b, c, d = (Csv(path=f"{name}.csv") for name in "abcd")
    assert types(Splits(train=a, test=b), tmp_path) == {"x": "int[]", "y": "int[]"}
    for other, message in (
        (c, "`y` is float[] in `val`, but int[] in `train`"),
        (d, "`val` has no column `y`, which `train` has"),
    ):
        with pytest.raises(Refusal) as raised:
            Splits(train=a, val=other).describe(tmp_path)
        assert (raised.value.message, raised.value.field) == (message, "val")


def test_headers_are_read_without_numpy() -> None:
    program = """
import sys
from pathlib import Path
from specc.stdlib.sources import csv, idx, npy, npz, splits
from specc.data import plan
csv.Csv(path="data/digits.csv").describe(Path(sys.argv[1]))
print([name for name in ("numpy", "pyarrow", "torch") if name in sys.modules])
"""
    result = subprocess.run(
        [sys.executable, "-c", program, str(SPECS)], capture_output=True, text=True, check=False
    )
    assert result.stdout == "[]\n", result.stderr
