"""Tables as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import Field

from specc.components import Refusal, Schema, Source
from specc.components.errors_data import BAD_FILE, BAD_ROW, NO_COLUMN
from specc.components.fields import Texts
from specc.components.files import inside
from specc.stdlib.families.texts import as_texts, content_of, decoded, start_of
from specc.types.tensor import Element, TensorType

SNIFFED_ROWS = 500
SNIFFED_BYTES = 1 << 20
MOST_COLUMNS = 100_000

_INT = re.compile(r"[+-]?\d{1,18}")
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)
_BOOL = re.compile(r"true|false", re.IGNORECASE)
_MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "NULL", "null", "None"})
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}


class Csv(Source):
    """Rows of a text file, their cells parted by ``delimiter``; the first line names the columns.

    Each column is a field: ``int``, ``float``, ``bool`` or ``str``, as the first 500 rows have it.
    ``floats`` and ``strs`` name columns (``p*`` for several) that are to be read as numbers or as
    text whatever is found there. Without a ``header`` line the columns are ``c0, c1, ...``.

    Cells may be quoted with ``"``; empty lines are skipped; the text is UTF-8. An empty cell,
    ``NA`` or ``nan`` in a column of numbers is a missing value.
    """

    endings = (".csv", ".tsv")

    path: str
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header: bool = True
    floats: Texts = ()
    strs: Texts = ()

    def describe(self, root: Path) -> Schema:
        names, kinds = self._columns(root)
        types = (TensorType(Element(kind), ()) for kind in kinds)
        return Schema(dict(zip(names, types, strict=True)))

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        import pyarrow as arrow
        from pyarrow import csv as arrow_csv

        file = inside(root, self.path)
        names, kinds = self._columns(root)
        types = {"int": arrow.int64(), "float": arrow.float64(), "bool": arrow.bool_()}
        try:
            table = arrow_csv.read_csv(
                file,
                read_options=arrow_csv.ReadOptions(column_names=None if self.header else names),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={
                        name: types.get(kind, arrow.string())
                        for name, kind in zip(names, kinds, strict=True)
                    },
                    include_columns=list(columns),
                    null_values=sorted(_MISSING),
                    strings_can_be_null=False,
                ),
            )
        except (arrow.ArrowException, OSError) as error:
            raise self._diagnosed(root, names, kinds, columns, str(error)) from error
        whole = [name for name in columns if kinds[names.index(name)] in ("int", "bool")]
        if any(table.column(name).null_count for name in whole):
            raise self._diagnosed(root, names, kinds, columns, "a value is missing")
        return {name: table.column(name).to_numpy() for name in columns}

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        import numpy as np

        try:
            return self.read(root, columns), None, 0
        except Refusal as refusal:
            if refusal.code is not BAD_ROW:
                raise
        names, kinds = self._columns(root)
        places = [names.index(name) for name in columns]
        good: list[list[str]] = []
        numbers: list[int] = []
        count = 0
        for number, (_, cells) in enumerate(self._rows(root)):
            count += 1
            if len(cells) == len(names) and all(_suits(kinds[i], cells[i]) for i in places):
                good.append([cells[i] for i in places])
                numbers.append(number)
        read = {
            name: _column(kinds[place], [cells[i] for cells in good])
            for i, (name, place) in enumerate(zip(columns, places, strict=True))
        }
        return read, np.array(numbers, np.int64), count - len(good)

    def where(self, root: Path, row: int) -> str:
        rows = self._rows(root)
        line, _ = next(islice(rows, row, None), (0, []))
        return f"{self.path}:{line}"

    def places(self, root: Path) -> Iterator[str]:
        return (f"{self.path}:{line}" for line, _ in self._rows(root))

    def _columns(self, root: Path) -> tuple[list[str], list[str]]:
        """The names of the columns and their kinds, from the beginning of the file."""
        start = decoded(self.path, start_of(root, self.path, SNIFFED_BYTES))
        lines = [cells for _, cells in islice(self._parsed(start), SNIFFED_ROWS + 1)]
        if not lines:
            raise Refusal(BAD_FILE, f"`{self.path}` is empty", field="path")
        if len(lines[0]) > MOST_COLUMNS:
            raise Refusal(BAD_FILE, f"`{self.path}` has more than {MOST_COLUMNS} columns")
        names = lines[0] if self.header else [f"c{i}" for i in range(len(lines[0]))]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise Refusal(
                BAD_FILE,
                f"`{self.path}` has two columns `{twice}`",
                help="the first line must name the columns, each differently; "
                "a file without such a line needs header=false",
                field="path",
            )
        rows = lines[1:] if self.header else lines
        kinds = [_kind([cells[i] for cells in rows if i < len(cells)]) for i in range(len(names))]
        return names, self._declared(names, kinds)

    def _declared(self, names: list[str], kinds: list[str]) -> list[str]:
        schema = Schema({name: TensorType(Element("str"), ()) for name in names})
        for field, kind in (("floats", "float"), ("strs", "str")):
            try:
                chosen = schema.select(getattr(self, field))
            except Refusal as refusal:
                raise Refusal(
                    NO_COLUMN, refusal.message, help=refusal.help, field=field
                ) from refusal
            for name in chosen:
                kinds[names.index(name)] = kind
        return kinds

    def _rows(self, root: Path) -> Iterator[tuple[int, list[str]]]:
        """The rows below the header, each with the number of its first line."""
        return islice(self._parsed(content_of(root, self.path)), int(self.header), None)

    def _parsed(self, text: str) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)
        line = 1
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise Refusal(BAD_ROW, f"{self.path}:{line}: {error}", field="path") from error

    def _diagnosed(
        self, root: Path, names: list[str], kinds: list[str], used: Sequence[str], reason: str
    ) -> Refusal:
        """Why the table could not be read: the first bad row, looked for cell by cell."""
        checked = [(names.index(name), name) for name in used]
        for line, cells in self._rows(root):
            place = f"{self.path}:{line}"
            if len(cells) != len(names):
                return Refusal(
                    BAD_ROW, f"{place} has {len(cells)} cells, not {len(names)}", field="path"
                )
            for i, name in checked:
                if not _suits(kinds[i], cells[i]):
                    return _bad_cell(place, name, kinds[i], cells[i])
        return Refusal(BAD_FILE, f"`{self.path}` cannot be read: {reason}", field="path")


def _kind(cells: list[str]) -> str:
    """The narrowest kind that all cells with a value have; text if none has one."""
    present = [cell.strip() for cell in cells if cell.strip() not in _MISSING]
    if not present:
        return "str"
    if all(map(_INT.fullmatch, present)):
        # A missing value cannot be said in whole numbers; it is one in a column of floats.
        return "int" if len(present) == len(cells) else "float"
    if all(map(_FLOAT.fullmatch, present)):
        return "float"
    return "bool" if all(map(_BOOL.fullmatch, present)) else "str"


def _suits(kind: str, cell: str) -> bool:
    cell = cell.strip()
    if kind == "str":
        return True
    if kind == "float":
        return cell in _MISSING or _FLOAT.fullmatch(cell) is not None
    return (_INT if kind == "int" else _BOOL).fullmatch(cell) is not None


def _column(kind: str, cells: list[str]) -> Any:
    """Cells that suit their kind as the array that pyarrow would have made of them."""
    import numpy as np

    if kind == "str":
        return as_texts(cells)
    cells = [cell.strip() for cell in cells]
    if kind == "bool":
        return np.array([cell.lower() == "true" for cell in cells], bool)
    if kind == "int":
        return np.array([int(cell) for cell in cells], np.int64)
    return np.array([float("nan") if c in _MISSING else float(c) for c in cells], np.float64)


def _bad_cell(place: str, name: str, kind: str, cell: str) -> Refusal:
    shown = cell if len(cell) <= 40 else f"{cell[:40]}..."
    missing = cell.strip() in _MISSING
    what = "has no value" if missing else f"holds `{shown}`, not {_WORDS[kind]}"
    numeric = missing or _FLOAT.fullmatch(cell.strip())
    setting = "floats" if numeric else "strs"
    return Refusal(
        BAD_ROW,
        f"{place}: `{name}` {what}",
        help=f'mend the row, or say {setting}=["{name}"] if the column holds such values',
        field="path",
    )
