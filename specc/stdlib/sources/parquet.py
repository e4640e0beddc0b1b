"""Tables in the format of Apache Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.components import Refusal, Schema, Source
from specc.components.errors_data import BAD_FILE
from specc.components.fields import Texts
from specc.components.files import inside
from specc.stdlib.families.tables import Read, column_types, read_table, schema_of

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile


class Parquet(Source):
    """The rows of a Parquet file.

    Columns of numbers, truth values and text are fields; lists of them are ragged (``str[Tokens]``
    for a column ``tokens``), lists of one length have it as an axis. ``aligned=["tokens", "tags"]``
    names lists that have equally many items in each row.
    """

    endings = (".parquet",)

    path: str
    aligned: Texts = ()

    def describe(self, root: Path) -> Schema:
        with self._opened(root) as file:
            types = column_types(file.schema_arrow)
            return schema_of(types, self.aligned, file.metadata.num_rows)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        return self._read(root, columns, skip=False)[0]

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        return self._read(root, columns, skip=True)

    def where(self, root: Path, row: int) -> str:
        return f"{self.path}[{row}]"

    def _read(self, root: Path, columns: Sequence[str], *, skip: bool) -> Read:
        import pyarrow as arrow

        with self._opened(root) as file:
            try:
                table = file.read(columns=list(columns))
                table.validate(full=True)
            except (arrow.ArrowException, OSError) as error:
                raise self._bad(error) from error
        return read_table(table, columns, self.path, lambda row: self.where(root, row), skip=skip)

    def _opened(self, root: Path) -> ParquetFile:
        import pyarrow as arrow
        from pyarrow.parquet import ParquetFile

        try:
            return ParquetFile(inside(root, self.path), memory_map=True)
        except (arrow.ArrowException, OSError) as error:
            raise self._bad(error) from error

    def _bad(self, error: Exception) -> Refusal:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Refusal(BAD_FILE, f"`{self.path}` cannot be read: {reason}", field="path")
