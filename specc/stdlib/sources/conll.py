"""Sentences as columns of words and their tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from specc.components import Ragged, Refusal, Schema, Source
from specc.components.errors_data import BAD_FILE, BAD_ROW
from specc.components.fields import Texts
from specc.components.files import inside
from specc.stdlib.families.texts import content_of, decoded, lines_of, start_of
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType

STARTS_A_DOCUMENT = "-DOCSTART-"
SNIFFED_BYTES = 1 << 16

Sentence = tuple[int, list[list[str]]]
"""The number of its first line, and the cells of each line."""


class Conll(Source):
    """A line for each word, its columns parted by blanks or tabs; an empty line after a sentence.

    A row is a sentence. Each of ``columns`` is a field ``str[T]``, by default ``c0, c1, ...``;
    all have one value for each word: ``conll("train.conll", columns=["words", "tags"])``. Where
    a line has a tab, tabs alone part its columns. Lines that start a document (``-DOCSTART-``) and
    comments before a sentence (``# text = ...``) are passed over.
    """

    endings = (".conll",)

    path: str
    columns: Texts | None = None

    def describe(self, root: Path) -> Schema:
        inside(root, self.path)
        start = decoded(self.path, start_of(root, self.path, SNIFFED_BYTES))
        _, cells = next(_sentences(start), (0, [[]]))
        found = len(cells[0])
        if not found:
            raise Refusal(BAD_FILE, f"`{self.path}` has no sentence", field="path")
        names = self.columns or tuple(f"c{i}" for i in range(found))
        if len(names) != found or len(set(names)) < len(names):
            raise Refusal(
                BAD_FILE,
                f"`{self.path}` has {found} columns, not {len(names)} of different names",
                field="columns",
            )
        return Schema(dict.fromkeys(names, TensorType(Element("str"), (Dim.named("T"),))))

    def read(self, root: Path, columns: Sequence[str]) -> Mapping[str, Any]:
        read, _, _ = self._read(root, columns, skip=False)
        return read

    def read_good(self, root: Path, columns: Sequence[str]) -> tuple[Mapping[str, Any], Any, int]:
        return self._read(root, columns, skip=True)

    def where(self, root: Path, row: int) -> str:
        for number, (line, _) in enumerate(_sentences(content_of(root, self.path))):
            if number == row:
                return f"{self.path}:{line}"
        raise IndexError(row)

    def places(self, root: Path) -> Iterator[str]:
        return (f"{self.path}:{line}" for line, _ in _sentences(content_of(root, self.path)))

    def _read(
        self, root: Path, columns: Sequence[str], *, skip: bool
    ) -> tuple[Mapping[str, Any], Any, int]:
        import numpy as np

        names = list(self.describe(root).fields)
        rows: list[list[list[str]]] = []
        numbers: list[int] = []
        count = 0
        for number, (line, cells) in enumerate(_sentences(content_of(root, self.path))):
            count += 1
            wrong = next((i for i, row in enumerate(cells) if len(row) != len(names)), None)
            if wrong is None:
                rows.append(cells)
                numbers.append(number)
            elif not skip:
                raise Refusal(
                    BAD_ROW,
                    f"{self.path}:{line + wrong} has {len(cells[wrong])} columns, not {len(names)}",
                    help='mend the line, or leave such sentences out: `bad_rows="skip"`',
                    field="path",
                )
        read = {}
        for name in columns:
            place = names.index(name)
            read[name] = Ragged.of_texts([[cells[place] for cells in row] for row in rows])
        return read, np.array(numbers, np.int64), count - len(rows)


def _sentences(text: str) -> Iterator[Sentence]:
    first = 0
    cells: list[list[str]] = []
    for number, line in enumerate(lines_of(text), start=1):
        if not line.strip() or line.startswith(STARTS_A_DOCUMENT):
            if cells:
                yield first, cells
            cells = []
        elif cells or not line.startswith("# "):
            first = first if cells else number
            cells.append(line.split("\t") if "\t" in line else line.split())
    if cells:
        yield first, cells
