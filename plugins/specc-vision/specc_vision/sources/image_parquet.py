"""Images in a column of a Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.components import Refusal, Schema, Source
from specc.components.data import listed
from specc.components.errors_data import BAD_FILE, BAD_ROW, NO_COLUMN
from specc.components.fields import Texts
from specc.components.files import inside, unreadable
from specc.stdlib.sources.parquet import Parquet
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType
from specc_vision.fields import CHANNELS, Fit, HeightWidth, Mode
from specc_vision.images import (
    SUFFIXES,
    BadImageError,
    Content,
    OtherSizeError,
    Wanted,
    decode_into,
    empty,
    size_of,
)
from specc_vision.sources.image_files import ImageFiles

if TYPE_CHECKING:
    from pyarrow import DataType
    from pyarrow.parquet import ParquetFile

_ROWS = 256
"""So many encoded images are held at a time."""


class ImageParquet(Source):
    """Encoded images in a column of a Parquet file, as data sets are published on hubs.

    The column has the bytes of image files, or records with a field ``bytes``. It is found by its
    type; of several, ``image`` names one. Fields: the images under the name of their column
    (``uint8[C, H, W]``), and all that `parquet` makes of the other columns. ``size``, ``mode`` and
    ``fit`` are those of `image_folder`.
    """

    endings = (".parquet", *sorted(SUFFIXES))

    path: str
    image: str | None = None
    size: HeightWidth | None = None
    mode: Mode = "rgb"
    fit: Fit = "stretch"
    aligned: Texts = ()

    def describe(self, root: Path) -> Schema:
        table = self._table.describe(root)
        with self._opened(root) as file:
            image = self._image(file)
            shape = (CHANNELS[self.mode], *self._size(file, image))
        pixels = TensorType(Element("uint8"), tuple(map(Dim.of, shape)))
        return Schema({**table.fields, image: pixels}, table.rows)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        images = self._images(root, columns, self._fail)
        others = [name for name in columns if name not in images]
        read = {**images, **(self._table.read(root, others) if others else {})}
        return {name: read[name] for name in columns}

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        import numpy as np

        bad: list[int] = []
        images = self._images(root, columns, lambda row, error: bad.append(row))
        others = [name for name in columns if name not in images]
        rows = self._table.describe(root).rows or 0
        kept = good = np.delete(np.arange(rows), np.array(bad, np.int64))
        read: dict[str, Any] = {}
        if others:
            found, numbers, _ = self._table.read_good(root, others)
            places = np.arange(rows) if numbers is None else numbers
            kept = np.intersect1d(good, places)
            read = {name: column[np.isin(places, kept)] for name, column in found.items()}
        read |= {name: column[kept] for name, column in images.items()}
        return {name: read[name] for name in columns}, kept, rows - len(kept)

    def where(self, root: Path, row: int) -> str:
        return self._table.where(root, row)

    def reading(self, path: str, columns: Sequence[str]) -> Source:
        """Another table, or images in its place."""
        if Path(path).suffix.lower() == ".parquet":
            return self.model_copy(update={"path": path})
        return ImageFiles(path=path, size=self.size, mode=self.mode, fit=self.fit, name=columns[0])

    @property
    def _table(self) -> Parquet:
        """The other columns."""
        return Parquet(path=self.path, aligned=self.aligned, bad_rows=self.bad_rows)

    def _images(
        self, root: Path, columns: Sequence[str], bad: Callable[[int, BadImageError], None]
    ) -> dict[str, Any]:
        """The images by the name of their column, if they are wanted; faults are told to ``bad``,
        and hold anything in their place."""
        with self._opened(root) as file:
            image = self._image(file)
            if image not in columns:
                return {}
            images = empty(file.metadata.num_rows, self._size(file, image), self.mode)
            wanted = Wanted(self.size, self.mode, self.fit)
            start = 0
            for contents in _contents(file, image):
                stop = start + len(contents)
                decode_into(images[start:stop], contents, wanted, _shifted(bad, start))
                start = stop
            return {image: images}

    def _image(self, file: ParquetFile) -> str:
        """The column that has the images."""
        schema = file.schema_arrow
        fit: list[str] = [column.name for column in schema if _holds_bytes(column.type)]
        if self.image is None and len(fit) == 1:
            return fit[0]
        if self.image is not None and self.image in fit:
            return self.image
        if self.image is None and not fit:
            raise self._bad(
                "it has no column of encoded images", help=f"it has {listed(schema.names)}"
            )
        if self.image is None:
            message = f"`{self.path}` has several columns of bytes"
            raise Refusal(NO_COLUMN, message, help=f'choose one: image="{fit[0]}"', field="path")
        raise Refusal(
            NO_COLUMN,
            f"`{self.image}` is no column of encoded images",
            help=f"those are {listed(fit)}",
            field="image",
        )

    def _size(self, file: ParquetFile, image: str) -> tuple[int, int]:
        """Height and width of all images: those that the spec says, or else of the first one."""
        if self.size is not None:
            return self.size
        for row, content in enumerate(next(_contents(file, image, rows=8), [])):
            try:
                return size_of(content)
            except BadImageError as error:
                if self.bad_rows == "error":
                    self._fail(row, error)
        raise self._bad("its first rows hold no image that can be used")

    @contextmanager
    def _opened(self, root: Path) -> Iterator[ParquetFile]:
        import pyarrow as arrow
        from pyarrow import parquet

        path = inside(root, self.path)
        try:
            with parquet.ParquetFile(path) as file:
                yield file
        except arrow.ArrowException as error:
            raise self._bad(str(error)) from error
        except OSError as error:
            if error.strerror is None:  # pyarrow says so of a file that is cut off
                raise self._bad(str(error)) from error
            raise unreadable(self.path, error) from error

    def _bad(self, reason: str, help: str | None = None) -> Refusal:
        return Refusal(BAD_FILE, f"`{self.path}` cannot be read: {reason}", help=help, field="path")

    def _fail(self, row: int, error: BadImageError) -> None:
        raise Refusal(
            BAD_ROW,
            f"{self.path}[{row}] cannot be used: {error}",
            help="size=[height, width] brings all images to one size"
            if isinstance(error, OtherSizeError)
            else 'take it out, or leave such rows out: `bad_rows="skip"` in the source',
            field="path",
        ) from error


def _holds_bytes(type: DataType) -> bool:
    from pyarrow import types

    if types.is_struct(type):
        return any(field.name == "bytes" and _holds_bytes(field.type) for field in type)
    return bool(types.is_binary(type) or types.is_large_binary(type))


def _contents(file: ParquetFile, image: str, rows: int = _ROWS) -> Iterator[list[Content]]:
    """The encoded images, some rows at a time."""
    missing = BadImageError("it is missing")
    for batch in file.iter_batches(rows, columns=[image]):
        column = batch.column(0)
        inner = column.field("bytes") if hasattr(column, "field") else column
        absent = column.is_null().to_pylist()
        yield [
            missing if gone or content is None else content
            for content, gone in zip(inner.to_pylist(), absent, strict=True)
        ]


def _shifted(
    bad: Callable[[int, BadImageError], None], start: int
) -> Callable[[int, BadImageError], None]:
    """The same for rows that are counted from ``start``."""
    return lambda row, error: bad(start + row, error)
