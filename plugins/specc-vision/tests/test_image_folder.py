"""Folders of images."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from specc_vision.sources.image_files import ImageFiles
from specc_vision.sources.image_folder import ImageFolder

from specc.components import Refusal

from .making import pixels, save


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes, three images of 4 x 6."""
    for seed, name in enumerate(("cat/b.png", "cat/a.png", "dog/x.png")):
        save(tmp_path / "data" / name, pixels(4, 6, seed))
    return tmp_path


def read_all(source: ImageFolder, root: Path) -> None:
    source.describe(root)
    source.read(root, ["image"])


def refused(source: ImageFolder, root: Path, code: str) -> Refusal:
    with pytest.raises(Refusal) as raised:
        read_all(source, root)
    assert raised.value.code.id == code, raised.value.message
    return raised.value


def test_rows_are_sorted_by_class_and_name(root: Path) -> None:
    source = ImageFolder(path="data")
    schema = source.describe(root)
    assert {name: str(type) for name, type in schema.fields.items()} == {
        "image": "uint8[3, 4, 6]",
        "label": "str[]",
        "file": "str[]",
    }
    read = source.read(root, ["file", "image", "label"])
    assert read["file"].tolist() == ["cat/a.png", "cat/b.png", "dog/x.png"]
    assert read["label"].tolist() == ["cat", "cat", "dog"]
    assert read["image"].dtype == np.uint8
    for row, seed in enumerate((1, 0, 2)):
        assert (read["image"][row] == pixels(4, 6, seed).transpose(2, 0, 1)).all()
    assert source.where(root, 2) == "data/dog/x.png"
    assert (ImageFolder(path="./data/").read(root, ["image"])["image"] == read["image"]).all()


def test_grey_values(root: Path) -> None:
    source = ImageFolder(path="data", mode="l")
    assert str(source.describe(root).fields["image"]) == "uint8[1, 4, 6]"
    wanted = np.asarray(Image.fromarray(pixels(4, 6, 1)).convert("L"))
    assert (source.read(root, ["image"])["image"][0, 0] == wanted).all()


def test_folders_in_a_class_belong_to_it(root: Path) -> None:
    save(root / "data/cat/more/z.png", pixels(4, 6))
    read = ImageFolder(path="data").read(root, ["file", "label"])
    assert read["file"].tolist() == ["cat/a.png", "cat/b.png", "cat/more/z.png", "dog/x.png"]
    assert read["label"].tolist() == ["cat", "cat", "cat", "dog"]


def test_what_desktops_leave_is_no_row(root: Path) -> None:
    for name in ("cat/.DS_Store", "cat/Thumbs.db", "README.md", ".hidden/x.png"):
        (root / "data" / name).parent.mkdir(exist_ok=True)
        (root / "data" / name).write_bytes(b"?")
    assert len(ImageFolder(path="data").read(root, ["image"])["image"]) == 3


def test_images_without_labels(root: Path) -> None:
    (root / "data/more.png").write_bytes((root / "data/cat/a.png").read_bytes())
    source = ImageFiles(path="data")
    assert list(source.describe(root).fields) == ["image", "file"]
    read = source.read(root, ["file", "image"])
    assert read["file"].tolist() == ["cat/a.png", "cat/b.png", "dog/x.png", "more.png"]
    assert source.where(root, 3) == "data/more.png"
    one = ImageFiles(path="data/dog/x.png", size=[2, 3])
    assert str(one.describe(root).fields["image"]) == "uint8[3, 2, 3]"
    assert one.read(root, ["image"])["image"].shape == (1, 3, 2, 3)
    assert one.where(root, 0) == "data/dog/x.png"
    (root / "link").symlink_to("/etc/hostname")
    for path, code in (
        ("link", "E0602"),
        ("../x", "E0602"),
        ("nothing", "E0601"),
        ("a\0", "E0601"),
    ):
        with pytest.raises(Refusal) as raised:
            ImageFiles(path=path).describe(root)
        assert raised.value.code.id == code


# --- sizes -------------------------------------------------------------------------------------


def test_other_sizes_ask_for_one(root: Path) -> None:
    save(root / "data/dog/y.png", pixels(5, 6))
    refusal = refused(ImageFolder(path="data"), root, "E0603")
    assert refusal.message == (
        "`data/dog/y.png` cannot be used: it has 5 x 6 pixels, others have 4 x 6"
    )
    assert "size=[height, width]" in str(refusal.help)


