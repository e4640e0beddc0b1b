"""Rows as JSON, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from specc.components import Ragged, Refusal, Schema, Source
from specc.components.errors_data import BAD_FILE, BAD_ROW
from specc.components.fields import Texts
from specc.components.files import inside
from specc.components.ragged import ends
from specc.stdlib.families.tables import ColumnType, schema_of
from specc.stdlib.families.texts import as_texts, content_of, decoded, lines_of, start_of

SNIFFED_ROWS = 500
SNIFFED_BYTES = 1 << 20

_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a string"}
_DTYPES = {"int": "int64", "float": "float64", "bool": "bool"}
_LARGEST = 2**63 - 1


class JsonLines(Source):
    """Each line of the file is a JSON object; its members are fields.

    A field is ``int``, ``float``, ``bool`` or ``str``, as the first 500 rows have it, or a list of
    one of these, which is ragged: ``str[Tokens]`` for a member ``tokens``. Lists that have equally
    many items in each row are named by ``aligned``. ``floats`` names members that are to be read
    as numbers though the first rows have whole ones. A member that is missing or ``null`` is a
    missing value; members of other kinds are passed over, and so are empty lines.
    """

    endings = (".jsonl", ".ndjson")

    path: str
    aligned: Texts = ()
    floats: Texts = ()

    def describe(self, root: Path) -> Schema:
        inside(root, self.path)
        return schema_of(self._types(root), self.aligned)

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        return self._read(root, columns, skip=False)[0]

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        return self._read(root, columns, skip=True)

    def where(self, root: Path, row: int) -> str:
        line, _ = next(islice(_objects(content_of(root, self.path)), row, None), (0, ""))
        return f"{self.path}:{line}"

    def places(self, root: Path) -> Iterator[str]:
        return (f"{self.path}:{line}" for line, _ in _objects(content_of(root, self.path)))

    def _types(self, root: Path) -> dict[str, ColumnType]:
        """The members that the first rows have, and what they are."""
        start = decoded(self.path, start_of(root, self.path, SNIFFED_BYTES))
        seen: dict[str, list[Any]] = {}
        for line, text in islice(_objects(start), SNIFFED_ROWS):
            row = _parsed(text)
            if isinstance(row, str):
                if self.bad_rows == "skip":
                    continue
                raise self._bad(line, row)
            for name, value in row.items():
                seen.setdefault(name, []).append(value)
        types = {name: _type_of(values) for name, values in seen.items()}
        found = {name: type for name, type in types.items() if type is not None}
        for name in self.floats:
            if name in found and found[name].element == "int":
                found[name] = ColumnType("float", (), found[name].ragged)
        if not found:
            raise Refusal(BAD_FILE, f"`{self.path}` has no row with a value", field="path")
        return found

    def _read(
        self, root: Path, columns: Sequence[str], *, skip: bool
    ) -> tuple[Mapping[str, Any], Any, int]:
        import numpy as np

        types = self._types(root)
        wanted = [(name, types[name]) for name in columns]
        found: list[list[Any]] = [[] for _ in columns]
        numbers: list[int] = []
        count = 0
        for number, (line, text) in enumerate(_objects(content_of(root, self.path))):
            count += 1
            row = _parsed(text)
            reason = row if isinstance(row, str) else _wrong(row, wanted)
            if reason is None:
                assert isinstance(row, dict)
                for values, name in zip(found, columns, strict=True):
                    values.append(row.get(name))
                numbers.append(number)
            elif not skip:
                raise self._bad(line, reason)
        read = {
            name: _column(type, values) for (name, type), values in zip(wanted, found, strict=True)
        }
        return read, np.array(numbers, np.int64), count - len(numbers)

    def _bad(self, line: int, reason: str) -> Refusal:
        return Refusal(
            BAD_ROW,
            f"{self.path}:{line}: {reason}",
            help='mend the row, or leave such rows out: `bad_rows="skip"`',
            field="path",
        )


def _objects(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers."""
    for number, line in enumerate(lines_of(text), start=1):
        if line.strip():
            yield number, line


def _parsed(text: str) -> dict[str, Any] | str:
    """The object of a line, or what is wrong with it."""
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        return f"this is not JSON: {error.msg} at column {error.colno}"
    except (RecursionError, ValueError) as error:
        return f"this cannot be read: {error}"
    return row if isinstance(row, dict) else "a row is an object: `{...}`"


def _type_of(values: list[Any]) -> ColumnType | None:
    """What all values of a member are; ``None`` where they have nothing in common."""
    present = [value for value in values if value is not None]
    lists = [isinstance(value, list) for value in present]
    if any(lists):
        inner = [item for value in present if isinstance(value, list) for item in value]
        element = _element(inner) if all(lists) and None not in inner else None
        return None if element is None else ColumnType(element, (), ragged=True)
    element = _element(present)
    if element == "int" and len(present) < len(values):
        element = "float"  # a missing value cannot be said in whole numbers
    return None if element is None else ColumnType(element)


def _element(values: list[Any]) -> str | None:
    kinds = {type(value) for value in values}
    if kinds <= {int, float} and kinds:
        return "float" if float in kinds else "int"
    words = {bool: "bool", str: "str"}
    return words.get(kinds.pop()) if len(kinds) == 1 else None


def _wrong(row: Mapping[str, Any], wanted: list[tuple[str, ColumnType]]) -> str | None:
    """What keeps a row from being read, if anything does."""
    for name, type in wanted:
        value = row.get(name)
        if value is None:
            if type.element == "float" and not type.ragged:
                continue  # NaN, which is looked for later
            return f"`{name}` has no value"
        if type.ragged != isinstance(value, list):
            return f"`{name}` is {'no' if type.ragged else 'a'} list"
        items = value if type.ragged else [value]
        if not all(_suits(type.element, item) for item in items):
            bad = next(item for item in items if not _suits(type.element, item))
            shown = json.dumps(bad)
            shown = shown if len(shown) <= 40 else f"{shown[:40]}..."
            return f"`{name}` holds {shown}, not {_WORDS[type.element]}"
    return None


def _suits(element: str, value: Any) -> bool:
    match element:
        case "str":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return type(value) is int and abs(value) <= _LARGEST
        case _:
            return type(value) is float or (type(value) is int and abs(value) <= _LARGEST)


def _column(type: ColumnType, values: list[Any]) -> Any:
    import numpy as np

    if type.ragged:
        flat = _column(ColumnType(type.element), [item for value in values for item in value])
        return Ragged(flat, ends(np.array([len(value) for value in values], np.int64)))
    if type.element == "str":
        return as_texts(values)
    if type.element == "float":
        values = [float("nan") if value is None else float(value) for value in values]
    return np.array(values, _DTYPES[type.element])
