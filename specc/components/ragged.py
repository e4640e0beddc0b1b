"""Columns whose rows have different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from specc.types.dim import Dim
from specc.types.tensor import Dims
from specc.types.terms import Ref


class Ragged(Struct, frozen=True, eq=False):
    """All values of a column end to end, and where each row begins and ends.

    Row ``i`` is ``values[offsets[i]:offsets[i + 1]]``. Both are numpy arrays, or both tensors of
    torch; ``offsets`` counts in 64 bits, starts at 0 and has one entry more than there are rows.
    """

    values: Any
    offsets: Any

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, rows: Any) -> Ragged:
        """Some rows: a slice without a step, or (of numpy arrays) an array of row numbers."""
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self))
            offsets = self.offsets[start : max(start, stop) + 1]
            values = self.values[int(offsets[0]) : int(offsets[-1])]
            return Ragged(values, offsets - offsets[0] if start else offsets)
        import numpy as np

        lengths = self.lengths[rows]
        offsets = ends(lengths)
        shift = np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths)
        return Ragged(self.values[np.arange(len(shift)) + shift], offsets)

    @property
    def dtype(self) -> Any:
        return self.values.dtype

    @property
    def lengths(self) -> Any:
        """How many values each row has."""
        return self.offsets[1:] - self.offsets[:-1]

    def row(self, index: int) -> Any:
        """The values of one row."""
        return self.values[int(self.offsets[index]) : int(self.offsets[index + 1])]

    def row_of(self, position: int) -> int:
        """The row that a value of numpy arrays belongs to."""
        import numpy as np

        return int(np.searchsorted(self.offsets, position, side="right")) - 1

    def with_values(self, values: Any) -> Ragged:
        """Rows of the same lengths with other values."""
        return Ragged(values, self.offsets)

    def where_values(self) -> Ragged:
        """Tensors that are true wherever a row has a value: filled up with zeros, a mask."""
        return Ragged(self.values.new_ones(len(self.values)).bool(), self.offsets)

    def to(self, device: Any) -> Ragged:
        """Tensors on a device."""
        return Ragged(self.values.to(device), self.offsets.to(device))

    @staticmethod
    def of_texts(rows: Sequence[Sequence[str]]) -> Ragged:
        """Rows of texts as numpy arrays."""
        import numpy as np

        values = np.array([text for row in rows for text in row], object)
        return Ragged(values, ends(np.array([len(row) for row in rows], np.int64)))


def ends(lengths: Any) -> Any:
    """The offsets of rows that have these lengths, as a numpy array."""
    import numpy as np

    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def joined(columns: Sequence[Any]) -> Any:
    """Columns of numpy, rows after rows; ragged ones as one `Ragged`."""
    import numpy as np

    if len(columns) == 1:
        return columns[0]
    if not isinstance(columns[0], Ragged):
        return np.concatenate(columns)
    lengths = np.concatenate([column.lengths for column in columns])
    return Ragged(joined([column.values for column in columns]), ends(lengths))


def is_ragged(dim: Dim) -> bool:
    """Whether a size of a row differs from row to row.

    Sources call such sizes by a plain name (``T``); those that are fitted have a dot
    (``label.classes``).
    """
    return dim.known is None and isinstance(dim.term, Ref) and "." not in dim.term.name


def without_ragged(dims: Dims) -> Dims:
    """The sizes of one value of a ragged row, as its transforms see it."""
    return tuple(dim for dim in dims if not is_ragged(dim))