def test_another_size_among_many_is_found_on_reading(root: Path) -> None:
    for number in range(20):
        save(root / f"data/cat/c{number:02}.png", pixels(4 + (number == 19), 6))
    source = ImageFolder(path="data")
    source.describe(root)
    refusal = refused(source, root, "E0603")
    assert "`data/cat/c19.png`" in refusal.message
    skips = ImageFolder(path="data", bad_rows="skip")
    read, kept, left_out = skips.read_good(root, ["image", "file"])
    assert left_out == 1
    assert len(read["image"]) == len(read["file"]) == len(kept) == 22
    assert "cat/c19.png" not in read["file"].tolist()
    assert [skips.where(root, row) for row in kept] == [f"data/{name}" for name in read["file"]]


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_a_size_brings_all_to_it(root: Path, fit: str) -> None:
    save(root / "data/dog/y.jpg", np.full((30, 60, 3), 200, np.uint8))
    source = ImageFolder(path="data", size=[8, 8], fit=fit)
    assert str(source.describe(root).fields["image"]) == "uint8[3, 8, 8]"
    image = source.read(root, ["image"])["image"][3]
    assert image.shape == (3, 8, 8)
    around = 0 if fit == "pad" else 200
    assert abs(int(image[0, 0, 0]) - around) <= 2
    assert abs(int(image[0, 4, 4]) - 200) <= 2


@pytest.mark.parametrize("size", [0, [4], [4, 5, 6], [-1, 4], 2.0, True, "4", 10**9])
def test_a_size_that_is_none(size: object) -> None:
    with pytest.raises(ValueError, match="size"):
        ImageFolder(path="data", size=size)


# --- kinds of images ---------------------------------------------------------------------------


def test_a_photo_is_turned_as_it_was_taken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "data/cat/a.jpg", pixels(8, 16), exif=exif)
    source = ImageFolder(path="data")
    assert str(source.describe(tmp_path).fields["image"]) == "uint8[3, 16, 8]"
    assert source.read(tmp_path, ["image"])["image"].shape == (1, 3, 16, 8)


def test_every_format(tmp_path: Path) -> None:
    array = np.full((4, 6, 3), (200, 100, 50), np.uint8)
    for suffix in ("bmp", "gif", "jpg", "JPEG", "png", "ppm", "tiff", "webp"):
        save(tmp_path / f"data/x/{suffix}.{suffix}", array)
    palette = Image.fromarray(array).quantize(4)
    palette.save(tmp_path / "data/x/palette.png")
    Image.fromarray(array).convert("RGBA").save(tmp_path / "data/x/alpha.png")
    Image.fromarray(array).convert("CMYK").save(tmp_path / "data/x/cmyk.jpg")
    images = ImageFolder(path="data").read(tmp_path, ["image"])["image"]
    assert images.shape == (11, 3, 4, 6)
    wanted = np.array([200, 100, 50]).reshape(3, 1, 1)
    assert (abs(images.astype(int) - wanted) <= 12).all()


def test_more_than_eight_bits(root: Path) -> None:
    save(root / "data/cat/c.png", np.full((4, 6), 60_000, np.uint16))
    assert "more than 8 bits" in refused(ImageFolder(path="data"), root, "E0603").message


# --- what is wrong with files ------------------------------------------------------------------


