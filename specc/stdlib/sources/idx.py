"""The format of MNIST."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from specc.components import Refusal, Schema, Source
from specc.components.errors_data import BAD_FILE
from specc.components.files import inside, unreadable
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType

_KINDS = {
    0x08: ("uint8", ">u1"),
    0x09: ("int", ">i1"),
    0x0B: ("int", ">i2"),
    0x0C: ("int", ">i4"),
    0x0D: ("float", ">f4"),
    0x0E: ("float", ">f8"),
}


_BEST_RATIO = 1100
"""No stream of gzip unpacks to more than 1,032 times its size."""


@dataclass(frozen=True, slots=True)
class _Header:
    element: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return math.prod(self.shape) * int(self.dtype[2:])


class Idx(Source):
    """Arrays in idx files, as MNIST has them: a file of images and one of their labels.

    Fields: ``image`` (``uint8[28, 28]``, say) and, with ``labels``, ``label`` (``uint8[]``). A file
    may be compressed with gzip. The format is told by its magic number: two zeros, the type of the
    values, the number of axes; then the sizes, most significant byte first.
    """

    images: str
    labels: str | None = None

    def describe(self, root: Path) -> Schema:
        headers = self._headers(root)
        fields = {
            name: TensorType(Element(header.element), tuple(map(Dim.of, header.shape[1:])))
            for name, header in headers.items()
        }
        return Schema(fields, headers["image"].shape[0])

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        import numpy as np

        self._headers(root)
        read: dict[str, Any] = {}
        for name in columns:
            field, path = self._files()[name]
            header, content = _content(root, path, field, whole=True)
            values = np.frombuffer(content, np.dtype(header.dtype))
            read[name] = values.astype(values.dtype.newbyteorder("=")).reshape(header.shape)
        return read

    def reading(self, path: str, columns: Sequence[str]) -> Source:
        return Idx(images=path)

    def where(self, root: Path, row: int) -> str:
        return f"{self.images}[{row}]"

    def _files(self) -> dict[str, tuple[str, str]]:
        """For each field of the source, the setting that names its file, and the path."""
        files = {"image": ("images", self.images)}
        if self.labels is not None:
            files["label"] = ("labels", self.labels)
        return files

    def _headers(self, root: Path) -> dict[str, _Header]:
        headers = {
            name: _content(root, path, field, whole=False)[0]
            for name, (field, path) in self._files().items()
        }
        counts = {name: header.shape[0] for name, header in headers.items()}
        if len(set(counts.values())) > 1:
            raise Refusal(
                BAD_FILE,
                f"there are {counts['image']} images, but {counts['label']} labels",
                field="labels",
            )
        return headers


def _content(root: Path, path: str, field: str, *, whole: bool) -> tuple[_Header, bytes]:
    """The header, and with ``whole`` the bytes of all values."""
    file = inside(root, path, field=field)
    content = b""
    try:
        with file.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if zipped else raw)
            header = _header(stream, path, field)
            # What the file can hold at most, so that a header alone cannot ask for all memory.
            length = file.stat().st_size
            held = length * _BEST_RATIO if zipped else length - stream.tell()
            if whole and held >= header.size:
                content = stream.read(header.size)
                held = len(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _bad(path, str(error), field) from error
    except OSError as error:
        raise unreadable(path, error, field=field) from error
    if held < header.size:
        raise _bad(path, f"it ends before its {header.size} bytes of values do", field)
    return header, content


def _header(stream: IO[bytes], path: str, field: str) -> _Header:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _KINDS or magic[3] == 0:
        raise _bad(path, "it does not begin as an idx file does", field)
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise _bad(path, "its header is cut off", field)
    shape = tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
    return _Header(*_KINDS[magic[2]], shape)


def _bad(path: str, reason: str, field: str) -> Refusal:
    return Refusal(BAD_FILE, f"`{path}` cannot be read: {reason}", field=field)
