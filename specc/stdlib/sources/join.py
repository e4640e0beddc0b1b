"""Several sources side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from specc.components import Held, Refusal, Schema, Source, Table
from specc.components.errors_data import FIELD_TWICE, ROWS_DIFFER
from specc.components.fields import as_tuple


class Join(Source):
    """Row ``i`` has the fields of row ``i`` of every source: ``join(csv("a.csv"), npy("b.npy"))``.

    The sources have equally many rows and no field in common. Sources of splits are joined split
    by split.
    """

    variadic = "sources"

    sources: Annotated[tuple[Source, ...], BeforeValidator(as_tuple), Field(min_length=1)]

    def parts(self) -> Mapping[str, Source]:
        each = [source.parts() for source in self.sources]
        names = list(each[0])
        if not any(each):
            return {}
        if any(set(parts) != set(names) for parts in each):
            raise Refusal(
                ROWS_DIFFER,
                "either all sources of a join have the same splits of their own, or none has any",
                field="sources",
            )
        return {name: self._of([parts[name] for parts in each]) for name in names}

    def describe(self, root: Path) -> Schema:
        schemas = [source.describe(root) for source in self.sources]
        fields: dict[str, Any] = {}
        for schema in schemas:
            twice = next((name for name in schema.fields if name in fields), None)
            if twice is not None:
                raise Refusal(
                    FIELD_TWICE,
                    f"two of the sources have a field `{twice}`",
                    help="give it another name in one of the sources",
                    field="sources",
                )
            fields |= schema.fields
        known = {schema.rows for schema in schemas if schema.rows is not None}
        if len(known) > 1:
            raise self._differ(sorted(known))
        return Schema(fields, known.pop() if known else None)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        read, _, _ = self._read(root, columns, skip=False)
        return read

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        return self._read(root, columns, skip=True)

    def open(self, root: Path, columns: Sequence[str]) -> tuple[Table, Any] | None:
        """Rows that stay in their files, where at least one source can leave them there."""
        if any(source.bad_rows == "skip" for source in (self, *self.sources)):
            return None
        tables: dict[str, Table] = {}
        counts: set[int] = set()
        opened = False
        for source in self.sources:
            wanted = self._wanted(source, root, columns)
            found = source.open(root, wanted)
            opened = opened or found is not None
            table: Table = Held(source.read(root, wanted)) if found is None else found[0]
            counts.add(len(table))
            tables |= dict.fromkeys(wanted, table)
        if len(counts) > 1:
            raise self._differ(sorted(counts))
        return (_Beside(tables), None) if opened else None

    def where(self, root: Path, row: int) -> str:
        return self.sources[0].where(root, row)

    def _read(
        self, root: Path, columns: Sequence[str], *, skip: bool
    ) -> tuple[Mapping[str, Any], Any, int]:
        import numpy as np

        found: dict[str, Any] = {}
        kept: Any = None
        total: set[int] = set()
        pieces = []
        for source in self.sources:
            wanted = self._wanted(source, root, columns)
            if skip or source.bad_rows == "skip":
                read, numbers, skipped = source.read_good(root, wanted)
            else:
                read, numbers, skipped = source.read(root, wanted), None, 0
            rows = len(next(iter(read.values())))
            numbers = np.arange(rows) if numbers is None else numbers
            total.add(rows + skipped)
            kept = numbers if kept is None else np.intersect1d(kept, numbers)
            pieces.append((read, numbers))
        if len(total) > 1:
            raise self._differ(sorted(total))
        for read, numbers in pieces:
            chosen = np.searchsorted(numbers, kept)
            whole = len(kept) == len(numbers)
            for name, column in read.items():
                found[name] = column if whole else column[chosen]
        return {name: found[name] for name in columns}, kept, total.pop() - len(kept)

    def _wanted(self, source: Source, root: Path, columns: Sequence[str]) -> list[str]:
        """The columns that a source has; at least one, by which its rows are counted."""
        names = list(source.describe(root).fields)
        return [name for name in columns if name in names] or names[:1]

    def _of(self, sources: list[Source]) -> Join:
        return Join(sources=tuple(sources), bad_rows=self.bad_rows)

    def _differ(self, counts: list[int]) -> Refusal:
        return Refusal(
            ROWS_DIFFER,
            f"the sources of the join have {' and '.join(map(str, counts))} rows",
            help="row by row they belong together, so that each has as many",
            field="sources",
        )


class _Beside:
    """Tables of equally many rows as one; each by the columns that it has."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables

    def __len__(self) -> int:
        return len(next(iter(self.tables.values())))

    def take(self, column: str, rows: Any) -> Any:
        return self.tables[column].take(column, rows)
