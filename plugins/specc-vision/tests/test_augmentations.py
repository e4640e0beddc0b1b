"""Augmentations of batches."""

from __future__ import annotations

import math

import pytest
import torch
from specc_vision.augmentations.color_jitter import ColorJitter
from specc_vision.augmentations.cutmix import Cutmix
from specc_vision.augmentations.cutout import Cutout
from specc_vision.augmentations.horizontal_flip import HorizontalFlip
from specc_vision.augmentations.mixup import Mixup
from specc_vision.augmentations.random_crop import RandomCrop
from specc_vision.augmentations.rotate import Rotate
from specc_vision.augmentations.vertical_flip import VerticalFlip
from torch import Tensor

from specc.components import Augmentation, Refusal
from specc.training.draws import RowDraws, row_keys

from .making import augmented_types

B = 40


def augmented(
    augmentation: Augmentation, *tensors: Tensor, rows: Tensor | None = None
) -> list[Tensor]:
    numbers = torch.arange(len(tensors[0])) if rows is None else rows
    return list(augmentation.apply(tensors, RowDraws(row_keys(numbers, 7, 3))))


def images(
    channels: int = 3, height: int = 8, width: int = 10, dtype: torch.dtype = torch.float32
) -> Tensor:
    torch.manual_seed(0)
    if dtype == torch.float32:
        return torch.rand(B, channels, height, width)
    return torch.randint(0, 2 if dtype == torch.bool else 256, (B, channels, height, width)).to(
        dtype
    )


ALIKE = [
    HorizontalFlip(),
    VerticalFlip(p=0.3),
    RandomCrop(size=[8, 10], padding=2),
    RandomCrop(size=[8, 10], padding=[1, 3], padding_mode="reflect"),
    RandomCrop(size=[8, 10], padding=2, padding_mode="replicate"),
    Rotate(degrees=30),
    Cutout(size=[3, 4], p=0.7),
]

COLORS = [
    ColorJitter(brightness=0.4, contrast=0.3, saturation=0.5, hue=0.1),
    ColorJitter(contrast=0.4, mean=[0.4, 0.5, 0.6], std=[0.2, 0.3, 0.4]),
]


@pytest.mark.parametrize("augmentation", [*ALIKE, *COLORS], ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.uint8])
def test_type_is_kept_and_rows_are_independent(
    augmentation: Augmentation, dtype: torch.dtype
) -> None:
    given = images(dtype=dtype)
    before = given.clone()
    (done,) = augmented(augmentation, given)
    assert (done.dtype, done.shape) == (given.dtype, given.shape)
    assert torch.equal(given, before)
    assert not torch.equal(done, given)
    some = torch.tensor([B - 1, 3, 17])
    (part,) = augmented(augmentation, given[some], rows=some)
    torch.testing.assert_close(
        part, done[some], rtol=1e-5, atol=1e-5 if dtype.is_floating_point else 1
    )


@pytest.mark.parametrize("augmentation", ALIKE, ids=str)
def test_a_mask_is_changed_as_its_image_is(augmentation: Augmentation) -> None:
    image = images(1)
    bright = image[:, 0] > 0.5
    classes = bright.long() * 3
    if isinstance(augmentation, Rotate):
        image = image.zero_()
    moved, mask, ids = augmented(augmentation, image, bright, classes)
    assert mask.dtype == torch.bool
    assert torch.equal(ids, mask.long() * 3)
    if not isinstance(augmentation, Rotate):
        assert torch.equal(moved[:, 0] > 0.5, mask)


def test_flips() -> None:
    given = images()
    (done,) = augmented(HorizontalFlip(), given)
    flipped = [torch.equal(one, two.flip(2)) for one, two in zip(done, given, strict=True)]
    kept = [torch.equal(one, two) for one, two in zip(done, given, strict=True)]
    assert [not each for each in kept] == flipped
    assert 8 < sum(flipped) < 32
    assert torch.equal(augmented(HorizontalFlip(p=1.0), given)[0], given.flip(3))
    assert torch.equal(augmented(VerticalFlip(p=1.0), given)[0], given.flip(2))
    assert torch.equal(augmented(VerticalFlip(p=0.0), given)[0], given)


def test_random_crop_moves() -> None:
    (done,) = augmented(RandomCrop(size=[8, 10], padding=2, fill=-1.0), images())
    padded = torch.nn.functional.pad(images(), (2, 2, 2, 2), value=-1.0)
    places = set()
    for row in range(B):
        found = [
            (top, left)
            for top in range(5)
            for left in range(5)
            if torch.equal(done[row], padded[row, :, top : top + 8, left : left + 10])
        ]
        assert len(found) == 1
        places |= set(found)
    assert {top for top, _ in places} == {left for _, left in places} == set(range(5))


