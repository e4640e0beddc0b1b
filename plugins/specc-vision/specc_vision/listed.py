"""What sources of image files have in common."""

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
from specc_vision.folders import Found
from specc_vision.images import (
    SUFFIXES,
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


class Listed(Source):
    """Image files that are found by looking through a folder, or one of them."""

    endings = tuple(sorted(SUFFIXES))

    path: str
    size: HeightWidth | None = None
    mode: Mode = "rgb"
    fit: Fit = "stretch"

    @property
    def image_field(self) -> str:
        """What the field of the images is called."""
        return "image"

    def files(self, root: Path) -> Iterator[Found]:
        """All files in the order of the rows."""
        raise NotImplementedError(f"{type(self).__name__}.files")

    def first_files(self, root: Path) -> Iterator[Found]:
        """A few files that tell the size of all; no other folder is looked through."""
        return islice(self.files(root), LOOKED_AT)

    def texts(self) -> Mapping[str, Callable[[Found], str]]:
        """The fields of text, and what they say of a file."""
        return {"file": lambda found: found.name}

    def describe(self, root: Path) -> Schema:
        image = (CHANNELS[self.mode], *self._size(root))
        fields = {self.image_field: TensorType(Element("uint8"), tuple(map(Dim.of, image)))}
        return Schema(fields | dict.fromkeys(self.texts(), TensorType(Element("str"), ())))

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
        return self._shown(next(islice(self.files(root), row, None)))

    def places(self, root: Path) -> Iterator[str]:
        return map(self._shown, self.files(root))

    def _read(
        self, root: Path, columns: Sequence[str], bad: Callable[[int, Found, BadImageError], None]
    ) -> dict[str, Any]:
        """All rows; those with a fault are told to ``bad``, and hold anything in their place."""
        import numpy as np

        files = list(self.files(root))
        read: dict[str, Any] = {
            name: np.array([text(found) for found in files], object)
            for name, text in self.texts().items()
        }
        if self.image_field in columns:
            images = empty(len(files), self._size(root), self.mode)
            read[self.image_field] = images
            decode_into(
                images,
                [found.content for found in files],
                Wanted(self.size, self.mode, self.fit),
                lambda row, error: bad(row, files[row], error),
            )
        else:
            for row, found in enumerate(files):
                if isinstance(found.content, BadImageError):
                    bad(row, found, found.content)
        return {name: read[name] for name in columns}

    def _size(self, root: Path) -> tuple[int, int]:
        """Height and width of all images: those that the spec says, or else of the first ones."""
        files = list(self.first_files(root))  # also where a size is said: are there any?
        if self.size is not None:
            return self.size
        first = None
        for found in files:
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
            raise Refusal(BAD_FILE, f"`{self.path}` has no images that can be used", field="path")
        return first

    def _fail(self, found: Found, error: BadImageError) -> None:
        raise Refusal(
            BAD_FILE,
            f"`{self._shown(found)}` cannot be used: {error}",
            help="size=[height, width] brings all images to one size"
            if isinstance(error, OtherSizeError)
            else 'take it out, or leave such rows out: `bad_rows="skip"` in the source',
            field="path",
        ) from error

    def _shown(self, found: Found) -> str:
        return f"{self.path}/{found.name}" if found.name else self.path
