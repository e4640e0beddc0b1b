"""Images in a column of a Parquet file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pytest
from pyarrow import parquet
from specc_vision.sources.image_parquet import ImageParquet

from specc.components import Refusal

from .making import encoded, pixels


def write(root: Path, **columns: Any) -> None:
    parquet.write_table(arrow.table(columns), root / "x.parquet")


def images(count: int, height: int = 4, width: int = 6) -> list[bytes]:
    return [encoded(pixels(height, width, seed)) for seed in range(count)]


def read_all(source: ImageParquet, root: Path) -> None:
    source.read(root, list(source.describe(root).fields))


def refused(source: ImageParquet, root: Path, code: str) -> Refusal:
    with pytest.raises(Refusal) as raised:
        read_all(source, root)
    assert raised.value.code.id == code, raised.value.message
    return raised.value


@pytest.mark.parametrize("record", [False, True])
def test_bytes_and_records_of_bytes(tmp_path: Path, record: bool) -> None:
    encoded = images(600)
    column = [{"bytes": each, "path": f"{i}.png"} for i, each in enumerate(encoded)]
    write(tmp_path, img=column if record else encoded, label=list(range(600)), t=["a"] * 600)
    source = ImageParquet(path="x.parquet")
    schema = source.describe(tmp_path)
    assert schema.rows == 600
    assert {name: str(type) for name, type in schema.fields.items()} == {
        "img": "uint8[3, 4, 6]",
        "label": "int[]",
        "t": "str[]",
    }
    read = source.read(tmp_path, ["label", "img"])
    assert list(read) == ["label", "img"]
    assert read["label"].tolist() == list(range(600))
    for row in (0, 299, 599):
        assert (read["img"][row] == pixels(4, 6, row).transpose(2, 0, 1)).all()
    assert source.read(tmp_path, ["t"])["t"].tolist() == ["a"] * 600
    small = ImageParquet(path="x.parquet", size=[2, 2], mode="l").read(tmp_path, ["img"])
    assert small["img"].shape == (600, 1, 2, 2)


def test_bad_rows_are_named_or_left_out(tmp_path: Path) -> None:
    found = images(300)
    found[1], found[270], found[280] = b"none", encoded(pixels(5, 5)), None
    write(tmp_path, img=found, label=[None, *range(299)])
    refusal = refused(ImageParquet(path="x.parquet"), tmp_path, "E0605")
    assert refusal.message.startswith("x.parquet[1] cannot be used: it is none of BMP")
    skips = ImageParquet(path="x.parquet", bad_rows="skip")
    read, numbers, left_out = skips.read_good(tmp_path, ["img", "label"])
    good = [row for row in range(300) if row not in (0, 1, 270, 280)]
    assert (numbers.tolist(), left_out) == (good, 4)
    assert read["label"].tolist() == [row - 1 for row in good]
    assert (read["img"][-1] == pixels(4, 6, 299).transpose(2, 0, 1)).all()
    assert len(skips.read_good(tmp_path, ["label"])[0]["label"]) == 299
    found[1] = found[2]
    write(tmp_path, img=found)
    refusal = refused(ImageParquet(path="x.parquet"), tmp_path, "E0605")
    assert "x.parquet[270] cannot be used: it has 5 x 5 pixels, others" in refusal.message


def test_which_column(tmp_path: Path) -> None:
    write(tmp_path, left=images(2), right=images(2, 3, 3), n=[1, 2])
    assert "several" in refused(ImageParquet(path="x.parquet"), tmp_path, "E0604").message
    right = ImageParquet(path="x.parquet", image="right")
    assert {n: str(t) for n, t in right.describe(tmp_path).fields.items()} == {
        "n": "int[]",
        "right": "uint8[3, 3, 3]",
    }
    refusal = refused(ImageParquet(path="x.parquet", image="n"), tmp_path, "E0604")
    assert (refusal.field, refusal.help) == ("image", "those are left, right")
    write(tmp_path, n=[1, 2])
    assert (
        "no column of encoded images"
        in refused(ImageParquet(path="x.parquet"), tmp_path, "E0603").message
    )


def test_files_that_are_none(tmp_path: Path) -> None:
    refused(ImageParquet(path="y.parquet"), tmp_path, "E0601")
    refused(ImageParquet(path="../y.parquet"), tmp_path, "E0602")
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    refused(ImageParquet(path="x.parquet"), tmp_path, "E0603")
    write(tmp_path, img=images(50))
    content = bytearray((tmp_path / "x.parquet").read_bytes())
    random = np.random.default_rng(0)
    for _ in range(40):
        damaged = bytearray(content)
        for place in random.integers(0, len(content), 4):
            damaged[place] = random.integers(0, 256)
        (tmp_path / "x.parquet").write_bytes(damaged)
        source = ImageParquet(path="x.parquet", bad_rows="skip")
        with suppress(Refusal):  # which columns it has may be what was damaged
            read, _, left_out = source.read_good(tmp_path, ["img"])
            assert len(read["img"]) + left_out == 50
