"""Images in a folder for each class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from specc.components import Refusal, Schema, Source
from specc.components.errors_data import BAD_FILE
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType
from specc_vision.fields import CHANNELS, Fit, HeightWidth, Mode
from specc_vision.folders import ClassFolder, Found
from specc_vision.images import (
    BadImageError,
    OtherSizeError,
    Wanted,
    check_size,
    decode_into,
    empty,
    size_of,
)

LOOKED_AT = 8
"""So many images tell the size of all, before they are read."""


class ImageFolder(Source):
    """Images in one folder for each class: ``data/cat/1.png``, ``data/dog/7.png``.

    Fields: ``image`` (``uint8[C, H, W]``), ``label`` (``str[]``, the name of the folder) and
    ``file`` (``str[]``, the path below the folder). Rows are sorted by their path. Images of
    different sizes need a ``size``, ``[height, width]``, which they are resized to on reading, with
    ``fit`` for those of other proportions: ``"stretch"``, ``"crop"`` or ``"pad"``. ``mode`` is
    ``"rgb"`` (3 channels) or ``"l"`` (grey values, 1 channel).

    Formats: BMP, GIF, JPEG, PNG, PPM, TIFF, WebP, 8 bits a channel. A photo is turned as its
    orientation says; transparency is dropped.
    """

    path: str
    size: HeightWidth | None = None
    mode: Mode = "rgb"
    fit: Fit = "stretch"

    def describe(self, root: Path) -> Schema:
        height, width = self._size(ClassFolder(root, self.path))
        image = (CHANNELS[self.mode], height, width)
        text = TensorType(Element("str"), ())
        return Schema(
            {
                "image": TensorType(Element("uint8"), tuple(map(Dim.of, image))),
                "label": text,
                "file": text,
            }
        )

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        return self._read(root, columns, lambda row, found, error: self._fail(found, error))

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        import numpy as np

        bad: list[int] = []
        read = self._read(root, columns, lambda row, found, error: bad.append(row))
        rows = len(next(iter(read.values())))
        kept = np.delete(np.arange(rows), np.array(bad, np.int64))
        return {name: column[kept] for name, column in read.items()}, kept, len(bad)

    def where(self, root: Path, row: int) -> str:
        found = next(islice(_files(ClassFolder(root, self.path)), row, None))
        return f"{self.path}/{found.name}"

    def _read(
        self, root: Path, columns: Sequence[str], bad: Callable[[int, Found, BadImageError], None]
    ) -> dict[str, Any]:
        """All rows; those with a fault are told to ``bad``, and hold anything in their place."""
        import numpy as np

        folder = ClassFolder(root, self.path)
        files = list(_files(folder))
        read: dict[str, Any] = {
            "label": np.array([found.label for found in files], object),
            "file": np.array([found.name for found in files], object),
        }
        if "image" in columns:
            read["image"] = empty(len(files), self._size(folder), self.mode)
            decode_into(
                read["image"],
                [found.content for found in files],
                Wanted(self.size, self.mode, self.fit),
                lambda row, error: bad(row, files[row], error),
            )
        else:
            for row, found in enumerate(files):
                if isinstance(found.content, BadImageError):
                    bad(row, found, found.content)
        return {name: read[name] for name in columns}

    def _size(self, folder: ClassFolder) -> tuple[int, int]:
        """Height and width of all images: those that the spec says, or else of the first ones."""
        if self.size is not None:
            return self.size
        first = None
        for found in _first_files(folder):
            try:
                size = size_of(found.content)
                if first is not None:
                    check_size(size, first)
            except BadImageError as error:
                if self.bad_rows == "error":
                    self._fail(found, error)
            else:
                first = size
        if first is None:
            raise Refusal(BAD_FILE, f"`{self.path}` has no images in its folders", field="path")
        return first

    def _fail(self, found: Found, error: BadImageError) -> None:
        raise Refusal(
            BAD_FILE,
            f"`{self.path}/{found.name}` cannot be used: {error}",
            help="size=[height, width] brings all images to one size"
            if isinstance(error, OtherSizeError)
            else 'take it out, or leave such rows out: `bad_rows="skip"` in the source',
            field="path",
        ) from error


def _files(folder: ClassFolder) -> Iterator[Found]:
    for label in folder.classes():
        yield from folder.files(label)


def _first_files(folder: ClassFolder) -> Iterator[Found]:
    """A few files of a few classes."""
    classes = folder.classes()
    for label in classes[:LOOKED_AT]:
        yield from islice(folder.files(label), max(1, LOOKED_AT // len(classes)))
