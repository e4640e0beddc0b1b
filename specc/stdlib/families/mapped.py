"""Rows of a table of Arrow that stay where they are until they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specc.stdlib.families.tables import values_of

if TYPE_CHECKING:
    import pyarrow as arrow


class MappedTable:
    """A table in the pieces that its file has; a piece is never joined to another as a whole."""

    def __init__(self, table: arrow.Table, path: str) -> None:
        self.table = table
        self.path = path
        self._starts: dict[str, Any] = {}

    def __len__(self) -> int:
        rows: int = self.table.num_rows
        return rows

    def take(self, column: str, rows: Any) -> Any:
        """The values of some rows, a view where they lie together."""
        import pyarrow as arrow

        whole = self.table.column(column)
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self))
            return values_of(whole.slice(start, max(0, stop - start)), self.path)
        if whole.num_chunks == 1:
            return values_of(
                arrow.chunked_array([whole.chunk(0).take(arrow.array(rows))]), self.path
            )
        return values_of(self._gathered(column, whole, rows), self.path)

    def _gathered(self, column: str, whole: arrow.ChunkedArray, rows: Any) -> arrow.ChunkedArray:
        """Rows of several pieces: those of one piece at a time, then put into their order.

        (pyarrow's own `take` may join all pieces first.)
        """
        import numpy as np
        import pyarrow as arrow

        if column not in self._starts:
            sizes = [len(chunk) for chunk in whole.chunks]
            self._starts[column] = np.concatenate([[0], np.cumsum(sizes)])
        starts = self._starts[column]
        order = np.argsort(rows, kind="stable")
        ordered = rows[order]
        cuts = np.searchsorted(ordered, starts)
        pieces = [
            whole.chunk(k).take(arrow.array(ordered[cuts[k] : cuts[k + 1]] - starts[k]))
            for k in range(whole.num_chunks)
            if cuts[k + 1] > cuts[k]
        ]
        if not pieces:
            return whole.slice(0, 0)
        places = np.empty(len(rows), np.int64)
        places[order] = np.arange(len(rows))
        return arrow.chunked_array([arrow.concat_arrays(pieces).take(arrow.array(places))])