def test_rotate_turns_around_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(degrees: float, given: Tensor, **settings) -> Tensor:
        always = Rotate(degrees=180.0, **settings)
        angle = torch.full((len(given),), math.radians(degrees))
        return always._turned(given, angle)

    given = images(height=9, width=9)
    torch.testing.assert_close(turned(90, given), given.rot90(1, (2, 3)), atol=1e-5, rtol=0)
    torch.testing.assert_close(turned(180, images()), images().flip(2, 3), atol=1e-5, rtol=0)
    # A quarter turn of a wide image keeps its proportions: the middle square turns in itself.
    wide = images(height=8, width=12)
    middle = turned(90, wide)[..., 2:-2]
    torch.testing.assert_close(middle, wide[..., 2:-2].rot90(1, (2, 3)), atol=1e-4, rtol=0)
    assert (turned(45, torch.ones(1, 1, 9, 9), fill=0.25)[0, 0, 0, 0] - 0.25).abs() < 1e-5


def test_colors_by_hand() -> None:
    given = images()
    luma = torch.tensor([0.299, 0.587, 0.114])
    for name in ("brightness", "contrast", "saturation"):
        factors = [row for row in range(3) if name == ("brightness", "contrast", "saturation")[row]]
        draws = RowDraws(row_keys(torch.arange(B), 7, 3))
        drawn = [draws.uniform(0.5, 1.5), draws.uniform(0.5, 1.5), draws.uniform(0.5, 1.5)]
        factor = drawn[factors[0]].reshape(-1, 1, 1, 1)
        grey = torch.einsum("bchw,c->bhw", given, luma).unsqueeze(1)
        wanted = {
            "brightness": given * factor,
            "contrast": given * factor + (1 - factor) * grey.mean((1, 2, 3), keepdim=True),
            "saturation": given * factor + (1 - factor) * grey,
        }[name]
        (done,) = augmented(ColorJitter(**{name: 0.5}), given)
        torch.testing.assert_close(done, wanted, atol=1e-5, rtol=1e-5)


def test_grey_has_no_hue() -> None:
    grey = torch.full((B, 3, 2, 2), 0.4)
    (done,) = augmented(ColorJitter(hue=0.5, saturation=1.0), grey)
    torch.testing.assert_close(done, grey)
    (done,) = augmented(ColorJitter(hue=0.5), images())
    luma = torch.tensor([0.299, 0.587, 0.114]).reshape(3, 1, 1)
    torch.testing.assert_close((done * luma).sum(1), (images() * luma).sum(1), atol=1e-5, rtol=0)


def test_standardised_images_are_jittered_as_they_were() -> None:
    mean, std = [0.4, 0.5, 0.6], [0.2, 0.3, 0.4]
    shift, scale = (torch.tensor(v).reshape(3, 1, 1) for v in (mean, std))
    settings = {"brightness": 0.4, "contrast": 0.3, "saturation": 0.5, "hue": 0.1}
    (plain,) = augmented(ColorJitter(**settings), images())
    standard = (images() - shift) / scale
    (done,) = augmented(ColorJitter(**settings, mean=mean, std=std), standard)
    torch.testing.assert_close(done * scale + shift, plain, atol=1e-5, rtol=0)


def test_cutout_cuts_a_rectangle() -> None:
    (done,) = augmented(Cutout(size=[3, 4], fill=-1.0), images())
    hole = (done == -1).all(1)
    assert torch.equal(done.where(~hole.unsqueeze(1), images()), images())
    rows, columns = hole.any(2).sum(1), hole.any(1).sum(1)
    assert torch.equal(rows * columns, hole.sum((1, 2)))
    assert (rows.max(), columns.max()) == (3, 4)
    assert rows.min() < 3
    (none,) = augmented(Cutout(size=3, p=0.0), images())
    assert torch.equal(none, images())
    (plane,) = augmented(Cutout(size=[3, 4], fill=-1.0), images()[:, 0])  # without channels
    assert torch.equal(plane == -1, hole)


def one_hot(classes: int = 5) -> Tensor:
    return torch.eye(classes)[torch.arange(B) % classes]


