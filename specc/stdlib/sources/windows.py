"""Rows that follow each other as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from specc.components import Refusal, Schema, Source
from specc.components.errors_data import BAD_COLUMN
from specc.components.ragged import is_ragged
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class Windows(Source):
    """So many rows in a row are one: ``csv("prices.csv") |> windows(60)``.

    A field ``float[]`` becomes ``float[60]``, one of ``float[3]`` becomes ``float[60, 3]``: time is
    the first axis. A window begins at every row, or with ``stride=10`` at every tenth. A `split`
    shares out the rows that windows are made of; a window that lies across an edge of it belongs to
    no split, and neither does one with a row that was skipped. Rows in the order of time are split
    by ``in_order``.
    """

    takes = "source"

    length: int = Field(ge=1)
    stride: int = Field(default=1, ge=1)
    source: Source

    def policy(self) -> Literal["error", "skip"]:
        return "skip" if self.bad_rows == "skip" else self.source.policy()

    def parts(self) -> Mapping[str, Source]:
        inner = self.source.parts()
        return {name: self.model_copy(update={"source": each}) for name, each in inner.items()}

    def windows_of(self) -> tuple[Source, int, int]:
        return self.source, self.length, self.stride

    def weights(self) -> str | None:
        return None

    def describe(self, root: Path) -> Schema:
        if self.source.weights() is not None:
            raise Refusal(
                BAD_COLUMN,
                "windows are made of rows as they stand, not of drawn ones",
                field="source",
            )
        inner = self.source.describe(root)
        fields = {}
        for name, type_ in inner.fields.items():
            if not any(map(is_ragged, type_.dims)):
                fields[name] = TensorType(type_.element, (Dim.of(self.length), *type_.dims))
        if not fields:
            raise Refusal(BAD_COLUMN, "rows of different lengths form no windows", field="source")
        if inner.rows is not None and inner.rows < self.length:
            raise Refusal(
                BAD_COLUMN, f"{inner.rows} rows have no window of {self.length}", field="length"
            )
        rows = None if inner.rows is None else (inner.rows - self.length) // self.stride + 1
        return Schema(fields, rows)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        read = self.source.read(root, columns)
        return {name: self._cut(column)[:: self.stride] for name, column in read.items()}

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        import numpy as np

        read, numbers, skipped = self.source.read_good(root, columns)
        count = len(next(iter(read.values())))
        numbers = np.arange(count) if numbers is None else numbers
        firsts = numbers[: max(0, count - self.length + 1)]
        whole = numbers[self.length - 1 :] - firsts == self.length - 1
        chosen = np.flatnonzero(whole & (firsts % self.stride == 0))
        total = max(0, (count + skipped - self.length) // self.stride + 1)
        found = {name: self._cut(column)[chosen] for name, column in read.items()}
        return found, firsts[chosen] // self.stride, total - len(chosen)

    def where(self, root: Path, row: int) -> str:
        return self.source.where(root, row * self.stride)

    def _cut(self, column: Any) -> Any:
        """All windows of a column, a view of it: ``[rows, length, ...]``."""
        import numpy as np

        if len(column) < self.length:
            raise Refusal(
                BAD_COLUMN, f"{len(column)} rows have no window of {self.length}", field="source"
            )
        cut = np.lib.stride_tricks.sliding_window_view(column, self.length, axis=0)
        return np.moveaxis(cut, -1, 1)
