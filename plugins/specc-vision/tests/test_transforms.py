"""Transforms of images: what is inferred is what comes out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from specc_vision.transforms.center_crop import CenterCrop
from specc_vision.transforms.grayscale import Grayscale
from specc_vision.transforms.resize import Resize
from specc_vision.transforms.standardize_each import StandardizeEach
from specc_vision.transforms.to_rgb import ToRgb

from specc.components import Refusal, Transform

from .making import inferred, pixels

DTYPES = {"uint8": np.uint8, "float": np.float32, "bool": np.bool_, "int": np.int64}


def column(rows: int, *shape: int, dtype: type = np.uint8) -> np.ndarray:
    random = np.random.default_rng(1)
    values = random.integers(0, 256, (rows, *shape))
    return (values / 255 if dtype == np.float32 else values).astype(dtype)


@pytest.mark.parametrize(
    ("transform", "element", "shape"),
    [
        (Resize(size=5), "uint8", (3, 8, 12)),
        (Resize(size=[5, 20], mode="bicubic"), "float", (1, 8, 12)),
        (Resize(size=[16, 3], antialias=False), "uint8", (8, 12)),
        (Resize(size=[16, 3], mode="nearest"), "bool", (8, 12)),
        (Resize(size=3, mode="nearest"), "int", (2, 8, 12)),
        (CenterCrop(size=[4, 7]), "int", (8, 12)),
        (CenterCrop(size=8), "uint8", (3, 8, 12)),
        (Grayscale(), "uint8", (3, 8, 12)),
        (Grayscale(), "float", (3, 8, 12)),
        (ToRgb(), "uint8", (1, 8, 12)),
        (StandardizeEach(), "uint8", (3, 8, 12)),
        (StandardizeEach(), "float", (1, 8, 12)),
    ],
)
def test_types_and_values_agree(
    transform: Transform, element: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = column(7, *shape, dtype=DTYPES[element])
    before = given.copy()
    given.flags.writeable = False  # as a column that is mapped from a file
    done = transform.apply(given, transform.fit(given, None))
    words = f"{element}[{', '.join(map(str, shape))}]"
    base = next(name for name, dtype in DTYPES.items() if dtype == done.dtype)
    assert inferred(transform, words) == f"{base}[{', '.join(map(str, done.shape[1:]))}]"
    assert len(done) == 7
    assert (given == before).all()
    # Rows are transformed one by one, however many are taken at a time.
    monkeypatch.setattr("specc_vision.blocks.BLOCK_BYTES", 1)
    np.testing.assert_allclose(transform.apply(given, {}), done, rtol=1e-5, atol=1e-6)


def test_resize_is_torchs(tmp_path: object) -> None:
    given = column(2, 3, 8, 12, dtype=np.float32)
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(given), (4, 5), mode="bilinear", antialias=True
    )
    assert np.array_equal(Resize(size=[4, 5]).apply(given, {}), wanted.numpy())
    wanted = torch.nn.functional.interpolate(torch.from_numpy(given), (5, 30), mode="nearest-exact")
    nearest = Resize(size=[5, 30], mode="nearest")
    assert np.array_equal(nearest.apply(given, {}), wanted.numpy())


def test_bytes_are_rounded_not_cut() -> None:
    given = np.array([[[[0, 255, 255, 254]]]], np.uint8)
    assert Resize(size=[1, 2]).apply(given, {}).max() <= 255
    checks = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (1, 3, 4, 4))
    bicubic = Resize(size=21, mode="bicubic").apply(checks, {})  # it overshoots
    assert (bicubic.min(), bicubic.max()) == (0, 255)
    grey = Grayscale().apply(np.full((1, 3, 2, 2), 77, np.uint8), {})
    assert (grey == 77).all()


def test_center_crop_is_the_middle() -> None:
    given = np.arange(6 * 7).reshape(1, 6, 7)
    assert CenterCrop(size=[2, 3]).apply(given, {})[0].tolist() == [[16, 17, 18], [23, 24, 25]]
    with pytest.raises(Refusal, match="8 high have no 9"):
        inferred(CenterCrop(size=9), "uint8[3, 8, 12]")


def test_each_image_has_mean_0_and_deviation_1() -> None:
    given = np.stack([pixels(5, 5).transpose(2, 0, 1), np.full((3, 5, 5), 9, np.uint8)])
    done = StandardizeEach().apply(given, {})
    assert abs(done[0].mean()) < 1e-6
    assert abs(done[0].std() - 1) < 1e-5
    assert (done[1] == 0).all()


@pytest.mark.parametrize(
    ("transform", "given"),
    [
        (Resize(size=4), "ids(10)[8, 12]"),
        (Resize(size=4), "bool[8, 12]"),
        (Grayscale(), "int[3, 8, 12]"),
        (StandardizeEach(), "str[3, 8, 12]"),
    ],
)
def test_what_has_no_pixels(transform: Transform, given: str) -> None:
    with pytest.raises(Refusal, match="cannot be mixed"):
        inferred(transform, given)
