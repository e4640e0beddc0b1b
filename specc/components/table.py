"""Rows that are read some at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

Chosen = Any
"""Which rows: a slice without a step, or a numpy array of row numbers."""


class Table(Protocol):
    """The columns that a source was asked for, wherever they lie."""

    def __len__(self) -> int:
        """How many rows there are."""

    def take(self, column: str, rows: Chosen) -> Any:
        """The values of some rows, as `Source.read` gives those of all; they may be a view."""


@dataclass(frozen=True, eq=False)
class Held:
    """A table whose columns are in memory."""

    columns: Mapping[str, Any]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, column: str, rows: Chosen) -> Any:
        return self.columns[column][rows]


class Maker(Protocol):
    """Makes the fields of rows when they are asked for."""

    def make(self, names: Sequence[str], rows: Chosen) -> Mapping[str, Any]:
        """The fields of some rows as numpy arrays, rows first; ragged ones as `Ragged`."""


@dataclass(frozen=True, eq=False)
class Streamed:
    """A column that is nowhere: its rows are read and transformed when a batch asks for them.

    ``part`` says what of a ragged field is meant: its values, where it has any, or how many. It
    stands where tensors stand, and has as much of their manners as that takes.
    """

    maker: Maker
    name: str
    count: int
    part: Literal["values", "mask", "lengths"] = "values"
    device: Any = "cpu"
    """Where batches of it are to lie."""

    then: Callable[[Any, Any], Any] | None = None
    """What is done to the tensor of some rows, given their numbers."""

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, rows: slice) -> Streamed:
        """The first rows."""
        start, stop, _ = rows.indices(self.count)
        assert start == 0, "what is streamed is cut at its end alone"
        return replace(self, count=stop)

    def to(self, device: Any) -> Streamed:
        return replace(self, device=device)

    @property
    def lengths(self) -> Streamed:
        """How many values each row has."""
        return replace(self, part="lengths")

    def where_values(self) -> Streamed:
        """The mask of a ragged field."""
        return replace(self, part="mask")
