"""Tables in Arrow's own format, mapped into memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.components import Refusal, Schema, Source, Table
from specc.components.errors_data import BAD_FILE
from specc.components.fields import Texts
from specc.components.files import inside
from specc.stdlib.families.mapped import MappedTable
from specc.stdlib.families.tables import check_complete, column_types, good_rows, schema_of

if TYPE_CHECKING:
    import pyarrow


class Arrow(Source):
    """The rows of an Arrow IPC file (``.arrow``, ``.feather``) or stream.

    The file is mapped into memory, not loaded, so that it may be larger than that: rows are read
    where they lie, when a batch has them. (One whose buffers are compressed has to be unpacked into
    memory.) Columns of numbers, truth values and text are fields; lists of them are ragged
    (``str[Tokens]`` for a column ``tokens``), lists of one length have it as an axis. Lists that
    have equally many items in each row are named by ``aligned``.
    """

    endings = (".arrow", ".feather")

    path: str
    aligned: Texts = ()

    def describe(self, root: Path) -> Schema:
        table = self._table(root)
        return schema_of(column_types(table.schema), self.aligned, table.num_rows)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        table, _ = self.open(root, columns)
        return {name: table.take(name, slice(None)) for name in columns}

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        table, good = self.model_copy(update={"bad_rows": "skip"}).open(root, columns)
        chosen = slice(None) if good is None else good
        skipped = 0 if good is None else len(table) - len(good)
        return {name: table.take(name, chosen) for name in columns}, good, skipped

    def open(self, root: Path, columns: Sequence[str]) -> tuple[Table, Any]:
        import pyarrow

        table = self._table(root).select(list(columns))
        try:
            table.validate(full=True)  # offsets that lead out of the file are followed by nobody
        except pyarrow.ArrowException as error:
            raise self._bad(error) from error
        good = None
        if self.bad_rows == "error":
            check_complete(table, lambda row: self.where(root, row))
        else:
            found = good_rows(table)
            good = None if len(found) == table.num_rows else found
        return MappedTable(table, self.path), good

    def where(self, root: Path, row: int) -> str:
        return f"{self.path}[{row}]"

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
