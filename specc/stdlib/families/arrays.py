"""Headers of numpy's files, read without numpy."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import IO

from specc.components import Refusal
from specc.components.errors_data import BAD_FILE, UNSAFE_FILE
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 1 << 16

_DESCRIPTION = re.compile(r"[<>|=]?([biufUSO?])(\d*)")
_UNSAFE = "the array holds Python objects"


@dataclass(frozen=True, slots=True)
class ArrayHeader:
    """The element word of a spec, numpy's ``descr``, the shape, and the bytes that must follow."""

    element: str
    descr: str
    shape: tuple[int, ...]
    size: int
    start: int

    @property
    def rows(self) -> int:
        return self.shape[0]

    @property
    def row_type(self) -> TensorType:
        """The type of one row: the first axis counts the rows."""
        return TensorType(Element(self.element), tuple(map(Dim.of, self.shape[1:])))


def read_header(stream: IO[bytes], name: str) -> ArrayHeader:
    """The header of an npy stream; ``name`` is how messages call it.

    Raises:
        Refusal: if it is none, or its array is none that data can be made of.
    """
    start = stream.read(8)
    if len(start) < 8 or start[:6] != MAGIC or start[6] not in (1, 2, 3):
        raise _bad(name, "it does not begin as an npy file does")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(stream.read(width), "little")
    if length > LONGEST_HEADER:
        raise _bad(name, f"its header is longer than {LONGEST_HEADER} bytes")
    text = stream.read(length)
    try:
        header = ast.literal_eval(text.decode("latin1"))
        descr, shape = header["descr"], header["shape"]
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError) as error:
        raise _bad(name, "its header cannot be read") from error
    whole = isinstance(shape, tuple) and all(type(n) is int and 0 <= n < 2**48 for n in shape)
    if len(text) < length or not whole:
        raise _bad(name, "its header cannot be read")
    element, size = _element(descr, name)
    total = math.prod(shape) * size
    if total >= 2**63:
        raise _bad(name, "its shape has more values than any file")
    return ArrayHeader(element, descr, shape, total, 8 + width + length)


def _element(descr: object, name: str) -> tuple[str, int]:
    """The element word and the bytes of one value."""
    if not isinstance(descr, str):
        if "O" in str(descr):
            raise Refusal(UNSAFE_FILE, f"`{name}` is refused: {_UNSAFE}", field="path")
        raise _bad(name, "its rows are records; save each field as an array of its own")
    found = _DESCRIPTION.fullmatch(descr)
    if found is None:
        raise _bad(name, f"its dtype {descr!r} is neither a number, a boolean nor text")
    letter, digits = found.groups()
    if letter == "O":
        raise Refusal(
            UNSAFE_FILE,
            f"`{name}` is refused: {_UNSAFE}",
            help="save the array with a plain dtype, such as float32",
            field="path",
        )
    size = int(digits or 1) * (4 if letter == "U" else 1)
    if descr == "|u1":
        return "uint8", 1
    words = {"b": "bool", "?": "bool", "i": "int", "u": "int", "f": "float", "U": "str", "S": "str"}
    if letter in "iuf" and size not in (1, 2, 4, 8):
        raise _bad(name, f"its dtype {descr!r} has no counterpart in torch")
    return words[letter], size


def _bad(name: str, reason: str) -> Refusal:
    return Refusal(BAD_FILE, f"`{name}` cannot be read: {reason}", field="path")


def as_column(array: object) -> object:
    """An array in this machine's byte order; text as objects that are all `str`."""
    import numpy as np

    values = np.asarray(array)
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    if values.dtype.kind == "U":
        return values.astype(object)
    if values.dtype.kind == "u" and values.dtype.itemsize > 1:
        return values.astype(np.int64)
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))