def test_mixup_mixes_rows_and_labels_alike() -> None:
    given = images(1, 1, 1), torch.arange(B, dtype=torch.float32).unsqueeze(1)
    image, label = augmented(Mixup(alpha=0.8), *given)
    draws = RowDraws(row_keys(torch.arange(B), 7, 3))
    weight, partner = draws.beta(0.8).unsqueeze(1), draws.partners()
    torch.testing.assert_close(label, weight * given[1] + (1 - weight) * given[1][partner])
    flat = given[0].flatten(1)
    torch.testing.assert_close(image.flatten(1), weight * flat + (1 - weight) * flat[partner])
    _, labels = augmented(Mixup(), images(), one_hot())
    torch.testing.assert_close(labels.sum(1), torch.ones(B))


@pytest.mark.parametrize("augmentation", [Mixup(), Cutmix()], ids=str)
def test_a_batch_of_one_stays_as_it_is(augmentation: Augmentation) -> None:
    image, label = augmented(augmentation, images()[:1], one_hot()[:1])
    torch.testing.assert_close(image, images()[:1])
    torch.testing.assert_close(label, one_hot()[:1])


def test_cutmix_counts_pixels() -> None:
    own = torch.arange(B, dtype=torch.float32).reshape(B, 1, 1, 1).expand(B, 3, 8, 10)
    image, label = augmented(Cutmix(), own, torch.eye(B))
    shares = set()
    for row in range(B):
        counts = image[row].long().flatten().bincount(minlength=B)
        torch.testing.assert_close(label[row], counts / counts.sum())
        shares.add(round(label[row, row].item(), 3))
        assert (label[row] > 0).sum() <= 2
    assert len(shares) > 15


def test_images_of_bytes_mix() -> None:
    image, _ = augmented(Mixup(alpha=1.0), images(dtype=torch.uint8), one_hot())
    assert image.dtype == torch.uint8


@pytest.mark.parametrize(
    ("cls", "settings"),
    [
        (RandomCrop, {"size": 0}),
        (RandomCrop, {"size": 8, "padding": -1}),
        (Rotate, {"degrees": 0.0}),
        (Rotate, {"degrees": 270.0}),
        (ColorJitter, {"hue": 0.7}),
        (ColorJitter, {"std": 0.0}),
        (Cutout, {}),
        (HorizontalFlip, {"p": 1.5}),
        (Mixup, {"alpha": 0.0}),
        (Cutmix, {"alpha": True}),
    ],
)
def test_settings_that_mean_nothing(cls: type[Augmentation], settings: dict) -> None:
    with pytest.raises(ValueError, match="validation error"):
        cls(**settings)


@pytest.mark.parametrize("augmentation", [*ALIKE, *COLORS, Mixup()], ids=str)
@pytest.mark.parametrize("element", ["uint8", "float"])
def test_types_are_kept(augmentation: Augmentation, element: str) -> None:
    given = f"{element}[3, 8, 10]"
    assert augmented_types(augmentation, given) == [given]
    if augmentation in ALIKE:
        both = [given, "bool[8, 10]"]
        assert augmented_types(augmentation, *both) == both


@pytest.mark.parametrize(
    ("augmentation", "given", "words"),
    [
        (HorizontalFlip(), ["float[8]"], r"takes images, and float\[8\] is none"),
        (Cutout(size=3), ["str[8, 10]"], "takes images"),
        (Rotate(degrees=9.0), ["float[3, 8, 10]", "bool[10, 8]"], "their sizes differ"),
        (RandomCrop(size=9), ["float[3, 8, 10]"], "8 high have no 9"),
        (RandomCrop(size=8, padding=8, padding_mode="reflect"), ["float[8, 8]"], "end before 8"),
        (ColorJitter(), ["int[3, 8, 10]"], "cannot be mixed"),
        (ColorJitter(), ["float[8, 10, 3]"], "takes"),
        (ColorJitter(hue=0.1), ["float[1, 8, 10]"], "no hue"),
        (ColorJitter(mean=[0.1, 0.2]), ["float[3, 8, 10]"], "2 values for 3 channels"),
        (Mixup(), ["float[3, 8, 10]", "ids(5)[]"], "cannot be mixed"),
        (Cutmix(), ["float[3, 8, 10]"], "an image and its label"),
        (Cutmix(), ["float[3, 8, 10]", "ids(5)[]"], "an image and its label"),
        (Cutmix(), ["float[3, 8, 10]", "int[5]"], "cannot be mixed"),
    ],
)
def test_what_cannot_be_augmented(augmentation: Augmentation, given: list[str], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        augmented_types(augmentation, *given)
