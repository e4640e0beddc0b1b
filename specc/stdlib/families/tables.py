"""Tables of Arrow: what their columns are in a spec, and their values as numpy arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specc.components import Ragged, Refusal, Schema
from specc.components.errors_data import BAD_FILE, BAD_ROW, NO_COLUMN
from specc.stdlib.families.texts import as_texts
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType

if TYPE_CHECKING:
    import pyarrow as arrow


@dataclass(frozen=True, slots=True)
class ColumnType:
    """What one column holds: its element, the axes of one value, and whether it is a list."""

    element: str
    sizes: tuple[int, ...] = ()
    ragged: bool = False


def schema_of(
    columns: Mapping[str, ColumnType], aligned: Sequence[str], rows: int | None = None
) -> Schema:
    """The fields of a table.

    The length of a list is a size of the column's name (``tokens: str[Tokens]``); those that
    ``aligned`` names have equally many items in each row, and so the name of the first for all.
    """
    for name in aligned:
        if name not in columns or not columns[name].ragged:
            raise Refusal(
                NO_COLUMN,
                f"there is no column of lists `{name}`",
                help="aligned names columns whose lists have equally many items in each row",
                field="aligned",
            )
    fields = {}
    for name, column in columns.items():
        dims = tuple(map(Dim.of, column.sizes))
        if column.ragged:
            dims = (Dim.named(_size_name(aligned[0] if name in aligned else name)), *dims)
        fields[name] = TensorType(Element(column.element), dims)
    return Schema(fields, rows)


def _size_name(column: str) -> str:
    word = re.sub(r"\W", "_", column, flags=re.ASCII)
    return word[:1].upper() + word[1:] if word[:1].isalpha() else f"N{word}"


def column_types(schema: arrow.Schema) -> dict[str, ColumnType]:
    """The columns that fields can be made of; times and records are left out."""
    found = {field.name: _column_type(field.type) for field in schema}
    return {name: column for name, column in found.items() if column is not None}


def _column_type(type: arrow.DataType) -> ColumnType | None:
    import pyarrow as arrow

    kinds = arrow.types
    if kinds.is_dictionary(type):
        return _column_type(type.value_type)
    if kinds.is_list(type) or kinds.is_large_list(type):
        inner = _column_type(type.value_type)
        if inner is None or inner.ragged:
            return None
        return ColumnType(inner.element, inner.sizes, ragged=True)
    if kinds.is_fixed_size_list(type):
        inner = _column_type(type.value_type)
        if inner is None or inner.ragged:
            return None
        return ColumnType(inner.element, (type.list_size, *inner.sizes))
    if kinds.is_string(type) or kinds.is_large_string(type):
        return ColumnType("str")
    if kinds.is_boolean(type):
        return ColumnType("bool")
    if kinds.is_uint8(type):
        return ColumnType("uint8")
    if kinds.is_integer(type) and type != arrow.uint64():
        return ColumnType("int")
    return ColumnType("float") if kinds.is_floating(type) else None


# --- values ------------------------------------------------------------------------------------


def good_rows(table: arrow.Table) -> Any:
    """The numbers of the rows without a missing value; one in a column of numbers is NaN."""
    import numpy as np
    import pyarrow as arrow

    good = np.ones(table.num_rows, bool)
    for column in table.columns:
        if column.null_count and not arrow.types.is_floating(column.type):
            good &= column.is_valid().to_numpy()
    return np.flatnonzero(good)


def check_complete(table: arrow.Table, where: Any) -> None:
    """Raise a `Refusal` for the first missing value; ``where(row)`` is its place in words."""
    import numpy as np

    good = good_rows(table)
    if len(good) == table.num_rows:
        return
    row = int(np.setdiff1d(np.arange(table.num_rows), good)[0])
    name = next(n for n in table.column_names if not table.column(n)[row].is_valid)
    raise Refusal(
        BAD_ROW,
        f"{where(row)}: `{name}` has no value",
        help='mend the row, or leave such rows out: `bad_rows="skip"`',
        field="path",
    )


def values_of(column: arrow.ChunkedArray, path: str) -> Any:
    """A column without missing values as a numpy array, or as a `Ragged` of two."""
    import pyarrow as arrow

    chunk = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(chunk, arrow.ChunkedArray):  # too large for one
        chunk = arrow.concat_arrays(chunk.chunks)
    return _values(chunk, path)


def _values(array: arrow.Array, path: str) -> Any:
    import numpy as np
    import pyarrow as arrow

    kinds = arrow.types
    if kinds.is_dictionary(array.type):
        array = array.dictionary_decode()
    if kinds.is_list(array.type) or kinds.is_large_list(array.type):
        inner = array.flatten()
        _no_nulls(inner, path)
        lengths = array.value_lengths().to_numpy(zero_copy_only=False)
        offsets = np.zeros(len(array) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return Ragged(_values(inner, path), offsets)
    if kinds.is_fixed_size_list(array.type):
        inner = array.flatten()
        _no_nulls(inner, path)
        values = _values(inner, path)
        return values.reshape(len(array), array.type.list_size, *values.shape[1:])
    if kinds.is_string(array.type) or kinds.is_large_string(array.type):
        return as_texts(array.to_pylist())
    values = array.to_numpy(zero_copy_only=False)
    if values.dtype.kind == "u" and values.dtype.itemsize > 1:
        return values.astype(np.int64)
    return values


def _no_nulls(inner: arrow.Array, path: str) -> None:
    import pyarrow as arrow

    if inner.null_count and not arrow.types.is_floating(inner.type):
        raise Refusal(BAD_FILE, f"`{path}` has lists in which a value is missing", field="path")


Read = tuple[Mapping[str, Any], Any, int]
"""Columns, the numbers of their rows (``None`` for all), and how many rows were left out."""


def read_table(
    table: arrow.Table, columns: Sequence[str], path: str, where: Any, *, skip: bool
) -> Read:
    """The columns of a table; rows with a missing value are refused or left out."""
    import pyarrow as arrow

    numbers = None
    if skip:
        numbers = good_rows(table)
        if len(numbers) < table.num_rows:
            left_out = table.num_rows - len(numbers)
            table = table.take(arrow.array(numbers))
            read = {name: values_of(table.column(name), path) for name in columns}
            return read, numbers, left_out
        numbers = None
    else:
        check_complete(table, where)
    return {name: values_of(table.column(name), path) for name in columns}, numbers, 0
