"""Tables in Arrow's own format, mapped into memory."""

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
    import pyarrow


class Arrow(Source):
    """The rows of an Arrow IPC file (``.arrow``, ``.feather``) or stream.

    The file is mapped into memory, not loaded: columns of numbers are read where they lie. Columns
    of numbers, truth values and text are fields; lists of them are ragged (``str[Tokens]`` for a
    column ``tokens``), lists of one length have it as an axis. Lists that have equally many items
    in each row are named by ``aligned``.
    """

    path: str
    aligned: Texts = ()

    def describe(self, root: Path) -> Schema:
        table = self._table(root)
        return schema_of(column_types(table.schema), self.aligned, table.num_rows)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        return self._read(root, columns, skip=False)[0]

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        return self._read(root, columns, skip=True)

    def where(self, root: Path, row: int) -> str:
        return f"{self.path}[{row}]"

    def _read(self, root: Path, columns: Sequence[str], *, skip: bool) -> Read:
        import pyarrow

        table = self._table(root).select(list(columns))
        try:
            table.validate(full=True)  # offsets that lead out of the file are followed by nobody
        except pyarrow.ArrowException as error:
            raise self._bad(error) from error
        return read_table(table, columns, self.path, lambda row: self.where(root, row), skip=skip)

    def _table(self, root: Path) -> pyarrow.Table:
        import pyarrow

        mapped = None
        try:
            mapped = pyarrow.memory_map(str(inside(root, self.path)))
            start = mapped.read(6)
            mapped.seek(0)
            opened = pyarrow.ipc.open_file if start == b"ARROW1" else pyarrow.ipc.open_stream
            return opened(mapped).read_all()
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise self._bad(error) from error

    def _bad(self, error: Exception) -> Refusal:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Refusal(BAD_FILE, f"`{self.path}` cannot be read: {reason}", field="path")
