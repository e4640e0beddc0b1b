"""Rows that are drawn more or less often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from specc.components import Schema, Source, Table


class Weighted(Source):
    """Training rows are drawn by a column's values: ``csv("x.csv") |> weighted("importance")``.

    An epoch has as many rows as there are, each drawn with replacement: one of weight 2 comes twice
    as often as one of weight 1 on average, and one of weight 0 never. Other splits are not
    concerned. What is drawn is a function of the seed and the epoch.
    """

    takes = "source"

    column: str
    source: Source

    def policy(self) -> Literal["error", "skip"]:
        return "skip" if self.bad_rows == "skip" else self.source.policy()

    def parts(self) -> Mapping[str, Source]:
        inner = self.source.parts()
        return {name: self.model_copy(update={"source": each}) for name, each in inner.items()}

    def weights(self) -> str:
        return self.column

    def windows_of(self) -> tuple[Source, int, int] | None:
        return self.source.windows_of()

    def describe(self, root: Path) -> Schema:
        return self.source.describe(root)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        return self.source.read(root, columns)

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        return self.source.read_good(root, columns)

    def open(self, root: Path, columns: Sequence[str]) -> tuple[Table, Any] | None:
        return self.source.model_copy(update={"bad_rows": self.policy()}).open(root, columns)

    def where(self, root: Path, row: int) -> str:
        return self.source.where(root, row)