def test_damaged_files_are_named_or_skipped(root: Path) -> None:
    whole = (root / "data/cat/b.png").read_bytes()
    for name, content in (
        ("cat/empty.png", b""),
        ("cat/half.png", whole[:50]),
        ("cat/text.png", b"no image at all"),
        ("cat/words.txt", b"words"),
        ("cat/script.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 6\n"),
    ):
        (root / "data" / name).write_bytes(content)
        refusal = refused(ImageFolder(path="data"), root, "E0603")
        assert refusal.message.startswith(f"`data/{name}` cannot be used: ")
        skips = ImageFolder(path="data", bad_rows="skip")
        assert str(skips.describe(root).fields["image"]) == "uint8[3, 4, 6]"
        read, kept, left_out = skips.read_good(root, ["image"])
        assert (len(read["image"]), kept.tolist(), left_out) == (3, [0, 1, 3], 1)
        (root / "data" / name).unlink()


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_are_refused_or_read(root: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    save(root / "data/cat/a.png", pixels(4, 6))
    for name, format in (("a.jpg", "JPEG"), ("a.gif", "GIF"), ("a.tif", "TIFF"), ("a.bmp", "BMP")):
        Image.fromarray(pixels(4, 6)).save(root / "data/cat" / name, format)
        content = bytearray((root / "data/cat" / name).read_bytes())
        for _ in range(25):
            damaged = bytearray(content)
            for place in random.integers(0, len(content), 3):
                damaged[place] = random.integers(0, 256)
            (root / "data/cat" / name).write_bytes(damaged)
            read, _, left_out = ImageFolder(path="data", bad_rows="skip").read_good(root, ["image"])
            assert len(read["image"]) + left_out == 4
        (root / "data/cat" / name).unlink()


def test_a_bomb_is_not_unpacked(root: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    for side in (9_500, 60_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        rows = zlib.compress(bytes(10_000_000), 9)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows)
        (root / "data/cat/bomb.png").write_bytes(bomb + chunk(b"IEND", b""))
        for source in (ImageFolder(path="data"), ImageFolder(path="data", size=8)):
            refusal = refused(source, root, "E0603")
            assert "`data/cat/bomb.png`" in refusal.message
            assert "is not unpacked" in refusal.message


def test_nothing_outside_is_read(root: Path) -> None:
    save(root / "elsewhere/secret.png", pixels(4, 6))
    assert refused(ImageFolder(path="../data"), root, "E0602")
    assert refused(ImageFolder(path="/tmp"), root, "E0602")
    link = root / "data/cat/c.png"
    link.symlink_to("a.png")
    assert len(ImageFolder(path="data").read(root, ["image"])["image"]) == 4
    for source in (ImageFolder(path="data"), ImageFolder(path="data", bad_rows="skip")):
        link.unlink()
        link.symlink_to(root / "elsewhere/secret.png")
        assert "`data/cat/c.png` is a link" in refused(source, root, "E0602").message
    link.unlink()
    link.symlink_to("c.png")
    assert "leads nowhere" in refused(ImageFolder(path="data"), root, "E0603").message
    link.unlink()
    (root / "data/out").symlink_to(root / "elsewhere")
    assert (
        "`data/out` is a link to a folder"
        in refused(ImageFolder(path="data"), root, "E0603").message
    )
    (root / "data/out").unlink()
    (root / "data/cat/loop").symlink_to(root / "data")
    assert "no plain file" in refused(ImageFolder(path="data"), root, "E0603").message


def test_a_pipe_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "data/cat/a0.png")
    assert "no plain file" in refused(ImageFolder(path="data"), root, "E0603").message


def test_folders_that_are_none(root: Path) -> None:
    assert refused(ImageFolder(path="dta"), root, "E0601").help == "did you mean `data`?"
    assert "is a file" in refused(ImageFolder(path="data/cat/a.png"), root, "E0603").message
    (root / "empty").mkdir()
    assert "has no folders" in refused(ImageFolder(path="empty"), root, "E0603").message
    (root / "empty/cat").mkdir()
    assert "has no images that" in refused(ImageFolder(path="empty"), root, "E0603").message
    save(root / "data/a.png", pixels(4, 6))
    assert "in no folder of a class" in refused(ImageFolder(path="data"), root, "E0603").message
    assert refused(ImageFolder(path="a\0b"), root, "E0601")


def test_the_order_is_that_of_no_locale(tmp_path: Path) -> None:
    names = ["B", "Z", "a", "b", "z", "Ä", "ä"]
    for name in reversed(names):
        save(tmp_path / f"data/{name}/{name}.png", pixels(2, 2))
    read = ImageFolder(path="data").read(tmp_path, ["label"])
    assert read["label"].tolist() == names


def test_looking_at_a_folder_imports_neither_numpy_nor_torch(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from specc_vision.sources.image_folder import *\n"
        "assert 'PIL' not in sys.modules\n"
        "ImageFolder(path='data').describe(Path('.'))\n"
        "print(sorted({'numpy', 'torch', 'PIL'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.stdout == "['PIL']\n", done.stderr
